"""Working time is exact: compared with a count of minutes, and with itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla import (
    Calendar,
    Closure,
    Country,
    IslamicMonth,
    NoWorkingTime,
    Opening,
    Season,
    Shift,
    YearlyRange,
    add_working_days,
    add_working_time,
    calendars,
    next_closing,
    next_opening,
    working_time_before,
    working_time_between,
)

TEHRAN = ZoneInfo("Asia/Tehran")
LONDON = ZoneInfo("Europe/London")
NAMES = {"fa": "آزمایشی", "en": "Test"}
SPLIT = Calendar(
    "split", NAMES, LONDON,
    ((Shift(480, 720), Shift(780, 1020), Shift(1320, 1800)),) * 5 + ((Shift(0, 1440),), ()),
    yearly_holidays=frozenset({(12, 25)}),
    added=frozenset({date(2026, 3, 30)}),
)  # fmt: skip
"""Two day shifts and a night shift on weekdays, all of Saturday, in a zone with summer time."""
RICH = Calendar(
    "rich", NAMES, TEHRAN,
    ((Shift(480, 720), Shift(780, 960)),) * 3
    + ((Shift(480, 720),), (), (Shift(480, 960),), (Shift(480, 960),)),
    country=Country("IR"),
    removed=frozenset({date(2026, 11, 13)}),
    closures=(
        Closure(datetime(2026, 3, 18, 10), datetime(2026, 3, 19, 9)),  # noqa: DTZ001
        Closure(datetime(2026, 12, 24), datetime(2026, 12, 27)),  # noqa: DTZ001
        Closure(datetime(2026, 12, 30, 15, 30), datetime(2026, 12, 31)),  # noqa: DTZ001
    ),
    openings=(
        Opening(datetime(2026, 3, 20, 9), datetime(2026, 3, 20, 12)),  # noqa: DTZ001
        Opening(datetime(2026, 12, 25, 22), datetime(2026, 12, 26, 3)),  # noqa: DTZ001
    ),
    seasons=(
        Season(IslamicMonth(9, 1), ((Shift(540, 840),),) * 7),
        Season(YearlyRange("jalali", (4, 1), (6, 31)), ((Shift(420, 780),),) * 7),
        Season(
            YearlyRange("gregorian", (12, 28), (1, 5)),
            ((Shift(600, 900), Shift(1380, 1500)),) * 7,
        ),
    ),
)  # fmt: skip
"""Holidays of a country, closures, extra openings, and hours by three reckonings of the year."""
CALENDARS = [*calendars().values(), SPLIT, RICH]

by_calendar = st.sampled_from(CALENDARS)
instants = st.timedeltas(timedelta(0), timedelta(days=3650)).map(
    datetime(2024, 1, 1, tzinfo=UTC).__add__
)
lengths = st.timedeltas(timedelta(0), timedelta(hours=500))


def local(zone: ZoneInfo, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type,misc]


def works_at(calendar: Calendar, instant: datetime) -> bool:
    """Say by the clock on the wall whether the calendar works: an independent reckoning."""
    here = instant.astimezone(calendar.zone)
    minute = here.hour * 60 + here.minute
    today, yesterday = here.date(), here.date() - timedelta(days=1)
    shown = here.replace(tzinfo=None)
    if any(each.start <= shown < each.end for each in calendar.openings):
        return True
    if any(each.start <= shown < each.end for each in calendar.closures if not each.whole_days):
        return False
    return any(
        shift.start <= minute + extra < shift.end
        for day, extra in ((today, 0), (yesterday, 1440))
        if not calendar.is_day_off(day)
        for shift in calendar.shifts_on(day)
    )


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda one: one.key)
@pytest.mark.parametrize(
    "first",
    [
        (2026, 3, 18),
        (2026, 3, 27),
        (2026, 10, 23),
        (2026, 12, 24),
        (2026, 12, 30),
        (2022, 3, 20),
        (2026, 2, 17),
        (2026, 6, 20),
        (2027, 1, 4),
    ],
)
def test_it_agrees_with_a_count_of_minutes(calendar: Calendar, first: tuple[int, int, int]) -> None:
    begin = datetime(*first, tzinfo=UTC)
    minutes = [begin + timedelta(minutes=i) for i in range(4 * 1440)]
    counted = 0
    for i, minute in enumerate(minutes):
        if i % 97 == 0:
            assert working_time_between(calendar, begin, minute) == timedelta(minutes=counted)
        counted += works_at(calendar, minute)
    assert working_time_between(calendar, begin, minutes[-1] + timedelta(minutes=1)) == timedelta(
        minutes=counted
    )


@given(by_calendar, instants, lengths)
@settings(deadline=None)
def test_adding_and_then_measuring_gives_back(
    calendar: Calendar, instant: datetime, length: timedelta
) -> None:
    end = add_working_time(calendar, instant, length)
    assert working_time_between(calendar, instant, end) == length
    if length:
        just_before = end - timedelta(microseconds=1)
        assert working_time_between(calendar, instant, just_before) < length


@given(by_calendar, instants, lengths, lengths)
@settings(deadline=None)
def test_adding_in_two_steps_is_adding_at_once(
    calendar: Calendar, instant: datetime, one: timedelta, two: timedelta
) -> None:
    in_steps = add_working_time(calendar, add_working_time(calendar, instant, one), two)
    at_once = add_working_time(calendar, instant, one + two)
    assert in_steps == at_once or (not two and in_steps <= at_once)


@given(by_calendar, instants, instants, lengths)
@settings(deadline=None)
def test_a_later_start_or_a_longer_length_is_never_due_earlier(
    calendar: Calendar, a: datetime, b: datetime, length: timedelta
) -> None:
    first, second = sorted((a, b))
    assert add_working_time(calendar, first, length) <= add_working_time(calendar, second, length)
    longer = length + timedelta(seconds=1)
    assert add_working_time(calendar, a, length) < add_working_time(calendar, a, longer)


@given(by_calendar, instants, instants, instants)
@settings(deadline=None)
def test_two_parts_make_the_whole_in_any_order(
    calendar: Calendar, a: datetime, b: datetime, c: datetime
) -> None:
    whole = working_time_between(calendar, a, c)
    assert working_time_between(calendar, a, b) + working_time_between(calendar, b, c) == whole
    assert working_time_between(calendar, c, a) == -whole


@given(by_calendar, instants)
@settings(deadline=None)
def test_nothing_is_worked_before_the_next_opening(calendar: Calendar, instant: datetime) -> None:
    opening = next_opening(calendar, instant)
    assert opening >= instant
    assert works_at(calendar, opening)
    assert working_time_between(calendar, instant, opening) == timedelta(0)


@given(by_calendar, instants, lengths)
@settings(deadline=None)
def test_the_way_back_is_the_way_there(
    calendar: Calendar, instant: datetime, length: timedelta
) -> None:
    begin = working_time_before(calendar, instant, length)
    assert working_time_between(calendar, begin, instant) == length
    if length:
        just_after = begin + timedelta(microseconds=1)
        assert working_time_between(calendar, just_after, instant) < length
        assert add_working_time(calendar, begin, length) <= instant


@given(by_calendar, instants)
@settings(deadline=None)
def test_work_goes_on_until_the_next_closing(calendar: Calendar, instant: datetime) -> None:
    if calendar.key == "always":
        with pytest.raises(NoWorkingTime, match="never closes"):
            next_closing(calendar, instant)
        return
    opening, closing = next_opening(calendar, instant), next_closing(calendar, instant)
    assert working_time_between(calendar, opening, closing) == closing - opening > timedelta(0)
    assert not works_at(calendar, closing)
    assert next_closing(calendar, closing) > closing


@given(instants, lengths)
@settings(deadline=None)
def test_day_and_night_is_plain_arithmetic(instant: datetime, length: timedelta) -> None:
    always = calendars()["always"]
    assert add_working_time(always, instant, length) == instant + length
    assert working_time_before(always, instant, length) == instant - length
    assert working_time_between(always, instant, instant + length) == length
    assert next_opening(always, instant) == instant


minutes_of_a_day = st.integers(1, 1439)


@given(st.lists(minutes_of_a_day, min_size=1, max_size=6, unique=True), instants, lengths)
@settings(deadline=None, max_examples=30)
def test_split_stretches_are_worth_the_joined_one(
    cuts: list[int], instant: datetime, length: timedelta
) -> None:
    edges = [0, *sorted(cuts), 1500]
    split = tuple(Shift(start, end) for start, end in pairwise(edges))
    whole = Calendar("whole", NAMES, LONDON, ((Shift(0, 1500),), ()) * 3 + ((),))
    parts = Calendar("parts", NAMES, LONDON, (split, ()) * 3 + ((),))
    assert add_working_time(parts, instant, length) == add_working_time(whole, instant, length)
    end = instant + length
    assert working_time_between(parts, instant, end) == working_time_between(whole, instant, end)


@given(st.sampled_from([SPLIT, RICH]), instants, st.timedeltas(timedelta(0), timedelta(days=9)))
@settings(deadline=None, max_examples=30)
def test_closing_takes_away_and_opening_gives(
    calendar: Calendar, instant: datetime, length: timedelta
) -> None:
    begin = instant.astimezone(calendar.zone).replace(tzinfo=None, microsecond=1, hour=11)
    end = begin + length
    closed = replace(calendar, closures=(*calendar.closures, Closure(begin, end)), openings=())
    opened = replace(calendar, openings=(*calendar.openings, Opening(begin, end)))
    first, last = (each.replace(tzinfo=calendar.zone).astimezone(UTC) for each in (begin, end))
    assert working_time_between(closed, first, last) == timedelta(0)
    assert working_time_between(opened, first, last) == last - first


def test_four_hours_in_iran_pass_over_the_weekend() -> None:
    iran = calendars()["iran"]
    thursday = local(TEHRAN, 2026, 11, 19, 10, 30)
    due = add_working_time(iran, thursday, timedelta(hours=4))
    assert due == local(TEHRAN, 2026, 11, 21, 10, 30)
    at_noon = add_working_time(iran, thursday, timedelta(hours=1, minutes=30))
    assert at_noon == local(TEHRAN, 2026, 11, 19, 12, 0)


def test_nowruz_is_passed_over() -> None:
    iran = calendars()["iran"]
    last_day = local(TEHRAN, 2027, 3, 18, 11, 0)
    # 18 March is the Thursday before; the 20th is 29 Esfand, then 1 to 4 Farvardin.
    due = add_working_time(iran, last_day, timedelta(hours=1, minutes=1))
    assert due == local(TEHRAN, 2027, 3, 25, 8, 1)


def test_nothing_is_lost_in_the_night_when_the_clocks_change() -> None:
    saturday, monday = local(LONDON, 2026, 3, 28, 0, 0), local(LONDON, 2026, 3, 30, 0, 0)
    assert working_time_between(calendars()["always"], saturday, monday) == timedelta(hours=47)
    england = calendars()["england"]
    friday = local(LONDON, 2026, 3, 27, 17, 0)
    due = add_working_time(england, friday, timedelta(hours=1))
    assert due == local(LONDON, 2026, 3, 30, 9, 30)


def test_working_days_end_with_the_close_of_the_day() -> None:
    iran = calendars()["iran"]
    wednesday = local(TEHRAN, 2026, 11, 18, 15, 0)
    assert add_working_days(iran, wednesday, 1) == local(TEHRAN, 2026, 11, 19, 12, 0)
    assert add_working_days(iran, wednesday, 2) == local(TEHRAN, 2026, 11, 21, 16, 0)
    assert add_working_days(iran, wednesday, 0) == local(TEHRAN, 2026, 11, 18, 16, 0)
    friday = local(TEHRAN, 2026, 11, 20, 15, 0)
    assert add_working_days(iran, friday, 0) == local(TEHRAN, 2026, 11, 21, 16, 0)
    assert add_working_days(iran, friday, 1) == local(TEHRAN, 2026, 11, 21, 16, 0)


def test_what_cannot_be_reckoned_is_refused() -> None:
    never = Calendar("never", NAMES, TEHRAN, ((),) * 7)
    now = datetime(2026, 11, 21, tzinfo=UTC)
    asked: tuple[Callable[[], object], ...] = (
        lambda: add_working_time(never, now, timedelta(hours=1)),
        lambda: next_opening(never, now),
        lambda: add_working_days(never, now, 1),
        lambda: next_closing(never, now),
        lambda: working_time_before(never, now, timedelta(hours=1)),
        lambda: add_working_time(calendars()["iran"], now, timedelta(days=50_000)),
        lambda: add_working_time(never, now.replace(year=9990), timedelta(hours=1)),
        lambda: working_time_before(never, now.replace(year=9), timedelta(hours=1)),
    )
    for ask in asked:
        with pytest.raises(NoWorkingTime):
            ask()
    assert add_working_time(never, now, timedelta(0)) == now
    with pytest.raises(ValueError, match="backwards"):
        add_working_time(never, now, timedelta(seconds=-1))
    with pytest.raises(ValueError, match="forwards"):
        working_time_before(never, now, timedelta(seconds=-1))
    assert working_time_before(never, now, timedelta(0)) == now
    for days in (-1, 10**9):
        with pytest.raises(ValueError, match="between"):
            add_working_days(never, now, days)
    with pytest.raises(ValueError, match="time zone"):
        next_opening(never, datetime(2026, 1, 1))  # noqa: DTZ001  # The case itself.
