"""From what a clock on the wall shows to the instant, in microseconds since 1970.

An hour that the clocks repeat is meant the first time, unless the time's ``fold`` says
otherwise. All times that the clocks skip are the instant of the jump. So a later time is never
an earlier instant, and what is cut in two on the wall is worth the same as the whole.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # The same on a clock without a zone.
_SECOND = 1_000_000


def instant_of(zone: ZoneInfo, local: datetime) -> int:
    """Return the instant when the clocks of the zone show this (naive) time."""
    first = _offset(local.replace(tzinfo=zone, fold=0))
    second = _offset(local.replace(tzinfo=zone, fold=1))
    shown = (local - _NAIVE_EPOCH) // MICROSECOND
    if first < second:
        return _jump(zone, shown - second, shown - first)
    return shown - (second if local.fold else first)


def local_of(zone: ZoneInfo, instant: int) -> datetime:
    """Return what the clocks of the zone show then: naive, with ``fold`` in a repeated hour."""
    return datetime_of(instant).astimezone(zone).replace(tzinfo=None)


def datetime_of(instant: int) -> datetime:
    """Return the instant as a datetime in UTC."""
    return EPOCH + instant * MICROSECOND


def microseconds(instant: datetime) -> int:
    """Return an aware datetime as an instant."""
    return (instant - EPOCH) // MICROSECOND


def _offset(shown: datetime) -> int:
    return (shown.utcoffset() or timedelta(0)) // MICROSECOND


def _jump(zone: ZoneInfo, before: int, after: int) -> int:
    """Find the second between the two at which the offset changes."""
    low, high = before // _SECOND, after // _SECOND
    old = _offset(datetime_of(low * _SECOND).astimezone(zone))
    while low < high:
        middle = (low + high) // 2
        if _offset(datetime_of(middle * _SECOND).astimezone(zone)) == old:
            low = middle + 1
        else:
            high = middle
    return low * _SECOND
