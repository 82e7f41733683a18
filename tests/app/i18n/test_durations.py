"""Lengths of time in words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.i18n import format_duration, format_exact, format_left, format_working


@pytest.mark.parametrize(
    ("length", "persian", "english"),
    [
        (timedelta(minutes=80), "۱ ساعت و ۲۰ دقیقه", "1 h 20 min"),
        (timedelta(minutes=-25), "۲۵ دقیقه", "25 min"),
        (timedelta(seconds=30), "کمتر از یک دقیقه", "under a minute"),
        (timedelta(hours=3, minutes=59), "۳ ساعت", "3 h"),
        (timedelta(days=1, hours=2), "۱ روز و ۲ ساعت", "1 d 2 h"),
        (timedelta(days=1, minutes=59), "۱ روز", "1 d"),
        (timedelta(days=9, hours=5), "۹ روز", "9 d"),
    ],
)
def test_a_length_is_told_as_closely_as_people_plan(
    length: timedelta, persian: str, english: str
) -> None:
    assert format_duration(length, "fa") == persian
    assert format_duration(length, "en") == english


@pytest.mark.parametrize(
    ("length", "persian", "english"),
    [
        (timedelta(hours=16), "۲ روز کاری", "2 working days"),
        (timedelta(hours=1), "۱ ساعت کاری", "1 working hour"),
        (timedelta(hours=12), "۱ روز و ۴ ساعت کاری", "1 working day 4 hours"),
        (timedelta(minutes=30), "۳۰ دقیقه کاری", "30 working minutes"),
        (timedelta(0), "۰ دقیقه کاری", "0 working minutes"),
    ],
)
def test_working_time_says_that_it_is_working_time(
    length: timedelta, persian: str, english: str
) -> None:
    assert format_working(length, "fa") == persian
    assert format_working(length, "en") == english


@pytest.mark.parametrize(
    ("length", "persian", "english"),
    [
        (timedelta(minutes=130), "۲ ساعت و ۱۰ دقیقه زمان کاری", "2 h 10 min of working time"),
        (timedelta(minutes=-25), "۲۵ دقیقه زمان کاری", "25 min of working time"),
        (timedelta(hours=19, minutes=5), "۲ روز و ۳ ساعت کاری", "2 working days 3 h"),
        (timedelta(hours=8), "۱ روز کاری", "1 working day"),
        (timedelta(0), "کمتر از یک دقیقه زمان کاری", "under a minute of working time"),
    ],
)
def test_a_countdown_tells_working_time_in_two_units(
    length: timedelta, persian: str, english: str
) -> None:
    assert format_left(length, "fa") == persian
    assert format_left(length, "en") == english


@pytest.mark.parametrize(
    ("length", "persian", "english"),
    [
        (timedelta(seconds=25), "۲۵ ثانیه زمان کاری", "25 s of working time"),
        (timedelta(seconds=-90), "۱ دقیقه و ۳۰ ثانیه زمان کاری", "1 min 30 s of working time"),
        (timedelta(minutes=2), "۲ دقیقه زمان کاری", "2 min of working time"),
        (timedelta(minutes=37, seconds=5), "۳۷ دقیقه زمان کاری", "37 min of working time"),
        (timedelta(0), "۰ ثانیه زمان کاری", "0 s of working time"),
    ],
)
def test_a_story_tells_the_seconds_of_short_lengths(
    length: timedelta, persian: str, english: str
) -> None:
    assert format_exact(length, "fa") == persian
    assert format_exact(length, "en") == english
    assert format_exact(length, "en", always=True) == english.removesuffix(" of working time")


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)))
def test_no_length_is_without_words(length: timedelta) -> None:
    for language in ("fa", "en"):
        assert format_duration(length, language) == format_duration(-length, language) != ""
        assert format_left(length, language) == format_left(-length, language) != ""
