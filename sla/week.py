"""The hours of a week, day by day, for a page that shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sla.calendar_model import Calendar
from sla.openings import hours_of
from sla.wall_clock import datetime_of


class DayHours(NamedTuple):
    """One day of a calendar."""

    day: date
    hours: tuple[tuple[datetime, datetime], ...]
    """The stretches of work that start on the day, with the calendar's time zone."""
    reason: Mapping[str, str] | None
    """The holiday's, closure's, opening's or season's name in Persian and English, if any."""
    estimated: bool
    """Whether it is a holiday that the moon may yet move."""


def week_of(calendar: Calendar, day: date) -> tuple[DayHours, ...]:
    """Return the seven days that begin with this one."""
    return tuple(_day(calendar, day + timedelta(days=i)) for i in range(7))


def _day(calendar: Calendar, day: date) -> DayHours:
    holiday = calendar.holiday_on(day)
    hours = tuple(
        (_local(calendar, start), _local(calendar, end)) for start, end in hours_of(calendar, day)
    )
    reason = holiday.names if holiday else _reason(calendar, day)
    return DayHours(day, hours, reason, bool(holiday and holiday.estimated))


def _reason(calendar: Calendar, day: date) -> Mapping[str, str] | None:
    """Name what makes a day unlike others: a closed part, an extra opening, the season."""
    for each in (*calendar.closures, *calendar.openings):
        if each.names and each.start.date() <= day <= each.end.date():
            midnight = datetime.combine(day, datetime.min.time())
            if each.start < midnight + timedelta(days=1) and each.end > midnight:
                return each.names
    season = calendar.season_on(day)
    return season.names if season else None


def _local(calendar: Calendar, instant: int) -> datetime:
    return datetime_of(instant).astimezone(calendar.zone)
