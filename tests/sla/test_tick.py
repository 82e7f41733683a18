"""The heartbeat goes on whatever a tick does, and stops when it is told to."""

from __future__ import annotations

import logging
import threading
import time

import pytest

from sla import run_ticker


def test_a_failing_tick_is_logged_and_the_next_one_comes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stop, calls = threading.Event(), 0

    def tick() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise RuntimeError("the database is away")
        stop.set()

    with caplog.at_level(logging.ERROR, logger="sla.tick"):
        run_ticker(tick, 0.02, stop)
    assert calls >= 2
    (record,) = (one for one in caplog.records if one.name == "sla.tick")
    assert record.exc_info is not None
    assert "the database is away" in str(record.exc_info[1])


def test_ticks_do_not_overlap_and_missed_ones_become_one() -> None:
    stop, running, most, calls = threading.Event(), 0, 0, 0

    def tick() -> None:
        nonlocal running, most, calls
        running, calls = running + 1, calls + 1
        most = max(most, running)
        time.sleep(0.1)
        running -= 1
        if calls == 3:
            stop.set()

    run_ticker(tick, 0.01, stop)
    assert most == 1
    assert calls <= 4


def test_it_stops_without_waiting_for_the_next_tick() -> None:
    stop, ticked = threading.Event(), threading.Event()
    thread = threading.Thread(target=run_ticker, args=(ticked.set, 3600, stop))
    thread.start()
    assert ticked.wait(60)
    stop.set()
    thread.join(60)
    assert not thread.is_alive()
