"""The few questions that calendars ask of the Jalali and the Islamic calendar."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import jdatetime
from hijridate import Gregorian

LONGEST_JALALI_MONTHS = (31, 31, 31, 31, 31, 31, 30, 30, 30, 30, 30, 30)
"""The 30th of Esfand comes in leap years."""


@lru_cache(maxsize=4096)
def jalali_month_day(day: date) -> tuple[int, int]:
    """Return the month and the day of the month of a Gregorian date in the Jalali calendar."""
    jalali = jdatetime.date.fromgregorian(date=day)
    return jalali.month, jalali.day


@lru_cache(maxsize=4096)
def islamic_month(day: date, shift_days: int = 0) -> int | None:
    """Return the Islamic month (Ramadan is 9) by the Umm al-Qura calendar.

    With a shift of 1 every month begins a day later than there, as it mostly does in Iran. None
    before August 1924 and after November 2077, where the calendar is not reckoned.
    """
    try:
        return Gregorian.fromdate(day - timedelta(days=shift_days)).to_hijri().month
    except OverflowError:
        return None
