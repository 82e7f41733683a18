"""Lengths of working time, written as in ISO 8601."""

from __future__ import annotations

import re
from datetime import timedelta

from sla.strict import Wrong

WORKING_DAY = timedelta(hours=8)
"""What one day (``P1D``) of working time means, in every calendar."""

LONGEST = timedelta(days=5475)
"""The longest working time that may be promised: fifteen years of days and nights."""

_DURATION = re.compile(
    r"P(?:(?P<d>\d{1,5})D)?(?:T(?=\d)(?:(?P<h>\d{1,6})H)?(?:(?P<m>\d{1,7})M)?(?:(?P<s>\d{1,8})S)?)?"
)


def parse_duration(text: str) -> timedelta:
    """Read ``PT4H``, ``PT1H30M`` or ``P2DT4H``; a day is eight working hours.

    Raises :class:`Wrong`, a ``ValueError``, for weeks, months and years, whose working time
    depends on the calendar, for signs and fractions, for a length of nothing, and for one longer
    than ``LONGEST``.
    """
    found = _DURATION.fullmatch(text.strip())
    parts = {unit: int(number or 0) for unit, number in found.groupdict().items()} if found else {}
    if not any(parts.values()):
        raise Wrong(
            f"{text[:40]!r} is not a working time such as PT4H, PT30M or P2D",
            f"{text[:40]!r} زمان کاری‌ای مانند PT4H یا PT30M یا P2D نیست",
        )
    rest = timedelta(hours=parts["h"], minutes=parts["m"], seconds=parts["s"])
    length = parts["d"] * WORKING_DAY + rest
    if length > LONGEST:
        hours = LONGEST // timedelta(hours=1)
        raise Wrong(
            f"{text[:40]!r} is longer than {hours} hours",
            f"{text[:40]!r} از {hours} ساعت بلندتر است",
        )
    return length
