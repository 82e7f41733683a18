"""Lists of tasks for programs: by request, instance, group, owner and state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.access import Actor, tasks_seen_by
from app.db import look
from app.models import ServiceRequest, User, UserTask
from app.services.service_levels import standing


@dataclass(frozen=True)
class TaskFilters:
    """What narrows the list; what is None narrows nothing."""

    request: str | None = None
    instance: int | None = None
    group: str | None = None
    assignee: str | None = None
    state: str | None = None


class Named(SimpleNamespace):
    """What a list tells of a task's request, its ``number``, and of its owner, the ``login``."""

    number: str
    login: str


@dataclass(slots=True)
class TaskLine:
    """One task of a list, with what the list tells of it; see ``UserTask``."""

    request: Named | None
    assignee: Named | None
    id: int
    instance_id: int
    request_id: int | None
    element: str
    names: dict[str, str]
    state: str
    assignee_id: int | None
    candidate_groups: list[str]
    candidate_users: list[str]
    priority: int
    form: str | None
    due_at: datetime | None
    created_at: datetime
    claimed_at: datetime | None
    ended_at: datetime | None
    clocks: Sequence[Any] | None = None
    """Of its request, as ``standing.of_columns`` takes them, in a list of one request's tasks."""


def list_page(
    actor: Actor, filters: TaskFilters, *, after: int | None = None, limit: int = 50
) -> tuple[list[TaskLine], int | None]:
    """The tasks that the actor may see, oldest first, and the id after which to go on."""
    given = _given(filters)
    seen_by = (actor.kind, actor.id, actor.login, actor.roles, actor.groups)
    query = _query(seen_by, frozenset(given))
    found = look(query, {"after": after or 0, "most": limit + 1, **given}).all()
    rows = [_line(row) for row in found[:limit]]
    return rows, rows[-1].id if len(found) > limit else None


def _line(row: Any) -> TaskLine:
    number, login, *own = row
    return TaskLine(number and Named(number=number), login and Named(login=login), *own)


def _given(filters: TaskFilters) -> dict[str, Any]:
    """The values that narrow the list, as the tables hold them."""
    values = {
        "request": filters.request and filters.request.strip().upper(),
        "instance": filters.instance,
        "group": filters.group and [filters.group],
        "assignee": filters.assignee and filters.assignee.lower(),
        "state": filters.state,
    }
    return {name: value for name, value in values.items() if value}


Seen = tuple[str, int | None, str | None, frozenset[str], frozenset[str]]


@lru_cache(maxsize=512)
def _query(seen_by: Seen, given: frozenset[str]) -> Select[Any]:
    """The question of one reader, kept, since putting it together takes longer than asking."""
    kind, row_id, login, roles, groups = seen_by
    actor = Actor(kind, row_id, login, roles=roles, groups=groups)
    besides = [standing.OF_TASK] if "request" in given else []
    of_one = bool(given & {"request", "instance"})
    conditions = {**_CONDITIONS, "state": _STATE_OF_FEW} if of_one else _CONDITIONS
    return (
        select(ServiceRequest.number, User.login, *_COLUMNS, *besides)
        .select_from(UserTask)
        .outerjoin(ServiceRequest, ServiceRequest.id == UserTask.request_id)
        .outerjoin(User, User.id == UserTask.assignee_id)
        .where(tasks_seen_by(actor), UserTask.id > bindparam("after", type_=BigInteger))
        .where(*(conditions[name] for name in sorted(given)))
        .order_by(UserTask.id)
        .limit(bindparam("most", type_=BigInteger))
    )


_OWNER = (
    select(User.id).where(User.login == bindparam("assignee")).correlate(None).scalar_subquery()
)
_COLUMNS = [UserTask.__table__.c[one.name] for one in fields(TaskLine)[2:-1]]
_CONDITIONS: dict[str, ColumnElement[bool]] = {
    # Found by one value: by the number of the request joined, all open tasks would be walked.
    "request": UserTask.request_id
    == select(ServiceRequest.id)
    .where(ServiceRequest.number == bindparam("request"))
    .correlate(None)
    .scalar_subquery(),
    "instance": UserTask.instance_id == bindparam("instance"),
    "group": UserTask.candidate_groups.contains(bindparam("group", type_=ARRAY(String))),
    "assignee": UserTask.assignee_id == _OWNER,
    "state": UserTask.state == bindparam("state"),
}
# A plan made while there were few tasks must not walk the index of all that stand alike.
_STATE_OF_FEW = UserTask.state + literal_column("''") == bindparam("state")
