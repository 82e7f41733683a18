"""Calendar files: the shipped ones are right, wrong ones are refused with file and key."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

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
    assert " is " not in caught.value.messages["fa"]
    assert "office.toml" in str(caught.value)


MORE = """
openings = ["2026-11-27 09:00-12:00"]
[[seasons]]
from = "06-01"
to = "08-31"
week = { saturday = "07:00-13:00" }
[[seasons]]
islamic_month = 9
week = {}
known = ["2026-02-19 to 2026-03-20"]
[[seasons]]
from = 2026-10-01
to = 2026-10-31
week = {}
"""
HOLIDAYS = 'country = "GB"\nsubdivision = "ENG"\ncategories = ["public"]\nremove = [2026-05-28]\n'


def full() -> str:
    """The file above with everything that a calendar may have."""
    text, week = GOOD.replace("closures = [2026-12-24]", "").split("[names]")
    openings, seasons = MORE.split("[[seasons]]", 1)
    closures = 'closures = ["2026-12-24 from 12:00"]\n'
    return f"{text}{closures}{openings}[names]{week}{HOLIDAYS}[[seasons]]{seasons}"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("2026-12-24 from 12:00", "2026-12-24 from noon", "closures.1.when"),
        ("2026-12-24 from 12:00", "2026-12-24 from 25:00", "closures.1.when"),
        ("2026-12-24 from 12:00", "2026-13-24", "closures.1.when"),
        ("2026-12-24 from 12:00", "2026-12-24 to 2026-12-23", "closures.1.when"),
        ("2026-12-24 from 12:00", "2026-12-24 to 2029-12-23", "closures.1.when"),
        ("2026-12-24 from 12:00", "2026-12-24 12:00 to 2026-12-24 11:00", "closures.1.when"),
        ("2026-12-24 from 12:00", "0001-01-01", "closures.1.when"),
        ("2026-12-24 from 12:00", "2026-12-24 09:00-29:00", "closures.1.when"),
        ('["2026-12-24 from 12:00"]', '[{ names = {} }]', "closures.1.when"),
        ('["2026-12-24 from 12:00"]', '[{ when = 2026-12-24, why = "x" }]', "closures.1.why"),
        ('["2026-12-24 from 12:00"]', '[{ when = 2026-12-24, names = { fa = "x" } }]',
         "closures.1.names.en"),
        ('["2026-12-24 from 12:00"]', "[" + "2026-12-24," * 5001 + "]", "closures"),
        ("2026-11-27 09:00-12:00", "2026-11-27", "openings.1.when"),
        ('country = "GB"', 'country = "XX"', "holidays.country"),
        ('country = "GB"', 'country = "HolidayBase"', "holidays.country"),
        ('country = "GB"', "", "holidays.subdivision"),
        ("ENG", "BAY", "holidays.subdivision"),
        ("public", "bank", "holidays.categories"),
        ("remove = [2026-05-28]", "remove = [2026-05-27]", "holidays.remove"),
        ("remove = [2026-05-28]", "checked_until = true", "holidays.checked_until"),
        ('from = "06-01"', 'from = "02-30"', "seasons.1.from"),
        ('to = "08-31"', "", "seasons.1.to"),
        ('to = "08-31"', "to = 2026-08-31", "seasons.1.to"),
        ('from = "06-01"\nto = "08-31"', 'jalali_from = "01-01"\njalali_to = "12-31"',
         "seasons.1.jalali_to"),
        ('week = { saturday = "07:00-13:00" }', "", "seasons.1.week"),
        ("07:00-13:00", "07:00", "seasons.1.week.saturday"),
        ("islamic_month = 9", "islamic_month = 13", "seasons.2.islamic_month"),
        ("islamic_month = 9", "islamic_month = true", "seasons.2.islamic_month"),
        ("islamic_month = 9", "islamic_month = 9\nshift_days = 3", "seasons.2.shift_days"),
        ("2026-02-19 to 2026-03-20", "2026-02-19 to 2026-02-18", "seasons.2.known"),
        ("2026-02-19 to 2026-03-20", "soon", "seasons.2.known"),
        ("to = 2026-10-31", "to = 2026-09-30", "seasons.3.to"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_rest_is_named_in_persian_too(old: str, new: str, key: str) -> None:
    load_calendar(full().encode(), "office.toml")
    assert old in full()
    with pytest.raises(SettingsRefused) as caught:
        load_calendar(full().replace(old, new, 1).encode(), "office.toml")
    assert caught.value.key == key
    assert any("آ" <= letter <= "ی" for letter in caught.value.messages["fa"])


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


def test_the_example_of_the_manual_is_a_calendar() -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "calendars.md"
    (example,) = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    office = load_calendar(example.encode(), page.name)
    assert (len(office.closures), len(office.openings), len(office.seasons)) == (6, 1, 2)


def test_a_year_of_iran_has_its_hours() -> None:
    iran = calendars()["iran"]
    days = [jdatetime.date(1405, 1, 1).togregorian() + timedelta(i) for i in range(365)]
    worked = [day for day in days if works_on(iran, day)]
    assert len(worked) == 365 - sum(day.weekday() == 4 or iran.is_day_off(day) for day in days)
    assert all(iran.week[day.weekday()][0].start == 480 for day in worked)
