"""Timers that are all due at once, beside the completing of user tasks over HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from statistics import median

import psycopg

from app import clock
from app.db import db, session, transaction
from app.services.accounts import people
from app.services.desk import tasks
from bench import notes
from bench.client import Client, run_round
from bench.complaints import PATH, answers, prepare
from bench.figure import Figure
from bench.stage import Stage, Web, stage, web, worker
from sla.tick import run_ticker

DUE = 2_000
ROUNDS = 3
"""Rounds of completing before, and as many after the timers."""
EACH = 80
WARM_UP = 160
BEFORE = timedelta(days=30)
"""So long ago the complaints were assessed whose investigation is late."""
PATIENCE = 300.0
"""Seconds that the worker has."""

_FIRED = """
    SELECT count(*), count(DISTINCT instance_id) FROM event
     WHERE kind = 'step' AND data->'cause'->>'element' = 'investigation_late'
"""
_OPENED = "SELECT count(*) FROM user_task WHERE element = 'set_new_date' AND state = 'open'"
_DUE_NOW = "SELECT count(*) FROM due_moment WHERE due_at <= now()"
# The promises of complaints that are weeks late climb their ladders, too; that is no step of a
# complaint, and is not what is measured here.
_WITHOUT_LADDERS = "DELETE FROM due_moment WHERE kind = 'sla'"


class Wrong(Exception):
    """A moment was done twice or not at all."""


def measure() -> Iterator[Figure]:
    """``due_vs_complete``."""
    with stage() as on:
        with _in_haste(on):
            _let_be_late(on, prepare(on, DUE, now=datetime.now(UTC) - BEFORE))
            waiting = prepare(on, WARM_UP + 2 * ROUNDS * EACH, first=DUE)
        with web(on) as server, worker(on):
            before = _complete(on, server, waiting[: WARM_UP + ROUNDS * EACH])
            fired = _fire(on)
            after = _complete(on, server, waiting[WARM_UP + ROUNDS * EACH :])
    completed = median([*before[WARM_UP // EACH :], *after])
    notes.tell(f"timers {fired:.0f}/s, completions {completed:.0f}/s")
    yield Figure("due_vs_complete", fired / completed)


@contextmanager
def _in_haste(on: Stage) -> Iterator[None]:
    """Nobody waits for the disk while all is prepared; afterwards everybody does again."""
    _set_commits(on, "SET synchronous_commit TO off")
    try:
        yield
    finally:
        _set_commits(on, "RESET synchronous_commit")


def _set_commits(on: Stage, how: str) -> None:
    with psycopg.connect(on.settings.conninfo, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {connection.info.dbname} {how}".encode())
    with on.app.app_context():
        db.session.remove()
        db.engine.dispose()


def _let_be_late(on: Stage, task_ids: Sequence[int]) -> None:
    """Assess them as of long ago, so that the timers beside their investigation are due."""
    with on.app.app_context():
        for task_id in task_ids:
            with transaction():
                actor = people.actor_of(people.by_login(PATH["assess"]))
                at = datetime.now(UTC) - BEFORE + timedelta(hours=1)
                tasks.complete(task_id, answers("assess"), actor, at, language="en")
            session().expunge_all()


def _complete(on: Stage, server: Web, task_ids: Sequence[int]) -> list[float]:
    """Completions per second, round by round."""
    body, token = {"data": answers("assess")}, on.tokens[PATH["assess"]]

    def complete(client: Client, share: Sequence[int]) -> None:
        for task_id in share:
            client.expect(200, "POST", f"/api/v1/tasks/{task_id}/complete", body, token)

    rounds = (task_ids[begin : begin + EACH] for begin in range(0, len(task_ids), EACH))
    return [run_round(server.port, share, complete).rate for share in rounds]


def _fire(on: Stage) -> float:
    """Timers per second, from the beat that finds them until the last has fired."""
    with psycopg.connect(on.settings.conninfo, autocommit=True) as connection:
        connection.execute(_WITHOUT_LADDERS)
        if connection.execute(_DUE_NOW).fetchone() != (DUE,):
            raise Wrong("another number of moments is due than was prepared")
        begun = time.perf_counter()
        with _ticking(on):
            while connection.execute(_DUE_NOW).fetchone() != (0,):
                if time.perf_counter() - begun > PATIENCE:
                    raise Wrong("the worker does not come to an end")
                time.sleep(0.05)
            lasted = time.perf_counter() - begun
        if connection.execute(_FIRED).fetchone() != (DUE, DUE):
            raise Wrong("not every timer fired exactly once")
        if connection.execute(_OPENED).fetchone() != (DUE,):
            raise Wrong("not every timer led to its task")
    return DUE / lasted


@contextmanager
def _ticking(on: Stage) -> Iterator[None]:
    """The beats of the clock, once a second as ever."""
    over = threading.Event()
    beats = threading.Thread(
        target=run_ticker, args=(lambda: clock.tick(on.app), clock.TICK_EVERY, over)
    )
    beats.start()
    try:
        yield
    finally:
        over.set()
        beats.join()
