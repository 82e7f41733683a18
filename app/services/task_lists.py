"""Lists of tasks for programs: by request, instance, group, owner and state."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import contains_eager, defer, joinedload

from app.access import Actor, tasks_seen_by
from app.db import session
from app.models import ServiceRequest, User, UserTask


@dataclass(frozen=True)
class TaskFilters:
    """What narrows the list; what is None narrows nothing."""

    request: str | None = None
    instance: int | None = None
    group: str | None = None
    assignee: str | None = None
    state: str | None = None


def list_page(
    actor: Actor, filters: TaskFilters, *, after: int | None = None, limit: int = 50
) -> tuple[list[UserTask], int | None]:
    """The tasks that the actor may see, oldest first, and the id after which to go on."""
    given = _given(filters)
    seen_by = (actor.kind, actor.id, actor.login, actor.roles, actor.groups)
    query = _query(seen_by, frozenset(given))
    rows = list(session().scalars(query, {"after": after or 0, "most": limit + 1, **given}))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


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
def _query(seen_by: Seen, given: frozenset[str]) -> Select[UserTask]:
    """The question of one reader, kept, since putting it together takes longer than asking."""
    kind, row_id, login, roles, groups = seen_by
    actor = Actor(kind, row_id, login, roles=roles, groups=groups)
    return (
        select(UserTask)
        .outerjoin(UserTask.request)
        .options(
            # The list tells of a request its number and of an owner the login.
            contains_eager(UserTask.request).load_only(ServiceRequest.number),
            joinedload(UserTask.assignee).load_only(User.login),
            defer(UserTask.draft),
            defer(UserTask.data),
        )
        .where(tasks_seen_by(actor), UserTask.id > bindparam("after", type_=BigInteger))
        .where(*(_CONDITIONS[name] for name in sorted(given)))
        .order_by(UserTask.id)
        .limit(bindparam("most", type_=BigInteger))
    )


_OWNER = select(User.id).where(User.login == bindparam("assignee")).scalar_subquery()
_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "request": ServiceRequest.number == bindparam("request"),
    "instance": UserTask.instance_id == bindparam("instance"),
    "group": UserTask.candidate_groups.contains(bindparam("group", type_=ARRAY(String))),
    "assignee": UserTask.assignee_id == _OWNER,
    "state": UserTask.state == bindparam("state"),
}
