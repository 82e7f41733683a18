"""Dates, times, durations, zones, ranges of them, and the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bpmn import feel
from tests.bpmn.feel.says import codes, says


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('date("2026-01-31") + duration("P1M")', "2026-02-28"),
        ('@"2026-03-21" - @"2026-03-20"', "P1D"),
        ('@"2026-03-21T00:00:00" + @"PT25H"', "2026-03-22T01:00:00"),
        ('@"2026-03-21" + @"PT25H"', "2026-03-22"),
        ('@"23:30:00" + @"PT1H"', "00:30:00"),
        ('@"P1D" * 1.5', "P1DT12H"),
        ('2 * @"P1Y"', "P2Y"),
        ('@"P1D" / @"PT6H"', 4),
        ('@"P1Y" / 5', "P2M"),
        ('@"-P1DT2H3M4.5S"', "-P1DT2H3M4.5S"),
        ('@"2026-03-21T10:00:00+03:30" = @"2026-03-21T06:30:00Z"', True),
        ('@"2026-03-21T10:00:00+03:30" - @"2026-03-21T06:30:00Z"', "PT0S"),
        ('@"2026-03-21T10:00:00@Asia/Tehran".time offset', "PT3H30M"),
        ('@"2026-03-21T10:00:00@Asia/Tehran".timezone', "Asia/Tehran"),
        ('@"2026-03-21T10:00:00@Asia/Tehran"', "2026-03-21T10:00:00+03:30"),
        ('@"2026-03-21".weekday', 6),
        ('@"P1DT2H".hours', 2),
        ('@"P14M".years', 1),
        ("date(2026, 3, 21)", "2026-03-21"),
        ('date(@"2026-03-21T10:00:00")', "2026-03-21"),
        ('time(10, 30, 0, @"PT3H30M")', "10:30:00+03:30"),
        ('date and time(@"2026-03-21", @"10:00:00")', "2026-03-21T10:00:00"),
        ('date and time(@"2026-03-21T10:00:00Z", "Asia/Tehran")', "2026-03-21T13:30:00+03:30"),
        ('years and months duration(@"2024-02-29", @"2026-01-01")', "P1Y10M"),
        ('day of week(@"2026-03-21")', "Saturday"),
        ('month of year(@"2026-03-21")', "March"),
        ('day of year(@"2026-02-01")', 32),
        ('week of year(@"2026-01-01")', 1),
        ('last day of month(@"2024-02-01")', "2024-02-29"),
        ('string(@"999999999-12-31")', "999999999-12-31"),
        ('@"-0044-03-15" < @"0044-03-15"', True),
        ('@"2026-03-21" in [@"2026-03-01"..@"2026-03-31"]', True),
        ("now()", "2026-03-21T10:30:00Z"),
        ("today()", "2026-03-21"),
        ("before(1, 2)", True),
        ("before([1..5], [6..10])", True),
        ("overlaps([1..5], [3..8])", True),
        ("includes([1..5], 3)", True),
        ("finishes(10, [1..10])", True),
        ("starts([1..5], [1..10])", True),
        ("meets([1..5], [5..10])", True),
        ("coincides([1..5], [1..5])", True),
        ('range("[1..3)").end', 3),
    ],
)
def test_expression(text: str, value: Any) -> None:
    assert says(text) == value


@pytest.mark.parametrize(
    "text",
    [
        'date("2026-13-01")',
        'date("2025-02-29")',
        'time("25:00:00")',
        'time("10:00")',
        'duration("P1Y2D")',
        'duration("P")',
        'duration("PT")',
        '@"2026-03-21T10:00:00@Mars/Olympus"',
        '@"999999999-12-31" + @"P1D"',
        '@"2026-03-21T10:00:00" - @"2026-03-21T10:00:00Z"',
        'range("[3..1]")',
        'range("[1..f()]")',
        "date(1.5, 1, 1)",
    ],
)
def test_what_is_no_date_is_null(text: str) -> None:
    assert says(text) is None
    assert codes(text)


def test_the_second_autumn_hour_is_kept() -> None:
    before = '@"2025-10-26T01:30:00@Europe/Paris"'
    assert says(f'{before} + @"PT1H"') == "2025-10-26T02:30:00+02:00"
    assert says(f'{before} + @"PT2H"') == "2025-10-26T02:30:00+01:00"
    assert says(f'({before} + @"PT2H") - {before}') == "PT2H"


def test_without_a_clock_now_is_null() -> None:
    result = feel.examine("now()", {})
    assert result.value is None
    assert [warning.code for warning in result.warnings] == ["NO_CLOCK"]


def test_today_is_the_day_in_the_zone_of_the_clock() -> None:
    late = datetime(2026, 3, 20, 21, 0, tzinfo=UTC)
    tehran = late.astimezone(ZoneInfo("Asia/Tehran"))
    assert feel.to_json(feel.evaluate("today()", {}, now=late)) == "2026-03-20"
    assert feel.to_json(feel.evaluate("today()", {}, now=tehran)) == "2026-03-21"


def test_python_values_go_in_and_come_out() -> None:
    context = {
        "due": datetime(2026, 3, 21, 10, 0, tzinfo=ZoneInfo("Asia/Tehran")),
        "day": date(2026, 3, 21),
        "span": timedelta(hours=26),
    }
    due = feel.evaluate("due + span", context)
    assert due.to_python() == datetime(2026, 3, 22, 12, 0, tzinfo=ZoneInfo("Asia/Tehran"))
    assert feel.to_python(feel.evaluate("day", context)) == date(2026, 3, 21)
    assert feel.to_python(feel.evaluate("span * 2", context)) == timedelta(hours=52)
