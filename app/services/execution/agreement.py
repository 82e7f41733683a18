"""Whether the tables say of an instance what the engine's state says, and how to mend them.

The state is the truth (decisions.md, 5); tasks, timers, subscriptions, jobs and faults are told
from it. What people added to a row (who claimed it, the draft, its due moment) is no part of
the comparison and is never touched by the mending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, true, update

import bpmn
from app.access import Actor
from app.db import session
from app.models import (
    Delivery,
    DueMoment,
    Event,
    Fault,
    ProcessInstance,
    ServiceJob,
    SignalSubscription,
    Subscription,
    UserTask,
)
from app.saving import save
from app.services import history
from app.services.desk import task_titles
from app.services.execution import broadcasts, diagrams, held, open_rows, processes, projections

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """One thing that a table says otherwise than the state."""

    table: str
    key: str
    """The engine's key; a column's name in the instance's own row."""
    kind: str
    """``missing``, ``surplus`` or ``differs``."""
    detail: str = ""

    def __str__(self) -> str:
        """The difference in words."""
        said = {"missing": "is missing", "surplus": "is one too many"}.get(self.kind, self.detail)
        return f"{self.table} {self.key} {said}"


@dataclass(frozen=True)
class _Side:
    """One table: which of its rows are open, and what the state says that they hold."""

    name: str
    model: Any
    is_open: ColumnElement[bool]
    waiting: Callable[[bpmn.Outcome], Sequence[Any]]
    facts: Callable[[diagrams.Diagrams, Any], Facts]


def _task(found: diagrams.Diagrams, task: bpmn.WaitingTask) -> Facts:
    return {
        **_place(found, task),
        "names": task_titles.names_of(found, task),
        "form": task.form,
        "candidate_groups": list(task.candidate_groups),
        "candidate_users": list(task.candidate_users),
        "excluded_users": list(task.excluded_users),
    }


def _timer(found: diagrams.Diagrams, timer: bpmn.WaitingTimer) -> Facts:
    return {**_place(found, timer), "due_at": timer.due_at}


def _message(found: diagrams.Diagrams, message: bpmn.WaitingMessage) -> Facts:
    said = {"message": message.message, "correlation": message.correlation}
    return {**_place(found, message), **said}


def _signal(found: diagrams.Diagrams, signal: bpmn.WaitingSignal) -> Facts:
    return {**_place(found, signal), "signal": signal.signal}


def _job(found: diagrams.Diagrams, job: bpmn.WaitingJob) -> Facts:
    return {**_place(found, job), "type": job.type, "headers": dict(job.headers)}


def _fault(found: diagrams.Diagrams, fault: bpmn.StandingFault) -> Facts:
    return {**_place(found, fault), "code": fault.code}


def _place(found: diagrams.Diagrams, placed: Any) -> Facts:
    return {"element": placed.element, "called_id": found.id_of(placed)}


_PENDING = ServiceJob.state.in_(("queued", "waiting"))
_SIDES = (
    _Side("tasks", UserTask, UserTask.state == "open", lambda o: o.user_tasks, _task),
    _Side("timers", DueMoment, true(), lambda o: o.timers, _timer),
    _Side("messages", Subscription, true(), lambda o: o.messages, _message),
    _Side("signals", SignalSubscription, true(), lambda o: o.signals, _signal),
    _Side("jobs", ServiceJob, _PENDING, lambda o: o.jobs, _job),
    _Side("faults", Fault, Fault.resolved_at.is_(None), lambda o: o.faults, _fault),
)
_STRAY_LETTER = and_(
    Delivery.state.in_(("queued", "waiting")), Delivery.job_id == ServiceJob.id, ~_PENDING
)


def compare(instance: ProcessInstance) -> list[Difference]:
    """What the tables say of an instance otherwise than its state; raises ``bpmn.WrongState``
    for a state that cannot be read."""
    found = diagrams.of(instance)
    outcome = bpmn.inspect(found.own, instance.state, deployed=found)
    return [
        *_own_row(instance, found, outcome),
        *(one for side in _SIDES for one in _differences(side, instance.id, found, outcome)),
        *_stray_letters(instance.id),
    ]


def _own_row(
    instance: ProcessInstance, found: diagrams.Diagrams, outcome: bpmn.Outcome
) -> Iterator[Difference]:
    said = {
        "status": outcome.status,
        "tokens": found.stand(outcome),
        "called": found.called,
        "has_fault": bool(outcome.faults),
    }
    for name, value in said.items():
        yield from _differs("instance", name, "value", getattr(instance, name), value)


def _differs(table: str, key: str, name: str, row: Any, state: Any) -> Iterator[Difference]:
    if row != state:
        yield Difference(table, key, "differs", f"says {name} {row!r}, not {state!r}")


def _rows(side: _Side, instance_id: int) -> dict[str, Any]:
    query = select(side.model).where(side.model.instance_id == instance_id, side.is_open)
    fresh = query.execution_options(populate_existing=True)
    return {row.key: row for row in session().scalars(fresh)}


def _differences(
    side: _Side, instance_id: int, found: diagrams.Diagrams, outcome: bpmn.Outcome
) -> Iterator[Difference]:
    rows, waiting = _rows(side, instance_id), {one.key: one for one in side.waiting(outcome)}
    for key in sorted(waiting.keys() - rows.keys()):
        yield Difference(side.name, key, "missing")
    for key in sorted(rows.keys() - waiting.keys()):
        yield Difference(side.name, key, "surplus")
    for key in sorted(rows.keys() & waiting.keys()):
        for name, value in _facts(side, found, waiting[key], rows[key]).items():
            yield from _differs(side.name, key, name, getattr(rows[key], name), value)


def _facts(side: _Side, found: diagrams.Diagrams, waiting: Any, row: Any) -> Facts:
    """What the row has to say; whom an escalation gave it to, who stands in for somebody, and
    who voted beside it, is not in the state."""
    facts = side.facts(found, waiting)
    if getattr(row, "reassigned_at", None) is not None:
        return {name: facts[name] for name in facts if name not in _CANDIDATES}
    more = [name for name in _GROWING if set(facts.get(name, ())) < set(getattr(row, name, ()))]
    return {name: facts[name] for name in facts if name not in more}


_CANDIDATES = ("candidate_groups", "candidate_users")
_GROWING = ("candidate_users", "excluded_users")


def _stray_letters(instance_id: int) -> Iterator[Difference]:
    query = select(Delivery.id).join(ServiceJob, ServiceJob.id == Delivery.job_id)
    of_instance = query.where(ServiceJob.instance_id == instance_id, _STRAY_LETTER)
    for row_id in session().scalars(of_instance.order_by(Delivery.id)):
        yield Difference("letters", str(row_id), "surplus")


def mend(instance: ProcessInstance, actor: Actor, now: datetime) -> list[Difference]:
    """Make the tables say what the state of a locked instance says; what was different."""
    different = compare(instance)
    if different:
        found = diagrams.of(instance)
        outcome = bpmn.inspect(found.own, instance.state, deployed=found)
        settle(instance, found, outcome, actor, now)
        where = {"request_id": instance.request_id, "instance_id": instance.id}
        told = {"differences": [str(one) for one in different[:_MOST_TOLD]]}
        history.note("instance_rebuilt", actor, now, **where, data=told)
    return different


_MOST_TOLD = 50


def settle(
    instance: ProcessInstance,
    found: diagrams.Diagrams,
    outcome: bpmn.Outcome,
    actor: Actor,
    now: datetime,
    *,
    noted: Sequence[dict[str, Any]] = (),
) -> None:
    """Write what is true of a locked instance into the tables; rows keep what people added.

    ``noted`` are history entries that are written along.
    """
    instance.status, instance.has_fault = outcome.status, bool(outcome.faults)
    instance.tokens, instance.called = found.stand(outcome), found.called
    instance.revision += 1
    if outcome.status != "active":
        instance.ended_at, instance.suspended_at = instance.ended_at or now, None
        held.forget(instance.id)
    _reopen(instance.id, outcome)
    session().flush()
    standing = open_rows.read(instance.id)
    added = projections.save(instance, found, outcome, standing, actor.id, now)
    queued = projections.save_jobs(instance.id, found, outcome, standing, now)
    broadcasts.send_all(outcome.thrown, instance.id, {}, now)
    save([*added, (ServiceJob, queued), (Event, noted)], projections.removed(outcome, standing))
    _correct(instance.id, found, outcome)
    _cancel_stray_letters(instance.id)
    session().flush()


def _reopen(instance_id: int, outcome: bpmn.Outcome) -> None:
    """Open the rows again that were closed although the state still waits for them."""
    tasks = [task.key for task in outcome.user_tasks]
    closed = update(UserTask).where(
        UserTask.instance_id == instance_id, UserTask.key.in_(tasks), UserTask.state != "open"
    )
    session().execute(closed.values(state="open", ended_at=None, completed_by=None, data=None))
    waiting = [job.key for job in outcome.jobs]
    over = update(ServiceJob).where(
        ServiceJob.instance_id == instance_id, ServiceJob.key.in_(waiting), ~_PENDING
    )
    queued = over.values(state="queued", taken_by=None, ended_at=None, next_attempt_at=None)
    session().execute(queued)


def _correct(instance_id: int, found: diagrams.Diagrams, outcome: bpmn.Outcome) -> None:
    """Let the rows that were there already say the same as the state."""
    for side in _SIDES:
        rows = _rows(side, instance_id)
        for waiting in side.waiting(outcome):
            for name, value in _facts(side, found, waiting, rows[waiting.key]).items():
                if getattr(rows[waiting.key], name) != value:
                    setattr(rows[waiting.key], name, value)
    for fault in outcome.faults:
        # The job that failed there is looked for by its element when the fault is tried again.
        failed = (ServiceJob.instance_id == instance_id, ServiceJob.key == fault.key)
        session().execute(update(ServiceJob).where(*failed).values(element=fault.element))


def _cancel_stray_letters(instance_id: int) -> None:
    over = exists().where(_STRAY_LETTER, ServiceJob.instance_id == instance_id)
    stray = update(Delivery).where(Delivery.state.in_(("queued", "waiting")), over)
    session().execute(stray.values(state="cancelled", next_attempt_at=None))


def rebuild(instance_id: int, actor: Actor, now: datetime) -> list[Difference]:
    """Lock an instance and mend what its tables say; what was different. Raises NoSuch."""
    return mend(processes.lock(instance_id), actor, now)


def left_behind(limit: int) -> list[int]:
    """Instances that have ended and of which a table still says that something waits."""
    waiting = [
        exists().where(side.model.instance_id == ProcessInstance.id, side.is_open)
        for side in _SIDES
    ]
    query = select(ProcessInstance.id).where(ProcessInstance.status != "active", or_(*waiting))
    return list(session().scalars(query.order_by(ProcessInstance.id).limit(limit)))


def open_after(instance_id: int, limit: int) -> list[ProcessInstance]:
    """The next instances that have not ended, by id."""
    query = select(ProcessInstance).where(
        ProcessInstance.status == "active", ProcessInstance.id > instance_id
    )
    return list(session().scalars(query.order_by(ProcessInstance.id).limit(limit)))
