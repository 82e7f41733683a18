"""From a calendar to its openings: of one day, and of one year of universal time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

from sla.calendar_model import Calendar, NoWorkingTime
from sla.intervals import Interval, clip, cut, join
from sla.wall_clock import instant_of, microseconds

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Year:
    """The openings within one year of universal time, in microseconds since 1970."""

    starts: list[int]
    ends: list[int]
    worked: list[int]
    """Working time until the end of each opening, since the year began."""
    total: int

    def until(self, instant: int) -> int:
        """Return the working time of this year before the instant."""
        i = bisect_right(self.starts, instant) - 1
        return self.worked[i] - max(self.ends[i] - instant, 0) if i >= 0 else 0

    def first_with(self, worked: int) -> int:
        """Return the first instant at which so much (more than nothing) has been worked."""
        i = bisect_left(self.worked, worked)
        return self.ends[i] - (self.worked[i] - worked)

    def last_with(self, worked: int) -> int:
        """Return the last instant at which so much (less than all) has been worked."""
        i = bisect_right(self.worked, worked)
        return self.ends[i] - (self.worked[i] - worked)


def works_on(calendar: Calendar, day: date) -> bool:
    """Tell whether any working time starts on this local day."""
    return bool(hours_of(calendar, day))


def hours_of(calendar: Calendar, day: date) -> list[Interval]:
    """Return the stretches of work that start on this local day, in order, as instants."""
    days = calendar.memory.days
    known = days.get(day)
    if known is None:
        if len(days) >= _DAYS_KEPT:
            days.clear()
        usual = cut(_shifts(calendar, day), calendar.memory.closed)
        known = days[day] = join([*usual, *calendar.memory.opened_on.get(day, ())])
    return known


_DAYS_KEPT = 1000
"""Nearly all that is asked lies within a few weeks; a search through centuries is not kept."""


def year_of(calendar: Calendar, year: int) -> Year:
    """Return the openings of a year of universal time; worked out once."""
    known: Year | None = calendar.memory.years.get(year)
    if known is None:
        known = calendar.memory.years[year] = _build(calendar, year)
    return known


def _build(calendar: Calendar, year: int) -> Year:
    """List the openings of one year: clipped to it, in order, joined where they touch."""
    first, last = microseconds(_new_year(year)), microseconds(_new_year(year + 1))
    usual = (each for day in _days(year) for each in _shifts(calendar, day))
    worked = cut(usual, calendar.memory.closed)
    openings = join(clip([*worked, *calendar.memory.opened], first, last))
    totals = list(accumulate(end - start for start, end in openings))
    return Year(
        [start for start, _ in openings],
        [end for _, end in openings],
        totals,
        totals[-1] if totals else 0,
    )


def _days(year: int) -> Iterator[date]:
    """Give the local days of which any shift may lie in that year of universal time."""
    day, last = date(year, 1, 1) - 2 * DAY, date(year, 12, 31) + DAY
    while day <= last:
        yield day
        day += DAY


def _shifts(calendar: Calendar, day: date) -> Iterator[Interval]:
    if not calendar.is_day_off(day):
        midnight = datetime.combine(day, datetime.min.time())
        for shift in calendar.shifts_on(day):
            yield (
                instant_of(calendar.zone, midnight + timedelta(minutes=shift.start)),
                instant_of(calendar.zone, midnight + timedelta(minutes=shift.end)),
            )


def _new_year(year: int) -> datetime:
    if not 1 < year < _LAST_YEAR:
        raise NoWorkingTime(f"the year {year} is beyond reckoning")
    return datetime(year, 1, 1, tzinfo=UTC)


_LAST_YEAR = 9999
