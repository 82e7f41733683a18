"""Clocks: a ledger of what happened says when a promise is due and how it stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sla import (
    Calendar,
    Ledger,
    LedgerRefused,
    add_working_time,
    calendars,
    drop,
    due_at,
    elapsed,
    from_json,
    moment_at,
    pause,
    remaining,
    resume,
    retarget,
    risk_at,
    start,
    state,
    stop,
    to_json,
    working_time_between,
)


def by_iran(key: str) -> Calendar:
    """Every entry, whatever calendar it names, counts by the Iranian one."""
    return calendars()["iran"]


IRAN = calendars()["iran"]
TEHRAN = ZoneInfo("Asia/Tehran")
FOUR_HOURS = timedelta(hours=4)
HOUR = timedelta(hours=1)

instants = st.timedeltas(timedelta(0), timedelta(days=730)).map(
    datetime(2025, 6, 1, tzinfo=UTC).__add__
)
steps = st.timedeltas(timedelta(0), timedelta(days=9))
targets = st.timedeltas(timedelta(seconds=1), timedelta(hours=200))


def saturday(hour: int, minute: int = 0) -> datetime:
    """Return a moment of 21 November 2026, an ordinary working day in Iran."""
    return datetime(2026, 11, 21, hour, minute, tzinfo=TEHRAN)


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Draw a clock that was paused, resumed and retargeted some times, and perhaps stopped."""
    at = draw(instants)
    ledger = start(at, draw(targets))
    for kind in draw(st.lists(st.sampled_from("prt"), max_size=8)):
        at += draw(steps)
        if kind == "t":
            ledger = retarget(ledger, at, draw(targets))
        elif ledger.phase == "running":
            ledger = pause(ledger, at)
        else:
            ledger = resume(ledger, at)
    return stop(ledger, at + draw(steps)) if draw(st.booleans()) else ledger


def test_a_promise_goes_from_on_track_to_broken() -> None:
    clock = start(saturday(9), FOUR_HOURS)
    assert due_at(clock, by_iran) == saturday(13)
    assert risk_at(clock, by_iran) == saturday(12)
    assert moment_at(clock, by_iran, 0.5) == saturday(11)
    stands = [
        state(clock, by_iran, saturday(h, m)) for h, m in ((9, 0), (11, 59), (12, 0), (13, 0))
    ]
    assert stands == ["on_track", "on_track", "at_risk", "at_risk"]
    assert state(clock, by_iran, saturday(13, 1)) == "broken"
    assert remaining(clock, by_iran, saturday(10)) == 3 * HOUR
    assert remaining(clock, by_iran, saturday(15)) == -2 * HOUR


def test_a_promise_is_kept_up_to_its_due_moment_and_missed_after() -> None:
    clock = start(saturday(9), FOUR_HOURS)
    for minute, verdict in ((0, "kept"), (1, "missed")):
        stopped = stop(clock, saturday(13, minute))
        assert state(stopped, by_iran, saturday(20)) == verdict
        assert due_at(stopped, by_iran) == saturday(13)


def test_due_at_the_close_of_the_day_means_before_the_evening() -> None:
    clock = start(saturday(12), FOUR_HOURS)
    assert due_at(clock, by_iran) == saturday(16)
    assert state(clock, by_iran, saturday(17)) == "broken"
    assert state(stop(clock, saturday(17)), by_iran, saturday(18)) == "missed"
    assert state(pause(clock, saturday(17)), by_iran, saturday(18)) == "broken"


def test_a_paused_promise_has_no_due_moment_until_it_goes_on() -> None:
    waiting = pause(start(saturday(9), FOUR_HOURS), saturday(10), "waits:customer")
    assert due_at(waiting, by_iran) is None
    assert state(waiting, by_iran, saturday(20)) == "paused"
    assert elapsed(waiting, by_iran, saturday(20)) == HOUR
    going = resume(waiting, saturday(12))
    assert due_at(going, by_iran) == saturday(15)


def test_a_pause_at_the_very_due_moment_does_not_break_the_promise() -> None:
    waiting = pause(start(saturday(9), FOUR_HOURS), saturday(13))
    assert state(waiting, by_iran, saturday(15)) == "paused"
    assert state(stop(waiting, saturday(15)), by_iran, saturday(16)) == "kept"
    assert state(resume(waiting, saturday(14)), by_iran, saturday(14, 1)) == "broken"


def test_a_promise_that_ends_during_a_pause_is_kept_however_long_the_pause() -> None:
    waiting = pause(start(saturday(9), FOUR_HOURS), saturday(10))
    closed = stop(waiting, saturday(20))
    assert due_at(closed, by_iran) is None
    assert state(closed, by_iran, saturday(21)) == "kept"
    late = stop(pause(start(saturday(9), FOUR_HOURS), saturday(14)), saturday(20))
    assert due_at(late, by_iran) == saturday(13)
    assert state(late, by_iran, saturday(21)) == "missed"


def test_a_shorter_promise_can_be_broken_at_once_and_a_longer_one_mends_it() -> None:
    clock = retarget(start(saturday(9), FOUR_HOURS), saturday(12), HOUR, "priority:urgent")
    assert due_at(clock, by_iran) == saturday(10)
    assert state(clock, by_iran, saturday(12, 1)) == "broken"
    mended = retarget(clock, saturday(12, 2), 6 * HOUR)
    assert due_at(mended, by_iran) == saturday(15)
    assert state(mended, by_iran, saturday(12, 3)) == "on_track"


@given(instants, targets, steps, steps)
@settings(deadline=None)
def test_a_pause_moves_the_due_moment_by_the_working_time_paused(
    begin: datetime, target: timedelta, before: timedelta, length: timedelta
) -> None:
    clock = start(begin, target)
    plain = add_working_time(IRAN, begin, target)
    paused_at, resumed_at = begin + before, begin + before + length
    assume(paused_at < plain)
    moved = due_at(resume(pause(clock, paused_at), resumed_at), by_iran)
    assert moved is not None
    stood = working_time_between(IRAN, paused_at, resumed_at)
    assert working_time_between(IRAN, plain, moved) == stood


@given(instants, targets, targets, steps, steps)
@settings(deadline=None)
def test_a_new_target_keeps_the_time_counted(
    begin: datetime, old: timedelta, new: timedelta, before: timedelta, after: timedelta
) -> None:
    clock = start(begin, old)
    changed = retarget(clock, begin + before, new)
    now = begin + before + after
    assert elapsed(changed, by_iran, now) == elapsed(clock, by_iran, now)
    assert due_at(changed, by_iran) == due_at(start(begin, new), by_iran)


@given(ledgers(), steps)
@settings(deadline=None)
def test_the_due_moment_is_when_the_time_counted_reaches_the_target(
    clock: Ledger, later: timedelta
) -> None:
    due = due_at(clock, by_iran)
    now = clock.entries[-1].at + later
    if due is None:
        assert clock.phase != "running"
        assert remaining(clock, by_iran, now) >= timedelta(0)
    elif clock.phase == "running" or due <= clock.entries[-1].at:
        assert elapsed(clock, by_iran, due) == clock.target
    if state(clock, by_iran, now) in {"on_track", "at_risk", "kept"}:
        assert elapsed(clock, by_iran, now) <= clock.target


@given(ledgers(), steps)
@settings(deadline=None)
def test_the_moments_of_a_running_clock_stay_when_it_comes_to_its_end(
    clock: Ledger, later: timedelta
) -> None:
    assume(clock.phase == "running")
    at = clock.entries[-1].at + later
    for ended in (stop(clock, at, "closed"), drop(clock, at, "closed")):
        assert due_at(ended, by_iran) == due_at(clock, by_iran)
        assert risk_at(ended, by_iran) == risk_at(clock, by_iran)


@given(ledgers(), instants, steps)
@settings(deadline=None)
def test_time_counted_never_runs_backwards(clock: Ledger, now: datetime, later: timedelta) -> None:
    assert elapsed(clock, by_iran, now) <= elapsed(clock, by_iran, now + later)
    assert elapsed(clock, by_iran, clock.started_at) == timedelta(0)


@given(ledgers())
def test_a_ledger_survives_json(clock: Ledger) -> None:
    assert from_json(json.loads(json.dumps(to_json(clock)))) == clock


def test_entries_come_in_order_only() -> None:
    clock = start(saturday(9), FOUR_HOURS)
    stopped = stop(clock, saturday(10))
    wrong: list[Callable[[], object]] = [
        lambda: resume(clock, saturday(10)),
        lambda: pause(pause(clock, saturday(10)), saturday(11)),
        lambda: pause(clock, saturday(8)),
        lambda: stop(stopped, saturday(11)),
        lambda: retarget(stopped, saturday(11), HOUR),
        lambda: retarget(clock, saturday(11), timedelta(0)),
        lambda: start(datetime(2026, 1, 1), HOUR),  # noqa: DTZ001  # The case itself.
    ]
    for each in wrong:
        with pytest.raises(LedgerRefused):
            each()


@pytest.mark.parametrize(
    "data",
    [
        [],
        [{}],
        [{"kind": "started", "at": "2026-01-01T00:00:00+00:00"}],
        [{"kind": "paused", "at": "2026-01-01T00:00:00+00:00"}],
        [{"kind": "begun", "at": "2026-01-01T00:00:00+00:00", "target": 5}],
        [{"kind": "started", "at": "yesterday", "target": 5}],
        [{"kind": "started", "at": 5, "target": 5}],
        [{"kind": "started", "at": "2026-01-01T00:00:00+00:00", "target": "5"}],
        [{"kind": "started", "at": "2026-01-01T00:00:00+00:00", "target": 5, "x": 1}],
        ["started"],
        [{"kind": [], "at": "2026-01-01T00:00:00+00:00", "target": 5}],
    ],
)
def test_what_is_no_ledger_is_refused(data: list[dict[str, object]]) -> None:
    with pytest.raises(LedgerRefused):
        from_json(data)
