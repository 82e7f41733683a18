"""Calendar files: the shipped ones are right, wrong ones are refused with file and key."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import jdatetime
import pytest

from sla import SettingsRefused, Shift, calendars, load_calendar, works_on
from sla.calendar_files import FOLDER
from sla.jalali import jalali_month_day

GOOD = """
key = "office"
time_zone = "Asia/Tehran"
closures = [2026-12-24]
[names]
fa = "دفتر"
en = "Office"
[week]
saturday = ["13:00-17:00", "08:00-12:00"]
sunday = "22:00-06:00"
[holidays]
solar = ["01-01"]
yearly = ["12-25"]
add = [2026-05-27]
known_until = 2027-03-20
"""


def test_a_calendar_is_read_whole() -> None:
    office = load_calendar(GOOD.encode(), "office.toml")
    assert office.week[5] == (Shift(480, 720), Shift(780, 1020))
    assert office.week[6] == (Shift(1320, 1800),)
    assert office.week[0] == ()
    for day in (date(2026, 3, 21), date(2026, 12, 25), date(2026, 5, 27), date(2026, 12, 24)):
        assert office.is_day_off(day)
    assert not office.is_day_off(date(2026, 5, 28))
    assert office.known_until == date(2027, 3, 20)
    assert office.names["en"] == "Office"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('key = "office"', "", "key"),
        ('key = "office"', 'key = "Office 1"', "key"),
        ('key = "office"', "key = 5", "key"),
        ("Asia/Tehran", "Asia/Teheran", "time_zone"),
        ("Asia/Tehran", "../etc/passwd", "time_zone"),
        ('fa = "دفتر"', "", "names.fa"),
        ('fa = "دفتر"', 'fa = "دفتر"\nfr = "Bureau"', "names.fr"),
        ("13:00-17:00", "11:59-17:00", "week.saturday"),
        ("13:00-17:00", "17:00-13:00", "week.saturday"),
        ("13:00-17:00", "13-17", "week.saturday"),
        ("13:00-17:00", "13:60-17:00", "week.saturday"),
        ("13:00-17:00", "13:00-24:01", "week.saturday"),
        ("22:00-06:00", "22:00-22:00", "week.sunday"),
        ("sunday", "sonntag", "week.sonntag"),
        ('"22:00-06:00"', "[1]", "week.sunday"),
        ('"01-01"', '"1-1"', "holidays.solar"),
        ('"12-25"', '"13-25"', "holidays.yearly"),
        ("[2026-05-27]", '["2026-05-27"]', "holidays.add"),
        ("[2026-05-27]", "[2026-05-27T10:00:00]", "holidays.add"),
        ("[2026-12-24]", '"2026-12-24"', "closures"),
        ("[2026-12-24]", "[2026-12-24T10:00:00]", "closures.1.when"),
        ("closures", "closure", "closure"),
        ("known_until = 2027-03-20", "known_until = 5", "holidays.known_until"),
        ("[week]", "[week", ""),
    ],
)
def test_a_mistake_is_named_with_file_and_key(old: str, new: str, key: str) -> None:
    with pytest.raises(SettingsRefused) as caught:
        load_calendar(GOOD.replace(old, new).encode(), "office.toml")
    assert (caught.value.file, caught.value.key) == ("office.toml", key)
    assert set(caught.value.messages) == {"fa", "en"}
    assert "office.toml" in str(caught.value)


def test_a_night_shift_may_not_run_into_the_next_morning_shift() -> None:
    text = GOOD.replace('sunday = "22:00-06:00"', 'friday = "22:00-08:01"')
    with pytest.raises(SettingsRefused, match=r"week\.friday"):
        load_calendar(text.encode(), "office.toml")


def test_files_that_are_no_toml_are_refused() -> None:
    for source in (b"\xff\xfe", b"[" * 5000, b"x = 1\n" * 100_000):
        with pytest.raises(SettingsRefused):
            load_calendar(source, "x.toml")


def test_each_shipped_file_is_named_after_its_key() -> None:
    assert {file.stem for file in FOLDER.glob("*.toml")} == set(calendars())
    assert set(calendars()) >= {"iran", "england", "always"}


@pytest.mark.parametrize(
    ("key", "country", "part", "first"),
    [("iran", "IR", None, date(2025, 3, 21)), ("england", "GB", "ENG", date(2025, 1, 1))],
)
def test_shipped_holidays_are_those_of_the_country(
    key: str, country: str, part: str | None, first: date
) -> None:
    calendar = calendars()[key]
    last = date(first.year + 12, first.month, first.day)
    years = range(first.year, last.year + 1)
    official = holidays.country_holidays(country, subdiv=part, years=years)
    days = [first + timedelta(i) for i in range((last - first).days)]
    assert [day for day in days if calendar.is_day_off(day)] == [d for d in days if d in official]


LUNAR = """
2025-03-31 2025-04-01 2025-04-24 2025-06-06 2025-06-14 2025-07-05 2025-07-06 2025-08-14 2025-08-22
2025-08-24 2025-09-01 2025-09-10 2025-11-24 2026-01-03 2026-01-17 2026-02-04 2026-03-01 2026-03-02
2026-03-03 2026-03-04 2026-03-05 2026-03-06 2026-03-07 2026-03-11
2026-04-14 2026-05-27 2026-06-04 2026-06-24 2026-06-25 2026-08-04 2026-08-12 2026-08-13 2026-08-21
2026-08-30 2026-11-13 2026-12-23 2027-01-06 2027-01-24 2027-03-01 2027-03-10 2027-03-11
2027-04-03 2027-05-17 2027-05-25 2027-06-15 2027-06-16 2027-07-25 2027-08-02 2027-08-03 2027-08-11
2027-08-20 2027-11-03 2027-12-12 2027-12-26 2028-01-13 2028-02-18 2028-02-27 2028-02-28
"""
"""The moving days of 1404 to 1406, written down by hand, with the mourning of Esfand 1404."""
SOLAR = {(1, 1), (1, 2), (1, 3), (1, 4), (1, 12), (1, 13), (3, 14), (3, 15), (11, 22), (12, 29)}


def test_three_years_of_iran_are_those_written_down_by_hand() -> None:
    iran, first = calendars()["iran"], jdatetime.date(1404, 1, 1).togregorian()
    days = [first + timedelta(i) for i in range(3 * 365)]
    moving = {date.fromisoformat(day) for day in LUNAR.split()}
    by_hand = [day for day in days if day in moving or jalali_month_day(day) in SOLAR]
    assert [day for day in days if iran.is_day_off(day)] == by_hand


def test_a_year_of_iran_has_its_hours() -> None:
    iran = calendars()["iran"]
    days = [jdatetime.date(1405, 1, 1).togregorian() + timedelta(i) for i in range(365)]
    worked = [day for day in days if works_on(iran, day)]
    assert len(worked) == 365 - sum(day.weekday() == 4 or iran.is_day_off(day) for day in days)
    assert all(iran.week[day.weekday()][0].start == 480 for day in worked)
