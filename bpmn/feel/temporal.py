"""Dates, times and durations: nanoseconds, years to ±999,999,999, offsets and named zones.

``zone`` is None (local), an int (seconds east of UTC) or a zone identifier such as
``Asia/Tehran``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from bpmn.feel.calendar import (
    DAY,
    MAX_YEAR,
    NANOS,
    days_in_month,
    from_days,
    local_of,
    offset_at,
    to_days,
)
from bpmn.feel.errors import Undefined

Zone = int | str | None
_MAX_MONTHS = 12 * (MAX_YEAR + 1)
_MAX_NANOS = 2 * 366 * MAX_YEAR * DAY


@dataclass(frozen=True, slots=True)
class Date:
    """A day of the calendar."""

    year: int
    month: int
    day: int

    @property
    def days(self) -> int:
        """Days since 1970-01-01."""
        return to_days(self.year, self.month, self.day)

    @property
    def weekday(self) -> int:
        """Monday is 1, Sunday is 7."""
        return (self.days + 3) % 7 + 1

    def plus_months(self, months: int) -> Date:
        """The same day months later, or the last of a shorter month."""
        years, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        if not -MAX_YEAR <= years <= MAX_YEAR:
            raise Undefined("OUT_OF_RANGE", "The date is out of range")
        return Date(years, month + 1, min(self.day, days_in_month(years, month + 1)))

    def to_python(self) -> date:
        """The ``datetime.date``; raises ``Undefined`` when the year does not fit in it."""
        _check_python_year(self.year)
        return date(self.year, self.month, self.day)

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day, ``nanos`` after midnight."""

    nanos: int
    zone: Zone = None

    @property
    def offset(self) -> int | None:
        """Seconds east of UTC; for a named zone those of its standard time in 1970's rules."""
        if isinstance(self.zone, str):
            return offset_at(self.zone, 0, self.nanos, 0)
        return self.zone

    @property
    def instant(self) -> int:
        """Nanoseconds after midnight UTC, to compare times of different offsets."""
        return self.nanos - (self.offset or 0) * NANOS

    def to_python(self) -> time:
        """The ``datetime.time``, nanoseconds cut to microseconds."""
        seconds, nanos = divmod(self.nanos, NANOS)
        zone = _python_zone(self.zone)
        return time(seconds // 3600, seconds // 60 % 60, seconds % 60, nanos // 1_000, tzinfo=zone)

    def __str__(self) -> str:
        return _clock(self.nanos) + zone_text(self.zone)


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date and a time of day; ``fold`` is 1 in the second of two equal autumn hours."""

    date: Date
    nanos: int
    zone: Zone = None
    fold: int = 0

    @property
    def time(self) -> Time:
        """Its time of day, in its zone."""
        return Time(self.nanos, self.zone)

    @property
    def offset(self) -> int | None:
        """Seconds east of UTC; None when it has no zone."""
        if isinstance(self.zone, str):
            return offset_at(self.zone, self.date.days, self.nanos, self.fold)
        return self.zone

    @property
    def local(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00 on its own clock."""
        return self.date.days * DAY + self.nanos

    @property
    def instant(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z; a local one is taken as UTC."""
        return self.local - (self.offset or 0) * NANOS

    def plus(self, nanos: int) -> DateTime:
        """The moment so many nanoseconds later, counted in real time when it has a zone."""
        if isinstance(self.zone, str):
            return at_instant(self.instant + nanos, self.zone)
        days, rest = divmod(self.local + nanos, DAY)
        return DateTime(Date(*from_days(days)), rest, self.zone)

    def plus_months(self, months: int) -> DateTime:
        """The same time of day on the day that is months later."""
        return DateTime(self.date.plus_months(months), self.nanos, self.zone, self.fold)

    def to_python(self) -> datetime:
        """The ``datetime``, aware when it has a zone; nanoseconds cut to microseconds."""
        moment = datetime.combine(self.date.to_python(), Time(self.nanos).to_python())
        return moment.replace(tzinfo=_python_zone(self.zone), fold=self.fold)

    def __str__(self) -> str:
        return f"{self.date}T{_clock(self.nanos)}{zone_text(self.zone)}"


@dataclass(frozen=True, slots=True)
class DaysDuration:
    """A days and time duration, in nanoseconds."""

    nanos: int

    def to_python(self) -> timedelta:
        """The ``timedelta``; raises ``Undefined`` when it does not fit in it."""
        if abs(self.nanos) > 999_999_999 * DAY:
            raise Undefined("OUT_OF_RANGE", "The duration is out of range")
        return timedelta(microseconds=self.nanos // 1_000)

    def __str__(self) -> str:
        seconds, nanos = divmod(abs(self.nanos), NANOS)
        days, seconds = divmod(seconds, 86_400)
        text = f"{days}D" if days else ""
        clock = _duration_clock(seconds, nanos)
        if clock or not text:
            text += "T" + (clock or "0S")
        return ("-P" if self.nanos < 0 else "P") + text


@dataclass(frozen=True, slots=True)
class MonthsDuration:
    """A years and months duration, in months."""

    months: int

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-P" if self.months < 0 else "P") + (text or "0M")


def at_instant(instant: int, zone: Zone) -> DateTime:
    """The moment of an instant (nanoseconds since the epoch, UTC) on the clock of a zone."""
    offset, fold = local_of(zone, instant) if isinstance(zone, str) else (zone or 0, 0)
    days, nanos = divmod(instant + offset * NANOS, DAY)
    return DateTime(Date(*from_days(days)), nanos, zone, fold)


def days_duration(nanos: int) -> DaysDuration:
    """The duration; raises ``Undefined`` when it is longer than any two dates are apart."""
    if abs(nanos) > _MAX_NANOS:
        raise Undefined("OUT_OF_RANGE", "The duration is out of range")
    return DaysDuration(nanos)


def months_duration(months: int) -> MonthsDuration:
    """The duration; raises ``Undefined`` when it is longer than any two dates are apart."""
    if abs(months) > 2 * _MAX_MONTHS:
        raise Undefined("OUT_OF_RANGE", "The duration is out of range")
    return MonthsDuration(months)


def from_python(value: datetime | date | time | timedelta) -> object:
    """The value of one of Python's own types."""
    if isinstance(value, datetime):
        day = Date(value.year, value.month, value.day)
        return DateTime(day, _nanos(value), _zone(value), value.fold)
    if isinstance(value, date):
        return Date(value.year, value.month, value.day)
    if isinstance(value, time):
        return Time(_nanos(value), _zone(value))
    return DaysDuration((value.days * 86_400 + value.seconds) * NANOS + value.microseconds * 1_000)


def zone_text(zone: Zone) -> str:
    """``Z``, ``+03:30``, ``@Asia/Tehran`` or nothing."""
    if zone is None:
        return ""
    if isinstance(zone, str):
        return f"@{zone}"
    if zone == 0:
        return "Z"
    minutes, seconds = divmod(abs(zone), 60)
    text = f"{'-' if zone < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    return text + (f":{seconds:02d}" if seconds else "")


def _clock(nanos: int) -> str:
    seconds, rest = divmod(nanos, NANOS)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return text + (f".{rest:09d}".rstrip("0") if rest else "")


def _duration_clock(seconds: int, nanos: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    text = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if rest or nanos:
        text += f"{rest}" + (f".{nanos:09d}".rstrip("0") if nanos else "") + "S"
    return text


def _check_python_year(year: int) -> None:
    if not 1 <= year <= 9999:
        raise Undefined("OUT_OF_RANGE", "The year {0} does not fit here", year)


def _python_zone(zone: Zone) -> timezone | ZoneInfo | None:
    if zone is None:
        return None
    return ZoneInfo(zone) if isinstance(zone, str) else timezone(timedelta(seconds=zone))


def _nanos(value: datetime | time) -> int:
    seconds = value.hour * 3600 + value.minute * 60 + value.second
    return seconds * NANOS + value.microsecond * 1_000


def _zone(value: datetime | time) -> Zone:
    if value.tzinfo is None:
        return None
    key = getattr(value.tzinfo, "key", None)
    if isinstance(key, str) and key != "UTC":
        return key
    offset = value.utcoffset()
    return round(offset.total_seconds()) if offset is not None else None
