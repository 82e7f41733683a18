"""Strings to dates, times and durations (DMN 1.5, 10.3.4.1; XML Schema lexical forms)."""

from __future__ import annotations

import re

from bpmn.feel.calendar import DAY, MAX_YEAR, NANOS, days_in_month, zone_exists
from bpmn.feel.errors import Undefined
from bpmn.feel.temporal import (
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    Zone,
    days_duration,
    months_duration,
)

_DATE = re.compile(r"(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z0-9_+/-]+)?"
)
_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
_MONTHS = re.compile(r"(-)?P(?:([0-9]+)Y)?(?:([0-9]+)M)?")
_DAYS = re.compile(
    r"(-)?P(?:([0-9]+)D)?(T)?(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]*))?S)?"
)
_MAX_OFFSET = 18 * 3600
_MAX_DURATION_TEXT = 100


def read_date(text: str) -> Date:
    """``2026-01-31``; raises ``Undefined``."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise Undefined("DATE", "Not a date: {0!r}", text[:60])
    return date_of(int(match[1]), int(match[2]), int(match[3]))


def date_of(year: int, month: int, day: int) -> Date:
    """The date of three numbers; raises ``Undefined`` when there is no such day."""
    if not (-MAX_YEAR <= year <= MAX_YEAR and 1 <= month <= 12):
        raise Undefined("DATE", "There is no such day: {0}-{1}-{2}", year, month, day)
    if not 1 <= day <= days_in_month(year, month):
        raise Undefined("DATE", "There is no such day: {0}-{1}-{2}", year, month, day)
    return Date(year, month, day)


def read_time(text: str) -> Time:
    """``10:30:00``, with an offset or a zone perhaps; raises ``Undefined``."""
    nanos, zone = _read_clock(text, "TIME", "Not a time: {0!r}")
    if nanos >= DAY:
        raise Undefined("TIME", "Not a time: {0!r}", text[:60])
    return Time(nanos, zone)


def read_date_time(text: str) -> DateTime:
    """``2026-01-31T10:30:00+03:30``; raises ``Undefined``."""
    head, sign, clock = text.partition("T")
    if not sign:
        return DateTime(read_date(text), 0)
    day = read_date(head)
    nanos, zone = _read_clock(clock, "DATE_TIME", "Not a date and time: {0!r}")
    moment = DateTime(day, nanos % DAY, zone)
    return moment if nanos < DAY else DateTime(moment.plus(DAY).date, 0, zone)


def read_duration(text: str) -> DaysDuration | MonthsDuration:
    """``P1DT2H`` or ``P1Y2M``; raises ``Undefined``."""
    if len(text) <= _MAX_DURATION_TEXT and text[-1:] not in ("P", "T"):
        months = _MONTHS.fullmatch(text)
        if months:
            total = int(months[2] or 0) * 12 + int(months[3] or 0)
            return months_duration(-total if months[1] else total)
        days = _DAYS.fullmatch(text)
        if days and bool(days[3]) == any(days[index] for index in (4, 5, 6)):
            return days_duration(_nanos_of(days))
    raise Undefined("DURATION", "Not a duration: {0!r}", text[:60])


def read_any(text: str) -> object:
    """What ``@"..."`` means: a date, a time, a date and time or a duration."""
    if text.startswith(("P", "-P")):
        return read_duration(text)
    if "T" in text.split("@")[0]:
        return read_date_time(text)
    return read_time(text) if ":" in text else read_date(text)


def check_offset(seconds: int) -> int:
    """The offset; raises ``Undefined`` beyond 18 hours."""
    if abs(seconds) > _MAX_OFFSET:
        raise Undefined("OFFSET", "An offset is at most 18 hours")
    return seconds


def _read_clock(text: str, code: str, wrong: str) -> tuple[int, Zone]:
    match = _TIME.fullmatch(text)
    if match is None:
        raise Undefined(code, wrong, text[:60])
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    fraction = int((match[4] or "0")[:9].ljust(9, "0"))
    midnight = hour == 24 and minute == second == fraction == 0
    if not midnight and (hour > 23 or minute > 59 or second > 59):
        raise Undefined(code, wrong, text[:60])
    nanos = (hour * 3600 + minute * 60 + second) * NANOS + fraction
    return nanos, read_zone(match[5])


def read_zone(text: str | None) -> Zone:
    """``Z``, ``+03:30``, ``@Asia/Tehran`` or nothing; raises ``Undefined``."""
    if not text:
        return None
    if text == "Z":
        return 0
    if text.startswith("@"):
        return _known_zone(text[1:])
    match = _OFFSET.fullmatch(text)
    if match is None or int(match[3]) > 59 or int(match[4] or 0) > 59:
        raise Undefined("OFFSET", "Not an offset: {0}", text)
    seconds = int(match[2]) * 3600 + int(match[3]) * 60 + int(match[4] or 0)
    return check_offset(-seconds if match[1] == "-" else seconds)


def _known_zone(name: str) -> Zone:
    if name in ("UTC", "Z", "Etc/UTC", "GMT"):
        return 0 if name == "Z" else name
    if not zone_exists(name):
        raise Undefined("ZONE", "There is no time zone {0!r}", name)
    return name


def _nanos_of(match: re.Match[str]) -> int:
    days, hours, minutes, seconds = (int(match[index] or 0) for index in (2, 4, 5, 6))
    fraction = int((match[7] or "0")[:9].ljust(9, "0"))
    total = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * NANOS + fraction
    return -total if match[1] else total
