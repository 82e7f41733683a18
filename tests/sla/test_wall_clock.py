"""The two nights on which the clocks change: days of 23 and 25 hours, skipped and repeated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla import Calendar, Shift, add_working_time, next_opening, working_time_between
from sla.wall_clock import datetime_of, instant_of, local_of

LONDON = ZoneInfo("Europe/London")
TEHRAN = ZoneInfo("Asia/Tehran")
NAMES = {"fa": "آزمایشی", "en": "Test"}
SPRING = (datetime(2026, 3, 29, 0, tzinfo=UTC), timedelta(hours=23))
AUTUMN = (datetime(2026, 10, 24, 23, tzinfo=UTC), timedelta(hours=25))
"""When the two odd days of London begin, and how long they are."""


def daily(start: int, end: int, zone: ZoneInfo = LONDON) -> Calendar:
    return Calendar("daily", NAMES, zone, ((Shift(start, end),),) * 7)


@pytest.mark.parametrize(
    ("shift", "spring", "autumn"),
    [
        ((0, 1440), 23 * 60, 25 * 60),  # The whole day.
        ((0, 360), 300, 420),  # Over the change.
        ((30, 75), 30, 45),  # Ends in the hour that is skipped, or repeated.
        ((75, 180), 60, 165),  # Begins in it.
        ((70, 110), 0, 40),  # Lies in it: it does not come, or counts the first time.
        ((480, 960), 480, 480),  # By day.
        ((1320, 1800), 300 + 120, 420 + 120),  # The nights before and after.
    ],
)
def test_minutes_of_the_two_days(shift: tuple[int, int], spring: int, autumn: int) -> None:
    calendar = daily(*shift)
    for (begin, length), minutes in ((SPRING, spring), (AUTUMN, autumn)):
        worked = working_time_between(calendar, begin, begin + length)
        assert worked == timedelta(minutes=minutes)


def test_a_night_shift_lasts_as_long_as_it_lasts() -> None:
    night = daily(1320, 1800)
    for day, hours in ((28, 7), (27, 8)):
        begin = datetime(2026, 3, day, 22, tzinfo=LONDON)
        end = datetime(2026, 3, day + 1, 6, tzinfo=LONDON)
        assert working_time_between(night, begin, end) == timedelta(hours=hours)
        assert add_working_time(night, begin, timedelta(hours=hours)) == end


def test_an_opening_in_the_skipped_hour_is_the_jump() -> None:
    midnight = datetime(2026, 3, 29, 0, tzinfo=LONDON)
    jump = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert next_opening(daily(75, 180), midnight) == jump


def test_a_repeated_hour_opens_the_first_time() -> None:
    midnight = datetime(2026, 10, 25, 0, tzinfo=LONDON)
    assert next_opening(daily(75, 180), midnight) == datetime(2026, 10, 25, 0, 15, tzinfo=UTC)


def test_iran_changed_its_clocks_at_midnight_until_2022() -> None:
    # At 00:00 of 22 March 2022 the clocks went to 01:00.
    day = datetime(2022, 3, 21, 20, 30, tzinfo=UTC)
    whole = daily(0, 1440, TEHRAN)
    assert working_time_between(whole, day, day + timedelta(hours=23)) == timedelta(hours=23)
    assert next_opening(daily(30, 120, TEHRAN), day) == day
    assert instant_of(TEHRAN, datetime(2022, 3, 22, 0, 30)) == instant_of(  # noqa: DTZ001
        TEHRAN,
        datetime(2022, 3, 22, 1),  # noqa: DTZ001
    )


zones = st.sampled_from(
    [ZoneInfo(name) for name in ("Europe/London", "Asia/Tehran", "Australia/Lord_Howe",
                                 "America/New_York", "Africa/Casablanca", "UTC")]
)  # fmt: skip
moments = st.datetimes(datetime(1975, 1, 1), datetime(2040, 1, 1))  # noqa: DTZ001


@given(zones, moments, moments)
def test_a_later_time_on_the_wall_is_never_earlier(
    zone: ZoneInfo, a: datetime, b: datetime
) -> None:
    first, second = sorted((a, b))
    assert instant_of(zone, first) <= instant_of(zone, second)


@given(zones, moments)
def test_what_the_clocks_show_leads_back(zone: ZoneInfo, moment: datetime) -> None:
    instant = instant_of(ZoneInfo("UTC"), moment)
    assert instant_of(zone, local_of(zone, instant)) == instant
    assert datetime_of(instant) == moment.replace(tzinfo=UTC)
