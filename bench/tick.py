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
BEATS = 100
WARM_UP = 10
"""The driver prepares a statement on its fifth use."""

_WAITING = """
    INSERT INTO due_moment (kind, instance_id, key, element, due_at)
    SELECT 'timer', min(id), 'waiting-' || n, 'investigation_late', now() + n * interval '1 minute'
      FROM process_instance, generate_series(1500, 1499 + %s) n GROUP BY n
"""


def measure() -> Iterator[Figure]:
    """``tick_idle_ms`` and ``tick_idle_growth``, from beats that alternate."""
    with stage() as few, stage() as many:
        _wait(few, FEW)
        _wait(many, MANY)
        pairs = [(_beat(few), _beat(many)) for _ in range(WARM_UP + BEATS)][WARM_UP:]
    short, long = (median(times) for times in zip(*pairs, strict=True))
    notes.tell(f"a beat with {FEW} waiting {short:.2f} ms, with {MANY} {long:.2f} ms")
    yield Figure("tick_idle_ms", long)
    yield Figure("tick_idle_growth", median(many / few for few, many in pairs))


def _wait(on: Stage, count: int) -> None:
    """So many timers of one instance, due in a day or later."""
    prepare(on, 1)
    with psycopg.connect(on.settings.conninfo) as connection:
        connection.execute(_WAITING, [count])


def _beat(on: Stage) -> float:
    begun = time.perf_counter()
    clock.tick(on.app)
    return (time.perf_counter() - begun) * 1000
