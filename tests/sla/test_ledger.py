"""Ledgers: whatever happens to a clock, the time it has counted stays counted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sla
from sla import Ledger, LedgerRefused, due_at, elapsed, from_json, to_json
from tests.sla.drawn import keys, ledgers, shipped, steps, targets

MONDAY = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
"""10:00 in Iran, an ordinary working day."""
HOUR = timedelta(hours=1)


@given(ledgers(), st.lists(steps, min_size=2, max_size=6))
@settings(deadline=None)
def test_time_counted_never_decreases(clock: Ledger, pauses: list[timedelta]) -> None:
    now, last = clock.started_at, timedelta(0)
    for pause in pauses:
        now += pause
        counted = elapsed(clock, shipped, now)
        assert counted >= last
        last = counted


@given(ledgers(live=True), steps, targets, keys, st.booleans())
@settings(deadline=None)
def test_a_change_of_target_or_calendar_keeps_what_was_counted(
    clock: Ledger, later: timedelta, target: timedelta, key: str, paused: bool
) -> None:
    now = clock.entries[-1].at + later
    if paused and clock.phase == "running":
        clock = sla.pause(clock, now)
    before = elapsed(clock, shipped, now)
    changed = sla.retarget(clock, now, target, "priority:high", key)
    assert elapsed(changed, shipped, now) == before
    assert changed.phase == clock.phase
    assert (changed.target, changed.calendar) == (target, key)


@given(ledgers(live=True), steps, steps)
@settings(deadline=None)
def test_pausing_and_resuming_at_once_changes_nothing(
    clock: Ledger, later: timedelta, after: timedelta
) -> None:
    now = clock.entries[-1].at + later
    if clock.phase == "paused":
        clock = sla.resume(clock, now)
    both = sla.resume(sla.pause(clock, now), now)
    due = due_at(clock, shipped)
    assert elapsed(both, shipped, now + after) == elapsed(clock, shipped, now + after)
    # A clock that stands at its very due moment is due when it goes on, be it at that moment.
    assert due_at(both, shipped) == due or elapsed(both, shipped, now) == both.target


@given(ledgers())
@settings(deadline=None)
def test_the_due_moment_is_when_the_time_counted_is_the_target(clock: Ledger) -> None:
    due = due_at(clock, shipped)
    if due is None:
        assert clock.phase != "running"
        assert elapsed(clock, shipped, clock.entries[-1].at) <= clock.target
    elif clock.stopped_at is None or due <= clock.stopped_at:
        assert elapsed(clock, shipped, due) == clock.target


@given(ledgers())
def test_entries_are_in_order_and_each_can_follow(clock: Ledger) -> None:
    moments = [entry.at for entry in clock.entries]
    assert moments == sorted(moments)
    assert [span.began for span in clock.spans()] == sorted(span.began for span in clock.spans())
    ends = [span.ended for span in clock.spans()]
    assert None not in ends[:-1]
    assert (ends[-1:] == [None]) == (clock.phase == "running")


@given(ledgers())
def test_a_ledger_survives_json(clock: Ledger) -> None:
    assert from_json(json.loads(json.dumps(to_json(clock)))) == clock


def test_a_ledger_of_former_times_counts_by_the_calendar_of_its_row() -> None:
    old: list[dict[str, Any]] = [
        {"kind": "started", "at": "2026-11-23T06:30:00+00:00", "target": 14400.0,
         "reason": "priority:normal"},
        {"kind": "paused", "at": "2026-11-23T07:30:00+00:00", "reason": "waits:customer"},
        {"kind": "resumed", "at": "2026-11-23T08:30:00+00:00"},
        {"kind": "retargeted", "at": "2026-11-23T08:40:00+00:00", "target": 7200.0},
    ]  # fmt: skip
    clock = from_json(old, "iran@1")
    assert clock.calendar == "iran@1"
    assert due_at(clock, shipped) == MONDAY + 3 * HOUR
    assert from_json(old).calendar == ""
    moved = sla.retarget(clock, MONDAY + 3 * HOUR, 2 * HOUR, calendar="always@1")
    assert from_json(to_json(moved), "england@1") == moved


def test_each_stretch_is_measured_by_the_calendar_in_force_then() -> None:
    clock = sla.start(MONDAY, 20 * HOUR, calendar="iran@1")
    evening = MONDAY + 10 * HOUR
    assert elapsed(clock, shipped, evening) == 6 * HOUR
    moved = sla.retarget(clock, evening, 20 * HOUR, calendar="always@1")
    assert elapsed(moved, shipped, evening + 3 * HOUR) == 9 * HOUR
    assert due_at(moved, shipped) == evening + 14 * HOUR
    assert [span.calendar for span in moved.spans()] == ["iran@1", "always@1"]


def test_a_calendar_changed_during_a_pause_counts_from_the_resumption() -> None:
    clock = sla.pause(sla.start(MONDAY, 8 * HOUR, calendar="iran@1"), MONDAY + HOUR)
    moved = sla.retarget(clock, MONDAY + 2 * HOUR, 8 * HOUR, calendar="always@1")
    assert due_at(moved, shipped) is None
    going = sla.resume(moved, MONDAY + 3 * HOUR)
    assert due_at(going, shipped) == MONDAY + 10 * HOUR


def test_a_reopened_clock_goes_on_with_what_it_had_counted() -> None:
    clock = sla.stop(sla.start(MONDAY, 4 * HOUR, calendar="always@1"), MONDAY + HOUR)
    again = sla.reopen(clock, MONDAY + 50 * HOUR, "reopened")
    assert again.phase == "running"
    assert again.stopped_at is None
    assert elapsed(again, shipped, MONDAY + 50 * HOUR) == HOUR
    assert due_at(again, shipped) == MONDAY + 53 * HOUR
    assert due_at(sla.stop(again, MONDAY + 51 * HOUR), shipped) == MONDAY + 53 * HOUR


def test_only_a_stopped_clock_is_reopened_and_only_promises_name_calendars() -> None:
    clock = sla.start(MONDAY, HOUR)
    with pytest.raises(LedgerRefused):
        sla.reopen(clock, MONDAY)
    entry = {"kind": "paused", "at": MONDAY.isoformat(), "calendar": "iran@1"}
    with pytest.raises(LedgerRefused):
        from_json([*to_json(clock), entry])
