"""The threads of a worker that take service tasks from their table as soon as one is there."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

import psycopg
from flask import Flask
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import work_sending
from app.services.execution.taking import CHANNEL

log = logging.getLogger(__name__)

POLL_EVERY = 2.0
"""Seconds after which a thread looks for service tasks though none was announced."""
FIRST_PAUSE = 0.02
"""Seconds after which one that nobody could take just now is tried again; then twice as many."""
AWAY = 1.0
"""Seconds to wait for a database that does not answer."""


class Bell:
    """Wakes one waiting thread for each ring; rings that nobody could hear are kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._rings = 0
        self._heard = threading.Condition()
        self.is_over = False

    def ring(self) -> None:
        """Wake a thread, or keep the next one from going to sleep."""
        with self._heard:
            self._rings = min(self._rings + 1, self._most)
            self._heard.notify()

    def wait(self) -> bool:
        """Sleep until somebody rings; whether to go on."""
        with self._heard:
            while not self._rings and not self.is_over:
                self._heard.wait()
            self._rings = max(0, self._rings - 1)
            return not self.is_over

    def pause(self, seconds: float) -> bool:
        """Let some seconds pass; whether to go on."""
        with self._heard:
            self._heard.wait_for(lambda: self.is_over, seconds)
            return not self.is_over

    def end(self) -> None:
        """Let every thread come to its end."""
        with self._heard:
            self.is_over = True
            self._heard.notify_all()


class Takers:
    """So many threads that take service tasks, and one that hears of new ones."""

    def __init__(self, app: Flask, conninfo: str, number: int) -> None:
        self._app, self._conninfo = app, conninfo
        self._bell = Bell(number)
        self._looking = threading.Lock()
        self._threads = [threading.Thread(target=self._listen, name="ear", daemon=True)]
        self._threads += [
            threading.Thread(target=self._take, name=f"taker-{n}", daemon=True)
            for n in range(number)
        ]
        self.worker = 0

    def start(self, worker: int) -> None:
        """Begin, as the worker of this number."""
        self.worker = worker
        for thread in self._threads:
            thread.start()

    @property
    def are_ending(self) -> bool:
        """Whether they were asked to end."""
        return self._bell.is_over

    def end(self) -> None:
        """Take nothing any more; what is under way comes to its end."""
        self._bell.end()

    def join(self, seconds: float) -> None:
        """Wait so long at most until nothing is under way."""
        deadline = time.monotonic() + seconds
        for thread in filter(threading.Thread.is_alive, self._threads[1:]):
            thread.join(max(0.0, deadline - time.monotonic()))

    def _listen(self) -> None:
        while not self._bell.is_over:
            try:
                with psycopg.connect(self._conninfo, autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._hear(connection)
            except psycopg.OperationalError as error:
                log.warning("cannot hear of service tasks: %s", error)
                self._bell.pause(AWAY)

    def _hear(self, connection: psycopg.Connection) -> None:
        while not self._bell.is_over:
            self._bell.ring()
            for _ in connection.notifies(timeout=POLL_EVERY):
                self._bell.ring()

    def _take(self) -> None:
        while self._bell.wait():
            self._do(self._take_all)

    def _take_all(self) -> None:
        """Take what waits, one after the other."""
        more = True
        while more and not self._bell.is_over:
            look = self._take_one()
            if look.claim is None and look.more:
                self._look_again()
            more = look.claim is not None and look.more

    def _take_one(self) -> work_sending.Look:
        with self._app.app_context():
            return work_sending.take_service_job(
                self.worker, self._bell.ring, lambda: self._bell.is_over
            )

    def _look_again(self) -> None:
        """What waits for an instance that is at work is not announced again, so one thread
        comes back for it soon."""
        if not self._looking.acquire(blocking=False):
            return
        try:
            self._look()
        finally:
            self._looking.release()

    def _look(self) -> None:
        pause = FIRST_PAUSE
        while pause < POLL_EVERY and self._bell.pause(pause) and self._is_any_waiting():
            if self._take_one().claim:
                self._bell.ring()
                break
            pause *= 2

    def _is_any_waiting(self) -> bool:
        with self._app.app_context():
            return work_sending.is_service_job_waiting()

    def _do(self, act: Callable[[], object]) -> None:
        """The edge of a job: whatever it raises ends neither the thread nor the worker."""
        try:
            act()
        except work_sending.Crashed as crash:
            log.exception("jobs of their own are made for what crashed: %s", crash.job_ids)
            self._set_apart(crash.job_ids)
            self._bell.ring()
        except Exception:  # The thread is the edge.
            log.exception("could not look for service tasks")
            self._bell.pause(AWAY)

    def _set_apart(self, job_ids: Sequence[int]) -> None:
        """Go on trying while the database is away; nobody else takes up what is ours."""
        while not self._bell.is_over:
            try:
                with self._app.app_context():
                    return work_sending.set_service_jobs_apart(job_ids)
            except (DBAPIError, PoolTimeout) as error:
                log.warning("could not give service jobs %s jobs of their own: %s", job_ids, error)
            except Exception:  # The thread is the edge: it would end, and the task be forgotten.
                log.exception("could not give service jobs %s jobs of their own", job_ids)
            self._bell.pause(AWAY)
        return None
