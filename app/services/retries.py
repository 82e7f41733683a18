"""What could not be sent is tried again when its time has come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from app import jobs
from app.db import run

BATCH = 200
"""So many of each are tried again in one second, so that new letters need not wait for old ones."""


def enqueue(now: datetime) -> int:
    """Make a job for each service task and letter whose next attempt is due; how many.

    Rows are claimed with SKIP LOCKED and marked in the same transaction as their jobs, so each is
    queued once however many clocks tick.
    """
    found = run(_QUEUE, {"now": now, "limit": BATCH}).all()
    orders = [_order(*row) for row in sorted(found, key=lambda row: row[0])]
    jobs.defer_all(orders)
    return len(orders)


def _order(number: int, instance_id: int | None) -> jobs.Order:
    if instance_id is None:
        return jobs.Order(jobs.SEND_DELIVERY, {"delivery_id": number})
    return jobs.Order(jobs.RUN_SERVICE_JOB, {"job_id": number}, f"instance:{instance_id}")


_QUEUE = text("""
    WITH tasks AS (
        UPDATE service_job SET state = 'queued', next_attempt_at = NULL
         WHERE id IN (SELECT id FROM service_job
                       WHERE state = 'waiting' AND next_attempt_at <= :now
                       ORDER BY next_attempt_at LIMIT :limit FOR UPDATE SKIP LOCKED)
        RETURNING id, instance_id),
    letters AS (
        UPDATE delivery SET state = 'queued', next_attempt_at = NULL
         WHERE id IN (SELECT id FROM delivery
                       WHERE state = 'waiting' AND next_attempt_at <= :now AND job_id IS NULL
                       ORDER BY next_attempt_at LIMIT :limit FOR UPDATE SKIP LOCKED)
        RETURNING id)
    SELECT id, instance_id FROM tasks UNION ALL SELECT id, NULL FROM letters
""")
