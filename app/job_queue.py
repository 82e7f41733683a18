"""The queue of jobs as Procrastinate keeps it, asked no more often than it must be."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.connector import BaseConnector
from procrastinate.jobs import Job, Notification, Status
from procrastinate.manager import JobManager, NotificationCallback
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.connections import has_news

NAME = "peygir worker "
"""What the names of a worker's connections begin with, by which the doctor counts workers."""


def prepare(conninfo: str) -> tuple[App, Manager]:
    """The queue on this database, which knows no task yet, and its books."""
    connector = PsycopgConnector(
        conninfo=named(conninfo),
        pool_factory=_pool,
        min_size=1,
        max_size=5,
        configure=_commit_each_statement,
    )
    queue = App(connector=connector)
    queue.job_manager = manager = Manager(connector)
    return queue, manager


def named(conninfo: str) -> str:
    """The same place, by connections that carry this worker's name."""
    # A server keeps 63 characters of the name.
    name = f"{NAME}{os.getpid()}@{platform.node()}"[:63]
    return make_conninfo(conninfo, application_name=name)


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
