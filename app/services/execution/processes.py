"""Running processes: one lock, one engine step, one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm.attributes import set_committed_value

import bpmn
from app.access import Actor
from app.db import session
from app.errors import Conflict, Invalid, NoSuch, OperationRefused
from app.held_back import hold_back
from app.models import (
    Event,
    ProcessDefinition,
    ProcessInstance,
    ServiceJob,
    ServiceRequest,
    UserTask,
)
from app.objects import adopt, columns_of, read
from app.saving import Added, insert, save
from app.services.casework import case
from app.services.deployment import definitions, start_events
from app.services.execution import broadcasts, diagrams, first_instances, open_rows, projections
from app.services.service_levels import working_time
from app.services.service_levels.clock_rows import Changes
from app.services.texts import told_to


class InstanceEnded(Conflict):
    """This process has already ended; nothing was changed."""

    fa = "این فرایند پیش‌تر پایان یافته است؛ چیزی تغییر نکرد."


class InstanceSuspended(Conflict):
    """This process is suspended and goes on when it is resumed; nothing was changed."""

    fa = "این فرایند متوقف است و پس از ازسرگیری ادامه می‌یابد؛ چیزی تغییر نکرد."


BY_HAND = (
    bpmn.RetryFault, bpmn.SkipFault, bpmn.SetVariables, bpmn.MoveToken, bpmn.Terminate,
)  # fmt: skip
"""What an operator does may be done to a suspended instance, too: to mend it, it was stopped."""


def start(
    definition_row: ProcessDefinition,
    variables: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    *,
    request: ServiceRequest | None = None,
    at: str | None = None,
    told: Mapping[str, Any] | None = None,
    begun: Changes | None = None,
) -> ProcessInstance:
    """A new instance of that version, brought to where it waits first.

    It begins at the start event ``at``, else at the plain one; ``told`` says why in its history.
    ``begun`` are the clocks of a new request, all of them, which are written with this step.
    """
    found = diagrams.Diagrams(definition_row.id, {}, now)
    pinned = definitions.pin_decisions(found.own)
    try:
        outcome = bpmn.start(
            found.own,
            variables,
            now,
            decisions=definitions.load_decisions(pinned),
            functions=working_time.functions(now),
            at=at,
            deployed=found,
        )
    except bpmn.BadVariables as error:
        raise Invalid({"variables": [told_to(actor, error)]}) from error
    except bpmn.NoSuchStart as error:
        raise Invalid({"at": [start_events.tell(found.own, actor.language)]}) from error
    instance = ProcessInstance(
        definition_id=definition_row.id,
        decisions=pinned,
        called=found.called,
        request_id=request.id if request else None,
        status=outcome.status,
        state=outcome.state,
        engine_version=bpmn.ENGINE_VERSION,
        tokens=[],
        has_fault=False,
        revision=0,
        started_at=now,
        suspended_at=None,
        ended_at=None,
    )
    insert(instance)
    set_committed_value(instance, "request", request)
    facts = {"kind": "start", "process": found.own.key, "version": definition_row.version}
    cause = {**facts, **(told or {})}
    standing = open_rows.EMPTY if request else open_rows.ALONE
    if begun is not None:
        first_instances.note(instance)
        standing = replace(standing, clocks=tuple(begun.new))
    _settle(instance, found, outcome, standing, cause, actor, now, changes=begun)
    return instance


def lock(instance_id: int) -> ProcessInstance:
    """The instance, locked until the transaction ends, with its request; raises NoSuch.

    The request is read after the lock is held: what another step made of it meanwhile counts.
    """
    instance = locked(_LOCK, {"id": instance_id})
    if instance is None:
        raise NoSuch(**named(instance_id))
    if instance.request_id is not None:
        [(request,)] = read(_REQUEST, {"id": instance.request_id}, ServiceRequest)
        set_committed_value(instance, "request", request)
    return instance


_REQUEST = select(*columns_of(ServiceRequest)).where(ServiceRequest.id == bindparam("id"))


def hold(instance_id: int) -> tuple[ProcessInstance, open_rows.Standing]:
    """The same as ``lock`` with what the tables hold for the instance, for who is about to take
    a step: the clocks are locked, too."""
    found = read(_HELD, {"id": instance_id}, ProcessInstance, ServiceRequest, behind=_LOCK_ALONE)
    if not found:
        raise NoSuch(**named(instance_id))
    [(instance, request, first, *parts)] = found
    set_committed_value(instance, "request", request)
    if first == instance_id:
        first_instances.note(instance)
    return instance, open_rows.found_beside(instance, parts)


def locked(question: Select[Any], values: Mapping[str, Any]) -> ProcessInstance | None:
    """The instance that a question of ``locking`` finds, as it is once the lock is held."""
    found = read(question, values, ProcessInstance)
    return found[0][0] if found else None


def locking(condition: ColumnElement[bool], *, alone: bool = False) -> Select[Any]:
    """The question for one instance that locks it until the transaction ends; ``alone`` for its
    id, where another question reads it behind the lock.

    It is not the strongest lock: rows that merely refer to the instance, such as the event of
    a claim, need not wait for the step, so that the two never wait for each other crosswise.
    """
    columns = [ProcessInstance.id] if alone else columns_of(ProcessInstance)
    query = select(*columns).where(condition)
    return query.with_for_update(of=ProcessInstance, key_share=True)


_THIS = ProcessInstance.id == bindparam("id")
_LOCK, _LOCK_ALONE = locking(_THIS), locking(_THIS, alone=True)


_HELD = (
    select(*columns_of(ProcessInstance, ServiceRequest))
    .add_columns(first_instances.OF_INSTANCE, *open_rows.parts_beside())
    .outerjoin(ServiceRequest, ServiceRequest.id == ProcessInstance.request_id)
    .where(_THIS)
)
"""Asked behind the lock of the instance: what is written of it then, all of it is seen."""


class Reading(NamedTuple):
    """A locked instance as its state tells it, for who looks at it before its next step."""

    found: diagrams.Diagrams
    stored: bpmn.Stored


def read_state(instance: ProcessInstance) -> Reading:
    """What the state of a locked instance holds, for ``advance``."""
    found = diagrams.of(instance)
    return Reading(found, bpmn.read(found.own, instance.state, deployed=found))


def inputs_at(instance: ProcessInstance, key: str) -> Mapping[str, Any]:
    """What the service task that waits under a key sees, for who changes nothing in it. What was
    read for this serves the next step, if the state is the same by then."""
    known = _last_of(instance)
    if known is not None:
        return next((item.inputs for item in known.jobs if item.key == key), {})
    reading = read_state(instance)
    session().info[_READ] = (instance.id, instance.definition_id, instance.state, reading)
    return reading.stored.inputs_at(key)


def _read_before(instance: ProcessInstance) -> Reading | None:
    """What ``inputs_at`` has read of the very state that the instance has now; had once."""
    *of, reading = session().info.pop(_READ, (None, None, None, None))
    same = of == [instance.id, instance.definition_id, instance.state]
    return reading if same else None


_READ = "read before"
"""Under which the session keeps it."""


def advance(
    instance: ProcessInstance,
    command: bpmn.Command,
    cause: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    *,
    noted: Sequence[dict[str, Any]] = (),
    reading: Reading | None = None,
    standing: open_rows.Standing | None = None,
) -> None:
    """Take one step of a locked instance and write all that follows from it.

    ``noted`` are history entries of what led to the step. The row of the task or job that the
    command completes may still be unwritten: it goes out with the step. ``reading`` is what the
    caller has read of the state since the instance was locked, ``standing`` of its rows.

    Raises InstanceEnded, InstanceSuspended, Invalid for variables that JSON cannot hold,
    OperationRefused for what an operator cannot do there, and ``bpmn.UnknownKey`` when the
    command's key no longer waits.
    """
    if instance.status != "active":
        raise InstanceEnded
    if instance.suspended_at is not None and not isinstance(command, BY_HAND):
        raise InstanceSuspended
    reading = reading or _read_before(instance)
    found, stored = reading or (diagrams.of(instance), instance.state)
    try:
        outcome = bpmn.step(
            found.own,
            stored,
            command,
            now,
            decisions=definitions.load_decisions(instance.decisions),
            functions=working_time.functions(now),
            deployed=found,
        )
    except bpmn.BadVariables as error:
        raise Invalid({"variables": [told_to(actor, error)]}) from error
    except bpmn.CannotOperate as error:
        raise OperationRefused(**error.texts) from error
    ending = command.key if isinstance(command, bpmn.CompleteTask | bpmn.CompleteJob) else None
    if standing is None:
        standing = open_rows.read(instance.id, request_id=instance.request_id)
    standing = open_rows.without(standing, ending)
    _settle(instance, found, outcome, standing, cause, actor, now, noted)


def _settle(
    instance: ProcessInstance,
    found: diagrams.Diagrams,
    outcome: bpmn.Outcome,
    standing: open_rows.Standing,
    cause: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    noted: Sequence[dict[str, Any]] = (),
    changes: Changes | None = None,
) -> None:
    instance.state, instance.status = outcome.state, outcome.status
    instance.engine_version = bpmn.ENGINE_VERSION
    instance.tokens, instance.has_fault = found.stand(outcome), bool(outcome.faults)
    instance.called = found.called
    instance.revision += 1
    if outcome.status != "active":
        instance.ended_at, instance.suspended_at = now, None
    added = projections.save(instance, found, outcome, standing, actor.id, now)
    queued = projections.save_jobs(instance.id, found, outcome, standing, now)
    stopped = broadcasts.send_all(outcome.thrown, instance.id, cause, now)
    fresh = [row["key"] for model, rows in added if model is UserTask for row in rows]
    changes = Changes(now) if changes is None else changes
    entries = case.follow(
        instance, found, outcome, cause, actor, now,
        clocks=standing.clocks, fresh=fresh, changes=changes,
    )  # fmt: skip
    entries += case.tell_stopped(instance, stopped, now)
    written: list[Added] = [*added, (ServiceJob, queued), (Event, [*noted, *entries])]
    gone = projections.removed(outcome, standing)
    ids = _write(written, gone, changes, queued, standing)
    last = replace(outcome, trace=(), end_elements=(), thrown=())
    notes = session().info
    notes[_LAST] = (instance.id, instance.definition_id, last)
    notes[_QUEUED] = (instance.id, instance.revision, None if standing.jobs else (ids, queued))


def _write(
    written: Sequence[Added],
    gone: projections.Removed,
    changes: Changes,
    queued: list[dict[str, Any]],
    standing: open_rows.Standing,
) -> list[int]:
    """Write the step; the ids of the service tasks that it queued. That of a single one, which
    who settles will begin at once, is known beforehand, and what begins it is written with it."""
    if standing.next_job is not None and len(queued) == 1 and not standing.jobs:
        queued[0]["id"] = standing.next_job
        if hold_back(written, gone, changes.part()):
            return [standing.next_job]
    return save(written, gone, ids_of=ServiceJob if queued else None, besides=changes.part())


_LAST = "last outcome"
"""Under which the session keeps what was true after its last step, without what happened in it."""
_QUEUED = "queued last"
"""Under which it keeps the service tasks that this step has queued, if no others stand."""


def queued_alone(instance: ProcessInstance) -> list[ServiceJob] | None:
    """The service tasks of the instance, when all that stand were queued by the step that this
    transaction has just taken; None when others stand, of which the tables must be asked."""
    of, revision, found = session().info.get(_QUEUED, (None, None, None))
    if found is None or (of, revision) != (instance.id, instance.revision):
        return None
    return [
        adopt(ServiceJob, {**_QUEUED_NOW, **row, "id": row_id})
        for row_id, row in zip(*found, strict=True)
    ]


_QUEUED_NOW = {"taken_by": None, "next_attempt_at": None, "ended_at": None}


def find(instance_id: int) -> ProcessInstance:
    """The instance of that id; raises NoSuch."""
    instance = session().get(ProcessInstance, instance_id)
    if instance is None:
        raise NoSuch(**named(instance_id))
    return instance


def of_request(request_id: int) -> list[ProcessInstance]:
    """The instances of a request, oldest first."""
    query = select(ProcessInstance).where(ProcessInstance.request_id == request_id)
    return list(session().scalars(query.order_by(ProcessInstance.id)))


def inspect(instance: ProcessInstance) -> bpmn.Outcome:
    """Where the instance stands and what it knows, read from its state without a step.

    After a step of this session it is known already.
    """
    known = _last_of(instance)
    if known is not None:
        return known
    found = diagrams.of(instance)
    return bpmn.inspect(found.own, instance.state, deployed=found)


def _last_of(instance: ProcessInstance) -> bpmn.Outcome | None:
    """What the last step of this session told, if it was the last one of this instance."""
    instance_id, version, last = session().info.get(_LAST, (None, None, None))
    if (instance_id, version) != (instance.id, instance.definition_id):
        return None
    known: bpmn.Outcome = last
    return known if known.state == instance.state else None


def named(instance_id: int) -> dict[str, str]:
    """An instance in words, for an error that says that there is none."""
    return {"en": f"process instance {instance_id}", "fa": f"فرایند در جریان {instance_id}"}
