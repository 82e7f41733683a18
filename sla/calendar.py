"""Working time: arithmetic with the time when an organisation works.

All reckoning is in whole microseconds of universal time, so nothing is rounded. A calendar
keeps, for each year it was asked about, the sorted list of its openings with running totals; a
question is then two binary searches.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

from sla.calendar_model import Calendar, Closure, NoWorkingTime, Opening
from sla.openings import DAY, hours_of, works_on, year_of
from sla.seasons import Shift
from sla.wall_clock import MICROSECOND, datetime_of, microseconds

_LONGEST_SEARCH = 100
"""Years after which a search for working time gives up."""

_MOST_DAYS = 5000


def working_time_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Return the working time from one instant to another; negative when they are reversed."""
    if end < start:
        return -working_time_between(calendar, end, start)
    first, last = _utc_year(start), _utc_year(end)
    between = sum(year_of(calendar, year).total for year in range(first, last))
    begun = year_of(calendar, first).until(microseconds(start))
    return (between + year_of(calendar, last).until(microseconds(end)) - begun) * MICROSECOND


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
    missing = length // MICROSECOND + year_of(calendar, year).until(microseconds(instant))
    for _ in range(_LONGEST_SEARCH):
        openings = year_of(calendar, year)
        if missing <= openings.total:
            return datetime_of(openings.first_with(missing))
        missing -= openings.total
        year += 1
    raise NoWorkingTime(f"{calendar.key}: not enough working time in {_LONGEST_SEARCH} years")


def working_time_before(calendar: Calendar, instant: datetime, length: timedelta) -> datetime:
    """Return the last instant (in UTC) from which ``length`` is worked until ``instant``.

    Two hours before 09:00 in a day that opens at 08:00 is an hour before the close of the
    working day before; eight hours before a close at 16:00 is 08:00 of that day. A length of
    nothing gives the instant itself. Raises as :func:`add_working_time` does.
    """
    if length < timedelta(0):
        raise ValueError("working time cannot be taken away forwards")
    if not length:
        return instant.astimezone(UTC)
    year = _utc_year(instant)
    left = year_of(calendar, year).until(microseconds(instant)) - length // MICROSECOND
    for _ in range(_LONGEST_SEARCH):
        if left >= 0:
            return datetime_of(year_of(calendar, year).last_with(left))
        year -= 1
        left += year_of(calendar, year).total
    raise NoWorkingTime(f"{calendar.key}: not enough working time in {_LONGEST_SEARCH} years")


def next_opening(calendar: Calendar, instant: datetime) -> datetime:
    """Return the instant itself (in UTC) while the calendar works, else when it works next."""
    year, moment = _utc_year(instant), microseconds(instant)
    for each in range(year, year + _LONGEST_SEARCH):
        openings = year_of(calendar, each)
        i = bisect_right(openings.ends, moment)
        if i < len(openings.starts):
            return datetime_of(max(openings.starts[i], moment))
    raise NoWorkingTime(f"{calendar.key}: never works")


def next_closing(calendar: Calendar, instant: datetime) -> datetime:
    """Return when the opening ends (in UTC) that holds the instant, or else the next one.

    Raises :class:`NoWorkingTime` for a calendar that never works, or never stops working.
    """
    moment = microseconds(next_opening(calendar, instant))
    year = datetime_of(moment).year
    for each in range(year, year + _LONGEST_SEARCH):
        openings = year_of(calendar, each)
        i = bisect_right(openings.ends, moment)
        if i == len(openings.starts) or openings.starts[i] > moment:
            return datetime_of(moment)
        moment = openings.ends[i]
        if datetime_of(moment).year == each:
            return datetime_of(moment)
    raise NoWorkingTime(f"{calendar.key}: never closes")


def add_working_days(calendar: Calendar, instant: datetime, days: int) -> datetime:
    """Return the close of work (in UTC) on the n-th working day after the day of ``instant``.

    "Within three working days" counts from the next working day, and that day counts whole.
    With no days it is the close of the day itself, or of the next working day. A day on which
    any work starts is a working day, also one with an extra opening or closed for a part.
    """
    if not 0 <= days <= _MOST_DAYS:
        raise ValueError(f"working days must lie between 0 and {_MOST_DAYS}")
    day = instant.astimezone(calendar.zone).date() + (DAY if days else timedelta(0))
    missing = max(days, 1)
    for _ in range(_LONGEST_SEARCH * 366):
        hours = hours_of(calendar, day)
        missing -= bool(hours)
        if not missing:
            return datetime_of(hours[-1][1])
        day += DAY
    raise NoWorkingTime(f"{calendar.key}: no {days} working days in {_LONGEST_SEARCH} years")


def _utc_year(instant: datetime) -> int:
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(UTC).year


__all__ = [
    "Calendar", "Closure", "NoWorkingTime", "Opening", "Shift", "add_working_days",
    "add_working_time", "next_closing", "next_opening", "working_time_before",
    "working_time_between", "works_on",
]  # fmt: skip
