"""When a channel may be used: breaker, rate, quiet hours, all as pure functions of now."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.gate import FIRST, LONGEST, TRIAL, TRIP, Breaker, Quiet, Rate

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
BERLIN, TEHRAN = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tehran")
SECOND = timedelta(seconds=1)


def failed(times: int, breaker: Breaker | None = None) -> Breaker:
    found = breaker or Breaker()
    for _ in range(times):
        found = found.after_failure(NOW, on_trial=True)
    return found


def test_a_breaker_opens_at_the_fifth_failure_in_a_row() -> None:
    assert not failed(TRIP - 1).is_open(NOW)
    opened = failed(TRIP)
    assert opened.is_open(NOW)
    assert opened.is_open(NOW + FIRST - SECOND)
    assert not opened.is_open(NOW + FIRST)


def test_it_stays_open_longer_with_each_failure_but_never_for_ever() -> None:
    waits = [failed(number).open_until for number in range(TRIP, TRIP + 100)]
    spans = [until - NOW for until in waits if until is not None]
    assert spans[:3] == [FIRST, 2 * FIRST, 4 * FIRST]
    assert spans == sorted(spans)
    assert spans[-1] == LONGEST
    assert len(spans) == 100


def test_what_was_on_its_way_when_it_opened_lengthens_nothing() -> None:
    opened = failed(TRIP)
    assert opened.after_failure(NOW) == opened
    trying = opened.trying(NOW + FIRST)
    assert trying.after_failure(NOW + FIRST) == trying
    after = trying.after_failure(NOW + FIRST, on_trial=True)
    assert after.open_until == NOW + 3 * FIRST


def test_one_sending_alone_tries_whether_the_partner_is_back() -> None:
    later = NOW + FIRST
    opened = failed(TRIP)
    assert not opened.is_on_trial(later - SECOND)
    assert opened.is_on_trial(later)
    trying = opened.trying(later)
    assert trying.is_open(later)
    assert not trying.is_on_trial(later)
    # When the one that tried died, another tries.
    assert trying.is_on_trial(later + TRIAL)


def test_a_closed_breaker_has_no_trial() -> None:
    assert not Breaker().is_on_trial(NOW)
    assert not failed(TRIP - 1).is_on_trial(NOW)


def test_a_rate_gives_places_in_a_row() -> None:
    rate, waits = Rate(60), []
    for _ in range(14):
        rate, at = rate.take(NOW)
        waits.append(at)
    assert waits[:10] == [None] * 10
    assert waits[10:] == [NOW + number * SECOND for number in (1, 2, 3, 4)]


def test_a_slow_rate_lets_one_go_and_then_one_a_minute() -> None:
    rate, first = Rate(1).take(NOW)
    rate, second = rate.take(NOW)
    _, third = rate.take(NOW + timedelta(seconds=30))
    assert (first, second, third) == (
        None, NOW + timedelta(minutes=1), NOW + timedelta(minutes=2),
    )  # fmt: skip


@given(
    per_minute=st.integers(1, 600),
    steps=st.lists(st.floats(0, 90, allow_nan=False), min_size=1, max_size=60),
)
def test_no_minute_sees_more_than_the_rate_and_one_burst(
    per_minute: int, steps: list[float]
) -> None:
    rate, now, sent = Rate(per_minute), NOW, []
    for step in steps:
        now += timedelta(seconds=step)
        rate, at = rate.take(now)
        sent.append(at or now)
    # Nobody overtakes: places are given in order.
    assert sent == sorted(sent)
    for start in sent:
        within = [one for one in sent if start <= one < start + timedelta(minutes=1)]
        assert len(within) <= per_minute + Rate(per_minute).capacity + 1


def test_a_clock_that_goes_back_fills_nothing() -> None:
    rate, _ = Rate(6).take(NOW)
    again, at = rate.take(NOW - timedelta(hours=1))
    assert at is not None
    assert again.tokens == -1


NIGHT = Quiet(time(22), time(8))


@pytest.mark.parametrize(
    ("local", "ends"),
    [
        ("2026-11-21T21:59:59", None),
        ("2026-11-21T22:00:00", "2026-11-22T08:00:00"),
        ("2026-11-22T00:00:00", "2026-11-22T08:00:00"),
        ("2026-11-22T07:59:59", "2026-11-22T08:00:00"),
        ("2026-11-22T08:00:00", None),
    ],
)
def test_quiet_hours_go_over_midnight(local: str, ends: str | None) -> None:
    now = datetime.fromisoformat(local).replace(tzinfo=TEHRAN).astimezone(UTC)
    expected = ends and datetime.fromisoformat(ends).replace(tzinfo=TEHRAN)
    assert NIGHT.over_at(now, TEHRAN) == expected


def test_quiet_hours_within_a_day() -> None:
    noon = Quiet(time(12), time(14))
    now = datetime(2026, 11, 21, 12, 30, tzinfo=TEHRAN)
    assert noon.over_at(now, TEHRAN) == datetime(2026, 11, 21, 14, tzinfo=TEHRAN)
    assert noon.over_at(now - timedelta(hours=1), TEHRAN) is None
    assert Quiet(time(9), time(9)).over_at(now, TEHRAN) is None


def test_quiet_hours_that_end_in_the_hour_that_summer_time_leaves_out() -> None:
    # In Berlin 2026-03-29 has no 02:30: the clock goes from 02:00 to 03:00.
    quiet = Quiet(time(22), time(2, 30))
    now = datetime(2026, 3, 29, 0, 15, tzinfo=UTC)
    ends = quiet.over_at(now, BERLIN)
    assert ends == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert quiet.over_at(ends, BERLIN) is None


def test_quiet_hours_that_end_in_the_hour_that_comes_twice() -> None:
    # In Berlin 2026-10-25 has 02:30 twice: at 00:30 and at 01:30 in UTC.
    quiet = Quiet(time(22), time(2, 30))
    first = datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    assert quiet.over_at(first, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    # Between both comings it is quiet again by the clock on the wall, until the second one.
    between = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert quiet.over_at(between, BERLIN) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001  # UTC below.
    start=st.times(), end=st.times(), zone=st.sampled_from([BERLIN, TEHRAN]),
)  # fmt: skip
def test_quiet_hours_always_end_later_and_within_a_day(
    now: datetime, start: time, end: time, zone: ZoneInfo
) -> None:
    ends = Quiet(start, end).over_at(now.replace(tzinfo=UTC), zone)
    if ends is not None:
        assert timedelta(0) < ends - now.replace(tzinfo=UTC) <= timedelta(hours=26)
