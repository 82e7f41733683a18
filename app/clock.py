"""The clock: one process at a time turns what has come due into jobs, once a second.

An advisory lock of PostgreSQL elects it. The lock lives and dies with a connection of its
own, so when the process or its machine dies, a standby takes over within seconds.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app import clock_now, jobs, work, work_sms
from app.config import Settings
from app.db import transaction
from app.ending import asked_to_end
from sla.tick import run_ticker

log = logging.getLogger(__name__)

LEADER_LOCK = 0x50456C6B
"""The advisory lock that only the ticking clock holds; the number is arbitrary."""

TICK_EVERY = 1.0
PRUNE_EVERY = 3600.0
FETCH_EVERY = 60.0
"""Seconds between two rounds to gateways that do not call us."""


def run(app: Flask) -> int:
    """Ticks, or stands by, until SIGTERM or SIGINT; the exit code (1: the database went away)."""
    over = asked_to_end()
    settings: Settings = app.extensions["peygir.settings"]
    try:
        with _connected(settings.conninfo) as connection:
            return _stand_by_then_tick(app, connection, over)
    except psycopg.OperationalError as error:
        log.error("the clock lost the database: %s", error)  # noqa: TRY400  # No traceback needed.
        return 1


def tick(app: Flask) -> None:
    """One beat: due moments become jobs."""
    with app.app_context():
        work.tick()


def prune(app: Flask) -> None:
    """Forgets what nobody needs any more."""
    with app.app_context():
        work.tidy()
        with transaction():
            jobs.forget_done(clock_now())


def _stand_by_then_tick(app: Flask, connection: psycopg.Connection, over: threading.Event) -> int:
    while not _elected(connection):
        if over.wait(TICK_EVERY):
            return 0
    log.info("the clock ticks")
    turn = _Turn(app, connection, over)
    run_ticker(turn.beat, TICK_EVERY, over)
    return 1 if turn.lost else 0


class _Turn:
    """The time during which this process holds the lock."""

    def __init__(self, app: Flask, connection: psycopg.Connection, over: threading.Event) -> None:
        self.lost = False
        self._app, self._connection, self._over = app, connection, over
        self._pruned_at = self._fetched_at = float("-inf")

    def beat(self) -> None:
        """One tick, after making sure that the lock is still ours."""
        try:
            self._connection.execute("SELECT 1")
        except psycopg.OperationalError:
            self.lost = True
            self._over.set()
            return
        try:
            tick(self._app)
            self._prune_now_and_then()
            self._fetch_now_and_then()
        except SQLAlchemyError:
            # What is due stays due: the next beat finds it again.
            log.exception("a beat of the clock failed")

    def _prune_now_and_then(self) -> None:
        if time.monotonic() - self._pruned_at > PRUNE_EVERY:
            self._pruned_at = time.monotonic()
            prune(self._app)

    def _fetch_now_and_then(self) -> None:
        if time.monotonic() - self._fetched_at > FETCH_EVERY:
            self._fetched_at = time.monotonic()
            fetch(self._app)


def fetch(app: Flask) -> None:
    """Lets workers ask the gateways that do not call us."""
    with app.app_context():
        work_sms.order_fetching()


def _elected(connection: psycopg.Connection) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [LEADER_LOCK]).fetchone()
    return bool(row and row[0])


@contextmanager
def _connected(conninfo: str) -> Iterator[psycopg.Connection]:
    # Keep-alives make the server notice a vanished machine, and give the lock to a standby.
    options = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
    with psycopg.connect(
        conninfo, autocommit=True, options=options, application_name="peygir clock"
    ) as connection:
        yield connection
