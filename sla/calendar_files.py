"""Calendars as files: ``sla/calendars/<key>.toml``.

A file names its time zone, the shifts of each weekday (``"08:00-16:00"``, several if need be,
``"22:00-06:00"`` passing midnight), a country whose public holidays are kept, holidays of its
own by the Jalali and the Gregorian calendar, corrections, closures, extra openings and seasons
with a week of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sla.calendar_model import Calendar, Closure, Opening, Stretch
from sla.calendar_words import (
    check_range,
    read_date,
    read_jalali_month_day,
    read_month_day,
    read_range,
    read_shift,
    read_stretch,
)
from sla.public_holidays import Country, check_country
from sla.seasons import DateRange, IslamicMonth, MonthDay, Season, Shift, Week, YearlyRange
from sla.strict import AllWrong, SettingsRefused, Table, Wrong, open_table

FOLDER = Path(__file__).with_name("calendars")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_SEASONS = 100
MOST_STRETCHES = 5000
_WEEK = 7 * 1440
_LARGEST_SHIFT = 2
_S = TypeVar("_S", bound=Stretch)


@cache
def calendars() -> Mapping[str, Calendar]:
    """Return the shipped calendars by key, read once."""
    files = sorted(FOLDER.glob("*.toml"))
    read = [load_calendar(file.read_bytes(), file.name) for file in files]
    return {calendar.key: calendar for calendar in read}


def load_calendar(source: bytes, file: str, told: AllWrong | None = None) -> Calendar:
    """Read one calendar; raises :class:`SettingsRefused` with file, key and what is wrong. All
    that is wrong is noted in ``told``."""
    return open_table(source, file, told).whole(_read_calendar)


def _read_calendar(top: Table) -> Calendar:
    holidays = top.table("holidays", optional=True)
    found = top.read("time_zone", [top.take("time_zone", str)], _zone)
    zone = found[0] if found else ZoneInfo("UTC")
    read = Calendar(
        key=top.key(),
        names=top.names("names"),
        zone=zone,
        week=_week(top.table("week")),
        country=holidays.part(_country),
        solar_holidays=_month_days(holidays, "solar", read_jalali_month_day),
        yearly_holidays=_month_days(holidays, "yearly", read_month_day),
        added=_dates(holidays, "add"),
        removed=_dates(holidays, "remove"),
        closures=_stretches(top, "closures", zone, Closure),
        openings=_stretches(top, "openings", zone, Opening),
        seasons=_seasons(top),
        known_until=_optional_date(holidays, "known_until"),
        checked_until=_optional_date(holidays, "checked_until"),
    )
    _refuse_contradictions(holidays, read)
    holidays.finish()
    return read


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise Wrong(
            f"{name[:60]!r} is not a time zone such as Asia/Tehran",
            f"{name[:60]!r} منطقهٔ زمانی‌ای مانند Asia/Tehran نیست",
        ) from None


def _week(table: Table) -> Week:
    week = tuple(_day(table, name) for name in WEEKDAYS)
    table.finish()
    _refuse_overlaps(table, week)
    return week


def _day(table: Table, name: str) -> tuple[Shift, ...]:
    shifts = table.read(name, table.texts(name, optional=True), read_shift)
    return tuple(sorted(shifts, key=lambda shift: shift.start))


def _refuse_overlaps(table: Table, week: Week) -> None:
    """Compare each shift with the next one of the week, the last with the first."""
    laid_out = [
        (i * 1440 + shift.start, i * 1440 + shift.end, WEEKDAYS[i])
        for i, day in enumerate(week)
        for shift in day
    ]
    following = [*laid_out[1:], *((s + _WEEK, e + _WEEK, n) for s, e, n in laid_out[:1])]
    for (_, end, name), (start, _, _) in zip(laid_out, following, strict=True):
        if start < end:
            table.tell(name, "shifts overlap", "نوبت‌های کاری روی هم افتاده‌اند")


def _country(holidays: Table) -> Country | None:
    if "country" not in holidays.unread():
        return None
    code = holidays.take("country", str)
    part = holidays.take("subdivision", str, "")
    categories = holidays.texts("categories", optional=True)
    if holidays.read("country", [code], lambda one: check_country(one, "", ())):
        holidays.read("subdivision", [part], lambda one: check_country(code, one, ()))
        holidays.read("categories", [categories], lambda some: check_country(code, part, some))
    persian = holidays.table("persian_names", optional=True)
    names = {english: persian.take(english, str) for english in persian.unread()}
    return Country(code, part, categories, names)


def _month_days(table: Table, key: str, read: Callable[[str], MonthDay]) -> frozenset[MonthDay]:
    return frozenset(table.read(key, table.texts(key, optional=True), read))


def _dates(table: Table, key: str) -> frozenset[date]:
    """Read dates; TOML writes them bare: ``2026-05-27``."""
    values: Iterable[object] = table.take(key, list, [])
    return frozenset(table.read(key, values, read_date))


def _optional_date(table: Table, key: str) -> date | None:
    if key not in table.unread():
        return None
    found = table.read(key, [table.take(key, date)], read_date)
    return found[0] if found else None


def _refuse_contradictions(holidays: Table, calendar: Calendar) -> None:
    for day in sorted(calendar.added & calendar.removed):
        holidays.tell("remove", f"{day} is added as well", f"روز {day} افزوده هم شده است")


def _stretches(top: Table, key: str, zone: ZoneInfo, kind: type[_S]) -> tuple[_S, ...]:
    """Read a list of dates, texts, and tables of ``when`` and ``names``."""
    read = (one.part(partial(_stretch, zone, kind)) for one in top.items(key, MOST_STRETCHES))
    return tuple(one for one in read if one is not None)


def _stretch(zone: ZoneInfo, kind: type[_S], item: Table) -> _S:
    when = item.read("when", [item.take_any("when")], lambda one: read_stretch(one, zone))
    names = item.optional_names("names")
    item.finish()
    read = kind(*when[0], names)
    if kind is Opening and read.whole_days:
        raise item.refuse(
            "when", "an opening needs its times, such as 2026-11-27 09:00-12:00",
            "بازبودن ساعت می‌خواهد، مانند 2026-11-27 09:00-12:00",
        )  # fmt: skip
    return read


def _seasons(top: Table) -> tuple[Season, ...]:
    read = (table.part(_season) for table in top.items("seasons", MOST_SEASONS))
    return tuple(one for one in read if one is not None)


def _season(table: Table) -> Season:
    season = Season(_season_days(table), _week(table.table("week")), table.optional_names("names"))
    table.finish()
    return season


def _season_days(table: Table) -> DateRange | YearlyRange | IslamicMonth:
    present = set(table.unread())
    if "islamic_month" in present:
        return _islamic_month(table)
    if "jalali_from" in present:
        ends = _ends(table, "jalali_from", "jalali_to", read_jalali_month_day)
        return YearlyRange("jalali", *ends)
    if isinstance(table.peek("from"), str):
        return YearlyRange("gregorian", *_ends(table, "from", "to", read_month_day))
    first = table.read("from", [table.take("from", date)], read_date)[0]
    last = table.read("to", [table.take("to", date)], read_date)[0]
    return table.read("to", [last], lambda end: check_range(first, end))[0]


def _ends(
    table: Table, first: str, last: str, read: Callable[[str], MonthDay]
) -> tuple[MonthDay, MonthDay]:
    return (
        table.read(first, [table.take(first, str)], read)[0],
        table.read(last, [table.take(last, str)], read)[0],
    )


def _islamic_month(table: Table) -> IslamicMonth:
    return IslamicMonth(
        table.number("islamic_month", 1, 12),
        table.number("shift_days", -_LARGEST_SHIFT, _LARGEST_SHIFT, 0),
        table.read("known", table.texts("known", optional=True), read_range),
    )


__all__ = ["FOLDER", "WEEKDAYS", "SettingsRefused", "calendars", "load_calendar"]
