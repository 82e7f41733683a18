"""One beat of the clock when nothing is due, however much waits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

import psycopg

from app import clock
from bench import notes
from bench.complaints import prepare
from bench.figure import Figure
from bench.stage import Stage, stage

FEW, MANY = 1_000, 100_000
BEATS = 60
WARM_UP = 10
"""The driver prepares a statement on its fifth use."""

_WAITING = """
    INSERT INTO due_moment (kind, instance_id, key, element, due_at)
    SELECT 'timer', min(id), 'waiting-' || n, 'investigation_late', now() + n * interval '1 minute'
      FROM process_instance, generate_series(1000 + %s, 1000 + %s) n GROUP BY n
"""


def measure() -> Iterator[Figure]:
    """``tick_idle_ms`` and ``tick_idle_growth``."""
    with stage() as on:
        prepare(on, 1)
        _wait(on, 1, FEW)
        few = _beats(on)
        _wait(on, FEW + 1, MANY)
        many = _beats(on)
    notes.tell(f"a beat with {FEW} waiting {few:.2f} ms, with {MANY} {many:.2f} ms")
    yield Figure("tick_idle_ms", many)
    yield Figure("tick_idle_growth", many / few)


def _wait(on: Stage, first: int, last: int) -> None:
    """Timers of one instance that are due in a day or later, by their numbers."""
    with psycopg.connect(on.settings.conninfo) as connection:
        connection.execute(_WAITING, [first, last])


def _beats(on: Stage) -> float:
    """Milliseconds of one beat, the middle of many."""
    return median([_beat(on) for _ in range(WARM_UP + BEATS)][WARM_UP:])


def _beat(on: Stage) -> float:
    begun = time.perf_counter()
    clock.tick(on.app)
    return (time.perf_counter() - begun) * 1000
