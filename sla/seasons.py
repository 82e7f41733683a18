"""Seasons: parts of the year with hours of their own, such as summer or Ramadan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from sla.jalali import islamic_month, jalali_month_day

MonthDay = tuple[int, int]


@dataclass(frozen=True)
class Shift:
    """One stretch of work of a weekday, in minutes after local midnight.

    ``end`` may pass 1440: a night shift belongs to the day on which it starts.
    """

    start: int
    end: int


Week = tuple[tuple[Shift, ...], ...]
"""Seven days, Monday first."""


@dataclass(frozen=True)
class DateRange:
    """Days of one year, both ends included."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Tell whether the day is one of them."""
        return self.first <= day <= self.last


@dataclass(frozen=True)
class YearlyRange:
    """Days of every year by month and day, both ends included; it may pass the new year."""

    reckoning: Literal["gregorian", "jalali"]
    first: MonthDay
    last: MonthDay

    def holds(self, day: date) -> bool:
        """Tell whether the day is one of them."""
        jalali = self.reckoning == "jalali"
        here = jalali_month_day(day) if jalali else (day.month, day.day)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last


@dataclass(frozen=True)
class IslamicMonth:
    """A month of the Umm al-Qura calendar, each year, until 2077."""

    month: int
    shift_days: int = 0
    """By how many days it begins later here; one in Iran, as a rule."""
    known: tuple[DateRange, ...] = ()
    """The month as the moon decided it, in place of the reckoned one of that year."""

    def holds(self, day: date) -> bool:
        """Tell whether the day lies in the month."""
        for each in self.known:
            if abs((day - each.first).days) < _HALF_A_YEAR:
                return each.holds(day)
        return islamic_month(day, self.shift_days) == self.month


_HALF_A_YEAR = 177
"""Days. Any day is nearer than this to one month of its name at most."""


@dataclass(frozen=True)
class Season:
    """A part of the year and its own week."""

    days: DateRange | YearlyRange | IslamicMonth
    week: Week
    names: Mapping[str, str] | None = field(default=None, hash=False)
