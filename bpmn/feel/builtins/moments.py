"""Functions on dates and the clock (DMN 1.5, 10.3.4.6 and 10.3.4.9)."""

from __future__ import annotations

from datetime import date as python_date
from datetime import datetime
from decimal import Decimal

from bpmn.feel.builtins.signature import builtin
from bpmn.feel.calendar import days_in_month
from bpmn.feel.errors import Undefined
from bpmn.feel.limits import Run
from bpmn.feel.temporal import Date, DateTime
from bpmn.feel.values import Value, receive

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def _day(value: Date | DateTime) -> Date:
    return value.date if isinstance(value, DateTime) else value


def _clock(run: Run) -> datetime:
    if run.now is None:
        raise Undefined("NO_CLOCK", "The time is not known here")
    return run.now


@builtin("now()")
def now(run: Run) -> Value:
    return receive(_clock(run))


@builtin("today()")
def today(run: Run) -> Value:
    return receive(_clock(run).date())


@builtin("day of week(date: date|date and time)")
def day_of_week(value: Date | DateTime) -> Value:
    return _DAYS[_day(value).weekday - 1]


@builtin("month of year(date: date|date and time)")
def month_of_year(value: Date | DateTime) -> Value:
    return _MONTHS[_day(value).month - 1]


@builtin("day of year(date: date|date and time)")
def day_of_year(value: Date | DateTime) -> Value:
    day = _day(value)
    return Decimal(day.days - Date(day.year, 1, 1).days + 1)


@builtin("week of year(date: date|date and time)")
def week_of_year(value: Date | DateTime) -> Value:
    day = _day(value)
    # The calendar repeats every 400 years, so a near year has the same weeks.
    near = python_date(2000 + day.year % 400, day.month, day.day)
    return Decimal(near.isocalendar().week)


@builtin("last day of month(date: date|date and time)")
def last_day_of_month(value: Date | DateTime) -> Value:
    day = _day(value)
    return Date(day.year, day.month, days_in_month(day.year, day.month))
