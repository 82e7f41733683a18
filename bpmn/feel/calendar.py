"""Days of the proleptic Gregorian calendar, for years beyond what ``datetime`` can hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bpmn.feel.errors import Undefined

MAX_YEAR = 999_999_999
NANOS = 1_000_000_000
DAY = 86_400 * NANOS
_CYCLE = 400
"""Years after which the calendar repeats, weekdays included."""
_CYCLE_DAYS = 146_097
_EPOCH = date(1970, 1, 1).toordinal()


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def to_days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01."""
    cycles, place = divmod(year - 2000, _CYCLE)
    return date(2000 + place, month, day).toordinal() - _EPOCH + cycles * _CYCLE_DAYS


def from_days(days: int) -> tuple[int, int, int]:
    """Year, month and day of a count of days since 1970-01-01."""
    start = date(2000, 1, 1).toordinal()
    cycles, place = divmod(days + _EPOCH - start, _CYCLE_DAYS)
    found = date.fromordinal(start + place)
    year = found.year + cycles * _CYCLE
    if not -MAX_YEAR <= year <= MAX_YEAR:
        raise Undefined("OUT_OF_RANGE", "The date is out of range")
    return year, found.month, found.day


@lru_cache(maxsize=512)
def zone_exists(name: str) -> bool:
    """Whether the zone database knows this identifier."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def offset_at(zone: str, days: int, nanos: int, fold: int) -> int:
    """The seconds east of UTC in a zone at a local date and time of day."""
    local = _near(days, nanos).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return _seconds(local.utcoffset())


def local_of(zone: str, instant: int) -> tuple[int, int]:
    """The offset in seconds and the fold of an instant (nanoseconds since the epoch, UTC)."""
    days, nanos = divmod(instant, DAY)
    moment = _near(days, nanos).astimezone(ZoneInfo(zone))
    return _seconds(moment.utcoffset()), moment.fold


def _near(days: int, nanos: int) -> datetime:
    # A zone's rules repeat with the calendar, so a far year borrows a near one's.
    year, month, day = from_days(days)
    if not 2 <= year <= 9_998:
        year = 2000 + year % _CYCLE
    day_start = datetime(year, month, day, tzinfo=UTC)
    return day_start + timedelta(microseconds=nanos // 1_000)


def _seconds(offset: timedelta | None) -> int:
    return round(offset.total_seconds()) if offset is not None else 0
