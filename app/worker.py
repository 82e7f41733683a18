"""The worker: takes jobs from the queue and does them, several at a time, in threads.

Service tasks are no jobs of the queue, unless something went wrong with them: see ``takers``.

A job that a killed worker left behind is taken up by another one within half a minute: each
living worker tells its heartbeat, and each looks for jobs whose worker has fallen silent.
"""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import signal
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

from flask import Flask
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Notification, Status
from procrastinate.manager import JobManager, NotificationCallback
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import jobs, work, work_mail, work_sending, work_sms
from app.config import Settings
from app.connections import ask_only_when_told, has_news
from app.db import db, transaction
from app.memory import settle_memory
from app.services.execution import taking
from app.takers import Takers

log = logging.getLogger(__name__)

TASKS: Mapping[str, Callable[..., None]] = {
    jobs.TAKE_MOMENTS: work.take_moments,
    jobs.RUN_SERVICE_JOB: work_sending.run_service_job,
    jobs.FIRE_TIMER: work.fire_timer,
    jobs.SEND_DELIVERY: work_sending.send_delivery,
    jobs.CLIMB_LADDER: work.climb_ladder,
    jobs.RECLOCK: work.reclock,
    jobs.RENEW_TERMS: work.renew_terms,
    jobs.START_PROCESS: work.start_process,
    jobs.DELIVER_SIGNAL: work.deliver_signal,
    jobs.START_BY_SIGNAL: work.start_by_signal,
    jobs.TELL_PROCESS: work.tell_process,
    jobs.TELL_CUSTOMER: work.tell_customer,
    jobs.MEND_FAULT: work.mend_fault,
    jobs.OFFER_CALL: work.offer_call,
    jobs.ADVANCE_MAILING: work.advance_mailing,
    jobs.RECEIVE_MAIL: work_mail.receive_released,
    jobs.FETCH_SMS: work_sms.fetch,
    jobs.FORGET_MAILS: work_mail.forget_old,
}

NAME = "peygir worker "
"""What the names of a worker's connections begin with, by which the doctor counts workers."""

HEARTBEAT = 3.0
SILENCE = 15.0
"""Seconds without a heartbeat after which a worker counts as dead."""
RESCUE_EVERY = 5.0
POLL_EVERY = 2.0
GRACE = 5.0
"""Seconds that running jobs have to finish when the worker is asked to end."""
LAST = 10
"""Seconds after which the system ends a worker that was asked to end and has not."""


class Retry(BaseRetryStrategy):
    """Repeats a job that the database hiccuped on for a day, and any other crash a few times.

    Failures that belong to the work itself (a mail server that refuses, an expression that
    fails) never come here: the services settle them.
    """

    hiccups = (OperationalError, InterfaceError, PoolTimeout, ConnectionError)

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Waits 1, 2, 4 ... seconds, at most ten minutes; None when it is time to give up."""
        lost = isinstance(exception, DBAPIError) and exception.connection_invalidated
        attempts = 150 if lost or isinstance(exception, self.hiccups) else 5
        if job.attempts >= attempts:
            return None
        return RetryDecision(retry_in={"seconds": min(2**job.attempts, 600)})


def run(app: Flask) -> int:
    """Works until SIGTERM or SIGINT; the process's exit code (1: the database went away)."""
    settings: Settings = app.extensions["peygir.settings"]
    settle_memory()
    with app.app_context():
        ask_only_when_told(db.engine)
    return asyncio.run(_work(app, settings))


def perform(app: Flask, task: str, **arguments: Any) -> None:
    """Does one job of this name in an application context of its own."""
    with app.app_context():
        TASKS[task](**arguments)


def give_up(app: Flask, task: str, error: Exception, **arguments: Any) -> None:
    """Lets people see a job that crashed on every attempt: its service task stands with a fault."""
    if task == jobs.RUN_SERVICE_JOB:
        with app.app_context():
            work_sending.give_up_service_job(reason=f"{type(error).__name__}: {error}", **arguments)


def make_queue(app: Flask, conninfo: str) -> App:
    """The job queue on this database, knowing all tasks."""
    connector = PsycopgConnector(
        conninfo=_named(conninfo),
        pool_factory=_pool,
        min_size=1,
        max_size=5,
        configure=_commit_each_statement,
    )
    queue = App(connector=connector)
    queue.job_manager = manager = Manager(connector)
    for name in TASKS:
        _add_task(queue, app, name, manager)
    return queue


def _named(conninfo: str) -> str:
    # A server keeps 63 characters of the name.
    name = f"{NAME}{os.getpid()}@{platform.node()}"[:63]
    return make_conninfo(conninfo, application_name=name)


class Manager(JobManager):
    """The queue's books, in which some jobs are entered as done by their own last transaction."""

    def __init__(self, connector: BaseConnector) -> None:
        super().__init__(connector)
        self.done: set[int] = set()
        self.registered: Callable[[int], None] = lambda worker: None
        """Called with the number of the worker once the database knows it."""
        self._heard = True
        self._empty_until = 0.0

    async def register_worker(self) -> int:
        """Enters the worker among the living ones; its number."""
        worker = await super().register_worker()
        self.registered(worker)
        return worker

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """Enters how the job ended, unless that is done."""
        known = job.id in self.done
        self.done.discard(job.id or 0)
        if not (known and status == Status.SUCCEEDED):
            await super().finish_job(job, status, delete_job)

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """Takes a job from the queue; None when no further one can be begun now.

        After each job the worker looks for another one. When the same question has told that
        there is none, and no new one was announced since, it need not be asked again.
        """
        if not self._heard and monotonic() < self._empty_until:
            return None
        self._heard = False
        asked = {"queues": queues, "worker_id": worker_id}
        row = await self.connector.execute_query_one_async(query=_FETCH, **asked)
        is_last = not row.pop("more")
        self._empty_until = monotonic() + FRESH if is_last else 0.0
        return None if row["id"] is None else Job.from_row(row)

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        """Calls back for each job that is announced, and takes note that there was one."""

        async def hear(*, channel: str, notification: Notification) -> None:
            self._heard = True
            await on_notification(channel=channel, notification=notification)

        await super().listen_for_jobs(on_notification=hear, queues=queues)


FRESH = 0.05
"""Seconds for which "nothing more is waiting" is believed; what falls due is not announced."""
_FETCH = """
    SELECT job.*, EXISTS (
        SELECT 1 FROM procrastinate_jobs other
         WHERE other.status = 'todo' AND other.id IS DISTINCT FROM job.id
           AND (other.scheduled_at IS NULL OR other.scheduled_at <= now())) AS more
      FROM (SELECT id, status, task_name, priority, lock, queueing_lock, args, scheduled_at,
                   queue_name, attempts, worker_id
              FROM procrastinate_fetch_job_v2(%(queues)s::varchar[], %(worker_id)s)) job
"""


def _pool(**options: Any) -> AsyncConnectionPool[Any]:
    return AsyncConnectionPool(**{**options, "check": _check})


async def _check(connection: AsyncConnection[Any]) -> None:
    """Asks the server whether the connection lives only when something has come unasked, since
    asking before every statement would double their number."""
    if has_news(connection):
        await AsyncConnectionPool.check_connection(connection)


async def _commit_each_statement(connection: AsyncConnection[Any]) -> None:
    """All that the queue asks are single statements, which need no BEGIN and COMMIT."""
    await connection.set_autocommit(True)


def _add_task(queue: App, app: Flask, name: str, manager: Manager) -> None:
    retry = Retry()

    @queue.task(name=name, retry=retry, pass_context=True)
    def task(context: JobContext, /, **arguments: Any) -> None:
        try:
            job = context.job
            taken = jobs.Running(job.id or 0, job.worker_id, job.attempts)
            with jobs.carrying_out(taken):
                _perform_ours(app, taken, name, **arguments)
            if taken.is_done:
                manager.done.add(taken.number)
        except Exception as error:
            if retry.get_retry_decision(exception=error, job=context.job) is None:
                give_up(app, name, error, **arguments)
            raise


def _perform_ours(app: Flask, taken: jobs.Running, name: str, **arguments: Any) -> None:
    """Do a job; one that another worker has by now is left to it, in the queue's books as well."""
    try:
        perform(app, name, **arguments)
    except jobs.GivenAway as error:
        log.warning("%s; what was done is undone", error)
        taken.is_done = True


async def _work(app: Flask, settings: Settings) -> int:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(settings.worker_concurrency + 2, "job"))
    takers = Takers(app, _named(settings.conninfo), settings.worker_concurrency)
    async with make_queue(app, settings.conninfo).open_async() as queue:
        queue.job_manager.registered = takers.start  # type: ignore[attr-defined]  # Our own.
        working = asyncio.create_task(_take_jobs(queue, settings.worker_concurrency))
        rescuing = asyncio.create_task(_rescue_while_registered(app, takers))
        rescuing.add_done_callback(lambda one: _struck_off(one, loop, working, takers))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _asked_to_end, loop, working, takers)
        try:
            await working
        except asyncio.CancelledError:
            return int(rescuing.done() and rescuing.result())
        except ConnectorException:
            log.exception("the database went away")
        finally:
            rescuing.cancel()
            takers.end()
            takers.join(GRACE)
    return 1


def _asked_to_end(
    loop: asyncio.AbstractEventLoop, working: asyncio.Task[None], takers: Takers
) -> None:
    """Bring the jobs to an end, and the process in any case.

    A thread that waits for a lock or a network cannot be ended, and would hold the process for
    as long. What it did is undone by the database, and another worker takes its job up again.
    """
    if not signal.getitimer(signal.ITIMER_REAL)[0]:
        signal.alarm(LAST)
    takers.end()
    _end(loop, working)


def _end(loop: asyncio.AbstractEventLoop, working: asyncio.Task[None]) -> None:
    """Ask the worker to end, and again should it have been too busy starting to hear it."""
    if not working.done():
        working.cancel()
        loop.call_later(GRACE + 2, _end, loop, working)


async def _take_jobs(queue: App, concurrency: int) -> None:
    await queue.run_worker_async(
        concurrency=concurrency,
        update_heartbeat_interval=HEARTBEAT,
        fetch_job_polling_interval=POLL_EVERY,
        shutdown_graceful_timeout=GRACE,
        # Our own handler knows whether the end was asked for; see _work.
        install_signal_handlers=False,
    )


def _struck_off(
    rescuing: asyncio.Task[bool],
    loop: asyncio.AbstractEventLoop,
    working: asyncio.Task[None],
    takers: Takers,
) -> None:
    """End a worker that the others take for dead, since they take up what it has begun."""
    if not rescuing.cancelled() and rescuing.result():
        log.error("the other workers took this one for dead; it ends, to be started anew")
        _asked_to_end(loop, working, takers)


async def _rescue_while_registered(app: Flask, takers: Takers) -> bool:
    """Take up what the dead leave; true when this worker was struck off, and not by itself as one
    does that was asked to end."""
    known: set[int] = set()
    while await asyncio.to_thread(_rescue, app, takers.worker, known):
        await asyncio.sleep(RESCUE_EVERY)
    return not takers.are_ending


def _rescue(app: Flask, me: int, known: set[int]) -> bool:
    """Take up what the dead have left; ``known`` are the dead who are accounted for. Whether this
    worker, if it has a number yet, still counts as living."""
    try:
        with app.app_context(), transaction():
            if me and not jobs.is_registered(me):
                return False
        with app.app_context(), transaction():
            rescued = jobs.rescue(SILENCE)
        with app.app_context(), transaction():
            taken = taking.give_back(SILENCE, me)
            dead = jobs.silent_workers(SILENCE) - {me}
            suspects = taking.set_first_apart() if dead - known else []
    except (DBAPIError, PoolTimeout) as error:
        # The worker itself ends when the database is gone for good; a hiccup may pass.
        log.warning("could not look for abandoned jobs: %s", getattr(error, "orig", error))
        return True
    except Exception:  # The edge: else nobody would look for what the dead have left any more.
        log.exception("could not look for abandoned jobs")
        return True
    known |= dead
    for job in rescued:
        log.warning("job %s was abandoned by a dead worker; it is taken up again", job)
    for job in taken:
        log.warning("service job %s was abandoned by a dead worker; it is taken up again", job)
    if suspects:
        log.warning("service jobs %s may have brought a worker down", suspects)
    return True
