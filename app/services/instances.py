"""One running process with all that waits in it, for programs and for whoever mends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.access import Actor, may_see_request
from app.db import session
from app.errors import NotFound
from app.models import Fault, ProcessInstance, Subscription, Timer, UserTask
from app.services import definitions, faults, messages, processes


@dataclass(frozen=True)
class InstanceView:
    """Where an instance stands and what it knows."""

    row: ProcessInstance
    variables: Mapping[str, Any]
    faults: Sequence[Fault]
    tasks: Sequence[UserTask]
    timers: Sequence[Timer]
    messages: Sequence[Subscription]


def find(instance_id: int, actor: Actor) -> ProcessInstance:
    """The instance with its definition and request; raises NotFound for who may not see its
    request."""
    query = (
        select(ProcessInstance)
        .where(ProcessInstance.id == instance_id)
        .options(joinedload(ProcessInstance.definition), joinedload(ProcessInstance.request))
    )
    row = session().scalar(query)
    if row is None or (row.request is not None and not may_see_request(actor, row.request)):
        raise NotFound
    return row


def view(instance_id: int, actor: Actor) -> InstanceView:
    """The whole of an instance; raises NotFound."""
    row = find(instance_id, actor)
    return InstanceView(
        row=row,
        variables=processes.inspect(row).variables,
        faults=faults.of_instance(row.id),
        tasks=_open_tasks(row.id),
        timers=_timers(row.id),
        messages=_subscriptions(row.id),
    )


def start(key: str, variables: Mapping[str, Any], actor: Actor, now: datetime) -> InstanceView:
    """A new instance of the newest version under that key, without a request."""
    row = processes.start(definitions.latest(key), variables, actor, now)
    return view(row.id, actor)


def retry_fault(
    instance_id: int, fault_id: int, variables: Mapping[str, Any], actor: Actor, now: datetime
) -> InstanceView:
    """Try a fault of this instance again; raises NotFound when it is another's."""
    known = select(Fault.id).where(Fault.id == fault_id, Fault.instance_id == instance_id)
    if session().scalar(known) is None:
        raise NotFound
    faults.retry(fault_id, variables, actor, now)
    return view(instance_id, actor)


def send_message(
    instance_id: int,
    name: str,
    correlation: str,
    variables: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> InstanceView:
    """Give a message to this instance; raises NothingAsked when it does not wait for it."""
    find(instance_id, actor)
    if not messages.deliver_to(instance_id, name, correlation, variables, actor, now):
        raise messages.NothingAsked
    return view(instance_id, actor)


def _open_tasks(instance_id: int) -> list[UserTask]:
    query = (
        select(UserTask)
        .where(UserTask.instance_id == instance_id, UserTask.state == "open")
        .options(joinedload(UserTask.request), joinedload(UserTask.assignee))
    )
    return list(session().scalars(query.order_by(UserTask.id)))


def _timers(instance_id: int) -> list[Timer]:
    query = select(Timer).where(Timer.instance_id == instance_id)
    return list(session().scalars(query.order_by(Timer.due_at, Timer.id)))


def _subscriptions(instance_id: int) -> list[Subscription]:
    query = select(Subscription).where(Subscription.instance_id == instance_id)
    return list(session().scalars(query.order_by(Subscription.id)))
