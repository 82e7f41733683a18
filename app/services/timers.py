"""Due moments: the clock turns rows into jobs, a job fires one timer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, func, select, update

import bpmn
from app import jobs
from app.access import SYSTEM
from app.db import session
from app.models import Delivery, ProcessInstance, ServiceJob, StartSubscription, Timer
from app.services import history, processes

BATCH = 200


def enqueue_due(now: datetime) -> int:
    """Make a job for each due moment, earliest first; how many were made.

    Rows are claimed with SKIP LOCKED and marked in the same transaction as their job, so a
    moment is queued once however many clocks tick.
    """
    waiting = _enqueue_timers(now) + _enqueue_service_jobs(now) + _enqueue_deliveries(now)
    return waiting + _enqueue_starts(now)


def _enqueue_timers(now: datetime) -> int:
    query = (
        select(Timer.id, Timer.instance_id)
        .where(Timer.queued_at.is_(None), Timer.due_at <= now, ~_IS_SUSPENDED)
        .order_by(Timer.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = session().execute(query).all()
    if rows:
        ids = [row.id for row in rows]
        session().execute(update(Timer).where(Timer.id.in_(ids)).values(queued_at=now))
    for row in rows:
        jobs.defer(jobs.FIRE_TIMER, lock=f"instance:{row.instance_id}", timer_id=row.id)
    return len(rows)


# Looked up for each due row alone, and there are few of them.
_IS_SUSPENDED = exists().where(
    ProcessInstance.id == Timer.instance_id, ProcessInstance.suspended_at.is_not(None)
)


def _enqueue_service_jobs(now: datetime) -> int:
    query = (
        select(ServiceJob)
        .where(ServiceJob.state == "waiting", ServiceJob.next_attempt_at <= now)
        .order_by(ServiceJob.next_attempt_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = list(session().scalars(query))
    for row in rows:
        row.state, row.next_attempt_at = "queued", None
        jobs.defer(jobs.RUN_SERVICE_JOB, lock=f"instance:{row.instance_id}", job_id=row.id)
    return len(rows)


def _enqueue_deliveries(now: datetime) -> int:
    query = (
        select(Delivery)
        .where(Delivery.state == "waiting", Delivery.next_attempt_at <= now)
        .where(Delivery.job_id.is_(None))
        .order_by(Delivery.next_attempt_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = list(session().scalars(query))
    for row in rows:
        row.state, row.next_attempt_at = "queued", None
        jobs.defer(jobs.SEND_DELIVERY, delivery_id=row.id)
    return len(rows)


def _enqueue_starts(now: datetime) -> int:
    query = (
        select(StartSubscription)
        .where(StartSubscription.queued_at.is_(None), StartSubscription.due_at <= now)
        .order_by(StartSubscription.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = list(session().scalars(query))
    for row in rows:
        row.queued_at = now
        jobs.defer(jobs.START_PROCESS, lock=f"start:{row.id}", start_id=row.id)
    return len(rows)


def count_missed(before: datetime) -> int:
    """How many moments were due before then and are still no job; those of suspended instances
    wait rightly."""
    timers = select(func.count()).where(
        Timer.queued_at.is_(None), Timer.due_at < before, ~_IS_SUSPENDED
    )
    starts = select(func.count()).where(
        StartSubscription.queued_at.is_(None), StartSubscription.due_at < before
    )
    return (session().scalar(timers) or 0) + (session().scalar(starts) or 0)


def fire(timer_id: int, now: datetime) -> bool:
    """Wake the engine for one timer; False when it is gone, moved or not yet due.

    A job that runs twice finds the row gone the second time, since the step that the timer
    takes removes it in the same transaction.
    """
    instance_id = session().scalar(select(Timer.instance_id).where(Timer.id == timer_id))
    if instance_id is None:
        return False
    instance = processes.lock(instance_id)
    timer = session().get(Timer, timer_id, populate_existing=True)
    if timer is None or instance.status != "active":
        return False
    if instance.suspended_at is not None:
        # It waits until the instance is resumed, and fires then.
        timer.queued_at = None
        return False
    if timer.due_at > now:
        # The worker's clock is behind that of the clock process: the moment is handed back.
        timer.queued_at = None
        return False
    cause = {
        "kind": "timer",
        "element": timer.element,
        "due_at": timer.due_at.isoformat(),
        **history.belonging(timer.called_id),
    }
    try:
        processes.advance(instance, bpmn.FireTimer(timer.key), cause, SYSTEM, now)
    except bpmn.UnknownKey:
        session().delete(timer)
        return False
    return True
