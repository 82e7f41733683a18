"""What a calendar is: its week, its seasons, its holidays, closures and extra openings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sla.intervals import Interval, holds, join
from sla.jalali import jalali_month_day
from sla.public_holidays import Country, Holiday
from sla.seasons import MonthDay, Season, Shift, Week
from sla.wall_clock import instant_of

_HOLIDAY = Holiday({"fa": "تعطیل رسمی", "en": "Public holiday"})
_CLOSED: Mapping[str, str] = {"fa": "تعطیل", "en": "Closed"}
_MIDNIGHT = time()


class NoWorkingTime(ValueError):  # It says what the calendar lacks.
    """The calendar has no working time where it was looked for."""


@dataclass(frozen=True)
class Stretch:
    """From one time to another, by the calendar's own clocks (both without a zone).

    In an hour that the clocks repeat, ``fold`` says which one is meant.
    """

    start: datetime
    end: datetime
    names: Mapping[str, str] | None = field(default=None, hash=False)
    """Why, in Persian and English."""

    @property
    def whole_days(self) -> bool:
        """Whether it goes from a midnight to a midnight."""
        return self.start.time() == self.end.time() == _MIDNIGHT


@dataclass(frozen=True)
class Closure(Stretch):
    """When the organisation does not work though it usually would.

    Whole days close the shifts that start on them, as holidays do: the night shift of the
    evening before ends as always. Otherwise the time itself is closed.
    """


@dataclass(frozen=True)
class Opening(Stretch):
    """When the organisation works though it usually would not: also on holidays and closures."""


@dataclass(frozen=True)
class Calendar:
    """When an organisation works. Equal calendars give equal answers."""

    key: str
    names: Mapping[str, str] = field(hash=False)
    zone: ZoneInfo
    week: Week
    """Seven days, Monday first."""
    country: Country | None = None
    """Whose public holidays are kept."""
    solar_holidays: frozenset[MonthDay] = frozenset()
    """Month and day of the Jalali calendar, every year."""
    yearly_holidays: frozenset[MonthDay] = frozenset()
    """Month and day of the Gregorian calendar, every year."""
    added: frozenset[date] = frozenset()
    """Single days that are holidays, whatever the country's list says."""
    removed: frozenset[date] = frozenset()
    """Single days that are none."""
    closures: tuple[Closure, ...] = ()
    openings: tuple[Opening, ...] = ()
    seasons: tuple[Season, ...] = ()
    """The first that holds a day gives its hours."""
    known_until: date | None = None
    """The last day for which moving holidays are known; later answers may be too early."""
    checked_until: date | None = None
    """Until here somebody compared estimated holidays with the published calendar."""
    memory: Memory = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "memory", Memory(self))

    def is_day_off(self, day: date) -> bool:
        """Tell whether the day is a holiday or wholly closed, whatever its weekday."""
        return self._is_holiday(day) or holds(self.memory.closed_days, day.toordinal())

    def holiday_on(self, day: date) -> Holiday | None:
        """Return the names of the holiday or of the closure of the whole day, if it is one."""
        if not self._is_holiday(day):
            return self._closure_on(day)
        found = self.country.holiday(day) if self.country and day not in self.removed else None
        if found is None:
            return _HOLIDAY
        checked = self.checked_until is not None and day <= self.checked_until
        return Holiday(found.names) if checked or day in self.added else found

    def shifts_on(self, day: date) -> tuple[Shift, ...]:
        """Return the usual shifts of the day: those of its season, else those of the week."""
        season = self.season_on(day)
        return (season.week if season else self.week)[day.weekday()]

    def season_on(self, day: date) -> Season | None:
        """Return the season in which the day lies."""
        return next((season for season in self.seasons if season.days.holds(day)), None)

    def _is_holiday(self, day: date) -> bool:
        if day in self.added or day in self.removed:
            return day in self.added
        if (day.month, day.day) in self.yearly_holidays:
            return True
        if self.solar_holidays and jalali_month_day(day) in self.solar_holidays:
            return True
        return self.country is not None and self.country.is_off(day)

    def _closure_on(self, day: date) -> Holiday | None:
        noon = datetime.combine(day, time(12))
        for each in self.closures:
            if each.whole_days and each.start <= noon < each.end:
                return Holiday(each.names or _CLOSED)
        return None


class Memory:
    """What is worked out of a calendar once, when it is first asked."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self.years: dict[int, Any] = {}
        """The openings of each year of universal time (see ``sla.openings``)."""
        self.days: dict[date, list[Interval]] = {}
        """The stretches of work of single days (see ``sla.openings``)."""

    @cached_property
    def closed_days(self) -> list[Interval]:
        """The days that are wholly closed, by their numbers."""
        whole = (each for each in self._calendar.closures if each.whole_days)
        return join((each.start.toordinal(), each.end.toordinal()) for each in whole)

    @cached_property
    def closed(self) -> list[Interval]:
        """The instants that are closed by the clock."""
        return join(self._instants(c) for c in self._calendar.closures if not c.whole_days)

    @cached_property
    def opened(self) -> list[Interval]:
        """The instants that are open beside the usual ones."""
        return join(self._instants(each) for each in self._calendar.openings)

    @cached_property
    def opened_on(self) -> Mapping[date, list[Interval]]:
        """The extra openings by the day on which they start."""
        days: dict[date, list[Interval]] = {}
        for each in self._calendar.openings:
            days.setdefault(each.start.date(), []).append(self._instants(each))
        return days

    def _instants(self, stretch: Stretch) -> Interval:
        zone = self._calendar.zone
        return instant_of(zone, stretch.start), instant_of(zone, stretch.end)
