"""User tasks: what the desk does with the steps that wait for a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, or_, select, update
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

import bpmn
from app.access import MANAGER, STAFF, Actor, is_excluded, may_see_task
from app.db import columns_of, read, session
from app.errors import (
    Excluded,
    Forbidden,
    Invalid,
    NoSuch,
    TaskClosed,
    TaskDone,
    TaskNotYours,
    TaskTaken,
)
from app.models import Group, ProcessInstance, ServiceRequest, User, UserTask
from app.services import (
    definitions,
    diagrams,
    form_data,
    form_references,
    history,
    processes,
    projections,
    votes,
)

OPEN, COMPLETED = "open", "completed"


def find(task_id: int, actor: Actor) -> UserTask:
    """The task with its request, customer and owner; raises NoSuch for who may not see it."""
    task = session().scalar(_FIND, {"task_id": task_id})
    if task is None or not may_see_task(actor, task):
        raise _no_task(task_id)
    return task


_FIND = (
    select(UserTask)
    .where(UserTask.id == bindparam("task_id"))
    .options(
        joinedload(UserTask.request).joinedload(ServiceRequest.customer),
        joinedload(UserTask.assignee),
    )
)


def claim(task_id: int, actor: Actor, now: datetime) -> UserTask:
    """Make the actor its owner; raises TaskTaken, TaskClosed or Excluded. Claiming twice is one.

    The condition stands in the UPDATE itself, so of two people who claim at once exactly one
    finds the row unclaimed.
    """
    task = find(task_id, actor)
    _check_open(task)
    if is_excluded(actor, task):
        raise Excluded
    if task.assignee_id == actor.id:
        return task
    won = session().execute(
        update(UserTask)
        .where(UserTask.id == task_id, UserTask.assignee_id.is_(None), UserTask.state == OPEN)
        .values(assignee_id=actor.id, claimed_at=now, revision=UserTask.revision + 1)
        .returning(UserTask.id)
        .execution_options(synchronize_session=False)
    )
    claimed = won.first() is not None
    session().refresh(task)
    if not claimed:
        _check_open(task)
        if task.assignee_id == actor.id:
            return task
        raise TaskTaken(holder=_name(task.assignee, actor))
    _note("task_claimed", task, actor, now)
    return task


def unclaim(task_id: int, actor: Actor, now: datetime) -> UserTask:
    """Give the task back to its group; only its owner or who oversees may."""
    task = _locked(task_id, actor)
    _check_open(task)
    if task.assignee_id is None:
        return task
    if task.assignee_id != actor.id and not actor.oversees:
        raise TaskNotYours
    _release(task, actor, now)
    return task


def _release(task: UserTask, actor: Actor, now: datetime) -> None:
    """Nobody's again; what the owner had begun goes, since it was theirs."""
    task.assignee_id, task.claimed_at, task.draft = None, None, None
    task.revision += 1
    _note("task_released", task, actor, now)


def release_all(user: User, actor: Actor, now: datetime) -> int:
    """Give back every open task of a user who can do no more; how many there were."""
    query = (
        select(UserTask)
        .where(UserTask.assignee_id == user.id, UserTask.state == OPEN)
        .order_by(UserTask.id)
        .with_for_update(key_share=True)
    )
    held = list(session().scalars(query))
    for task in held:
        _release(task, actor, now)
    return len(held)


def assign(task_id: int, login: str, actor: Actor, now: datetime) -> UserTask:
    """Give the task to one of its ``colleagues``; its owner or who oversees may.

    On a confidential request only managers may: the colleague is thereby named and may see it,
    and who held the task before is named no longer (ISO 10002 4.8).
    """
    _locked_with_instance(task_id, actor)
    task = _locked(task_id, actor)
    _check_open(task)
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
    _note("task_assigned", task, actor, now, to=user.names, login=user.login)
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


def open_of(
    instance_ids: Collection[int], instance_id: int | None, key: str | None
) -> list[UserTask]:
    """The open tasks of these instances, or the one of that key alone, oldest first."""
    return list(session().scalars(_open_of(instance_ids, instance_id, key)))


def held_of(
    instance_ids: Collection[int], instance_id: int | None, key: str | None
) -> list[UserTask]:
    """The same as they stand now, locked until the transaction ends, so that nobody claims one
    of them or goes on with a draft meanwhile."""
    query = _open_of(instance_ids, instance_id, key).with_for_update(key_share=True)
    return list(session().scalars(query.execution_options(populate_existing=True)))


def _open_of(
    instance_ids: Collection[int], instance_id: int | None, key: str | None
) -> Select[UserTask]:
    query = select(UserTask).where(UserTask.state == OPEN, UserTask.instance_id.in_(instance_ids))
    if key is not None:
        query = query.where(UserTask.instance_id == instance_id, UserTask.key == key)
    return query.order_by(UserTask.id)


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


def save_draft(task_id: int, data: Mapping[str, Any], actor: Actor, now: datetime) -> UserTask:
    """Keep what is filled in so far, unchecked, for the owner to go on later.

    Who begins an unclaimed task claims it by that, so that no two write into one draft.
    """
    task = _locked(task_id, actor)
    _check_open(task)
    _check_owner(task, actor)
    if task.assignee_id is None:
        task.assignee_id, task.claimed_at = actor.id, now
        _note("task_claimed", task, actor, now)
    task.draft = dict(data)
    task.revision += 1
    return task


def complete(
    task_id: int, data: Mapping[str, Any], actor: Actor, now: datetime, *, language: str
) -> UserTask:
    """Finish the task and take the process on.

    An unclaimed task is claimed by completing it. Raises TaskClosed when it is finished
    already (TaskDone when by the actor), TaskNotYours when it is another's, Invalid with a
    message for each wrong field.
    """
    instance, task, standing = _held(task_id, actor)
    if task.completed_by is not None and task.completed_by == actor.id:
        raise TaskDone
    _check_open(task)
    _check_owner(task, actor)
    clean, reading = _check(instance, task, data, language, now)
    task.state, task.ended_at, task.completed_by = COMPLETED, now, actor.id
    task.assignee_id = task.assignee_id or actor.id
    task.data, task.draft = clean, None
    task.revision += 1
    cause = {
        "kind": "task_completed",
        "task": task.id,
        "element": task.element,
        "names": task.names,
    }
    try:
        command = bpmn.CompleteTask(task.key, clean, actor.login)
        processes.advance(instance, command, cause, actor, now, reading=reading, standing=standing)
    except bpmn.UnknownKey as error:
        raise TaskClosed from error
    votes.cast(task, diagrams.of(instance), actor.login)
    return task


def _held(task_id: int, actor: Actor) -> tuple[ProcessInstance, UserTask, projections.Standing]:
    """The same with what stands open for the instance, read at once with the task."""
    instance = processes.locked(_LOCK_OWNER, {"task_id": task_id})
    if instance is None:
        raise _no_task(task_id)
    wanted = {
        "task_id": task_id, "instance_id": instance.id, "request_id": instance.request_id,
    }  # fmt: skip
    question = _READ_ALONE if instance.request_id is None else _READ_OF_REQUEST
    task, request, *parts = read(question, wanted, UserTask, ServiceRequest)[0]
    set_committed_value(task, "request", request)
    set_committed_value(instance, "request", request)
    if not may_see_task(actor, task):
        raise _no_task(task_id)
    return instance, task, projections.standing_of(parts)


def _locked_with_instance(task_id: int, actor: Actor) -> tuple[ProcessInstance, UserTask]:
    """The instance is locked before the task, the order that every step keeps, so that two
    steps never wait for each other."""
    instance = processes.locked(_LOCK_OWNER, {"task_id": task_id})
    if instance is None:
        raise _no_task(task_id)
    task = _fresh(task_id)
    if not may_see_task(actor, task):
        raise _no_task(task_id)
    set_committed_value(instance, "request", task.request)
    return instance, task


_LOCK_OWNER = processes.locking(
    ProcessInstance.id
    == select(UserTask.instance_id).where(UserTask.id == bindparam("task_id")).scalar_subquery()
)


def _locked(task_id: int, actor: Actor) -> UserTask:
    task = _fresh(task_id, lock=True)
    if not may_see_task(actor, task):
        raise _no_task(task_id)
    return task


def _fresh(task_id: int, *, lock: bool = False) -> UserTask:
    question = _LOCK if lock else _READ
    found = read(question, {"task_id": task_id}, UserTask, ServiceRequest)
    if not found:
        raise _no_task(task_id)
    task: UserTask = found[0][0]
    set_committed_value(task, "request", found[0][1])
    return task


_READ = (
    select(*columns_of(UserTask, ServiceRequest))
    .outerjoin(ServiceRequest, ServiceRequest.id == UserTask.request_id)
    .where(UserTask.id == bindparam("task_id"))
)
_LOCK = _READ.with_for_update(of=UserTask, key_share=True)
_READ_OF_REQUEST = _READ.add_columns(*projections.parts_of(request=True))
_READ_ALONE = _READ.add_columns(*projections.parts_of(request=False))


def _no_task(task_id: int) -> NoSuch:
    return NoSuch(en=f"task {task_id}", fa=f"کار {task_id}")


def _check_open(task: UserTask) -> None:
    if task.state != OPEN:
        raise TaskClosed


def _check_owner(task: UserTask, actor: Actor) -> None:
    if is_excluded(actor, task):
        raise Excluded
    if task.assignee_id is not None and task.assignee_id != actor.id:
        raise TaskNotYours


def _check(
    instance: ProcessInstance,
    task: UserTask,
    data: Mapping[str, Any],
    language: str,
    now: datetime,
) -> tuple[dict[str, Any], processes.Reading | None]:
    """The clean answers, and what had to be read of the instance for them."""
    if task.form is None:
        return dict(data), None
    form, reading, known = form_data.find(task.form), None, {}
    if form_data.has_conditions(form):
        reading = processes.read_state(instance)
        known = reading.stored.variables_at(task.key)
    clean, errors = form_data.check(form, data, language, now, known)
    errors = errors or form_references.check(form, clean, task.request, language)
    if errors:
        raise Invalid(errors)
    return clean, reading


def draft_of(task: UserTask, actor: Actor) -> dict[str, Any] | None:
    """What its owner has filled in so far; nobody else reads it."""
    return task.draft if task.assignee_id == actor.id else None


def finished(request_id: int) -> list[tuple[UserTask, User]]:
    """The finished tasks of a request with who finished each, in that order."""
    query = (
        select(UserTask, User)
        .join(User, User.id == UserTask.completed_by)
        .where(UserTask.request_id == request_id, UserTask.state == COMPLETED)
        .order_by(UserTask.ended_at, UserTask.id)
    )
    return [(task, user) for task, user in session().execute(query)]


def shown_data(task: UserTask) -> dict[str, Any]:
    """What the person sees: the process's variables at this task, for a finished one what was
    submitted."""
    if task.state != OPEN:
        return dict(task.data or {})
    return _variables(processes.find(task.instance_id), task.key)


def _variables(instance: ProcessInstance, key: str) -> dict[str, Any]:
    outcome = processes.inspect(instance)
    waiting = next((item for item in outcome.user_tasks if item.key == key), None)
    return dict(waiting.variables) if waiting else {}


def stages_of(task: UserTask) -> tuple[bpmn.StageLabel, ...]:
    """The stages that the customer sees, in order."""
    instance = processes.find(task.instance_id)
    return definitions.load(instance.definition_id).stages


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


def _name(user: User | None, actor: Actor) -> str:
    names = user.names if user else {}
    return names.get(actor.language or "fa") or next(iter(names.values()), "?")


def _no_such_person(actor: Actor) -> str:
    if actor.language == "en":
        return "Choose a colleague from the list."
    return "یکی از همکاران فهرست را برگزینید."


def _note(kind: str, task: UserTask, actor: Actor, now: datetime, **data: Any) -> None:
    history.note(
        kind,
        actor,
        now,
        request_id=task.request_id,
        instance_id=task.instance_id,
        element=task.element,
        data={"task": task.id, "names": task.names, **data},
    )
