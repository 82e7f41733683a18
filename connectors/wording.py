"""How values are written in messages: digits, dates and times of the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import jdatetime
from jinja2 import Undefined, pass_context
from jinja2.runtime import Context

_T = TypeVar("_T")
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_PERSIAN_MARKS = str.maketrans(",.", "٬٫")
_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
_JALALI_MONTHS = (
    "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور",
    "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند",
)  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


LONGEST_LIST = 200
"""Rows that a message may go over."""


class Unreadable(ValueError):  # It says what the value is.
    """The value is not what the filter needs: a date, a moment, a short list."""


def in_digits(value: object, language: str) -> str:
    """Return the value with Persian digits in ``fa``, as it stands in any other language."""
    text = str(value)
    return text.translate(_PERSIAN_DIGITS) if language == "fa" else text


def in_groups(value: object, language: str) -> str:
    """Return ``۵۰٬۰۰۰٬۰۰۰`` or ``50,000,000``: the thousands of a number kept apart.

    What is no number stays as it was written, in the digits of the language.
    """
    text = str(value).strip()
    if not _NUMBER.fullmatch(text):
        return in_digits(value, language)
    whole, point, part = text.partition(".")
    grouped = f"{int(whole):,}{point}{part}" if int(whole) else text
    return in_digits(grouped.translate(_PERSIAN_MARKS), "fa") if language == "fa" else grouped


def in_words_date(value: object, language: str, zone: ZoneInfo) -> str:
    """Return ``۳۰ آبان ۱۴۰۵`` or ``21 November 2026``, the day as it is in ``zone``.

    Takes a date, a moment with a time zone, or either as ISO 8601 text.
    """
    day = _local_day(value, zone)
    if language != "fa":
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    jalali = jdatetime.date.fromgregorian(date=day)
    return in_digits(f"{jalali.day} {_JALALI_MONTHS[jalali.month - 1]} {jalali.year}", "fa")


def in_words_time(value: object, language: str, zone: ZoneInfo) -> str:
    """Return ``۰۸:۳۰`` or ``08:30`` of a moment, as the clock shows it in ``zone``."""
    if isinstance(value, time):
        return in_digits(f"{value:%H:%M}", language)
    return in_digits(f"{_moment(value).astimezone(zone):%H:%M}", language)


def _local_day(value: object, zone: ZoneInfo) -> date:
    if isinstance(value, str) and len(value.strip()) == 10:
        return _parsed(date.fromisoformat, value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return _moment(value).astimezone(zone).date()


def _moment(value: object) -> datetime:
    moment = _parsed(datetime.fromisoformat, value) if isinstance(value, str) else value
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise Unreadable(f"{str(value)[:40]!r} is not a moment with a time zone")
    return moment


def _parsed(read: Callable[[str], _T], text: str) -> _T:
    try:
        return read(text.strip())
    except ValueError:
        raise Unreadable(f"{text[:40]!r} is not a date") from None


@pass_context
def _digits(context: Context, value: object) -> str:
    return "" if value is None else in_digits(_shown(value), context["_language"])


@pass_context
def _amount(context: Context, value: object) -> str:
    return "" if value is None else in_groups(_shown(value), context["_language"])


@pass_context
def _date(context: Context, value: object) -> str:
    return in_words_date(_shown(value), context["_language"], context["_zone"])


@pass_context
def _time(context: Context, value: object) -> str:
    return in_words_time(_shown(value), context["_language"], context["_zone"])


def _rows(value: object) -> list[Any]:
    """Return what a loop goes over: a list of data, and not a long one."""
    if not isinstance(_shown(value), list | tuple):
        raise Unreadable("a loop goes over a list")
    found: list[Any] = list(value)  # type: ignore[call-overload]
    if len(found) > LONGEST_LIST:
        raise Unreadable(f"a list of more than {LONGEST_LIST} rows")
    return found


def _join(value: object, separator: str = "") -> str:
    if len(separator) > 20:
        raise Unreadable("a separator of more than 20 characters")
    return separator.join(str(_shown(one)) for one in _rows(value))


def _shown(value: object) -> object:
    """Fail for a missing variable here, where its name is still known."""
    if isinstance(value, Undefined):
        str(value)
    return value


FILTERS: Mapping[str, Callable[..., Any]] = {
    "digits": _digits,
    "amount": _amount,
    "date": _date,
    "time": _time,
    "join": _join,
    "rows": _rows,
}
"""What templates may write after a bar."""
