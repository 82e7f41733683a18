"""Standing faults that are alike, which one cause has brought about and one deed may mend.

Alike are faults of one step of one process with one code, such as a service task whose partner
answers with one status, in whatever version of the process they stand, and by one channel: when
one line is down, what waits for another one needs other help.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Select, func, or_, select, true
from sqlalchemy.orm import joinedload

from app import jobs
from app.access import Actor, mender, operator, requests_seen_by
from app.db import session
from app.errors import Conflict, Forbidden, Invalid
from app.models import (
    Channel,
    Delivery,
    Fault,
    ProcessDefinition,
    ProcessInstance,
    ServiceJob,
)
from app.services import texts
from app.services.accounts import people
from app.services.counting import newest_first
from app.services.execution import faults, operations
from app.services.execution.reasons import read_reason

MOST = 200
"""Groups, or faults of one group, that one page shows."""


@dataclass(frozen=True)
class Place:
    """What faults have in common: the key of the process in which the step is drawn (a called
    one has its own), the step, the code and the channel."""

    process: str
    element: str
    code: str
    channel: str | None = None
    """The key of the channel by which the step went out last, empty where it did by none; None
    for whatever channel."""


@dataclass(frozen=True)
class Group:
    """Faults that are alike."""

    place: Place
    count: int
    since: datetime
    """When the oldest was raised."""
    newest: Fault
    """With its instance and request, as ``faults.list_open`` gives them."""
    differ: bool
    """Whether they say different things, of which that of the newest is one."""
    kind: str
    """The kind of connector of their channel; empty without one."""


def list_groups(actor: Actor, channel: str = "", kind: str = "") -> list[Group]:
    """The standing faults that the actor may see, in groups, the oldest first; those of one
    channel alone by its key, or of all channels of one kind of connector."""
    query = _GROUPS.where(_seen_by(actor))
    query = query.where(Channel.key == channel) if channel else query
    rows = session().execute(query.where(Channel.kind == kind) if kind else query).all()
    query = _WITH_RUNS.where(Fault.id.in_([row.newest for row in rows]))
    newest = {fault.id: fault for fault in session().scalars(query)}
    return [
        Group(Place(*row[:4]), row.many, row.since, newest[row.newest], row.told > 1, row.kind)
        for row in rows
    ]


def list_of(place: Place, actor: Actor) -> list[Fault]:
    """The standing faults of one group that the actor may see, the oldest first."""
    found = _of(place, actor).with_only_columns(Fault.id).order_by(Fault.raised_at, Fault.id)
    query = _WITH_RUNS.where(Fault.id.in_(found.limit(MOST)))
    return list(session().scalars(query.order_by(Fault.raised_at, Fault.id)))


def count_of(place: Place, actor: Actor) -> int:
    """How many there are, also those that a page does not show."""
    return session().scalar(_of(place, actor).with_only_columns(func.count())) or 0


@dataclass(frozen=True)
class Deed:
    """What is to be done to all of them."""

    act: Act
    variables: Mapping[str, Any] = field(default_factory=dict)
    """Corrected before a new try; what a step that is skipped should have given."""
    flow: str | None = None
    """By which a gateway that is skipped is left."""
    reason: str = ""


Act = Literal["retry", "skip", "cancel"]
ACTS: tuple[Act, ...] = get_args(Act)


class MoreMeanwhile(Conflict):
    """There are {count} of them by now, and {expected} were confirmed; nothing was done."""

    fa = "اکنون {count} مورد است و {expected} مورد تأیید شده بود؛ کاری انجام نشد."


def order(place: Place, deed: Deed, expected: int, actor: Actor) -> int:
    """Let the worker do this to all of them, each by itself; how many there are.

    Each gets its entry in the history, with the actor and the reason. What was resolved in the
    meantime, by somebody else or by a second order, is left alone. Raises MoreMeanwhile when
    there are more than were ``expected``, and Invalid.
    """
    if not (mender if deed.act == "retry" else operator)(actor):
        raise Forbidden
    said = _check(deed, actor)
    found = sorted(session().scalars(_of(place, actor).with_only_columns(Fault.id)))
    if len(found) > expected:
        raise MoreMeanwhile(count=str(len(found)), expected=str(expected))
    same = {"user_id": actor.id, "act": deed.act, "reason": said}
    given = {"variables": dict(deed.variables), "flow": deed.flow}
    orders = [jobs.Order(jobs.MEND_FAULT, {"fault_id": one, **same, **given}) for one in found]
    for begin in range(0, len(orders), BATCH):
        jobs.defer_all(orders[begin : begin + BATCH])
    return len(found)


BATCH = 500
"""Jobs that are written with one statement."""
LARGEST = 20_000
"""Bytes of the values, which each job holds for itself."""


def _check(deed: Deed, actor: Actor) -> str:
    """The reason as it is kept; raises Invalid for what could be done to none of them."""
    said = read_reason(deed.reason, actor)
    if deed.act == "cancel" and texts.is_blank(said):
        raise Invalid({"reason": [operations.give_reason(actor)]})
    if len(json.dumps(dict(deed.variables), default=str).encode()) > LARGEST:
        raise Invalid({"variables": [_too_large(actor)]})
    return said


def _too_large(actor: Actor) -> str:
    if actor.language == "fa":
        return "مقدارها برای این کار بزرگ‌اند: همه با هم بیشتر از ۲۰ کیلوبایت."
    return "The values are too large for this: more than 20 kB together."


def mend_one(fault_id: int, user_id: int, deed: Deed, now: datetime) -> None:
    """Do one of them, in the name of who ordered it, if they still may.

    Raises what ``faults.retry``, ``faults.skip`` and ``faults.cancel`` raise.
    """
    reason = deed.reason
    for user in people.of_ids([user_id]):
        actor = people.actor_of(user)
        if deed.act == "retry":
            faults.retry(fault_id, deed.variables, actor, now, reason=reason)
        elif deed.act == "skip":
            faults.skip(fault_id, deed.variables, actor, now, flow=deed.flow, reason=reason)
        else:
            faults.cancel(fault_id, actor, now, reason=reason)


_DRAWN = func.coalesce(Fault.called_id, ProcessInstance.definition_id)
_PLACE: Sequence[Any] = (ProcessDefinition.key, Fault.element, Fault.code)


def _standing(query: Select[Any]) -> Select[Any]:
    return (
        query.select_from(Fault)
        .join(Fault.instance)
        .join(ProcessDefinition, ProcessDefinition.id == _DRAWN)
        .outerjoin(ProcessInstance.request)
        .where(Fault.resolved_at.is_(None))
    )


def _seen_by(actor: Actor) -> Any:
    return or_(ProcessInstance.request_id.is_(None), requests_seen_by(actor))


def _of(place: Place, actor: Actor) -> Select[Any]:
    where = zip(_PLACE, (place.process, place.element, place.code), strict=True)
    found = _standing(select(Fault)).where(_seen_by(actor), *(row == one for row, one in where))
    return found if place.channel is None else _by_channel(found).where(_KEY.in_([place.channel]))


def _by_channel(query: Select[Any]) -> Select[Any]:
    """With the channel by which each step went out last, found by indexes alone."""
    return query.outerjoin(_LAST, true()).outerjoin(Channel, Channel.id == _LAST.c.channel_id)


_LAST = (
    select(Delivery.channel_id)
    .join(ServiceJob, ServiceJob.id == Delivery.job_id)
    .where(ServiceJob.instance_id == Fault.instance_id, ServiceJob.key == Fault.key)
    .order_by(newest_first(Delivery.id))
    .limit(1)
    .lateral("last")
)
_KEY = func.coalesce(Channel.key, "")
_KIND = func.coalesce(Channel.kind, "")


_GROUPS = (
    _by_channel(
        _standing(
            select(
                *_PLACE,
                _KEY.label("channel"),
                _KIND.label("kind"),
                func.count().label("many"),
                func.min(Fault.raised_at).label("since"),
                func.max(Fault.id).label("newest"),
                func.count(Fault.message.distinct()).label("told"),
            )
        )
    )
    .group_by(*_PLACE, Channel.key, Channel.kind)
    .order_by(func.min(Fault.raised_at), func.min(Fault.id))
    .limit(MOST)
)
_WITH_RUNS = select(Fault).options(
    joinedload(Fault.instance).options(
        joinedload(ProcessInstance.request), joinedload(ProcessInstance.definition)
    )
)


def arguments_of(place: Place) -> Mapping[str, str]:
    """The place as the query of an address."""
    told = {"process": place.process, "step": place.element, "code": place.code}
    return told if place.channel is None else {**told, "channel": place.channel}
