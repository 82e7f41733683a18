"""The worker: takes jobs from the queue and does them, several at a time, in threads.

Service tasks are no jobs of the queue, unless something went wrong with them: see ``takers``.

A job that a killed worker left behind is taken up by another one within half a minute: each
living worker tells its heartbeat, and each looks for jobs whose worker has fallen silent.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask
from procrastinate import App, JobContext
from procrastinate.exceptions import ConnectorException

from app import job_queue, jobs, rescue, work, work_mail, work_sending, work_sms
from app.config import Settings
from app.connections import ask_only_when_told
from app.db import db
from app.memory import settle_memory
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

HEARTBEAT = 3.0
POLL_EVERY = 2.0
GRACE = 5.0
"""Seconds that running jobs have to finish when the worker is asked to end."""
LAST = 10
"""Seconds after which the system ends a worker that was asked to end and has not."""


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
    queue, manager = job_queue.prepare(conninfo)
    for name in TASKS:
        _add_task(queue, app, name, manager)
    return queue


def _add_task(queue: App, app: Flask, name: str, manager: job_queue.Manager) -> None:
    retry = job_queue.Retry()

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
    takers = Takers(app, job_queue.named(settings.conninfo), settings.worker_concurrency)
    async with make_queue(app, settings.conninfo).open_async() as queue:
        queue.job_manager.registered = takers.start  # type: ignore[attr-defined]  # Our own.
        working = asyncio.create_task(_take_jobs(queue, settings.worker_concurrency))
        rescuing = asyncio.create_task(rescue.look_while_registered(app, takers))
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
