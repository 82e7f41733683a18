"""What every change of a user task begins and ends with: its row, locked in the one order that all
keep, whether it is still open, and the line in the history."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, select
from sqlalchemy.orm.attributes import set_committed_value

from app.access import Actor, may_see_task
from app.db import run, session
from app.errors import NoSuch, TaskClosed
from app.models import ProcessInstance, ServiceRequest, UserTask
from app.objects import columns_of, read
from app.services import history
from app.services.execution import open_rows, processes

OPEN, COMPLETED = "open", "completed"


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


def held(task_id: int, actor: Actor) -> tuple[ProcessInstance, UserTask, open_rows.Standing]:
    """The instance, locked, with the task and all that stands open, which is read at once."""
    models = (ProcessInstance, UserTask, ServiceRequest)
    found = read(_HELD, {"task_id": task_id}, *models, behind=_LOCK_OWNER)
    if not found:
        raise no_task(task_id)
    [(instance, task, request, *parts)] = found
    set_committed_value(task, "request", request)
    set_committed_value(instance, "request", request)
    if not may_see_task(actor, task):
        raise no_task(task_id)
    return instance, task, open_rows.found_beside(instance, parts)


def locked_with_instance(task_id: int, actor: Actor) -> UserTask:
    """The task, locked after its instance: the order that every step keeps, so that two steps
    never wait for each other."""
    if not run(_LOCK_OWNER, {"task_id": task_id}).all():
        raise no_task(task_id)
    return locked(task_id, actor)


_TASK_ID = bindparam("task_id", type_=BigInteger)
_LOCK_OWNER = processes.locking(
    ProcessInstance.id
    == select(UserTask.instance_id).where(UserTask.id == _TASK_ID).scalar_subquery(),
    alone=True,
)


def locked(task_id: int, actor: Actor) -> UserTask:
    """The task as it is now, alone, for what changes nothing else; raises NoSuch."""
    found = read(_LOCK, {"task_id": task_id}, UserTask, ServiceRequest)
    if not found:
        raise no_task(task_id)
    task: UserTask = found[0][0]
    set_committed_value(task, "request", found[0][1])
    if not may_see_task(actor, task):
        raise no_task(task_id)
    return task


_READ = (
    select(*columns_of(UserTask, ServiceRequest))
    .outerjoin(ServiceRequest, ServiceRequest.id == UserTask.request_id)
    .where(UserTask.id == _TASK_ID)
)
_LOCK = _READ.with_for_update(of=UserTask, key_share=True)
_HELD = (
    select(*columns_of(ProcessInstance, UserTask, ServiceRequest), *open_rows.parts_beside())
    .join(UserTask, UserTask.instance_id == ProcessInstance.id)
    .outerjoin(ServiceRequest, ServiceRequest.id == UserTask.request_id)
    .where(UserTask.id == _TASK_ID)
)


def no_task(task_id: int) -> NoSuch:
    """What to raise for a task that is not there, or not for who asks."""
    return NoSuch(en=f"task {task_id}", fa=f"کار {task_id}")


def check_open(task: UserTask) -> None:
    """Raise TaskClosed for one that is done or waits no longer."""
    if task.state != OPEN:
        raise TaskClosed


def note(kind: str, task: UserTask, actor: Actor, now: datetime, **data: Any) -> None:
    """Write into the history what somebody did to the task."""
    history.note(
        kind,
        actor,
        now,
        request_id=task.request_id,
        instance_id=task.instance_id,
        element=task.element,
        data={"task": task.id, "names": task.names, **data},
    )
