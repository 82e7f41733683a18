"""What was queued and never done comes due again: a job that crashed on every attempt is gone
from the queue, but the moment or message that it was made for is not forgotten.

Once an hour the rows whose job ended without doing them are handed back to the clock. After a
mended fault they are done by themselves; until then ``peygir doctor`` names the failed jobs.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text

from app import jobs
from app.db import session
from app.services.execution import broadcasts, moments

PATIENCE = timedelta(hours=1)

_LIVE = """
    SELECT 1 FROM procrastinate_jobs job
     WHERE job.task_name = '{task}' AND job.status IN ('todo', 'doing')
       AND (job.args ->> '{argument}')::bigint = {table}.id
"""
_MOMENTS = """
    UPDATE due_moment SET queued_at = NULL
     WHERE queued_at < :before
       AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs job
                        WHERE job.task_name = ANY (:tasks) AND job.status IN ('todo', 'doing')
                          AND (job.args ->> 'moment_id')::bigint = due_moment.id)
"""
_SERVICE_JOBS = f"""
    UPDATE service_job SET state = 'waiting', next_attempt_at = :now
     WHERE state = 'queued' AND taken_by = 0 AND created_at < :before
       AND NOT EXISTS
           ({_LIVE.format(task="run_service_job", argument="job_id", table="service_job")})
"""  # noqa: S608  # As above.
_DELIVERIES = f"""
    UPDATE delivery SET state = 'waiting', next_attempt_at = :now
     WHERE job_id IS NULL AND created_at < :before
       -- What a partner may have is not sent again as if it had not been.
       AND (state = 'queued' OR state = 'sending' AND channel_id IS NULL)
       AND NOT EXISTS
           ({_LIVE.format(task="send_delivery", argument="delivery_id", table="delivery")})
"""  # noqa: S608  # As above.


_SIGNALS = f"""
    SELECT DISTINCT signal_delivery.instance_id FROM signal_delivery
      JOIN thrown_signal ON thrown_signal.id = signal_delivery.thrown_id
      JOIN process_instance ON process_instance.id = signal_delivery.instance_id
     WHERE thrown_signal.thrown_at < :before AND process_instance.suspended_at IS NULL
       AND NOT EXISTS
           ({_LIVE.format(task="deliver_signal", argument="delivery_id", table="signal_delivery")})
"""  # noqa: S608  # As above.

_SIGNAL_STARTS = f"""
    SELECT signal_start.id FROM signal_start
      JOIN thrown_signal ON thrown_signal.id = signal_start.thrown_id
     WHERE thrown_signal.thrown_at < :before
       AND NOT EXISTS
           ({_LIVE.format(task="start_by_signal", argument="start_id", table="signal_start")})
"""  # noqa: S608  # As above.


def take_up(now: datetime) -> None:
    """Hand back to the clock what has waited for an hour without a job that would do it."""
    tasks = list(moments.TASKS.values())
    session().execute(text(_MOMENTS), {"before": now - PATIENCE, "tasks": tasks})
    for statement in (_SERVICE_JOBS, _DELIVERIES):
        session().execute(text(statement), {"now": now, "before": now - PATIENCE})
    _take_up_signals(now - PATIENCE)


def _take_up_signals(before: datetime) -> None:
    """Signals have no clock to be handed to: they get new jobs, or are forgotten when heard."""
    for instance_id in session().scalars(text(_SIGNALS), {"before": before}).all():
        broadcasts.queue_again(instance_id)
    for start_id in session().scalars(text(_SIGNAL_STARTS), {"before": before}).all():
        jobs.defer(jobs.START_BY_SIGNAL, start_id=start_id)
    broadcasts.forget_heard(before)
