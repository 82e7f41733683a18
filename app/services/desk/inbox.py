"""The inbox: which tasks a person sees, ordered by promise, and how many wait in each view.

A task's promise is the nearer of its own due moment and the next running promise of its
request. Where all clocks stand, since the customer or a partner is asked, it is paused; a promise
that broke before stays broken.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import contains_eager, joinedload
from sqlalchemy.types import DateTime

from app.access import Actor, tasks_seen_by
from app.db import session
from app.models import Party, ServiceRequest, SlaClock, UserTask
from app.models.requests import WAITING
from app.services.cursors import read_cursor, read_whole, write_cursor
from app.services.service_levels.standing import Standing

BROKEN, AT_RISK, ON_TRACK, PAUSED, UNPROMISED = range(5)
"""The groups of the list, in its order."""

_NEVER = "infinity"

VIEWS = ("mine", "group", "unclaimed", "broken", "risk", "paused", "done")
TASK_NOTICE = timedelta(hours=1)
"""How long before its own due moment a task counts as at risk."""


@dataclass(frozen=True)
class Filters:
    """What narrows a view: the key of a group, a service or a priority, and searched words."""

    group: str | None = None
    service: str | None = None
    priority: str | None = None
    words: str | None = None


@dataclass(frozen=True)
class Row:
    """One task of the list with the promise that orders it."""

    task: UserTask
    bucket: int
    due_at: datetime | None


@dataclass(frozen=True)
class Page:
    """Some rows, and the cursor of the next ones when there are more."""

    rows: Sequence[Row]
    next: str | None


def due_of() -> ColumnElement[datetime | None]:
    """The nearer of the task's own due moment and the request's next promise."""
    return func.least(UserTask.due_at, ServiceRequest.next_due_at)


def bucket_of(now: datetime) -> ColumnElement[int]:
    """The group of the list that a task stands in at ``now``."""
    risk = func.least(UserTask.due_at - TASK_NOTICE, ServiceRequest.next_risk_at)
    waits = and_(ServiceRequest.status == WAITING, ServiceRequest.next_due_at.is_(None))
    # Clocks that stand are asked for only where none runs.
    return case(
        (due_of() <= now, BROKEN),
        (and_(waits, ~_stands(SlaClock.due_at <= now)), PAUSED),
        (risk <= now, AT_RISK),
        (due_of().is_not(None), ON_TRACK),
        (_stands(SlaClock.due_at <= now), BROKEN),
        (_stands(), PAUSED),
        else_=UNPROMISED,
    )


def _stands(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a clock of the request is paused."""
    paused = (SlaClock.request_id == ServiceRequest.id, SlaClock.state == "paused")
    return exists().where(*paused, *conditions)


def place_of(
    task: UserTask, now: datetime, promises: Collection[Standing]
) -> tuple[datetime | None, int]:
    """The same for one task in hand, with its request's promises: its nearer due moment and the
    group it stands in."""
    request = task.request
    if task.state != "open":
        return None, UNPROMISED
    dues = [task.due_at, request.next_due_at if request else None]
    risks = [task.due_at - TASK_NOTICE if task.due_at else None]
    risks.append(request.next_risk_at if request else None)
    due = min((moment for moment in dues if moment), default=None)
    if due is not None and due <= now:
        return due, BROKEN
    waits = request is not None and request.status == WAITING and not request.next_due_at
    if due is None or waits:
        return due, _place_of_paused(promises, waits=waits)
    at_risk = any(moment <= now for moment in risks if moment)
    return due, AT_RISK if at_risk else ON_TRACK


def _place_of_paused(promises: Collection[Standing], *, waits: bool) -> int:
    paused = [one for one in promises if one.stopped_at is None]
    if any(one.state == "broken" for one in paused):
        return BROKEN
    return PAUSED if waits or paused else UNPROMISED


def view_condition(view: str, actor: Actor, now: datetime, today: datetime) -> ColumnElement[bool]:
    """Which tasks stand in a view; ``today`` is the instant at which the day began."""
    if view == "done":
        return and_(
            UserTask.state == "completed",
            UserTask.completed_by == actor.id,
            UserTask.ended_at >= today,
        )
    narrowed = {
        "mine": UserTask.assignee_id == actor.id,
        "group": literal(value=True),
        "unclaimed": UserTask.assignee_id.is_(None),
        "broken": bucket_of(now) == BROKEN,
        "risk": bucket_of(now) == AT_RISK,
        "paused": bucket_of(now) == PAUSED,
    }
    return and_(UserTask.state == "open", tasks_seen_by(actor), narrowed[view])


def list_tasks(
    actor: Actor,
    view: str,
    now: datetime,
    today: datetime,
    *,
    filters: Filters = Filters(),
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """The tasks of a view, the nearest promise first."""
    started, place = _place(cursor, now)
    rank = (bucket_of(started), _dated(due_of()), UserTask.id)
    query = (
        _joined(select(UserTask, bucket_of(started), due_of()))
        .options(contains_eager(UserTask.request).contains_eager(ServiceRequest.customer))
        .options(joinedload(UserTask.assignee))
        .where(view_condition(view, actor, started, today), *_narrow(filters))
    )
    if place:
        query = query.where(tuple_(*rank) > tuple_(*place))
    found = session().execute(query.order_by(*rank).limit(limit + 1)).all()
    rows = [Row(task, bucket, due) for task, bucket, due in found[:limit]]
    return Page(rows, _cursor_after(rows[-1], started) if len(found) > limit else None)


def count_views(actor: Actor, now: datetime, today: datetime) -> dict[str, int]:
    """How many tasks stand in each view, with one query that judges each task once."""
    done = and_(UserTask.completed_by == actor.id, UserTask.ended_at >= today)
    seen = (
        _joined(
            select(
                UserTask.state.label("state"),
                UserTask.assignee_id.label("owner"),
                bucket_of(now).label("bucket"),
            ).select_from(UserTask)
        )
        .where(
            or_(
                and_(UserTask.state == "open", tasks_seen_by(actor)),
                and_(UserTask.state == "completed", done),
            )
        )
        .subquery()
    )
    still_open, row = seen.c.state == "open", seen.c
    views = {
        "mine": and_(still_open, row.owner == actor.id),
        "group": still_open,
        "unclaimed": and_(still_open, row.owner.is_(None)),
        "broken": and_(still_open, row.bucket == BROKEN),
        "risk": and_(still_open, row.bucket == AT_RISK),
        "paused": and_(still_open, row.bucket == PAUSED),
        "done": row.state == "completed",
    }
    counts = [func.count().filter(condition).label(view) for view, condition in views.items()]
    return dict(session().execute(select(*counts).select_from(seen)).one()._mapping)


def count_groups(actor: Actor) -> dict[str, int]:
    """How many open tasks wait for each of the actor's groups (for all groups, who oversees)."""
    group = func.unnest(UserTask.candidate_groups).label("group")
    seen = _joined(select(group).select_from(UserTask)).where(
        UserTask.state == "open", tasks_seen_by(actor)
    )
    rows = seen.subquery()
    query = select(rows.c.group, func.count()).group_by(rows.c.group)
    return {
        key: number
        for key, number in session().execute(query)
        if actor.oversees or key in actor.groups
    }


def neighbours(
    actor: Actor, view: str, task_id: int, now: datetime, today: datetime
) -> tuple[int | None, int | None, int, int]:
    """The ids before and after a task in a view, its place from 1 (0 when absent), and how many."""
    query = (
        _joined(select(UserTask.id))
        .where(view_condition(view, actor, now, today))
        .order_by(bucket_of(now), _dated(due_of()), UserTask.id)
        .limit(500)
    )
    ids = list(session().scalars(query))
    if task_id not in ids:
        return None, (ids[0] if ids else None), 0, len(ids)
    at = ids.index(task_id)
    before = ids[at - 1] if at else None
    return before, (ids[at + 1] if at + 1 < len(ids) else None), at + 1, len(ids)


def _joined(query: Any) -> Select[Any]:
    joined: Select[Any] = query.outerjoin(UserTask.request).outerjoin(ServiceRequest.customer)
    return joined


def _narrow(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.group:
        conditions.append(UserTask.candidate_groups.contains([filters.group]))
    if filters.service:
        conditions.append(ServiceRequest.service == filters.service)
    if filters.priority:
        conditions.append(ServiceRequest.priority == filters.priority)
    if filters.words:
        conditions.append(_mentions(filters.words))
    return conditions


def _mentions(words: str) -> ColumnElement[bool]:
    text = words.strip()
    return or_(
        ServiceRequest.number.icontains(text, autoescape=True),
        ServiceRequest.subject.icontains(text, autoescape=True),
        Party.name.icontains(text, autoescape=True),
    )


def _dated(due: ColumnElement[Any]) -> ColumnElement[Any]:
    """Tasks without a promise come last in their group."""
    return func.coalesce(due, cast(_NEVER, DateTime(timezone=True)))


def _place(cursor: str | None, now: datetime) -> tuple[datetime, tuple[Any, ...] | None]:
    """The instant at which the first page was read, and the last row's rank."""
    if cursor is None:
        return now, None
    values: dict[str, Any] = read_cursor(
        cursor, at=_read_instant, due=_read_due, bucket=read_whole, id=read_whole
    )
    due = cast(literal(values["due"]), DateTime(timezone=True))
    return values["at"], (values["bucket"], due, values["id"])


def _read_instant(text: str) -> datetime:
    """An instant of this century; ValueError for anything else."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None or not 2000 <= instant.year < 2100:
        raise ValueError(text)
    return instant


def _read_due(text: str) -> str:
    """A due moment as PostgreSQL reads it; ValueError for anything else."""
    return text if text == _NEVER else datetime.fromisoformat(text).isoformat()


def _cursor_after(row: Row, started: datetime) -> str:
    due = row.due_at.isoformat() if row.due_at else _NEVER
    return write_cursor(
        {"at": started.isoformat(), "bucket": row.bucket, "due": due, "id": row.task.id}
    )
