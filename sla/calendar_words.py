"""The words in which calendar files write shifts, days, ranges and stretches of time."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sla.jalali import LONGEST_JALALI_MONTHS
from sla.seasons import DateRange, MonthDay, Shift
from sla.strict import Wrong
from sla.wall_clock import instant_of, local_of, microseconds

LONGEST_STRETCH = timedelta(days=400)
_LONGEST_NIGHT = 16 * 60
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_SHIFT = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)", re.ASCII)
_MONTH_DAY = re.compile(r"(\d\d)-(\d\d)", re.ASCII)
_DATE = r"\d{4}-\d\d-\d\d"
_TIME = r"\d\d:\d\d(?::\d\d(?:\.\d{6})?)?(?:[+-]\d\d:\d\d)?"
_DAY_ONLY = re.compile(_DATE, re.ASCII)
_DAYS = re.compile(rf"({_DATE}) to ({_DATE})", re.ASCII)
_FROM = re.compile(rf"({_DATE}) from ({_TIME})", re.ASCII)
_UNTIL = re.compile(rf"({_DATE}) until ({_TIME})", re.ASCII)
_WITHIN = re.compile(rf"({_DATE}) (\d\d:\d\d)-(\d\d:\d\d)", re.ASCII)
_TIMES = re.compile(rf"({_DATE}) ({_TIME}) to ({_DATE}) ({_TIME})", re.ASCII)
_DAY = timedelta(days=1)


def read_shift(text: str) -> Shift:
    """Read ``08:00-16:00``, or ``22:00-06:00`` for a night shift of at most 16 hours."""
    found = _SHIFT.fullmatch(text)
    if not found:
        raise Wrong(
            f"{text[:40]!r} is not a shift such as 08:00-16:00",
            f"{text[:40]!r} نوبت کاری‌ای مانند 08:00-16:00 نیست",
        )
    hours, minutes, end_hours, end_minutes = (int(part) for part in found.groups())
    start, end = hours * 60 + minutes, end_hours * 60 + end_minutes
    if max(minutes, end_minutes) > 59 or start >= 1440 or end > 1440 or start == end:
        raise Wrong(f"{text!r} is not a time of the day", f"{text!r} ساعتی از شبانه‌روز نیست")
    if start - end in range(1, 1440 - _LONGEST_NIGHT):
        # More likely two times in the wrong order than a night shift.
        raise Wrong(
            f"{text!r} passes midnight and is longer than 16 hours",
            f"{text!r} از نیمه‌شب می‌گذرد و از ۱۶ ساعت بلندتر است",
        )
    return Shift(start, end if end > start else end + 1440)


def write_shift(shift: Shift) -> str:
    """Write what :func:`read_shift` reads."""
    end = shift.end if shift.end <= 1440 else shift.end - 1440
    return f"{_clock(shift.start)}-{_clock(end)}"


def read_month_day(text: str) -> MonthDay:
    """Read ``12-25``, a day of every year of the Gregorian calendar."""
    return _month_day(text, _LONGEST_MONTHS)


def read_jalali_month_day(text: str) -> MonthDay:
    """Read ``01-13``, a day of every year of the Jalali calendar."""
    return _month_day(text, LONGEST_JALALI_MONTHS)


def write_month_day(day: MonthDay) -> str:
    """Write what the two above read."""
    return f"{day[0]:02}-{day[1]:02}"


def read_date(value: object) -> date:
    """Take a date that the file writes bare: ``2026-05-27``."""
    if isinstance(value, datetime) or not isinstance(value, date):
        what = str(value)[:40]
        raise Wrong(f"{what!r} is not a date such as 2026-05-27", f"{what!r} تاریخ نیست")
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise Wrong(
            f"{value} is not a year between {_FIRST_YEAR} and {_LAST_YEAR}",
            f"سال {value.year} میان {_FIRST_YEAR} و {_LAST_YEAR} نیست",
        )
    return value


def read_range(text: str) -> DateRange:
    """Read ``2026-02-19 to 2026-03-20``, or one day."""
    found = _DAYS.fullmatch(text)
    one = _DAY_ONLY.fullmatch(text)
    if found:
        first, last = _date(found[1]), _date(found[2])
    elif one:
        first = last = _date(text)
    else:
        raise Wrong(
            f"{text[:60]!r} is no range such as 2026-02-19 to 2026-03-20",
            f"{text[:60]!r} بازه‌ای مانند 2026-02-19 to 2026-03-20 نیست",
        )
    return check_range(first, last)


def check_range(first: date, last: date) -> DateRange:
    """Return the range; raises :class:`Wrong` when it ends before it begins, or is very long."""
    if last < first:
        raise _reversed()
    if last - first >= LONGEST_STRETCH:
        raise _too_long()
    return DateRange(first, last)


def write_range(days: DateRange) -> str:
    """Write what :func:`read_range` reads."""
    return f"{days.first} to {days.last}"


def read_stretch(value: object, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Read one of the ways to write a stretch; start and end by the clocks of the zone.

    ``2026-12-24`` (bare or a text), ``2026-12-28 to 2026-12-31``, ``2026-12-24 from 12:00``,
    ``2026-12-24 until 10:00``, ``2026-12-24 12:00-14:00`` and
    ``2026-12-24 12:00 to 2026-12-27 09:00``. A time may say its offset, ``01:30+00:00``, which
    matters in an hour that the clocks repeat.
    """
    if not isinstance(value, str):
        return _whole(read_date(value), read_date(value))
    start, end = _read_text(value, zone)
    # In a repeated hour the clock alone does not tell which of two times is the later one.
    if end <= start and instant_of(zone, end) <= instant_of(zone, start):
        raise _reversed()
    if end - start > LONGEST_STRETCH:
        raise _too_long()
    return start, end


def write_stretch(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """Write what :func:`read_stretch` reads."""
    if start.time() == end.time() == datetime.min.time():
        last = end.date() - _DAY
        return f"{start.date()}" if last == start.date() else f"{start.date()} to {last}"
    return f"{_write_time(start, zone)} to {_write_time(end, zone)}"


def _read_text(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    if _DAY_ONLY.fullmatch(text) or _DAYS.fullmatch(text):
        days = read_range(text)
        return _whole(days.first, days.last)
    if found := _FROM.fullmatch(text):
        return _time(found[1], found[2], zone), _midnight(_date(found[1]) + _DAY)
    if found := _UNTIL.fullmatch(text):
        return _midnight(_date(found[1])), _time(found[1], found[2], zone)
    if found := _WITHIN.fullmatch(text):
        shift = read_shift(f"{found[2]}-{found[3]}")
        midnight = _midnight(_date(found[1]))
        return midnight + shift.start * _MINUTE, midnight + shift.end * _MINUTE
    if found := _TIMES.fullmatch(text):
        return _time(found[1], found[2], zone), _time(found[3], found[4], zone)
    raise Wrong(
        f"{text[:60]!r} is no stretch such as 2026-12-24 from 12:00",
        f"{text[:60]!r} بازه‌ای مانند 2026-12-24 from 12:00 نیست",
    )


_MINUTE = timedelta(minutes=1)


def _whole(first: date, last: date) -> tuple[datetime, datetime]:
    return _midnight(first), _midnight(last + _DAY)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time())


def _date(text: str) -> date:
    try:
        return read_date(date.fromisoformat(text))
    except Wrong:
        raise
    except ValueError:
        raise Wrong(f"{text!r} is not a date", f"{text!r} تاریخ نیست") from None


def _time(day: str, clock: str, zone: ZoneInfo) -> datetime:
    if clock == "24:00":
        return _midnight(_date(day) + _DAY)
    try:
        read = datetime.combine(_date(day), datetime.fromisoformat(f"2000-01-01T{clock}").timetz())
    except Wrong:
        raise
    except ValueError:
        raise Wrong(
            f"{clock!r} is not a time of the day", f"{clock!r} ساعتی از شبانه‌روز نیست"
        ) from None
    return local_of(zone, microseconds(read)) if read.tzinfo else read


def _write_time(moment: datetime, zone: ZoneInfo) -> str:
    told = moment.isoformat(" ", "auto")
    told = told.removesuffix(":00") if moment.second == moment.microsecond == 0 else told
    offset = moment.replace(tzinfo=zone).strftime("%z") if _is_repeated(moment, zone) else ""
    return f"{told}{offset[:3]}:{offset[3:5]}" if offset else told


def _is_repeated(moment: datetime, zone: ZoneInfo) -> bool:
    """Tell whether the clocks show this time twice and the second time is meant."""
    first = moment.replace(fold=0)
    return bool(moment.fold) and instant_of(zone, first) < instant_of(zone, moment)


def _month_day(text: str, longest: tuple[int, ...]) -> MonthDay:
    found = _MONTH_DAY.fullmatch(text)
    if found and 1 <= int(found[1]) <= 12 and 1 <= int(found[2]) <= longest[int(found[1]) - 1]:
        return int(found[1]), int(found[2])
    raise Wrong(
        f"{text[:40]!r} is not a month and a day such as 01-13",
        f"{text[:40]!r} ماه و روزی مانند 01-13 نیست",
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _reversed() -> Wrong:
    return Wrong("it ends before it begins", "پایانش پیش از آغازش است")


def _too_long() -> Wrong:
    return Wrong(f"it is longer than {LONGEST_STRETCH.days} days", "بیش از اندازه بلند است")
