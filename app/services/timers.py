"""Due moments: the clock turns rows into jobs, a job fires one timer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

import bpmn
from app import jobs
from app.access import SYSTEM
from app.db import session
from app.models import Delivery, DueMoment, ServiceJob
from app.services import history, moments, processes

BATCH = 200


def enqueue_due(now: datetime) -> int:
    """Make a job for each due moment, earliest first; how many were made.

    Rows are claimed with SKIP LOCKED and marked in the same transaction as their job, so a
    moment is queued once however many clocks tick.
    """
    waiting = moments.enqueue(now, BATCH) + _enqueue_service_jobs(now)
    return waiting + _enqueue_deliveries(now)


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


def fire(moment_id: int, now: datetime) -> bool:
    """Wake the engine for one timer; False when it is gone, moved or not yet due.

    A job that runs twice finds the row gone the second time, since the step that the timer
    takes removes it in the same transaction.
    """
    instance_id = session().scalar(select(DueMoment.instance_id).where(DueMoment.id == moment_id))
    if instance_id is None:
        return False
    instance = processes.lock(instance_id)
    timer = moments.fresh(moment_id)
    if timer is None or instance.status != "active":
        return False
    if instance.suspended_at is not None:
        # It waits until the instance is resumed, and fires then.
        moments.put_off(timer)
        return False
    if timer.due_at > now:
        # The worker's clock is behind that of the clock process: the moment is handed back.
        moments.put_off(timer)
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
