"""Holidays, corrections, closures, openings and seasons, day by day, as a week shows them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from sla import (
    Calendar,
    add_working_days,
    add_working_time,
    calendars,
    load_calendar,
    next_opening,
    week_of,
    works_on,
)

OFFICE = """
key = "office"
time_zone = "Asia/Tehran"
closures = [
    2026-11-21,
    "2026-11-23 from 12:00",
    "2026-11-24 until 10:00",
    "2026-11-25 10:00-11:30",
    "2026-11-25 15:00 to 2026-11-26 09:30",
    { when = "2026-12-05 to 2026-12-09", names = { fa = "اسباب‌کشی", en = "We move" } },
]
openings = [{ when = "2026-11-27 09:00-12:00", names = { fa = "جمعهٔ باز", en = "Open Friday" } }]
[names]
fa = "دفتر"
en = "Office"
[week]
saturday = "08:00-16:00"
sunday = "08:00-16:00"
monday = "08:00-16:00"
tuesday = "08:00-16:00"
wednesday = "08:00-16:00"
thursday = "08:00-12:00"
[holidays]
country = "IR"
add = [2026-12-01]
remove = [2026-12-23]
[[seasons]]
names = { fa = "ساعت رمضان", en = "Ramadan hours" }
islamic_month = 9
shift_days = 1
known = ["2027-02-10 to 2027-03-09"]
week = { saturday = "09:00-14:00", sunday = "09:00-14:00", monday = "09:00-14:00" }
[[seasons]]
jalali_from = "04-01"
jalali_to = "06-31"
week = { sunday = "07:00-13:00" }
[[seasons]]
from = "12-20"
to = "01-10"
week = { sunday = "10:00-12:00" }
[[seasons]]
from = 2026-10-01
to = 2026-10-31
week = { sunday = "11:00-12:00" }
"""


def office() -> Calendar:
    return load_calendar(OFFICE.encode(), "office.toml")


def hours(calendar: Calendar, *day: int) -> str:
    first = week_of(calendar, date(*day))[0]
    assert first.day == date(*day)
    return " ".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in first.hours)


@pytest.mark.parametrize(
    ("day", "open_at"),
    [
        ((2026, 11, 21), ""),
        ((2026, 11, 22), "08:00-16:00"),
        ((2026, 11, 23), "08:00-12:00"),
        ((2026, 11, 24), "10:00-16:00"),
        ((2026, 11, 25), "08:00-10:00 11:30-15:00"),
        ((2026, 11, 26), "09:30-12:00"),
        ((2026, 11, 27), "09:00-12:00"),
        ((2026, 12, 1), ""),  # Added.
        ((2026, 12, 7), ""),  # Within the closed range.
        ((2026, 12, 23), ""),  # Removed from the holidays, but the winter season is short.
        ((2026, 12, 27), "10:00-12:00"),
        ((2027, 1, 10), "10:00-12:00"),
        ((2027, 1, 17), "08:00-16:00"),
        ((2026, 10, 4), "11:00-12:00"),
        ((2027, 10, 3), "08:00-16:00"),
        ((2026, 6, 21), "08:00-16:00"),  # 31 Khordad.
        ((2026, 6, 28), "07:00-13:00"),  # 7 Tir.
        ((2026, 9, 20), "07:00-13:00"),  # 29 Shahrivar.
        ((2026, 9, 27), "08:00-16:00"),
        # Ramadan 1447 by Umm al-Qura and a day later; 1448 as it was written down.
        ((2026, 2, 16), "08:00-16:00"),
        ((2026, 2, 21), "09:00-14:00"),
        ((2027, 2, 8), "08:00-16:00"),
        ((2027, 2, 15), "09:00-14:00"),
        ((2027, 3, 8), "09:00-14:00"),
        ((2028, 1, 29), "09:00-14:00"),
    ],
)
def test_the_hours_of_a_day(day: tuple[int, int, int], open_at: str) -> None:
    assert hours(office(), *day) == open_at


def test_the_first_and_last_day_of_ramadan() -> None:
    seasons = office().seasons[0].days
    first = [day for day in every_day(2026, 2027) if seasons.holds(day)]
    # Saudi Arabia began on 18 February 2026, Iran on the 19th; 20 March was the last in both.
    assert first[0] == date(2026, 2, 19)
    assert {day.year for day in first} == {2026, 2027}
    assert first[-1] == date(2027, 3, 9)
    assert sum(day.year == 2027 for day in first) == 28
    assert not seasons.holds(date(2090, 1, 1))


def every_day(first: int, last: int) -> list[date]:
    begin = date(first, 1, 1)
    return [begin + timedelta(days=i) for i in range((date(last + 1, 1, 1) - begin).days)]


def test_working_days_know_closures_and_openings() -> None:
    wednesday = datetime(2026, 11, 25, 9, tzinfo=UTC)
    ends = [add_working_days(office(), wednesday, days) for days in (0, 1, 2, 3)]
    assert [f"{end.astimezone(office().zone):%d %H:%M}" for end in ends] == [
        "25 15:00", "26 12:00", "27 12:00", "28 16:00",
    ]  # fmt: skip
    assert works_on(office(), date(2026, 11, 27))
    assert not works_on(office(), date(2026, 12, 5))


def test_time_passes_over_a_closed_part_and_through_an_opening() -> None:
    begin = datetime(2026, 11, 25, 9, 30, tzinfo=office().zone)
    for length, end in ((30, "25 10:00"), (31, "25 11:31"), (240, "25 15:00"), (391, "27 09:01")):
        found = add_working_time(office(), begin, timedelta(minutes=length))
        assert f"{found.astimezone(office().zone):%d %H:%M}" == end
    assert next_opening(office(), datetime(2026, 11, 27, tzinfo=office().zone)).hour == 5


def test_a_week_tells_why_a_day_is_unlike_others() -> None:
    told = {each.day: each for each in week_of(office(), date(2026, 11, 27))}
    assert len(told) == 7
    assert told[date(2026, 11, 27)].reason == {"fa": "جمعهٔ باز", "en": "Open Friday"}
    assert told[date(2026, 12, 1)].reason == {"fa": "تعطیل رسمی", "en": "Public holiday"}
    assert told[date(2026, 11, 28)].reason is None
    assert week_of(office(), date(2026, 12, 6))[0].reason == {"fa": "اسباب‌کشی", "en": "We move"}
    assert week_of(office(), date(2026, 11, 21))[0].reason == {"fa": "تعطیل", "en": "Closed"}
    assert week_of(office(), date(2026, 2, 21))[0].reason == {
        "fa": "ساعت رمضان", "en": "Ramadan hours",
    }  # fmt: skip


def test_holidays_have_names_in_both_languages() -> None:
    (christmas, *_) = week_of(calendars()["england"], date(2026, 12, 25))
    assert christmas.reason == {"fa": "کریسمس", "en": "Christmas Day"}
    (nowruz, *_) = week_of(calendars()["iran"], date(2027, 3, 21))
    assert (nowruz.reason, nowruz.estimated) == ({"fa": "جشن نوروز", "en": "Nowruz"}, False)
    days = [day for year in range(2025, 2036) for day in every_day(year, year)]
    for key in ("iran", "england"):
        for holiday in filter(None, map(calendars()[key].holiday_on, days)):
            assert holiday.names["en"].isascii()
            assert not any("a" <= letter <= "z" for letter in holiday.names["fa"].lower())


def test_an_estimate_is_told_until_somebody_has_checked_it() -> None:
    iran = calendars()["iran"]
    ashura = iran.holiday_on(date(2027, 6, 16))
    assert ashura is not None
    assert (ashura.names, ashura.estimated) == ({"fa": "عاشورای حسینی", "en": "Ashura"}, True)
    known = iran.holiday_on(date(2026, 6, 25))
    assert known is not None and not known.estimated
    text = OFFICE.replace('country = "IR"', 'country = "IR"\nchecked_until = 2028-03-19')
    checked = load_calendar(text.encode(), "office.toml")
    assert week_of(office(), date(2027, 6, 16))[0].estimated
    assert not week_of(checked, date(2027, 6, 16))[0].estimated
    # An estimated day that is a certain holiday by another name is certainly off.
    both = iran.holiday_on(date(2028, 6, 4))
    assert both is not None
    assert (both.names["en"], both.estimated) == ("15 Khordad Uprising; Ashura", False)


def test_a_country_without_persian_names_gives_english_ones() -> None:
    text = OFFICE.replace('country = "IR"', 'country = "FR"\nsubdivision = "57"')
    holiday = load_calendar(text.encode(), "office.toml").holiday_on(date(2026, 12, 26))
    assert holiday is not None
    assert holiday.names["fa"] == holiday.names["en"]
    assert "Stephen" in holiday.names["en"]


def test_a_search_through_many_years_keeps_few_days_and_changes_no_answer() -> None:
    calendar = load_calendar(OFFICE.encode(), "office.toml")
    noon = datetime(2026, 11, 22, 9, tzinfo=UTC)
    first = add_working_days(calendar, noon, 5)
    add_working_days(calendar, noon, 3000)
    assert len(calendar.memory.days) <= 1000
    assert add_working_days(calendar, noon, 5) == first


def test_numbers_in_persian_names_of_holidays_are_written_in_persian() -> None:
    holiday = load_calendar(OFFICE.encode(), "office.toml").holiday_on(date(2026, 6, 5))
    assert holiday is not None
    assert "۱۵ خرداد" in holiday.names["fa"]
    assert not any(sign in "0123456789" for sign in holiday.names["fa"])
