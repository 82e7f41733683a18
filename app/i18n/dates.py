"""Days and moments in words: Jalali for Persian, Gregorian for English.

Every function takes the language, and where "today" matters the zone and ``now``; none of them
looks at a clock. Instants are aware; days are plain dates of the Gregorian calendar.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo

import jdatetime

from app.i18n.digits import read_digits, to_digits

WEEKDAYS = {
    "fa": ("دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
MONTHS = {
    "fa": (
        "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور",
        "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند",
    ),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}  # fmt: skip
_NEAR = {
    "fa": {-1: "دیروز", 0: "امروز", 1: "فردا"},
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow"},
}
_TYPED = re.compile(r"\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\s*")
_LAST_JALALI_YEAR = 1700
"""A typed year below this is Jalali: no Gregorian date of a request is that old."""


def calendar_day(day: date, language: str) -> tuple[int, int, int]:
    """Year, month and day in the calendar of the language."""
    if language != "fa":
        return day.year, day.month, day.day
    jalali = jdatetime.date.fromgregorian(date=day)
    return jalali.year, jalali.month, jalali.day


def from_calendar(year: int, month: int, day: int, language: str) -> date:
    """The Gregorian date of a day written in the language's calendar; ValueError when none."""
    if language != "fa":
        return date(year, month, day)
    gregorian: date = jdatetime.date(year, month, day).togregorian()
    return gregorian


def format_day(day: date, language: str, *, weekday: bool = True, year: bool = True) -> str:
    """``شنبه ۳۰ آبان ۱۴۰۵`` or ``Sat 21 Nov 2026``."""
    y, m, d = calendar_day(day, language)
    words = [WEEKDAYS[language][day.weekday()]] if weekday else []
    words += [str(d), MONTHS[language][m - 1]]
    return to_digits(" ".join([*words, str(y)] if year else words), language)


def short_day(day: date, language: str) -> str:
    """``۱۴۰۵/۰۸/۳۰`` or ``2026-11-21``: the form in which a date is typed."""
    y, m, d = calendar_day(day, language)
    mark = "/" if language == "fa" else "-"
    return to_digits(f"{y:04}{mark}{m:02}{mark}{d:02}", language)


def read_day(text: str) -> date | None:
    """A typed day, Jalali or Gregorian by its year, any digits, ``/`` ``-`` or ``.`` between."""
    found = _TYPED.fullmatch(read_digits(text))
    if not found:
        return None
    year, month, day = (int(part) for part in found.groups())
    try:
        return from_calendar(year, month, day, "fa" if year < _LAST_JALALI_YEAR else "en")
    except ValueError:
        return None


def day_start(now: datetime, zone: tzinfo) -> datetime:
    """The instant at which the day of ``now`` began in the zone."""
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def near_day(day: date, today: date, language: str) -> str | None:
    """``امروز``, ``دیروز``, ``فردا`` or their English, None for days farther away."""
    return _NEAR[language].get((day - today).days)


def format_clock(instant: datetime, language: str, zone: tzinfo) -> str:
    """The hour and minute of a day of 24 hours: ``۹:۵۰`` or ``09:50``."""
    local = instant.astimezone(zone)
    hour = str(local.hour) if language == "fa" else f"{local.hour:02}"
    return to_digits(f"{hour}:{local.minute:02}", language)


def format_moment(instant: datetime, language: str, zone: tzinfo, now: datetime) -> str:
    """``امروز ۱۱:۱۰``, ``شنبه ۳۰ آبان، ۱۱:۱۰``; the year only when it is not this one."""
    day, today = instant.astimezone(zone).date(), now.astimezone(zone).date()
    clock = format_clock(instant, language, zone)
    near = near_day(day, today, language)
    if near:
        return f"{near} {clock}"
    same_year = calendar_day(day, language)[0] == calendar_day(today, language)[0]
    return _join_clock(format_day(day, language, year=not same_year), clock, language)


def format_full(instant: datetime, language: str, zone: tzinfo) -> str:
    """``شنبه ۳۰ آبان ۱۴۰۵، ساعت ۱۱:۱۰`` or ``Sat 21 Nov 2026, 11:10``."""
    clock = format_clock(instant, language, zone)
    day = format_day(instant.astimezone(zone).date(), language)
    return _join_clock(day, f"ساعت {clock}" if language == "fa" else clock, language)


def format_due(instant: datetime, language: str, zone: tzinfo, now: datetime) -> str:
    """A moment until which: ``تا ۱۱:۵۰`` when it is today, else with its day."""
    same_day = instant.astimezone(zone).date() == now.astimezone(zone).date()
    words = (
        format_clock(instant, language, zone)
        if same_day
        else format_moment(instant, language, zone, now)
    )
    return f"تا {words}" if language == "fa" else f"due {words}"


def format_ago(instant: datetime, language: str, zone: tzinfo, now: datetime) -> str:
    """``۱۰ دقیقه پیش`` within the last hours, else the moment itself."""
    minutes = int((now - instant) / timedelta(minutes=1))
    if minutes < 0 or minutes >= 6 * 60:
        return format_moment(instant, language, zone, now)
    if minutes < 1:
        return "همین حالا" if language == "fa" else "just now"
    if minutes < 60:
        return to_digits(
            f"{minutes} دقیقه پیش" if language == "fa" else f"{minutes} min ago", language
        )
    hours = minutes // 60
    return to_digits(f"{hours} ساعت پیش" if language == "fa" else f"{hours} h ago", language)


def _join_clock(day: str, clock: str, language: str) -> str:
    return f"{day}، {clock}" if language == "fa" else f"{day}, {clock}"
