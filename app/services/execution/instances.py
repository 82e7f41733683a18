"""One running process with all that waits in it, for programs and for whoever mends it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.orm import contains_eager, defer, joinedload

import bpmn
from app.access import Actor, may_see_request, requests_seen_by
from app.db import session
from app.errors import NoSuch
from app.models import (
    DueMoment,
    Fault,
    ProcessDefinition,
    ProcessInstance,
    ServiceJob,
    ServiceRequest,
    SignalSubscription,
    Subscription,
    UserTask,
)
from app.services.deployment import definitions
from app.services.execution import correlation as correlation_of
from app.services.execution import diagrams, faults, listening, processes, signals


@dataclass(frozen=True)
class InstanceView:
    """Where an instance stands and what it knows."""

    row: ProcessInstance
    variables: Mapping[str, Any]
    faults: Sequence[Fault]
    tasks: Sequence[UserTask]
    timers: Sequence[DueMoment]
    messages: Sequence[Subscription]
    signals: Sequence[SignalSubscription]
    called: Sequence[diagrams.CalledProcess] = ()
    places: Sequence[bpmn.Place] = ()
    activatable: Sequence[bpmn.Activatable] = ()


@dataclass(frozen=True)
class InstanceFilters:
    """What narrows the list; what is None narrows nothing."""

    process: str | None = None
    version: int | None = None
    state: str | None = None
    """``active`` (and not suspended), ``suspended``, ``completed`` or ``terminated``."""
    faulty: bool | None = None
    request: str | None = None
    element: str | None = None
    """Where a token stands."""


def list_page(
    actor: Actor, filters: InstanceFilters, *, after: int | None = None, limit: int = 50
) -> tuple[list[ProcessInstance], int | None]:
    """The instances that the actor may see, newest first, and the id after which to go on."""
    query = (
        select(ProcessInstance)
        .join(ProcessInstance.definition)
        .outerjoin(ProcessInstance.request)
        .options(
            contains_eager(ProcessInstance.definition), contains_eager(ProcessInstance.request),
            defer(ProcessInstance.state),
        )
        .where(or_(ProcessInstance.request_id.is_(None), requests_seen_by(actor)))
        .where(*_narrow(filters))
    )  # fmt: skip
    if after is not None:
        query = query.where(ProcessInstance.id < after)
    rows = list(session().scalars(query.order_by(ProcessInstance.id.desc()).limit(limit + 1)))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def _narrow(filters: InstanceFilters) -> Iterator[ColumnElement[bool]]:
    if filters.process:
        yield ProcessDefinition.key == filters.process
    if filters.version is not None:
        yield ProcessDefinition.version == filters.version
    if filters.state == "suspended":
        yield ProcessInstance.suspended_at.is_not(None)
    elif filters.state:
        yield ProcessInstance.status == filters.state
        yield ProcessInstance.suspended_at.is_(None)
    if filters.faulty is not None:
        yield ProcessInstance.has_fault.is_(filters.faulty)
    if filters.request:
        yield ServiceRequest.number == filters.request.strip().upper()
    if filters.element:
        yield _stands_at(filters.element)


def _stands_at(element: str) -> ColumnElement[bool]:
    """A token stands there, in the own process or in a called one."""
    path = "$.*.tokens[*] ? (@ == $element)"
    inside = func.jsonb_path_exists(
        ProcessInstance.called, cast(path, JSONPATH), cast({"element": element}, JSONB)
    )
    return or_(ProcessInstance.tokens.any_() == element, inside)


def find(instance_id: int, actor: Actor) -> ProcessInstance:
    """The instance with its definition and request; raises NoSuch for who may not see its
    request."""
    query = (
        select(ProcessInstance)
        .where(ProcessInstance.id == instance_id)
        .options(joinedload(ProcessInstance.definition), joinedload(ProcessInstance.request))
    )
    row = session().scalar(query)
    if row is None or (row.request is not None and not may_see_request(actor, row.request)):
        raise NoSuch(**processes.named(instance_id))
    return row


def view(instance_id: int, actor: Actor) -> InstanceView:
    """The whole of an instance; raises NoSuch."""
    row = find(instance_id, actor)
    outcome = processes.inspect(row)
    return InstanceView(
        row=row,
        variables=outcome.variables,
        places=outcome.places,
        activatable=outcome.activatable,
        faults=faults.of_instance(row.id),
        tasks=_open_tasks(row.id),
        timers=timers_of(row.id),
        messages=_subscriptions(row.id),
        called=diagrams.called_by(row),
        signals=signals.awaited_by(row.id),
    )


def start(
    key: str,
    variables: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    *,
    at: str | None = None,
) -> InstanceView:
    """A new instance of the newest version under that key, without a request.

    It begins at the plain start event, or at the one named by ``at``.
    """
    row = processes.start(definitions.latest(key), variables, actor, now, at=at)
    return view(row.id, actor)


def retry_fault(
    instance_id: int, fault_id: int, variables: Mapping[str, Any], actor: Actor, now: datetime
) -> InstanceView:
    """Try a fault of this instance again; raises NoSuch when it is another's."""
    _check_fault(instance_id, fault_id)
    faults.retry(fault_id, variables, actor, now)
    return view(instance_id, actor)


def skip_fault(
    instance_id: int,
    fault_id: int,
    variables: Mapping[str, Any],
    flow: str | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> InstanceView:
    """Take a faulted element of this instance as done; raises NoSuch when it is another's."""
    _check_fault(instance_id, fault_id)
    faults.skip(fault_id, variables, actor, now, flow=flow, reason=reason)
    return view(instance_id, actor)


def _check_fault(instance_id: int, fault_id: int) -> None:
    if faults.find(fault_id).instance_id != instance_id:
        raise faults.no_such(fault_id)


def send_message(
    instance_id: int,
    name: str,
    correlation: str,
    variables: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> InstanceView:
    """Give a message to this instance; raises NothingWaits when it does not wait for it, and
    Forbidden for words that only the customer may say."""
    correlation_of.check_may_tell(find(instance_id, actor), name, actor)
    if not listening.deliver_to(instance_id, name, correlation, variables, actor, now):
        raise listening.NothingWaits(name=name[:80])
    return view(instance_id, actor)


def _open_tasks(instance_id: int) -> list[UserTask]:
    query = (
        select(UserTask)
        .where(UserTask.instance_id == instance_id, UserTask.state == "open")
        .options(joinedload(UserTask.request), joinedload(UserTask.assignee))
    )
    return list(session().scalars(query.order_by(UserTask.id)))


def timers_of(instance_id: int) -> list[DueMoment]:
    """The moments that an instance waits for, the next one first."""
    query = select(DueMoment).where(DueMoment.instance_id == instance_id)
    return list(session().scalars(query.order_by(DueMoment.due_at, DueMoment.id)))


def jobs_of(instance_id: int) -> list[ServiceJob]:
    """The service tasks that are still to be done, oldest first; one that failed is a fault."""
    query = select(ServiceJob).where(
        ServiceJob.instance_id == instance_id, ServiceJob.state.in_(("queued", "waiting"))
    )
    return list(session().scalars(query.order_by(ServiceJob.id)))


def _subscriptions(instance_id: int) -> list[Subscription]:
    query = select(Subscription).where(Subscription.instance_id == instance_id)
    return list(session().scalars(query.order_by(Subscription.id)))
