"""Lengths of time in words, of the wall clock and of working time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from app.i18n.digits import to_digits

_DAY = timedelta(hours=24)
_FEW = 3
_SHORT = timedelta(minutes=10)
WORKING_DAY = timedelta(hours=8)
"""The length of one working day in promises, where the calendar names no other."""


def format_duration(length: timedelta, language: str) -> str:
    """At most two units: ``۱ ساعت و ۲۰ دقیقه`` or ``1 h 20 min``; the sign is dropped.

    From three hours on minutes are left out, from three days on hours: nobody plans by them.
    """
    days, rest = divmod(abs(length), _DAY)
    hours, minutes = _hours_and_minutes(rest)
    minutes = 0 if days or hours >= _FEW else minutes
    hours = 0 if days >= _FEW else hours
    parts = _count(
        ((days, "روز", " d"), (hours, "ساعت", " h"), (minutes, "دقیقه", " min")), language
    )
    if not parts:
        return "کمتر از یک دقیقه" if language == "fa" else "under a minute"
    return _join(parts[:2], language)


def format_working(length: timedelta, language: str, day: timedelta = WORKING_DAY) -> str:
    """Working time: ``۲ روز کاری``, ``4 working hours``, ``1 working day 4 hours``."""
    days, rest = divmod(length, day)
    hours, minutes = _hours_and_minutes(rest)
    if language == "fa":
        parts = _count(((days, "روز", ""), (hours, "ساعت", ""), (minutes, "دقیقه", "")), "fa")
        return f"{_join(parts[:2] or ['۰ دقیقه'], 'fa')} کاری"
    named = [_plural(n, w) for n, w in ((days, "day"), (hours, "hour"), (minutes, "minute")) if n]
    first, *others = named[:2] or ["0 minutes"]
    number, word = first.split(" ")
    return " ".join([number, "working", word, *others])


def format_left(
    length: timedelta, language: str, day: timedelta = WORKING_DAY, *, always: bool = False
) -> str:
    """Working time as a countdown tells it: ``2 h 10 min of working time``, ``2 working days 3 h``,
    ``۲ ساعت و ۱۰ دقیقه زمان کاری``; at most two units, the sign is dropped.

    Where work goes on day and night (``always``) it is time as all people count it.
    """
    if always:
        return format_duration(length, language)
    days, rest = divmod(abs(length), day)
    hours, minutes = _hours_and_minutes(rest)
    if language == "fa":
        units = ((days, "روز", ""), (hours, "ساعت", ""), (minutes, "دقیقه", ""))
        parts = _count(units, "fa")[:2] or ["کمتر از یک دقیقه"]
        return f"{_join(parts, 'fa')} {'کاری' if days else 'زمان کاری'}"
    word = " working day" if days == 1 else " working days"
    parts = _count(((days, "", word), (hours, "", " h"), (minutes, "", " min")), "en")[:2]
    said = _join(parts or ["under a minute"], "en")
    return said if days else f"{said} of working time"


def format_exact(length: timedelta, language: str, *, always: bool = False) -> str:
    """The same for a story that tells seconds, where they matter: below ten minutes."""
    if abs(length) >= _SHORT:
        return format_left(length, language, always=always)
    minutes, seconds = divmod(int(abs(length) / timedelta(seconds=1)), 60)
    units = ((minutes, "دقیقه", " min"), (seconds, "ثانیه", " s"))
    said = _join(_count(units, language) or _count_all(units[1:], language), language)
    if always:
        return said
    return f"{said} زمان کاری" if language == "fa" else f"{said} of working time"


def _hours_and_minutes(length: timedelta) -> tuple[int, int]:
    minutes = int(length / timedelta(minutes=1))
    return divmod(minutes, 60)


def _count(units: tuple[tuple[int, str, str], ...], language: str) -> list[str]:
    """Each unit that is not zero as a number with its word."""
    return _count_all([unit for unit in units if unit[0]], language)


def _count_all(units: Iterable[tuple[int, str, str]], language: str) -> list[str]:
    return [
        to_digits(f"{number} {fa}" if language == "fa" else f"{number}{en}", language)
        for number, fa, en in units
    ]


def _join(parts: list[str], language: str) -> str:
    return (" و " if language == "fa" else " ").join(parts)


def _plural(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
