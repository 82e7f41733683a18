"""The engine's state, told to the tables that people and clocks look at.

After every step the engine says all that waits. What is new is added, what is gone is
ended, in the same transaction as the state, so the tables never tell another story.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, any_, bindparam, case, delete, select, update
from sqlalchemy.dialects.postgresql import ARRAY

import bpmn
import sla
from app.db import run, session
from app.models import (
    Delivery,
    DueMoment,
    Fault,
    ProcessInstance,
    ServiceJob,
    SignalSubscription,
    Subscription,
    User,
    UserTask,
)
from app.services.desk import absences, task_titles
from app.services.execution import moments, votes
from app.services.execution.diagrams import Diagrams
from app.services.execution.open_rows import Standing
from app.services.service_levels import task_clocks, working_time

Rows = list[dict[str, Any]]
Removed = list[tuple[type[Any], list[int]]]


def removed(outcome: bpmn.Outcome, standing: Standing) -> Removed:
    """What waits no longer and is to be deleted: ids by model.

    A timer that has another moment than before is deleted here and now, since the one that
    takes its place has the same key.
    """
    due = {timer.key: timer.due_at for timer in outcome.timers}
    moved = [row_id for key, (row_id, at) in standing.timers.items() if due.get(key, at) != at]
    if moved:
        run(_DELETE_TIMERS, {"ids": moved})
    return [
        (DueMoment, [row_id for key, (row_id, _) in standing.timers.items() if key not in due]),
        (Subscription, _gone(standing.subscriptions, outcome.messages)),
        (SignalSubscription, _gone(standing.signals, outcome.signals)),
    ]


def _gone(known: Mapping[str, int], waiting: Sequence[Any]) -> list[int]:
    keys = {item.key for item in waiting}
    return [row_id for key, row_id in known.items() if key not in keys]


def save(
    instance: ProcessInstance,
    found: Diagrams,
    outcome: bpmn.Outcome,
    standing: Standing,
    actor_id: int | None,
    now: datetime,
) -> list[tuple[type[Any], Rows]]:
    """End the tasks and faults that wait no longer; the rows to add for what waits now, by
    model. See ``removed`` for what is deleted."""
    return [
        (UserTask, _save_tasks(instance, found, outcome, standing.tasks, now)),
        (DueMoment, _save_timers(instance.id, found, outcome, standing.timers)),
        (Subscription, _save_subscriptions(instance.id, found, outcome, standing.subscriptions)),
        (SignalSubscription, _save_signals(instance.id, found, outcome, standing.signals)),
        (Fault, _save_faults(instance.id, found, outcome, standing.faults, actor_id, now)),
    ]


def _save_tasks(
    instance: ProcessInstance,
    found: Diagrams,
    outcome: bpmn.Outcome,
    known: Mapping[str, int],
    now: datetime,
) -> Rows:
    waiting = bpmn.by_key(outcome.user_tasks)
    gone = [row_id for key, row_id in known.items() if key not in waiting]
    if gone:
        session().execute(
            update(UserTask)
            .where(UserTask.id.in_(gone), UserTask.state == "open")
            .values(state="cancelled", ended_at=now, revision=UserTask.revision + 1)
        )
    new = [waiting[key] for key in waiting if key not in known]
    users, cast = _users(new, now), votes.cast_before(instance, found, new)
    rows = [_task_row(instance, found, task, users, now) for task in new]
    for task, row in zip(new, rows, strict=True):
        row["excluded_users"] += cast.get(found.property_of(task, votes.VOTE) or "", [])
    return rows


def _users(tasks: Iterable[bpmn.WaitingTask], now: datetime) -> dict[str, tuple[str, int]]:
    """Login and id of those whom the tasks name, or of who stands in for them now."""
    named = {task.assignee for task in tasks if task.assignee}
    named |= {login for task in tasks for login in task.candidate_users}
    if not named:
        return {}
    query = select(User.login, User.id).where(User.login.in_(named), User.is_active)
    found = {row.login: (row.login, row.id) for row in session().execute(query)}
    away = absences.substitutes_of(named, now)
    return found | {login: (other.login, other.id) for login, other in away.items()}


def _task_row(
    instance: ProcessInstance,
    found: Diagrams,
    task: bpmn.WaitingTask,
    users: Mapping[str, tuple[str, int]],
    now: datetime,
) -> dict[str, Any]:
    login, assignee = users.get(task.assignee or "", (None, None))
    if login in task.excluded_users:
        assignee = None
    stands_in = (users[one][0] for one in task.candidate_users if one in users)
    promised = task_clocks.promise_of(found, task)
    return {
        "instance_id": instance.id,
        "request_id": instance.request_id,
        "key": task.key,
        "element": task.element,
        "called_id": found.id_of(task),
        "names": task_titles.names_of(found, task),
        "form": task.form,
        "candidate_groups": list(task.candidate_groups),
        "candidate_users": list(dict.fromkeys((*task.candidate_users, *stands_in))),
        "excluded_users": list(task.excluded_users),
        "assignee_id": assignee,
        "claimed_at": now if assignee else None,
        "priority": task.priority,
        "due_at": task.due_at or (_due(instance, promised, now)),
        "created_at": now,
        "state": "open",
        "revision": 1,
    }


def _due(instance: ProcessInstance, promised: timedelta | None, now: datetime) -> datetime | None:
    """What the clock of the task says, too, which starts with this step."""
    if promised is None:
        return None
    calendar = working_time.calendar(task_clocks.calendar_key(instance.request))
    try:
        return sla.add_working_time(calendar, now, promised)
    except sla.NoWorkingTime:
        return None


def _save_timers(
    instance_id: int,
    found: Diagrams,
    outcome: bpmn.Outcome,
    known: Mapping[str, tuple[int, datetime]],
) -> Rows:
    waiting = {timer.key: timer for timer in outcome.timers}
    kept = {k for k, (_, due) in known.items() if k in waiting and waiting[k].due_at == due}
    new = [timer for key, timer in waiting.items() if key not in kept]
    return [moments.timer_row(instance_id, t.key, t.element, found.id_of(t), t.due_at) for t in new]


def _save_subscriptions(
    instance_id: int, found: Diagrams, outcome: bpmn.Outcome, known: Mapping[str, int]
) -> Rows:
    waiting = {message.key: message for message in outcome.messages}
    new = [message for key, message in waiting.items() if key not in known]
    return [
        {
            "instance_id": instance_id,
            "key": m.key,
            "element": m.element,
            "called_id": found.id_of(m),
            "message": m.message,
            "correlation": m.correlation,
        }
        for m in new
    ]


def _save_signals(
    instance_id: int, found: Diagrams, outcome: bpmn.Outcome, known: Mapping[str, int]
) -> Rows:
    waiting = {signal.key: signal for signal in outcome.signals}
    new = [signal for key, signal in waiting.items() if key not in known]
    return [
        {
            "instance_id": instance_id,
            "key": s.key,
            "element": s.element,
            "called_id": found.id_of(s),
            "signal": s.signal,
        }
        for s in new
    ]


_IDS = bindparam("ids", type_=ARRAY(BigInteger))
_DELETE_TIMERS = delete(DueMoment.__table__).where(  # type: ignore[arg-type]
    DueMoment.__table__.c.id == any_(_IDS)
)


def _save_faults(
    instance_id: int,
    found: Diagrams,
    outcome: bpmn.Outcome,
    known: Mapping[str, int],
    actor_id: int | None,
    now: datetime,
) -> Rows:
    standing = {fault.key: fault for fault in outcome.faults}
    gone = [row_id for key, row_id in known.items() if key not in standing]
    if gone:
        session().execute(
            update(Fault).where(Fault.id.in_(gone)).values(resolved_at=now, resolved_by=actor_id)
        )
    new = [fault for key, fault in standing.items() if key not in known]
    return [
        {
            "instance_id": instance_id,
            "key": f.key,
            "element": f.element,
            "called_id": found.id_of(f),
            "code": f.code,
            "message": f.message,
            "texts": dict(f.texts),
            "expression": f.expression,
            "raised_at": now,
        }
        for f in new
    ]


def save_jobs(
    instance_id: int,
    found: Diagrams,
    outcome: bpmn.Outcome,
    standing: Standing,
    now: datetime,
) -> list[dict[str, Any]]:
    """Close the service jobs that the outcome does not know any more; the rows of the new ones,
    which are to be written with the step. Workers take them from the table themselves."""
    known = standing.jobs
    waiting = {job.key: job for job in outcome.jobs}
    # A job that failed stays until its fault is gone, for a retry goes on where it stopped.
    faulty = {fault.key for fault in outcome.faults}
    kept = waiting.keys() | (faulty & standing.faults.keys())
    gone = [row_id for key, row_id in known.items() if key not in kept]
    if gone:
        failed = ServiceJob.state == "failed"
        state = case((failed, "failed"), else_="cancelled")
        session().execute(
            update(ServiceJob)
            .where(ServiceJob.id.in_(gone), ServiceJob.ended_at.is_(None))
            .where(~(failed & ServiceJob.key.in_(faulty)))
            .values(state=state, ended_at=now, next_attempt_at=None)
        )
        # Of what may have arrived somebody decides while its fault stands; then it is closed.
        decided = [known[key] for key in known if key not in kept and key not in faulty]
        is_decided = (Delivery.state == "unknown") & Delivery.job_id.in_(decided)
        waiting_letters = Delivery.state.in_(("queued", "waiting"))
        session().execute(
            update(Delivery)
            .where(Delivery.job_id.in_(gone), waiting_letters | is_decided)
            .values(state=case((is_decided, "closed"), else_="cancelled"), next_attempt_at=None)
        )
    return [
        {
            "instance_id": instance_id,
            "key": job.key,
            "element": job.element,
            "called_id": found.id_of(job),
            "type": job.type,
            "headers": dict(job.headers),
            "state": "queued",
            "attempts": 0,
            "created_at": now,
        }
        for key, job in waiting.items()
        if key not in known
    ]
