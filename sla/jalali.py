"""The one question that calendars ask of the Jalali calendar."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import jdatetime


@lru_cache(maxsize=4096)
def jalali_month_day(day: date) -> tuple[int, int]:
    """Return the month and the day of the month of a Gregorian date in the Jalali calendar."""
    jalali = jdatetime.date.fromgregorian(date=day)
    return jalali.month, jalali.day
