"""Calendars as files: ``sla/calendars/<key>.toml``.

A file names its time zone, the shifts of each weekday (``"08:00-16:00"``, several if need be,
``"22:00-06:00"`` passing midnight), holidays by the Jalali and the Gregorian calendar, and
single days off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sla.calendar import Calendar, Shift
from sla.strict import SettingsRefused, Table, open_table

FOLDER = Path(__file__).with_name("calendars")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHIFT = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_MONTH_DAY = re.compile(r"(\d\d)-(\d\d)")
_WEEK = 7 * 1440
_LONGEST_NIGHT = 16 * 60


@cache
def calendars() -> Mapping[str, Calendar]:
    """Return the shipped calendars by key, read once."""
    files = sorted(FOLDER.glob("*.toml"))
    read = [load_calendar(file.read_bytes(), file.name) for file in files]
    return {calendar.key: calendar for calendar in read}


def load_calendar(source: bytes, file: str) -> Calendar:
    """Read one calendar; raises :class:`SettingsRefused` with file, key and what is wrong."""
    top = open_table(source, file)
    calendar = _read_calendar(top)
    top.finish()
    return calendar


def _read_calendar(top: Table) -> Calendar:
    holidays = top.table("holidays", optional=True)
    moving = _dates(holidays, "moving")
    read = Calendar(
        key=top.key(),
        names=top.names("names"),
        zone=top.read("time_zone", [top.take("time_zone", str)], _zone)[0],
        week=_week(top.table("week")),
        solar_holidays=_month_days(holidays, "solar"),
        yearly_holidays=_month_days(holidays, "yearly"),
        days_off=moving | _dates(top, "closures"),
        known_until=_known_until(holidays),
    )
    holidays.finish()
    return read


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError(f"{name[:60]!r} is not a time zone such as Asia/Tehran") from None


def _week(table: Table) -> tuple[tuple[Shift, ...], ...]:
    week = tuple(_day(table, name) for name in WEEKDAYS)
    table.finish()
    _refuse_overlaps(table, week)
    return week


def _day(table: Table, name: str) -> tuple[Shift, ...]:
    shifts = table.read(name, table.texts(name, optional=True), _shift)
    return tuple(sorted(shifts, key=lambda shift: shift.start))


def _shift(text: str) -> Shift:
    found = _SHIFT.fullmatch(text)
    if not found:
        raise ValueError(f"{text[:40]!r} is not a shift such as 08:00-16:00")
    hours, minutes, end_hours, end_minutes = (int(part) for part in found.groups())
    start, end = hours * 60 + minutes, end_hours * 60 + end_minutes
    if max(minutes, end_minutes) > 59 or start >= 1440 or end > 1440 or start == end:
        raise ValueError(f"{text!r} is not a time of the day")
    if start - end in range(1, 1440 - _LONGEST_NIGHT):
        # More likely two times in the wrong order than a night shift.
        raise ValueError(f"{text!r} passes midnight and is longer than 16 hours")
    return Shift(start, end if end > start else end + 1440)


def _refuse_overlaps(table: Table, week: tuple[tuple[Shift, ...], ...]) -> None:
    """Compare each shift with the next one of the week, the last with the first."""
    laid_out = [
        (i * 1440 + shift.start, i * 1440 + shift.end, WEEKDAYS[i])
        for i, day in enumerate(week)
        for shift in day
    ]
    following = [*laid_out[1:], *((s + _WEEK, e + _WEEK, n) for s, e, n in laid_out[:1])]
    for (_, end, name), (start, _, _) in zip(laid_out, following, strict=True):
        if start < end:
            raise table.refuse(name, "shifts overlap", "نوبت‌های کاری روی هم افتاده‌اند")


def _month_days(table: Table, key: str) -> frozenset[tuple[int, int]]:
    return frozenset(table.read(key, table.texts(key, optional=True), _month_day))


def _month_day(text: str) -> tuple[int, int]:
    found = _MONTH_DAY.fullmatch(text)
    if not found or not (1 <= int(found[1]) <= 12 and 1 <= int(found[2]) <= 31):
        raise ValueError(f"{text[:40]!r} is not a month and a day such as 01-13")
    return int(found[1]), int(found[2])


def _dates(table: Table, key: str) -> frozenset[date]:
    """Read dates; TOML writes them bare: ``2026-05-27``."""
    values: Iterable[object] = table.take(key, list, [])
    return frozenset(table.read(key, values, _date))


def _date(value: object) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        problem = f"{str(value)[:40]!r} is not a date such as 2026-05-27"
        raise ValueError(problem)  # noqa: TRY004  # The reader turns it into a refusal.
    return value


def _known_until(table: Table) -> date | None:
    if "known_until" not in table.unread():
        return None
    return table.read("known_until", [table.take("known_until", date)], _date)[0]


__all__ = ["FOLDER", "SettingsRefused", "calendars", "load_calendar"]
