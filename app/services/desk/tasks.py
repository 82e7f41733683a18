"""User tasks: what the desk does with the steps that wait for a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import joinedload

import bpmn
from app.access import Actor, is_excluded, may_see_task
from app.db import session
from app.errors import Excluded, Invalid, TaskClosed, TaskDone, TaskNotYours, TaskTaken
from app.models import ProcessInstance, ServiceRequest, User, UserTask
from app.services.deployment import definitions
from app.services.desk.task_changes import COMPLETED, OPEN, check_open, held, locked, no_task, note
from app.services.execution import diagrams, form_data, form_references, processes, votes


def find(task_id: int, actor: Actor) -> UserTask:
    """The task with its request, customer and owner; raises NoSuch for who may not see it."""
    task = session().scalar(_FIND, {"task_id": task_id})
    if task is None or not may_see_task(actor, task):
        raise no_task(task_id)
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
    check_open(task)
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
        check_open(task)
        if task.assignee_id == actor.id:
            return task
        raise TaskTaken(holder=_name(task.assignee, actor))
    note("task_claimed", task, actor, now)
    return task


def unclaim(task_id: int, actor: Actor, now: datetime) -> UserTask:
    """Give the task back to its group; only its owner or who oversees may."""
    task = locked(task_id, actor)
    check_open(task)
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
    note("task_released", task, actor, now)


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


def save_draft(task_id: int, data: Mapping[str, Any], actor: Actor, now: datetime) -> UserTask:
    """Keep what is filled in so far, unchecked, for the owner to go on later.

    Who begins an unclaimed task claims it by that, so that no two write into one draft.
    """
    task = locked(task_id, actor)
    check_open(task)
    _check_owner(task, actor)
    if task.assignee_id is None:
        task.assignee_id, task.claimed_at = actor.id, now
        note("task_claimed", task, actor, now)
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
    instance, task, standing = held(task_id, actor)
    if task.completed_by is not None and task.completed_by == actor.id:
        raise TaskDone
    check_open(task)
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
    waiting = bpmn.by_key(outcome.user_tasks).get(key)
    return dict(waiting.variables) if waiting else {}


def stages_of(task: UserTask) -> tuple[bpmn.StageLabel, ...]:
    """The stages that the customer sees, in order."""
    instance = processes.find(task.instance_id)
    return definitions.load(instance.definition_id).stages


def _name(user: User | None, actor: Actor) -> str:
    names = user.names if user else {}
    return names.get(actor.language or "fa") or next(iter(names.values()), "?")
