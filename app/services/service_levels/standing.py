"""How promises stand, for whole lists: the clocks of all their requests are read at once."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, any_, bindparam, case, func, or_, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

import sla
from app.db import look
from app.models import ServiceRequest, SlaClock, UserTask
from app.services.service_levels import clock_rows, working_time

STOPPED = "stopped"


@dataclass(frozen=True)
class Standing:
    """One promise of a request as a list shows it."""

    metric: str
    names: Mapping[str, str]
    state: str
    """``on_track``, ``at_risk``, ``broken``, ``paused``, ``kept``, ``missed``,
    ``dropped`` or ``uncountable``."""
    due_at: datetime | None
    stopped_at: datetime | None
    remaining: timedelta | None
    """Working time left, negative once it is overdrawn; None when the clock has stopped."""
    target: timedelta
    calendar: str
    """By which calendar it is counted, in its version."""
    always: bool = False
    """Whether that calendar is open day and night, so that all time is working time."""
    waits_for: tuple[str, ...] = ()
    """Why it stands, such as ``waits:customer``; nothing unless it is paused."""

    @property
    def used(self) -> float:
        """How much of the promised time is used up, from 0 to 1."""
        left = self.remaining or timedelta(0)
        return min(1.0, max(0.0, 1 - left / self.target)) if self.target else 1.0


@dataclass(frozen=True)
class Found:
    """The promises of many requests and tasks."""

    requests: Mapping[int, Sequence[Standing]]
    """By the id of the request, in the order in which they began."""
    tasks: Mapping[tuple[int, str], Standing]
    """Clocks of tasks that wait, by instance and the engine's key."""

    def of(self, request: ServiceRequest | int | None) -> Sequence[Standing]:
        """The promises of a request; none without one."""
        key = request if isinstance(request, int) or request is None else request.id
        return self.requests.get(key or 0, ())


NONE = Found({}, {})


def of_requests(requests: Iterable[ServiceRequest | int], now: datetime) -> Found:
    """The promises of all these requests; one question, however many they are.

    Of one request whose clocks this transaction has brought, they are known already.
    """
    ids = {one if isinstance(one, int) else one.id for one in requests}
    known = clock_rows.remembered(next(iter(ids))) if len(ids) == 1 else None
    if known is None and len(ids) == 1:
        return _told(look(_OF_ONE, {"id": next(iter(ids))}).all(), now)
    if known is None:
        return _find(ids, (), now) if ids else NONE
    # In the order of the question; those that are new follow those with an id.
    own = [one for one in known if one.task_key is None]
    return _told(sorted(own, key=lambda one: one.cycle), now)


def of_columns(clocks: Iterable[Sequence[Any]], now: datetime) -> Found:
    """The promises of the request of which the column ``OF_TASK`` tells."""
    return _told(map(_row, clocks), now)


def _row(values: Sequence[Any]) -> Any:
    row = _Row._make(values)
    instants = {name: getattr(row, name) for name in ("due_at", "risk_at", "stopped_at")}
    read = {name: at and datetime.fromisoformat(at) for name, at in instants.items()}
    return row._replace(**read)


def of_tasks(tasks: Collection[UserTask], now: datetime) -> Found:
    """The same for the requests of these tasks, and the tasks' own clocks."""
    ids = {one.request_id for one in tasks if one.request_id is not None}
    return _find(ids, {one.instance_id for one in tasks}, now) if tasks else NONE


def _find(ids: Collection[int], instances: Collection[int], now: datetime) -> Found:
    return _told(look(_CLOCKS, {"ids": sorted(ids), "instances": sorted(instances)}).all(), now)


def _told(rows: Iterable[Any], now: datetime) -> Found:
    latest: dict[int, dict[str, Any]] = {}
    tasks = {}
    for row in rows:
        if row.task_key is None:
            latest.setdefault(row.request_id, {})[row.metric] = row
        else:
            tasks[row.instance_id, row.task_key] = _standing(row, now)
    promised = {
        request_id: [_standing(row, now) for row in rows.values()]
        for request_id, rows in latest.items()
    }
    return Found(promised, tasks)


_IDS = ARRAY(BigInteger)
# Of a clock that runs the columns tell all, and most of those that lists show do.
_LEDGER = case(
    (or_(SlaClock.state != "running", SlaClock.due_at.is_(None)), SlaClock.ledger)
).label("ledger")
_COLUMNS: Sequence[Any] = (
    SlaClock.id, SlaClock.cycle, SlaClock.request_id, SlaClock.instance_id, SlaClock.task_key,
    SlaClock.metric, SlaClock.names, SlaClock.calendar, SlaClock.state, SlaClock.target_seconds,
    SlaClock.due_at, SlaClock.risk_at, SlaClock.stopped_at, _LEDGER,
)  # fmt: skip
OF_TASK = (
    select(
        func.json_agg(
            aggregate_order_by(func.json_build_array(*_COLUMNS), SlaClock.cycle, SlaClock.id)
        )
    )
    .where(SlaClock.request_id == UserTask.request_id, SlaClock.task_key.is_(None))
    .correlate(UserTask)
    .scalar_subquery()
    .label("clocks")
)
"""The clocks of a task's request as a column of a question for tasks; see ``of_columns``."""
_Row = namedtuple("_Row", [one.key for one in _COLUMNS])  # type: ignore[misc]
# For one request a question of its own: PostgreSQL plans one with lists anew every time.
_OF_ONE = (
    select(*_COLUMNS)
    .where(SlaClock.request_id == bindparam("id", type_=BigInteger), SlaClock.task_key.is_(None))
    .order_by(SlaClock.cycle, SlaClock.id)
)
# Two questions, each by an index of its own: with an OR, all clocks are read while there are few.
_BOTH = union_all(
    select(*_COLUMNS).where(
        SlaClock.request_id == any_(bindparam("ids", type_=_IDS)), SlaClock.task_key.is_(None)
    ),
    select(*_COLUMNS).where(
        SlaClock.instance_id == any_(bindparam("instances", type_=_IDS)),
        SlaClock.task_key.is_not(None),
        SlaClock.state != STOPPED,
    ),
)
_CLOCKS = _BOTH.order_by("request_id", "cycle", "id")
"""Of a promise that repeats, the last cycle comes last."""


def _standing(row: Any, now: datetime) -> Standing:
    remaining: timedelta | None = None
    waits_for: tuple[str, ...] = ()
    if row.state == "running" and row.due_at is not None:
        remaining = left_until(row.due_at, now, row.calendar)
    elif row.stopped_at is None:
        ledger = sla.from_json(row.ledger, row.calendar)
        remaining, waits_for = sla.remaining(ledger, working_time.calendar, now), ledger.paused_for
    return Standing(
        metric=row.metric,
        names=row.names,
        state=_state(row, now),
        due_at=row.due_at,
        stopped_at=row.stopped_at,
        remaining=remaining,
        target=timedelta(seconds=row.target_seconds),
        calendar=row.calendar,
        always=is_always(working_time.calendar(row.calendar)),
        waits_for=waits_for,
    )


def _state(row: Any, now: datetime) -> str:
    """The same as :func:`sla.state` says, from the columns that follow from the ledger."""
    due = row.due_at
    if row.stopped_at is not None:
        if due is not None and row.stopped_at > due:
            return "missed"
        return "dropped" if row.state == clock_rows.DROPPED else "kept"
    if due is not None and now > due:
        return "broken"
    if row.state == "paused":
        return "paused"
    if due is None:
        return "uncountable"
    return "at_risk" if row.risk_at is not None and now >= row.risk_at else "on_track"


def is_always(calendar: sla.Calendar) -> bool:
    """Whether the calendar is open day and night, every day."""
    if calendar.country or calendar.solar_holidays or calendar.yearly_holidays:
        return False
    if calendar.added or calendar.closures or calendar.seasons:
        return False
    return all([(s.start, s.end) for s in day] == [(0, 1440)] for day in calendar.week)


def left_until(due: datetime, now: datetime, calendar: str | None = None) -> timedelta:
    """Working time from now until then, negative once it is past; without a calendar, by the
    organisation's own."""
    by = working_time.calendar(calendar)
    if due >= now:
        return sla.working_time_between(by, now, due)
    return -sla.working_time_between(by, due, now)


def next_of(promises: Collection[Standing]) -> Standing | None:
    """The promise to show first: the running one that is due earliest, else a broken one that
    stands, else the one that stands with the least time left."""
    alive = [one for one in promises if one.stopped_at is None]
    running = [one for one in alive if not one.waits_for and one.due_at]
    if running:
        return min(running, key=lambda one: (one.due_at, one.metric))
    least = timedelta.max
    return min(
        alive,
        key=lambda one: (one.state != "broken", least if one.remaining is None else one.remaining),
        default=None,
    )
