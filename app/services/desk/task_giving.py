"""User tasks that are given to somebody else: by a person, or by a ladder."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from app.access import MANAGER, STAFF, Actor
from app.db import session
from app.errors import Excluded, Forbidden, Invalid, TaskNotYours
from app.models import Group, ServiceRequest, User, UserTask
from app.services.desk.task_changes import OPEN, check_open, locked_with_instance, note


def assign(task_id: int, login: str, actor: Actor, now: datetime) -> UserTask:
    """Give the task to one of its ``colleagues``; its owner or who oversees may.

    On a confidential request only managers may: the colleague is thereby named and may see it,
    and who held the task before is named no longer (ISO 10002 4.8).
    """
    task = locked_with_instance(task_id, actor)
    check_open(task)
    _check_giver(task, actor)
    if login in task.excluded_users:
        raise Excluded
    user = next((user for user in colleagues(task, actor) if user.login == login), None)
    if user is None:
        raise Invalid({"assignee": [_no_such_person(actor)]})
    before = task.assignee_id
    if before != user.id:
        task.draft = None
    task.assignee_id, task.assignee, task.claimed_at = user.id, user, now
    task.revision += 1
    _name_on_request(task, before, user.id)
    note("task_assigned", task, actor, now, to=user.names, login=user.login)
    return task


def _check_giver(task: UserTask, actor: Actor) -> None:
    if _is_confidential(task) and not actor.is_trusted:
        raise Forbidden
    if not actor.oversees and task.assignee_id not in (None, actor.id):
        raise TaskNotYours


def _is_confidential(task: UserTask) -> bool:
    return task.request is not None and task.request.confidential


def _name_on_request(task: UserTask, before: int | None, after: int) -> None:
    """Name the new holder instead of the former one, who stays only for another open task or
    as the one who entered the request. The row is locked, since two tasks may change it."""
    if not _is_confidential(task):
        return
    query = select(ServiceRequest).where(ServiceRequest.id == task.request_id)
    lock = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    request = session().scalars(lock).one()
    kept = [one for one in request.named_users if one not in (before, after)]
    if before is not None and _stays_named(before, request):
        kept.append(before)
    request.named_users = list(dict.fromkeys([*kept, after]))


def _stays_named(user_id: int, request: ServiceRequest) -> bool:
    held = UserTask.assignee_id == user_id, UserTask.state == OPEN
    query = select(UserTask.id).where(UserTask.request_id == request.id, *held).limit(1)
    return request.created_by == user_id or session().scalar(query) is not None


def pass_on(task: UserTask, key: str, user: User | None, now: datetime) -> bool:
    """Give a task to a user, or back into the hands of the group of that key, as an escalation
    does; False when it is theirs already or they may not take it. The task is held."""
    if user is not None:
        if user.login in task.excluded_users or task.assignee_id == user.id:
            return False
        task.candidate_users = [*{*task.candidate_users, user.login}]
        before, task.assignee_id, task.claimed_at = task.assignee_id, user.id, now
        _name_on_request(task, before, user.id)
    else:
        if task.candidate_groups == [key]:
            return False
        task.candidate_groups, task.candidate_users = [key], []
        task.assignee_id, task.claimed_at = None, None
    task.draft, task.reassigned_at = None, now
    task.revision += 1
    return True


def colleagues(task: UserTask, actor: Actor) -> list[User]:
    """Who may be given this task: active staff of its groups or named by it, without the
    excluded. On a confidential request managers choose among all staff, and nobody else does."""
    if not actor.has(STAFF, MANAGER):
        raise Forbidden
    if _is_confidential(task) and not actor.is_trusted:
        return []
    query = select(User).where(
        User.is_active,
        User.roles.overlap([STAFF, MANAGER]),
        User.login.not_in(task.excluded_users),
    )
    if not _is_confidential(task) and (task.candidate_groups or task.candidate_users):
        in_group = User.groups.any(Group.key.in_(task.candidate_groups))
        query = query.where(or_(in_group, User.login.in_(task.candidate_users)))
    return list(session().scalars(query.order_by(User.login)))


def _no_such_person(actor: Actor) -> str:
    if actor.language == "en":
        return "Choose a colleague from the list."
    return "یکی از همکاران فهرست را برگزینید."
