"""Adding working time over a year, as every promise and every working-time timer does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median

import sla
from bench import notes
from bench.figure import Figure

ADDITIONS = 2000
ROUNDS = 15
BEGUN = datetime(2026, 3, 21, 6, 0, tzinfo=UTC)
LENGTH = timedelta(hours=2000)
"""About a year of the Iranian working week."""


def measure() -> Iterator[Figure]:
    """``working_time_us``: one addition in a calendar that was asked before, in microseconds.

    The instants lie a whole year apart at most, so each addition passes into another year. The
    quickest round counts: it always does the same work, and other programs can only add to it.
    """
    source = (sla.calendar_files.FOLDER / "iran.toml").read_bytes()
    calendar = sla.load_calendar(source, "iran.toml")
    begun = time.perf_counter()
    sla.add_working_time(calendar, BEGUN, LENGTH)
    cold = (time.perf_counter() - begun) * 1000
    times = [_round(calendar) for _ in range(ROUNDS + 1)][1:]
    notes.tell(f"{median(times):.1f} µs in the median; the first of all took {cold:.0f} ms")
    yield Figure("working_time_us", min(times))


def _round(calendar: sla.Calendar) -> float:
    instants = [BEGUN + i * timedelta(minutes=257, microseconds=i) for i in range(ADDITIONS)]
    begun = time.perf_counter()
    for instant in instants:
        sla.add_working_time(calendar, instant, LENGTH)
    return (time.perf_counter() - begun) / ADDITIONS * 1_000_000
