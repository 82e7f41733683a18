"""Working time: when an organisation works, and arithmetic with it.

All reckoning is in whole microseconds of universal time, so nothing is rounded. A calendar
keeps, for each year it was asked about, the sorted list of its openings with running totals; a
question is then two binary searches.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sla.jalali import jalali_month_day

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_LONGEST_SEARCH = 100
"""Years after which a search for working time gives up."""

_MOST_DAYS = 5000


class NoWorkingTime(ValueError):  # It says what the calendar lacks.
    """The calendar has no working time where it was looked for."""


@dataclass(frozen=True)
class Shift:
    """One stretch of work of a weekday, in minutes after local midnight.

    ``end`` may pass 1440: a night shift belongs to the day on which it starts.
    """

    start: int
    end: int


@dataclass(frozen=True)
class Calendar:
    """When an organisation works. Equal calendars give equal answers."""

    key: str
    names: Mapping[str, str] = field(hash=False)
    zone: ZoneInfo
    week: tuple[tuple[Shift, ...], ...]
    """Seven days, Monday first."""
    solar_holidays: frozenset[tuple[int, int]] = frozenset()
    """Month and day of the Jalali calendar, every year."""
    yearly_holidays: frozenset[tuple[int, int]] = frozenset()
    """Month and day of the Gregorian calendar, every year."""
    days_off: frozenset[date] = frozenset()
    """Single days: moving holidays and closures."""
    known_until: date | None = None
    """The last day for which the moving holidays are known; later answers may be too early."""
    _years: dict[int, _Year] = field(default_factory=dict, compare=False, repr=False)

    def works_on(self, day: date) -> bool:
        """Tell whether any shift starts on this local day."""
        return bool(self.week[day.weekday()]) and not self.is_day_off(day)

    def is_day_off(self, day: date) -> bool:
        """Tell whether the day is a holiday or a closure, whatever its weekday."""
        if day in self.days_off or (day.month, day.day) in self.yearly_holidays:
            return True
        return bool(self.solar_holidays) and jalali_month_day(day) in self.solar_holidays


@dataclass(frozen=True)
class _Year:
    """The openings within one year of universal time, in microseconds since 1970."""

    starts: list[int]
    ends: list[int]
    worked: list[int]
    """Working time until the end of each opening, since the year began."""

    @property
    def total(self) -> int:
        return self.worked[-1] if self.worked else 0

    def until(self, instant: int) -> int:
        """Return the working time of this year before the instant."""
        i = bisect_right(self.starts, instant) - 1
        return self.worked[i] - max(self.ends[i] - instant, 0) if i >= 0 else 0

    def at(self, worked: int) -> int:
        """Return the first instant at which so much (more than nothing) has been worked."""
        i = bisect_left(self.worked, worked)
        return self.ends[i] - (self.worked[i] - worked)


def working_time_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Return the working time from one instant to another; negative when they are reversed."""
    if end < start:
        return -working_time_between(calendar, end, start)
    first, last = _utc_year(start), _utc_year(end)
    between = sum(_year(calendar, year).total for year in range(first, last))
    begun = _year(calendar, first).until(_microseconds(start))
    return (between + _year(calendar, last).until(_microseconds(end)) - begun) * _MICROSECOND


def add_working_time(calendar: Calendar, instant: datetime, length: timedelta) -> datetime:
    """Return the first instant (in UTC) by which ``length`` has been worked since ``instant``.

    Four hours from 12:00 in a day that closes at 16:00 is 16:00, not the next opening. A length
    of nothing gives the instant itself. Raises ``ValueError`` for a negative length and
    :class:`NoWorkingTime` when a hundred years do not hold that much.
    """
    if length < timedelta(0):
        raise ValueError("working time cannot be added backwards")
    if not length:
        return instant.astimezone(UTC)
    year = _utc_year(instant)
    missing = length // _MICROSECOND + _year(calendar, year).until(_microseconds(instant))
    for _ in range(_LONGEST_SEARCH):
        openings = _year(calendar, year)
        if missing <= openings.total:
            return _instant(openings.at(missing))
        missing -= openings.total
        year += 1
    raise NoWorkingTime(f"{calendar.key}: not enough working time in {_LONGEST_SEARCH} years")


def next_opening(calendar: Calendar, instant: datetime) -> datetime:
    """Return the instant itself (in UTC) while the calendar works, else when it works next."""
    year, moment = _utc_year(instant), _microseconds(instant)
    for each in range(year, year + _LONGEST_SEARCH):
        openings = _year(calendar, each)
        i = bisect_right(openings.ends, moment)
        if i < len(openings.starts):
            return _instant(max(openings.starts[i], moment))
    raise NoWorkingTime(f"{calendar.key}: never works")


def add_working_days(calendar: Calendar, instant: datetime, days: int) -> datetime:
    """Return the close of work (in UTC) on the n-th working day after the day of ``instant``.

    "Within three working days" counts from the next working day, and that day counts whole.
    With no days it is the close of the day itself, or of the next working day.
    """
    if not 0 <= days <= _MOST_DAYS:
        raise ValueError(f"working days must lie between 0 and {_MOST_DAYS}")
    day = instant.astimezone(calendar.zone).date() + (_DAY if days else timedelta(0))
    missing = max(days, 1)
    for _ in range(_LONGEST_SEARCH * 366):
        missing -= calendar.works_on(day)
        if not missing:
            return _closing(calendar, day)
        day += _DAY
    raise NoWorkingTime(f"{calendar.key}: no {days} working days in {_LONGEST_SEARCH} years")


def _closing(calendar: Calendar, day: date) -> datetime:
    return _wall_clock(calendar.zone, day, calendar.week[day.weekday()][-1].end)


def _year(calendar: Calendar, year: int) -> _Year:
    known = calendar._years.get(year)
    if known is None:
        known = calendar._years[year] = _build_year(calendar, year)
    return known


def _build_year(calendar: Calendar, year: int) -> _Year:
    """List the openings of one UTC year: clipped to it, in order, joined where they touch."""
    first, last = _microseconds(_new_year(year)), _microseconds(_new_year(year + 1))
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _openings(calendar, date(year, 1, 1) - 2 * _DAY, date(year, 12, 31) + _DAY):
        start, end = max(start, first), min(end, last)
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        elif start < end:
            starts.append(start)
            ends.append(end)
    return _Year(starts, ends, list(_running_total(starts, ends)))


def _openings(calendar: Calendar, first: date, last: date) -> Iterator[tuple[int, int]]:
    """Give every shift that starts on the local days from first to last."""
    day = first
    while day <= last:
        if calendar.works_on(day):
            for shift in calendar.week[day.weekday()]:
                yield (
                    _microseconds(_wall_clock(calendar.zone, day, shift.start)),
                    _microseconds(_wall_clock(calendar.zone, day, shift.end)),
                )
        day += _DAY


def _running_total(starts: list[int], ends: list[int]) -> Iterator[int]:
    total = 0
    for start, end in zip(starts, ends, strict=True):
        total += end - start
        yield total


def _wall_clock(zone: ZoneInfo, day: date, minutes: int) -> datetime:
    """Return the instant when the local clock shows so many minutes after midnight.

    An hour that the clocks repeat is meant the first time; one that they skip is reckoned as
    if they had not been changed yet.
    """
    days, rest = divmod(minutes, 1440)
    local = datetime.combine(day + days * _DAY, datetime.min.time(), zone)
    return local.replace(hour=rest // 60, minute=rest % 60).astimezone(UTC)


def _new_year(year: int) -> datetime:
    try:
        return datetime(year, 1, 1, tzinfo=UTC)
    except ValueError:
        raise NoWorkingTime(f"the year {year} is beyond reckoning") from None


def _utc_year(instant: datetime) -> int:
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(UTC).year


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _instant(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _MICROSECOND
