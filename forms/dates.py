"""Dates and times as people write them, Jalali or Gregorian; ISO 8601 in the data."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, tzinfo

import jdatetime

from forms.text import localise_digits, to_ascii_digits

_DATE = re.compile(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?")
_WEEKDAYS = ("دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه")
_MONTHS = (
    *("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور"),
    *("مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
)
FIRST_GREGORIAN_YEAR = 1700
"""A smaller year is Jalali."""
LAST_GREGORIAN_YEAR = 2500
FIRST_JALALI_YEAR = 1000


def parse_date(text: str) -> date | None:
    """The day that ``۱۴۰۵/۰۸/۳۰``, ``1405-08-30`` or ``2026-11-21`` names; None when none."""
    found = _DATE.fullmatch(to_ascii_digits(text).strip())
    if not found:
        return None
    year, month, day = (int(part) for part in found.groups())
    try:
        return _to_gregorian(year, month, day)
    except ValueError:
        return None


def parse_time(text: str) -> time | None:
    """The time of day that ``14:30`` or ``۱۴:۳۰`` names, to the minute; None when none."""
    found = _TIME.fullmatch(to_ascii_digits(text).strip())
    if not found:
        return None
    try:
        return time(int(found[1]), int(found[2]), int(found[3] or 0)).replace(second=0)
    except ValueError:
        return None


def parse_datetime(text: str, zone: tzinfo) -> datetime | None:
    """The moment written as ISO 8601, or as a date and a time of that zone; None when none."""
    plain = to_ascii_digits(text).strip()
    day, _, rest = plain.replace("T", " ").partition(" ")
    whole, hour = parse_date(day), parse_time(rest)
    if whole and hour:
        return datetime.combine(whole, hour, tzinfo=zone)
    return _parse_iso(plain)


def show_date(day: date, language: str) -> str:
    """The day in figures, as it is typed: ``۱۴۰۵/۰۸/۳۰`` or ``2026-11-21``."""
    if language != "fa":
        return day.isoformat()
    jalali = jdatetime.date.fromgregorian(date=day)
    return localise_digits(f"{jalali.year:04}/{jalali.month:02}/{jalali.day:02}", "fa")


def tell_date(day: date, language: str) -> str:
    """The day in words: ``شنبه ۳۰ آبان ۱۴۰۵`` or ``Sat 21 Nov 2026``."""
    if language != "fa":
        return f"{day:%a} {day.day} {day:%b} {day.year}"
    jalali = jdatetime.date.fromgregorian(date=day)
    told = f"{_WEEKDAYS[day.weekday()]} {jalali.day} {_MONTHS[jalali.month - 1]} {jalali.year}"
    return localise_digits(told, "fa")


def show_time(hour: time, language: str) -> str:
    """The time of day on 24 hours: ``۱۴:۳۰`` or ``14:30``."""
    return localise_digits(f"{hour:%H:%M}", language)


def _to_gregorian(year: int, month: int, day: int) -> date | None:
    if FIRST_JALALI_YEAR <= year < FIRST_GREGORIAN_YEAR:
        whole: date = jdatetime.date(year, month, day).togregorian()
        return whole
    if FIRST_GREGORIAN_YEAR <= year <= LAST_GREGORIAN_YEAR:
        return date(year, month, day)
    return None


def _parse_iso(text: str) -> datetime | None:
    """A moment with an offset of its own, as it stands in the data."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None or not FIRST_GREGORIAN_YEAR <= moment.year <= LAST_GREGORIAN_YEAR:
        return None
    return moment.astimezone(UTC)
