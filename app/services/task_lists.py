"""Lists of tasks for programs: by request, instance, group, owner and state."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import contains_eager, joinedload

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
    query = (
        select(UserTask)
        .outerjoin(UserTask.request)
        .options(contains_eager(UserTask.request), joinedload(UserTask.assignee))
        .where(tasks_seen_by(actor), UserTask.id > (after or 0), *_narrow(filters))
        .order_by(UserTask.id)
        .limit(limit + 1)
    )
    rows = list(session().scalars(query))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def _narrow(filters: TaskFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.request:
        conditions.append(ServiceRequest.number == filters.request.strip().upper())
    if filters.instance:
        conditions.append(UserTask.instance_id == filters.instance)
    if filters.group:
        conditions.append(UserTask.candidate_groups.contains([filters.group]))
    if filters.assignee:
        owner = select(User.id).where(User.login == filters.assignee.lower())
        conditions.append(UserTask.assignee_id == owner.scalar_subquery())
    if filters.state:
        conditions.append(UserTask.state == filters.state)
    return conditions
