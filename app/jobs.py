"""Puts work into the job queue, inside the caller's own transaction.

The job appears when the transaction commits and never when it rolls back, so "the step was
taken" and "the letter will be sent" are one fact. What the tasks do is in ``app/worker.py``;
here they are known by name only.
"""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime
from typing import Any

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued

from app.db import session

RUN_SERVICE_JOB = "run_service_job"
FIRE_TIMER = "fire_timer"
SEND_DELIVERY = "send_delivery"

# It never opens a connection of its own: every job goes over the connection of the session.
_queue = App(connector=SyncPsycopgConnector())


def defer(
    task: str,
    *,
    lock: str | None = None,
    queueing_lock: str | None = None,
    at: datetime | None = None,
    priority: int = 0,
    **arguments: Any,
) -> int | None:
    """The number of the new job, or None when one with this ``queueing_lock`` already waits.

    Jobs of one ``lock`` run one after the other, in the order they were made. ``at`` is for
    short delays such as a retry; far moments belong into the timer table, since the queue is
    searched from its front.
    """
    work = session()
    # A refused job would spoil the caller's transaction; the savepoint keeps it whole. Without
    # a queueing lock nothing can be refused, and two round trips are saved.
    try:
        with work.begin_nested() if queueing_lock else nullcontext():
            options: dict[str, Any] = {"connection": work.connection().connection.driver_connection}
            options |= {"lock": lock, "queueing_lock": queueing_lock}
            options |= {"schedule_at": at, "priority": priority}
            return _queue.configure_task(task, **options).defer(**arguments)
    except AlreadyEnqueued:
        return None
