"""What could not be sent is tried again when its time has come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from app import jobs
from app.db import run

BATCH = 200
"""So many of each are tried again in one second, so that new letters need not wait for old ones."""


def enqueue(now: datetime) -> int:
    """Queue each service task and letter whose next attempt is due; how many.

    Rows are claimed with SKIP LOCKED and marked in the same transaction as their jobs, so each is
    queued once however many clocks tick. A service task needs no job: workers take its row. What
    the partner is to be asked about stays of unknown end until it has answered.
    """
    found = run(_QUEUE, {"now": now, "limit": BATCH}).all()
    letters = sorted((number, is_of_many) for number, is_letter, is_of_many in found if is_letter)
    jobs.defer_all([_again(*one) for one in letters])
    return len(found)


def _again(delivery_id: int, is_of_many: bool) -> jobs.Order:
    """The job of one letter; what goes to many goes after what is written to somebody."""
    priority = jobs.AFTER_OTHERS if is_of_many else 0
    return jobs.Order(jobs.SEND_DELIVERY, {"delivery_id": delivery_id}, priority=priority)


_QUEUE = text("""
    WITH tasks AS (
        UPDATE service_job SET state = 'queued', taken_by = NULL, next_attempt_at = NULL
         WHERE id IN (SELECT id FROM service_job
                       WHERE state = 'waiting' AND next_attempt_at <= :now
                       ORDER BY next_attempt_at LIMIT :limit FOR UPDATE SKIP LOCKED)
        RETURNING id),
    letters AS (
        UPDATE delivery SET next_attempt_at = NULL,
                            state = CASE state WHEN 'unknown' THEN state ELSE 'queued' END
         WHERE id IN (SELECT id FROM delivery
                       WHERE state IN ('waiting', 'unknown')
                         AND next_attempt_at <= :now AND job_id IS NULL
                       ORDER BY mailing_id IS NOT NULL, next_attempt_at
                       LIMIT :limit FOR UPDATE SKIP LOCKED)
        RETURNING id, mailing_id IS NOT NULL AS is_of_many)
    SELECT id, false AS is_letter, false AS is_of_many FROM tasks
     UNION ALL SELECT id, true, is_of_many FROM letters
""")
