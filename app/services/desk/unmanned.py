"""Open tasks that nobody of their groups may take, since all of them handled the case before.

A manager who did not may still take such a task, and has to be told, since nobody else will.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, all_, any_, exists, func, or_, select
from sqlalchemy.orm import contains_eager

from app.access import MANAGER, STAFF, Actor, tasks_seen_by
from app.db import session
from app.models import Group, User, UserTask

SHOWN = 20
"""How many a page tells of."""


def of_actor(actor: Actor, limit: int = SHOWN) -> list[UserTask]:
    """Those that who oversees may see, oldest first; for anybody else none."""
    if not actor.oversees:
        return []
    query = _question().where(tasks_seen_by(actor))
    return list(session().scalars(query.order_by(UserTask.id).limit(limit)))


def of_request(request_id: int) -> list[UserTask]:
    """Those of one request, oldest first."""
    query = _question().where(UserTask.request_id == request_id)
    return list(session().scalars(query.order_by(UserTask.id)))


def _question() -> Select[UserTask]:
    has_excluded = func.cardinality(UserTask.excluded_users) > 0
    return (
        select(UserTask)
        .outerjoin(UserTask.request)
        .options(contains_eager(UserTask.request))
        .where(UserTask.state == "open", UserTask.assignee_id.is_(None), has_excluded)
        .where(~_who_may())
    )


def _who_may() -> ColumnElement[bool]:
    """Somebody of the task's groups, or named by it, who is not excluded."""
    nobody_named = (UserTask.candidate_groups == []) & (UserTask.candidate_users == [])
    in_group = User.groups.any(Group.key == any_(UserTask.candidate_groups))
    return (
        exists()
        .where(User.is_active, User.roles.overlap([STAFF, MANAGER]))
        .where(User.login != all_(UserTask.excluded_users))
        .where(or_(nobody_named, in_group, User.login == any_(UserTask.candidate_users)))
    )
