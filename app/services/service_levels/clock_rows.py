"""The rows of clocks: what follows from a ledger, and how a step writes it all at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    String,
    and_,
    bindparam,
    literal_column,
    or_,
    select,
)

import sla
from app.db import run, session, this_transaction
from app.models import ServiceRequest, SlaClock
from app.objects import columns_of, read
from app.saving import Part, one_by_one, packed, values_of
from app.services.service_levels import clock_statements, sla_settings

RUNNING, STOPPED, DROPPED = "running", "stopped", "dropped"
OVER = (STOPPED, DROPPED)
"""The states of clocks that neither run nor stand; what was dropped may be promised again."""


def calendar(named: str) -> sla.Calendar:
    """The calendar that an entry of a ledger names."""
    return sla_settings.calendar(named)


def ledger_of(clock: SlaClock) -> sla.Ledger:
    """The clock's ledger; one of former times counts by the calendar of its row."""
    return sla.from_json(clock.ledger, clock.calendar)


Which = tuple[int | None, str, int, str | None]
"""A clock by its id; a new one, which has none yet, by what it is called within its step."""


@dataclass
class Changes:
    """What becomes of clocks in one step, written with one statement.

    Rows that exist already are changed in the session, which writes them with the step.
    """

    now: datetime
    new: list[SlaClock] = field(default_factory=list)
    planned: dict[Which, dict[str, Any]] = field(default_factory=dict)
    """The due moment of each clock, as it was planned last."""
    dropped: list[int] = field(default_factory=list)

    def set(self, clock: SlaClock, ledger: sla.Ledger, *, is_new: bool = False) -> None:
        """Let a clock have this ledger, and what follows from it."""
        # What was kept of the clocks before may be other objects for the same rows.
        session().info.pop(_CLOCKS, None)
        told, reckoning = list(sla.to_json(ledger)), sla.Reckoning(ledger, calendar)
        if not _only_ended(clock, ledger, told):
            clock.due_at, clock.risk_at = reckoning.due_at(), reckoning.risk_at()
        clock.ledger, clock.state, clock.stopped_at = told, ledger.phase, ledger.stopped_at
        promised = (int(ledger.target.total_seconds()), ledger.calendar)
        if is_new or promised != (clock.target_seconds, clock.calendar):
            clock.target_seconds, clock.calendar = promised
        if clock.broken_at is not None and clock.due_at is not None and clock.due_at > self.now:
            # It was mended: should it break again, that is noted again.
            clock.broken_at = None
        if is_new:
            self.new.append(clock)
        self._plan(clock, reckoning)

    def plan(self, clock: SlaClock, ledger: sla.Ledger) -> None:
        """Let the next step of the clock's ladder come due."""
        self._plan(clock, sla.Reckoning(ledger, calendar))

    def _plan(self, clock: SlaClock, reckoning: sla.Reckoning) -> None:
        step, instant = _next_step(clock, reckoning, self.now)
        if (step, instant) == (clock.next_step, clock.next_step_at):
            return
        had, clock.next_step, clock.next_step_at = clock.next_step, step, instant
        which = (clock.id, clock.metric, clock.cycle, clock.task_key)
        if step is not None and instant is not None:
            self.planned[which] = _plan(clock, step, instant)
            return
        self.planned.pop(which, None)
        if had is not None and clock.id is not None:
            self.dropped.append(clock.id)

    def write(self) -> None:
        """Write what is new, and the due moments."""
        part = self.part()
        if part is not None:
            run(clock_statements.whole(part.sql), part.values)

    def part(self) -> Part | None:
        """The same as a part of another statement, if there is anything to write."""
        if not (self.new or self.planned or self.dropped):
            return None
        new, planned = [values_of(clock) for clock in self.new], list(self.planned.values())
        known = [one["clock_id"] for one in planned if one["clock_id"] is not None]
        gone = [one for one in dict.fromkeys(self.dropped) if one not in known]
        facts: dict[str, Any] = {**one_by_one("known", known), **one_by_one("gone", gone)}
        facts |= {"clocks": packed(new)} if new else {}
        facts |= {"planned": packed(planned)} if planned else {}
        return Part(clock_statements.parts(bool(new), bool(planned), len(known), len(gone)), facts)


def _only_ended(clock: SlaClock, ledger: sla.Ledger, told: Sequence[dict[str, Any]]) -> bool:
    """Whether the clock ran and has but come to its end: its moments are still those that counted
    while it ran."""
    return clock.state == RUNNING and ledger.phase in OVER and told[:-1] == clock.ledger


def next_step(
    clock: SlaClock, ledger: sla.Ledger, now: datetime
) -> tuple[str, datetime] | tuple[None, None]:
    """The step that comes next: the first that was never done, or that was done for another
    instant and has lain in the future since."""
    return _next_step(clock, sla.Reckoning(ledger, calendar), now)


def _next_step(
    clock: SlaClock, reckoning: sla.Reckoning, now: datetime
) -> tuple[str, datetime] | tuple[None, None]:
    if reckoning.ledger.stopped_at is not None:
        return None, None
    ladder = sla_settings.ladder(clock.ladder) if clock.ladder else sla.EMPTY
    for step, instant in sla.steps_of(reckoning, ladder):
        done = clock.done.get(step.key)
        waits = (step.key, instant) == (clock.next_step, clock.next_step_at)
        if done is None or waits or (instant > now and instant > datetime.fromisoformat(done)):
            return step.key, instant
    return None, None


def go_by(clock: SlaClock, ladder: str | None, now: datetime) -> bool:
    """Let a clock climb this ladder from now on; whether it is another than before.

    Nothing is done for steps that came before it was: they count as passed. What had come by the
    former ladder and waits to be done is done still.
    """
    former = clock.ladder
    if ladder == former:
        return False
    clock.ladder = ladder
    if clock.ledger is not None:
        ledger = ledger_of(clock)
        waits = _come(ledger, former, now)
        come = _come(ledger, ladder, now)
        passed = {key: at for key, at in come.items() if key not in waits}
        clock.done = {**passed, **clock.done}
    return True


def _come(ledger: sla.Ledger, ladder: str | None, now: datetime) -> dict[str, str]:
    """The steps of a ladder that have come by now, each with its instant."""
    steps = sla.step_moments(ledger, sla_settings.ladder(ladder) if ladder else sla.EMPTY, calendar)
    return {step.key: instant.isoformat() for step, instant in steps if instant <= now}


def _plan(clock: SlaClock, step: str, instant: datetime) -> dict[str, Any]:
    facts = {"metric": clock.metric, "cycle": clock.cycle, "task_key": clock.task_key}
    facts |= {"request_id": clock.request_id}
    return {**facts, "clock_id": clock.id, "key": step, "due_at": instant.isoformat()}


def of_request(request_id: int, *, lock: bool = False, flush: bool = True) -> list[SlaClock]:
    """The clocks of a request and those of its tasks that run, in the order they started.

    With ``lock`` nobody else changes them until the transaction ends. What the session has
    changed of them is lost without ``flush``.
    """
    question = _LOCKED_OF_REQUEST if lock else _OF_REQUEST
    found = read(question, {"request_id": request_id}, SlaClock, flush=flush)
    return [clock for (clock,) in found]


def read_anew(request: ServiceRequest) -> None:
    """Bring the row of a request up to date, for who has locked its clocks meanwhile; what the
    session has changed of it is written before."""
    read(_REQUEST, {"id": request.id}, ServiceRequest)


def of_instance(instance_id: int) -> list[SlaClock]:
    """The clocks of the tasks of an instance that run, locked until the transaction ends."""
    # What a step has changed so far need not be written for this.
    found = read(_LOCKED_OF_INSTANCE, {"instance_id": instance_id}, SlaClock, flush=False)
    return [clock for (clock,) in found]


def remember(request: ServiceRequest, clocks: Sequence[SlaClock]) -> None:
    """Keep the clocks of a request as they are now, all of its own among them, for who asks for
    them within the same transaction: they are locked, so nobody else changes them."""
    session().info[_CLOCKS] = (_transactions(), request.id, clocks)


def forget() -> None:
    """Let go of what was kept: clocks were changed otherwise than by a step."""
    session().info.pop(_CLOCKS, None)


def remembered(request_id: int) -> Sequence[SlaClock] | None:
    """What was kept of this request's clocks in the transaction that still goes on."""
    during, kept, clocks = session().info.get(_CLOCKS, (None, None, None))
    if kept != request_id or during != _transactions() or during[0] is None:
        return None
    found: Sequence[SlaClock] = clocks
    return found


def _transactions() -> tuple[object, object]:
    """The transaction and the savepoint that it stands behind, which may be undone alone."""
    return this_transaction(), session().get_nested_transaction()


_CLOCKS = "clocks"


def latest(clocks: Iterable[SlaClock]) -> dict[str, SlaClock]:
    """Of the request's own clocks that of the last cycle, by metric."""
    own = sorted((one for one in clocks if one.task_key is None), key=lambda one: one.cycle)
    return {clock.metric: clock for clock in own}


# It stands in the text itself: some questions may ask for whole numbers alone.
_GOES_ON = SlaClock.state != literal_column(f"'{STOPPED}'", String)
RUNS = or_(SlaClock.task_key.is_(None), _GOES_ON)
"""All of a request's own clocks, and those of its tasks that have not ended."""
OF_REQUEST = and_(SlaClock.request_id == bindparam("request_id", type_=BigInteger), RUNS)
OF_TASKS = and_(SlaClock.task_key.is_not(None), _GOES_ON)
"""Those of tasks that have not ended."""
OF_INSTANCE = and_(SlaClock.instance_id == bindparam("instance_id", type_=BigInteger), OF_TASKS)
_OF_REQUEST = select(*columns_of(SlaClock)).where(OF_REQUEST).order_by(SlaClock.id)
_LOCKED_OF_REQUEST = _OF_REQUEST.with_for_update()
_LOCKED_OF_INSTANCE = (
    select(*columns_of(SlaClock)).where(OF_INSTANCE).order_by(SlaClock.id).with_for_update()
)
_REQUEST = select(*columns_of(ServiceRequest)).where(ServiceRequest.id == bindparam("id"))
