"""Suspending an instance and letting it go on: nothing is lost meanwhile, nothing done twice.

A suspended instance takes no step but by an operator's hand. Messages are held, due timers
wait, results of work in flight are settled later. At resume all of it takes effect in the
order in which it came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select

from app import jobs
from app.access import SYSTEM, Actor
from app.db import session
from app.errors import Invalid
from app.models import DueMoment, HeldMessage, ProcessInstance, ServiceJob
from app.services import history
from app.services.execution import diagrams, held, listening, processes, signals, taking, timers
from app.services.service_levels import promises


def suspend(instance: ProcessInstance, reason: str, actor: Actor, now: datetime) -> None:
    """Let a locked instance stand still; one that does already stays as it is."""
    if instance.status != "active":
        raise processes.InstanceEnded
    if instance.suspended_at is not None:
        return
    instance.suspended_at = now
    instance.revision += 1
    _note("instance_suspended", instance, actor, now, reason=reason)
    _follow_promises(instance, now)


def resume(instance: ProcessInstance, reason: str, actor: Actor, now: datetime) -> None:
    """Let a locked instance go on, with all that came meanwhile, in its order."""
    if instance.status != "active":
        raise processes.InstanceEnded
    if instance.suspended_at is None:
        return
    crashed = _crashed_jobs(instance.id)
    instance.suspended_at = None
    instance.revision += 1
    _note("instance_resumed", instance, actor, now, reason=reason)
    _follow_promises(instance, now)
    session().flush()
    _catch_up(instance, now)
    taking.announce(instance.id)
    for job_id in crashed:
        # One whose job is still in the queue finds itself done when its turn comes.
        jobs.defer(jobs.RUN_SERVICE_JOB, lock=f"instance:{instance.id}", job_id=job_id)


def _note(kind: str, instance: ProcessInstance, actor: Actor, now: datetime, **data: Any) -> None:
    where = {"request_id": instance.request_id, "instance_id": instance.id}
    history.note(kind, actor, now, **where, data=data)


def _follow_promises(instance: ProcessInstance, now: datetime) -> None:
    request = instance.request
    outcome = processes.inspect(instance)
    over = request is not None and not request.is_open
    found = diagrams.of(instance)
    history.record(promises.follow(instance, found, outcome, now, of_tasks_only=over))


def _crashed_jobs(instance_id: int) -> list[int]:
    """The service tasks that have jobs of their own, which found the instance suspended."""
    query = select(ServiceJob.id).where(
        ServiceJob.instance_id == instance_id,
        ServiceJob.state == "queued",
        ServiceJob.taken_by == taking.QUEUE,
    )
    return list(session().scalars(query.order_by(ServiceJob.id)))


def _catch_up(instance: ProcessInstance, now: datetime) -> None:
    """Give the instance what came while it stood still, in the order in which it came."""
    while instance.status == "active" and (waiting := list(_came(instance, now))):
        *_, act = min(waiting, key=lambda one: one[:2])
        act()
        session().flush()
    if instance.status != "active":
        held.forget(instance.id)


def _came(
    instance: ProcessInstance, now: datetime
) -> Iterator[tuple[datetime, int, Callable[[], object]]]:
    """The first due moment, signal and message: when it came, what goes first at the same
    moment, and what to do."""
    timer = _first_timer(instance.id, now)
    if timer is not None:
        yield timer.due_at, 0, partial(timers.fire, timer.id, now)
    signal = signals.first_unheard(instance.id)
    if signal is not None:
        yield signal.thrown.thrown_at, 1, partial(signals.deliver, signal.id, now)
    message = held.first(instance.id)
    if message is not None:
        yield message.at, 2, partial(_deliver, instance, message, now)


def _first_timer(instance_id: int, now: datetime) -> DueMoment | None:
    query = select(DueMoment).where(DueMoment.instance_id == instance_id, DueMoment.due_at <= now)
    return session().scalar(query.order_by(DueMoment.due_at, DueMoment.id).limit(1))


def _deliver(instance: ProcessInstance, message: HeldMessage, now: datetime) -> None:
    """Deliver what was held; what nobody awaits any more leaves a word in the history."""
    session().delete(message)
    session().flush()
    named = (message.message, message.correlation or "")
    try:
        heard = listening.deliver_to(
            instance.id, *named, message.variables, held.sender(message), now
        )
        why = ""
    except Invalid as wrong:
        heard, why = False, str(wrong)
    if not heard:
        facts = {"message": message.message, "why": why}
        _note("message_not_awaited", instance, SYSTEM, now, **facts)
