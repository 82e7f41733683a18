"""Promises: the clocks of a request, started, paused and stopped by what happens to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

import bpmn
import sla
from app.access import SYSTEM
from app.db import append, columns_of, read, session, values_of
from app.models import ServiceRequest, SlaClock
from app.services import catalogue, history, working_time
from app.services.diagrams import Diagrams

BATCH = 200


@dataclass(frozen=True)
class Promise:
    """One promise as people see it; ``remaining`` is working time, negative once overdrawn."""

    metric: str
    names: Mapping[str, str]
    customer_names: Mapping[str, str]
    late: Mapping[str, str]
    state: str
    """``on_track``, ``at_risk``, ``broken``, ``paused``, ``kept`` or ``missed``."""
    due_at: datetime | None
    stopped_at: datetime | None
    remaining: timedelta
    target: timedelta

    @property
    def used(self) -> float:
        """How much of the promised time is used up, from 0 to 1."""
        return min(1.0, max(0.0, 1 - self.remaining / self.target)) if self.target else 1.0


def start(request: ServiceRequest, now: datetime) -> None:
    """Start the clocks that run from the submission on."""
    _step(request, {}, {"submitted"}, frozenset(), now)


def follow(
    request: ServiceRequest,
    found: Diagrams,
    outcome: bpmn.Outcome,
    now: datetime,
    *,
    suspended: bool = False,
    clocks: Sequence[SlaClock] | None = None,
) -> list[dict[str, Any]]:
    """Bring the clocks after a step of the process; the history entries to write.

    The clocks go on while the process is suspended, unless the policy says otherwise. Those
    that the caller has read and locked already are not read again.
    """
    waiting = {waits for place in outcome.places if (waits := found.property_of(place, "waits"))}
    waiting = {f"waits:{one}" for one in waiting}
    if suspended:
        waiting.add("waits:suspended")
    if clocks is None:
        known = clocks_of(request.id, lock=True)
    else:
        known = {clock.metric: clock for clock in clocks}
    return _step(request, known, _moments(request, found, outcome), waiting, now)


def _moments(request: ServiceRequest, found: Diagrams, outcome: bpmn.Outcome) -> set[str]:
    """What a policy may name. Elements are those of the own process: a called one may use the
    same ids for something else; its stages count, for they are the customer's."""
    own = (item for item in outcome.trace if item.definition is None)
    moments = {f"{t.kind}:{t.element}" for t in own if t.kind in ("entered", "left")}
    for item in outcome.trace:
        stage = found.stage_of(item)
        if item.kind == "entered" and stage:
            moments.add(f"stage:{stage}")
    return moments if request.is_open else moments | {"closed"}


def _step(
    request: ServiceRequest,
    known: Mapping[str, SlaClock],
    moments: Collection[str],
    waiting: Collection[str],
    now: datetime,
) -> list[dict[str, Any]]:
    policy = _policy_of(request, known)
    if policy is None:
        return []
    clocks = dict(known)
    calendar = working_time.calendar(policy.calendar)
    entries = []
    for metric in policy.metrics.values():
        clock = clocks.get(metric.key)
        before = sla.from_json(clock.ledger, policy.calendar) if clock else None
        followed = sla.follow(
            before,
            metric,
            _not_before(before, now),
            choice=policy.choose(metric, {"priority": request.priority}),
            moments=moments,
            states=waiting,
        )
        after = followed[0] if followed else None
        if after is None or after == before:
            continue
        clock = clock or _new_clock(request, policy, metric)
        clocks[metric.key] = clock
        _write(clock, after, calendar)
        entries += _told(request, clock, after, calendar, now)
    append(SlaClock, [values_of(clock) for key, clock in clocks.items() if key not in known])
    _show_next(request, clocks.values())
    return entries


def _not_before(ledger: sla.Ledger | None, now: datetime) -> datetime:
    """The moment of this step for the ledger.

    A step takes its moment before it waits for the lock of its instance, so one that came
    later may have been written first; the ledger goes on from there.
    """
    return now if ledger is None else max(now, ledger.entries[-1].at)


def _new_clock(request: ServiceRequest, policy: sla.Policy, metric: sla.Metric) -> SlaClock:
    return SlaClock(
        request_id=request.id,
        policy=policy.key,
        metric=metric.key,
        names=dict(metric.names),
        calendar=policy.calendar,
    )


def _write(clock: SlaClock, ledger: sla.Ledger, calendar: sla.Calendar) -> None:
    clock.ledger = list(sla.to_json(ledger))
    clock.state = ledger.phase
    clock.target_seconds = int(ledger.target.total_seconds())
    clock.due_at = sla.due_at(ledger, lambda _: calendar)
    clock.risk_at = sla.risk_at(ledger, lambda _: calendar)
    clock.stopped_at = ledger.stopped_at


def _told(
    request: ServiceRequest,
    clock: SlaClock,
    ledger: sla.Ledger,
    calendar: sla.Calendar,
    now: datetime,
) -> list[dict[str, Any]]:
    data = {"metric": clock.metric, "names": clock.names}
    if ledger.phase != "stopped":
        return []
    if sla.state(ledger, lambda _: calendar, now) == "kept":
        return [history.entry("promise_kept", SYSTEM, now, request_id=request.id, data=data)]
    if clock.broken_at is not None:
        return []
    clock.broken_at = now
    return [history.entry("promise_broken", SYSTEM, now, request_id=request.id, data=data)]


def _show_next(request: ServiceRequest, clocks: Collection[SlaClock]) -> None:
    running = [clock for clock in clocks if clock.state == "running" and clock.due_at]
    first = min(running, key=lambda clock: (clock.due_at, clock.metric), default=None)
    request.next_due_at = first.due_at if first else None
    request.next_risk_at = first.risk_at if first else None
    request.next_metric = first.metric if first else None


def _policy_of(request: ServiceRequest, clocks: Mapping[str, SlaClock]) -> sla.Policy | None:
    """The policy that the request's clocks were started by, else that of its service; a
    request outlives its service's place in the catalogue."""
    service = catalogue.services().get(request.service)
    started = next((clock.policy for clock in clocks.values()), None)
    return sla.policies().get(started or (service.policy if service else ""))


def clocks_of(request_id: int, *, lock: bool = False) -> Mapping[str, SlaClock]:
    """The clocks of a request by metric, in the order they started.

    With ``lock`` nobody else notes or stops them until the transaction ends.
    """
    query = _LOCKED_CLOCKS if lock else _CLOCKS
    found = read(query, {"id": request_id}, SlaClock, flush=False)
    return {clock.metric: clock for (clock,) in found}


# What a step has changed so far need not be written for this: clocks are among what it writes.
_CLOCKS = (
    select(*columns_of(SlaClock))
    .where(SlaClock.request_id == bindparam("id"))
    .order_by(SlaClock.id)
)
_LOCKED_CLOCKS = _CLOCKS.with_for_update()


def of_request(request: ServiceRequest, now: datetime) -> list[Promise]:
    """The promises of a request as they stand now, in the policy's order."""
    clocks = clocks_of(request.id)
    policy = _policy_of(request, clocks)
    if policy is None:
        return []
    calendar = working_time.calendar(policy.calendar)
    return [
        _promise(metric, clocks[metric.key], calendar, now)
        for metric in policy.metrics.values()
        if metric.key in clocks
    ]


def _promise(metric: sla.Metric, clock: SlaClock, calendar: sla.Calendar, now: datetime) -> Promise:
    ledger = sla.from_json(clock.ledger)
    return Promise(
        metric=metric.key,
        names=metric.names,
        customer_names=metric.customer_names,
        late=metric.late,
        state=sla.state(ledger, lambda _: calendar, now),
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        remaining=sla.remaining(ledger, lambda _: calendar, now),
        target=ledger.target,
    )


def next_of(promises: Collection[Promise]) -> Promise | None:
    """The promise to show first: the running one that is due earliest, else a paused one."""
    running = [(p.due_at, p.metric, p) for p in promises if p.stopped_at is None and p.due_at]
    if running:
        return min(running, key=lambda item: item[:2])[2]
    return next((p for p in promises if p.state == "paused"), None)


def note_broken(now: datetime) -> int:
    """Note in the history the promises that broke since the last look, each once; how many."""
    query = (
        select(SlaClock)
        .where(SlaClock.state == "running", SlaClock.due_at <= now, SlaClock.broken_at.is_(None))
        .order_by(SlaClock.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    clocks = list(session().scalars(query))
    if clocks:
        ids = [clock.id for clock in clocks]
        session().execute(update(SlaClock).where(SlaClock.id.in_(ids)).values(broken_at=now))
    history.record(
        [
            history.entry(
                "promise_broken",
                SYSTEM,
                now,
                request_id=clock.request_id,
                data={"metric": clock.metric, "names": clock.names},
            )
            for clock in clocks
        ]
    )
    return len(clocks)
