"""Calendar files: the shipped ones are right, wrong ones are refused with file and key."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import jdatetime
import pytest

from sla import SettingsRefused, Shift, calendars, load_calendar
from sla.calendar_files import FOLDER

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
moving = [2026-05-27]
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
        ("[2026-05-27]", '["2026-05-27"]', "holidays.moving"),
        ("[2026-05-27]", "[2026-05-27T10:00:00]", "holidays.moving"),
        ("[2026-12-24]", '"2026-12-24"', "closures"),
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
    assert calendar.known_until is not None
    years = range(first.year, calendar.known_until.year + 1)
    official = holidays.country_holidays(country, subdiv=part, years=years)
    days = [first + timedelta(i) for i in range((calendar.known_until - first).days + 1)]
    assert [day for day in days if calendar.is_day_off(day)] == [d for d in days if d in official]


def test_a_year_of_iran_has_its_hours() -> None:
    iran = calendars()["iran"]
    days = [jdatetime.date(1405, 1, 1).togregorian() + timedelta(i) for i in range(365)]
    worked = [day for day in days if iran.works_on(day)]
    assert len(worked) == 365 - sum(day.weekday() == 4 or iran.is_day_off(day) for day in days)
    assert all(iran.week[day.weekday()][0].start == 480 for day in worked)
