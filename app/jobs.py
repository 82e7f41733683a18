"""Puts work into the job queue, inside the caller's own transaction.

The job appears when the transaction commits and never when it rolls back, so "the step was
taken" and "the letter will be sent" are one fact. What the tasks do is in ``app/worker.py``;
here they are known by name only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from app.db import run, session
from app.ready import translated

TAKE_MOMENTS = "take_moments"
RUN_SERVICE_JOB = "run_service_job"
FIRE_TIMER = "fire_timer"
SEND_DELIVERY = "send_delivery"
START_PROCESS = "start_process"
CLIMB_LADDER = "climb_ladder"
RECLOCK = "reclock"
RENEW_TERMS = "renew_terms"
DELIVER_SIGNAL = "deliver_signal"
START_BY_SIGNAL = "start_by_signal"
TELL_PROCESS = "tell_process"
TELL_CUSTOMER = "tell_customer"
MEND_FAULT = "mend_fault"
OFFER_CALL = "offer_call"
ADVANCE_MAILING = "advance_mailing"
RECEIVE_MAIL = "receive_mail"
FETCH_SMS = "fetch_sms"
FORGET_MAILS = "forget_mails"

MOST_ATTEMPTS = 20
"""A job that brings its worker down each time is given up after so many attempts."""

AFTER_OTHERS = -1
"""The priority of messages to many: letters of requests go first."""

_RESCUE_LOCK = 0x50456A73
"""The advisory lock that keeps two workers from rescuing the same job."""

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
    short delays such as a retry; far moments belong into ``due_moment``, since the queue is
    searched from its front.
    """
    work = session()
    # A refused job would spoil the caller's transaction; the savepoint keeps it whole. Without
    # a queueing lock nothing can be refused, and two round trips are saved.
    try:
        with work.begin_nested() if queueing_lock else nullcontext():
            options: dict[str, Any] = {"lock": lock, "queueing_lock": queueing_lock}
            options |= {"schedule_at": at, "priority": priority}
            with _driver() as connection:
                made = _queue.configure_task(task, connection=connection, **options)
                return made.defer(**arguments)
    except AlreadyEnqueued:
        return None


@dataclass(frozen=True)
class Order:
    """One job to be put into the queue."""

    task: str
    arguments: Mapping[str, Any]
    lock: str | None = None
    priority: int = 0


def defer_all(orders: Sequence[Order]) -> None:
    """Put jobs into the queue in their order, with one statement."""
    if orders:
        made = [_job(order) for order in orders]
        with _driver() as connection:
            _queue.job_manager.batch_defer_jobs(jobs=made, connection=connection)


@contextmanager
def _driver() -> Iterator[Any]:
    """The driver's connection of the session, for the queue.

    The queue has errors of its own for what the database refuses. Callers get those of the
    database, by which they know whether it is away.
    """
    connection: Connection = session().connection()
    try:
        yield connection.connection.driver_connection
    except ConnectorException as error:
        cause = error.__cause__
        if not isinstance(cause, psycopg.Error):
            raise
        raise translated(connection, "", cause) from error


def _job(order: Order) -> Job:
    task = _queue.configure_task(order.task, lock=order.lock, priority=order.priority)
    return task.make_new_job(**order.arguments)


@dataclass
class Running:
    """A job that a worker has taken from the queue and carries out now."""

    number: int
    worker: int | None
    attempts: int = 0
    """How often it was begun before, by workers that died or because it crashed."""
    is_done: bool = False
    """Whether the queue holds it as done already."""


@contextmanager
def carrying_out(job: Running) -> Iterator[None]:
    """Let the work inside the block finish this job itself, see :func:`finish`."""
    before = _running.set(job)
    try:
        yield
    finally:
        _running.reset(before)


_running: ContextVar[Running | None] = ContextVar("running", default=None)


def is_repeated() -> bool:
    """Whether the job that is carried out was begun before."""
    job = _running.get()
    return job is not None and job.attempts > 0


def finish() -> None:
    """Let the job that is carried out be done with the caller's transaction, which is its last.

    The queue would otherwise say so in a transaction of its own, and a worker that died between
    the two would have the job begun once more. Nothing happens outside of a worker, or when the
    job was given to another worker meanwhile.
    """
    job = _running.get()
    if job is not None:
        done = run(_FINISH, {"number": job.number, "worker": job.worker}).all()
        job.is_done = bool(done)


class GivenAway(Exception):
    """The job that is carried out belongs to another worker now."""


def finish_or_undo() -> None:
    """As :func:`finish`, for what may not happen twice: raises GivenAway when the job was given
    to another worker meanwhile, so that the caller's transaction is undone."""
    finish()
    job = _running.get()
    if job is not None and not job.is_done:
        raise GivenAway(f"job {job.number} was given to another worker")


def rescue(silence: float) -> list[int]:
    """Puts back the jobs whose worker has given no sign for so many seconds; their numbers."""
    work = session()
    if not work.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _RESCUE_LOCK}):
        return []
    abandoned = work.execute(_ABANDONED, {"silence": silence}).all()
    return [number for number, attempts in abandoned if _rescue_one(number, attempts)]


def _rescue_one(number: int, attempts: int) -> bool:
    """Put one job back; false when a new one of its queueing lock came into the queue just now,
    so that it is left for the next look, and holds up no other."""
    if attempts >= MOST_ATTEMPTS:
        session().execute(_GIVE_UP, {"number": number})
        return True
    try:
        with session().begin_nested():
            session().execute(_MAKE_ROOM, {"number": number})
            session().execute(_PUT_BACK, {"number": number})
    except IntegrityError:
        return False
    return True


def is_registered(worker: int) -> bool:
    """Whether the database knows the worker still; one that was silent for long is struck off."""
    return bool(run(_REGISTERED, {"worker": worker}).all())


_REGISTERED = text("SELECT 1 FROM procrastinate_workers WHERE id = :worker")


def silent_workers(silence: float) -> set[int]:
    """The numbers of the workers that have given no sign for so many seconds."""
    return set(run(_SILENT, {"silence": silence}).scalars())


_SILENT = text("""
    SELECT id FROM procrastinate_workers
     WHERE last_heartbeat < now() - make_interval(secs => :silence)
""")


def forget_done(now: datetime) -> None:
    """Removes jobs that were done well more than three days ago; failed ones stay to be seen."""
    session().execute(_FORGET, {"before": now - timedelta(days=3)})


_ABANDONED = text("""
    SELECT job.id, job.attempts
      FROM procrastinate_jobs job
      LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
     WHERE job.status = 'doing'
       AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => :silence))
       FOR UPDATE OF job SKIP LOCKED
""")
_MAKE_ROOM = text("""
    DELETE FROM procrastinate_jobs
     WHERE status = 'todo' AND id <> :number
       AND queueing_lock = (SELECT queueing_lock FROM procrastinate_jobs WHERE id = :number)
""")
"""Of one queueing lock only one job may wait. Made since for the same, it would hide that the other
was begun before; and while both are there, none could be put back."""
_PUT_BACK = text("SELECT procrastinate_retry_job_v2(:number, now(), NULL, NULL, NULL)")
_FINISH = text("""
    SELECT procrastinate_finish_job_v1(id, 'succeeded', false) FROM procrastinate_jobs
     WHERE id = :number AND worker_id = :worker AND status = 'doing'
""")
_GIVE_UP = text("SELECT procrastinate_finish_job_v1(:number, 'failed', false)")
_FORGET = text("""
    DELETE FROM procrastinate_jobs job USING procrastinate_events event
     WHERE event.job_id = job.id AND event.type = 'succeeded' AND event.at < :before
       AND job.status = 'succeeded'
""")
