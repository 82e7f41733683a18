"""What happened to requests so far, for promises that a changed policy makes anew.

A policy that gets a metric, or gets one back, promises it to open requests too, where its start
has come and its end has not. That is read from the history once for many requests.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

import sla
from app.db import run
from app.models import Event, ProcessInstance, SlaClock
from app.services import history
from app.services.deployment import definitions
from app.services.execution.diagrams import CLOSED_STAGE
from app.services.service_levels import clock_rows, sla_settings
from app.services.service_levels.clock_states import CLOSED


class Step(NamedTuple):
    """The moments of one step of a request."""

    at: datetime
    moments: frozenset[str]


Past = Sequence[Step]


def wanted(
    policy: sla.Policy, known: Mapping[str, SlaClock], *, of_all: bool = False
) -> frozenset[str]:
    """The keys of the metrics that the clocks of a request have not followed yet: those that the
    policy has got since, and those that were dropped.

    None for clocks that go by the newest version, as nearly all do. A request without a clock
    that runs is looked at only with ``of_all``.
    """
    newest = sla_settings.newest("policy", policy.key)
    followed = [one.policy_version for one in known.values() if one.state != clock_rows.STOPPED]
    if of_all and not followed:
        followed = [max((one.policy_version for one in known.values()), default=0)]
    if not followed or min(followed) >= newest:
        return frozenset()
    before = sla_settings.policy(f"{policy.key}@{min(followed)}").metrics if min(followed) else {}
    return frozenset(
        metric.key
        for metric in policy.metrics.values()
        if _is_wanted(metric, known.get(metric.key), before.get(metric.key))
    )


def _is_wanted(metric: sla.Metric, clock: SlaClock | None, before: sla.Metric | None) -> bool:
    if clock is not None:
        return clock.state == clock_rows.DROPPED
    return before is None or before.start != metric.start


def of_requests(ids: Collection[int]) -> Mapping[int, Past]:
    """What happened to each of these requests since its submission, in order."""
    past: dict[int, list[Step]] = {one: [] for one in ids}
    of_instances = dict(run(_DEFINITIONS, {"ids": list(ids)}).all())
    for row in run(_EVENTS, {"ids": list(ids)}).all():
        own = of_instances.get(row.instance_id)
        past[row.request_id].append(Step(row.at, _moments(row.kind, row.data, own)))
    return {one: [_SUBMITTED, *steps] for one, steps in past.items()}


_SUBMITTED = Step(datetime.min.replace(tzinfo=UTC), frozenset({"submitted"}))


def since(past: Past, clock: SlaClock | None) -> list[frozenset[str]]:
    """The moments of each step since a clock was dropped; all of a clock that never started."""
    dropped = clock.stopped_at if clock else None
    steps = past if dropped is None else [one for one in past[1:] if one.at >= dropped]
    return [one.moments for one in steps]


def _moments(kind: str, data: Mapping[str, Any], own: int | None) -> frozenset[str]:
    if kind == "request_reopened":
        return frozenset({sla.REOPENED, "status:open"})
    if kind == "message_sent":
        return frozenset({"told:customer"})
    if kind == "status_changed":
        closed = {CLOSED} if data.get("to") == CLOSED else set()
        return frozenset({f"status:{data.get('to')}"} | closed)
    cause = data.get("cause", {})
    moments = {f"message:{cause['message']}"} if cause.get("kind") == "message" else set()
    moments |= {f"told:{cause['told']}"} if "told" in cause else set()
    for item in data.get("trace", ()):
        moments |= _of_element(item, own)
    return frozenset(moments)


def _of_element(item: Mapping[str, Any], own: int | None) -> set[str]:
    """As ``clock_states.moments_of`` says it of a step while it happens."""
    kind, element, called = item.get("kind"), item.get("element"), item.get(history.CALLED)
    if kind not in ("entered", "left") or not element or own is None:
        return set()
    moments = {f"{kind}:{element}"} if called is None else set()
    stage = _stage_of(element, own, called) if kind == "entered" else None
    return moments | ({f"stage:{stage}"} if stage else set())


def _stage_of(element: str, own: int, called: int | None) -> str | None:
    drawn = definitions.load(own if called is None else called).elements.get(element)
    stage = drawn.properties.get("stage") if drawn else None
    known = {one.key for one in definitions.load(own).stages} | {CLOSED_STAGE}
    return stage if called is None or stage in known else None


_IDS = bindparam("ids", type_=ARRAY(BigInteger))
_EVENTS = (
    select(Event.request_id, Event.instance_id, Event.at, Event.kind, Event.data)
    .where(
        Event.request_id == any_(_IDS),
        Event.kind.in_(("step", "status_changed", "message_sent", "request_reopened")),
    )
    .order_by(Event.id)
)
_DEFINITIONS = select(ProcessInstance.id, ProcessInstance.definition_id).where(
    ProcessInstance.request_id == any_(_IDS)
)
