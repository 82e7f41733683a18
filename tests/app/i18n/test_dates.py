"""Days and moments: Jalali and Gregorian, near days in words, both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.i18n import (
    calendar_day,
    day_start,
    format_ago,
    format_clock,
    format_day,
    format_due,
    format_full,
    format_moment,
    from_calendar,
    read_day,
    short_day,
)

TEHRAN = ZoneInfo("Asia/Tehran")
NOW = datetime(2026, 11, 21, 7, 40, tzinfo=UTC)
"""Saturday 30 Aban 1405, ten past eleven in Tehran."""

FIRST, LAST = date(1921, 3, 21), date(2122, 3, 20)
"""The Jalali years 1300 to 1500."""

days = st.dates(min_value=FIRST, max_value=LAST)


@given(days)
def test_a_jalali_day_leads_back_to_its_gregorian_one(day: date) -> None:
    assert from_calendar(*calendar_day(day, "fa"), "fa") == day


@given(days)
def test_the_day_after_is_the_day_after_in_jalali_too(day: date) -> None:
    year, month, number = calendar_day(day, "fa")
    after = calendar_day(day + timedelta(days=1), "fa")
    assert after in {(year, month, number + 1), (year, month + 1, 1), (year + 1, 1, 1)}


def test_each_jalali_year_has_its_months_and_only_leap_years_a_30th_of_esfand() -> None:
    day = FIRST
    lengths: dict[tuple[int, int], int] = {}
    while day <= LAST:
        year, month, _ = calendar_day(day, "fa")
        lengths[year, month] = lengths.get((year, month), 0) + 1
        day += timedelta(days=1)
    for year in range(1300, 1500):
        assert [lengths[year, month] for month in range(1, 12)] == [31] * 6 + [30] * 5
        days_of_year = sum(lengths[year, month] for month in range(1, 13))
        assert days_of_year == 365 + (lengths[year, 12] == 30)
        assert lengths[year, 12] in (29, 30)
    leaps = [year for year in range(1300, 1500) if lengths[year, 12] == 30]
    assert {1399, 1403, 1408} <= set(leaps)
    assert 1404 not in leaps


@given(days, st.sampled_from(["fa", "en"]))
def test_what_is_shown_short_can_be_typed_back(day: date, language: str) -> None:
    assert read_day(short_day(day, language)) == day


@pytest.mark.parametrize("text", ["۱۴۰۵/۰۸/۳۰", "1405-8-30", "١٤٠٥.٠٨.٣٠", " 2026/11/21 "])
def test_a_day_is_read_from_any_digits_and_marks(text: str) -> None:
    assert read_day(text) == date(2026, 11, 21)


@pytest.mark.parametrize("text", ["", "tomorrow", "1404/12/30", "2026-02-30", "1405/13/01"])
def test_what_is_no_day_is_not_guessed(text: str) -> None:
    assert read_day(text) is None


def test_a_moment_is_told_in_full() -> None:
    assert format_full(NOW, "fa", TEHRAN) == "شنبه ۳۰ آبان ۱۴۰۵، ساعت ۱۱:۱۰"
    assert format_full(NOW, "en", TEHRAN) == "Sat 21 Nov 2026, 11:10"


@pytest.mark.parametrize(
    ("instant", "persian", "english"),
    [
        (NOW, "امروز ۱۱:۱۰", "today 11:10"),
        (NOW - timedelta(days=1), "دیروز ۱۱:۱۰", "yesterday 11:10"),
        (NOW + timedelta(days=1), "فردا ۱۱:۱۰", "tomorrow 11:10"),
        (NOW - timedelta(days=2), "پنجشنبه ۲۸ آبان، ۱۱:۱۰", "Thu 19 Nov, 11:10"),
        (NOW + timedelta(days=200), "چهارشنبه ۱۹ خرداد ۱۴۰۶، ۱۱:۱۰", "Wed 9 Jun 2027, 11:10"),
    ],
)
def test_near_days_stand_in_words_and_far_ones_with_their_year(
    instant: datetime, persian: str, english: str
) -> None:
    assert format_moment(instant, "fa", TEHRAN, NOW) == persian
    assert format_moment(instant, "en", TEHRAN, NOW) == english


def test_today_is_the_day_of_the_zone_and_not_of_utc() -> None:
    evening = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)  # Half past midnight on Sunday there.
    assert format_moment(evening, "en", TEHRAN, NOW) == "tomorrow 00:30"
    assert day_start(evening, TEHRAN) == datetime(2026, 11, 22, tzinfo=TEHRAN)


def test_a_due_moment_of_today_needs_no_day() -> None:
    assert format_due(NOW, "fa", TEHRAN, NOW) == "تا ۱۱:۱۰"
    assert format_due(NOW + timedelta(days=1), "en", TEHRAN, NOW) == "due tomorrow 11:10"


@pytest.mark.parametrize(
    ("age", "persian", "english"),
    [
        (timedelta(seconds=20), "همین حالا", "just now"),
        (timedelta(minutes=10), "۱۰ دقیقه پیش", "10 min ago"),
        (timedelta(hours=2, minutes=50), "۲ ساعت پیش", "2 h ago"),
        (timedelta(hours=7), "امروز ۴:۱۰", "today 04:10"),
        (timedelta(minutes=-5), "امروز ۱۱:۱۵", "today 11:15"),
    ],
)
def test_an_age_is_told_while_it_is_young(age: timedelta, persian: str, english: str) -> None:
    assert format_ago(NOW - age, "fa", TEHRAN, NOW) == persian
    assert format_ago(NOW - age, "en", TEHRAN, NOW) == english


def test_the_hour_has_two_digits_in_english_only() -> None:
    early = datetime(2026, 11, 21, 6, 20, tzinfo=UTC)
    assert (format_clock(early, "fa", TEHRAN), format_clock(early, "en", TEHRAN)) == (
        "۹:۵۰",
        "09:50",
    )


def test_the_year_can_be_left_out() -> None:
    assert format_day(NOW.date(), "fa", year=False, weekday=False) == "۳۰ آبان"
