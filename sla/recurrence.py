"""Recurrence rules of iCalendar (RFC 5545, 3.3.10), by the day and within bounds.

A feed is written by others, and a rule that never comes true (the 30th of February, daily)
would keep a general library busy until the year 9999. Here every day that is looked at is paid
for from a budget, and looking begins where the answer is wanted.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Literal, cast, get_args

from sla.strict import Wrong

Frequency = Literal["YEARLY", "MONTHLY", "WEEKLY", "DAILY"]
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = timedelta(days=1)
_PRICE_OF_A_START = 10
"""What a start costs of the budget, since much is done with it."""


@dataclass(frozen=True)
class Rule:
    """When an event happens again. Empty parts do not limit it."""

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: str = ""
    """The last start, as the feed writes it."""
    months: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    """1 is the first, -1 the last day of the month."""
    year_days: frozenset[int] = frozenset()
    weekdays: frozenset[tuple[int, int]] = frozenset()
    """Which one (0 for all, -1 for the last) and the weekday, Monday being 0."""
    positions: frozenset[int] = frozenset()
    """Which ones of the period's days; -1 is the last."""
    week_start: int = 0


class Budget:
    """How many days may be looked at, for a whole feed."""

    def __init__(self, days: int) -> None:
        self._left = days

    def spend(self, days: int) -> None:
        """Pay for looking at so many days; raises :class:`Wrong` when nothing is left."""
        self._left -= days
        if self._left < 0:
            raise Wrong("repeats more than can be reckoned", "بیش از اندازه تکرار می‌شود")


def read_rule(text: str) -> Rule:
    """Read ``FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=21``; raises :class:`Wrong` with what is wrong."""
    parts = dict(_part(part) for part in text.split(";"))
    if len(parts) < len(text.split(";")):
        raise _wrong(text)
    strange = sorted(set(parts) - _PARTS)
    if strange or parts.get("FREQ") not in get_args(Frequency):
        what = f"FREQ={parts.get('FREQ', '')}"[:40] if not strange else strange[0][:40]
        raise Wrong(f"{what} cannot be used here", f"{what} اینجا پشتیبانی نمی‌شود")
    rule = Rule(
        frequency=cast(Frequency, parts["FREQ"]),
        interval=_number(parts.get("INTERVAL", "1"), 1, 1000),
        count=_number(parts["COUNT"], 1, 10_000) if "COUNT" in parts else None,
        until=parts.get("UNTIL", ""),
        months=_numbers(parts, "BYMONTH", 12, signed=False),
        month_days=_numbers(parts, "BYMONTHDAY", 31),
        year_days=_numbers(parts, "BYYEARDAY", 366),
        weekdays=frozenset(_weekday(one) for one in _list(parts, "BYDAY")),
        positions=_numbers(parts, "BYSETPOS", 366),
        week_start=_weekday(parts.get("WKST", "MO"))[1],
    )
    if rule.frequency in {"WEEKLY", "DAILY"} and any(which for which, _ in rule.weekdays):
        raise _wrong(text)
    return rule


def days_of(rule: Rule, start: date, first: date, last: date, budget: Budget) -> Iterator[date]:
    """Give the days from ``first`` to ``last`` on which the event starts, in order.

    The event's own first day is always one of them, also when it does not fit the rule.
    """
    begin = start if rule.count else max(start, first)
    days = _starting_with(start, _days(_filled(rule, start), start, begin, last, budget))
    for day in islice(days, rule.count):
        if first <= day <= last:
            budget.spend(_PRICE_OF_A_START)
            yield day


def _starting_with(start: date, days: Iterator[date]) -> Iterator[date]:
    yield start
    yield from (day for day in days if day > start)


def _days(rule: Rule, start: date, begin: date, last: date, budget: Budget) -> Iterator[date]:
    for period in _periods(rule, start, begin, last):
        budget.spend(len(period) + 1)
        fitting = [day for day in period if _fits(rule, day)]
        chosen = _at_positions(fitting, rule.positions) if rule.positions else fitting
        yield from (day for day in chosen if begin <= day <= last)


def _at_positions(days: Sequence[date], positions: frozenset[int]) -> list[date]:
    size = len(days)
    return sorted({days[p - 1 if p > 0 else p] for p in positions if abs(p) <= size})


def _filled(rule: Rule, start: date) -> Rule:
    """Take from the event's first day what the rule leaves open."""
    if rule.month_days or rule.year_days or rule.weekdays or rule.frequency == "DAILY":
        return rule
    if rule.frequency == "WEEKLY":
        return replace(rule, weekdays=frozenset({(0, start.weekday())}))
    months = frozenset({start.month}) if rule.frequency == "YEARLY" else rule.months
    return replace(rule, month_days=frozenset({start.day}), months=rule.months or months)


def _fits(rule: Rule, day: date) -> bool:
    return (
        (not rule.months or day.month in rule.months)
        and (not rule.month_days or _by_month_day(rule, day))
        and (not rule.year_days or _by_year_day(rule, day))
        and (not rule.weekdays or _by_weekday(rule, day))
    )


def _by_month_day(rule: Rule, day: date) -> bool:
    from_end = day.day - monthrange(day.year, day.month)[1] - 1
    return day.day in rule.month_days or from_end in rule.month_days


def _by_year_day(rule: Rule, day: date) -> bool:
    number = day.timetuple().tm_yday
    return number in rule.year_days or number - _days_in(day.year) - 1 in rule.year_days


def _by_weekday(rule: Rule, day: date) -> bool:
    if (0, day.weekday()) in rule.weekdays:
        return True
    in_month = rule.frequency == "MONTHLY" or bool(rule.months)
    number = day.day if in_month else day.timetuple().tm_yday
    size = monthrange(day.year, day.month)[1] if in_month else _days_in(day.year)
    from_start, from_end = (number - 1) // 7 + 1, -((size - number) // 7) - 1
    return not rule.weekdays.isdisjoint({(from_start, day.weekday()), (from_end, day.weekday())})


def _periods(rule: Rule, start: date, begin: date, last: date) -> Iterator[Sequence[date]]:
    """Give the years, months, weeks or days that the rule looks at, those before ``begin`` not."""
    number = _steps_before(rule, start, begin)
    while True:
        first, size = _period(rule, start, number)
        if first > last:
            return
        days = [first + timedelta(days=i) for i in range(size)]
        yield [day for day in days if day.month in rule.months] if rule.months else days
        number += 1


def _steps_before(rule: Rule, start: date, begin: date) -> int:
    if rule.frequency == "YEARLY":
        return (begin.year - start.year) // rule.interval
    if rule.frequency == "MONTHLY":
        return ((begin.year - start.year) * 12 + begin.month - start.month) // rule.interval
    days = (begin - _first_day(rule, start)).days
    return days // (rule.interval * (7 if rule.frequency == "WEEKLY" else 1))


def _period(rule: Rule, start: date, number: int) -> tuple[date, int]:
    if rule.frequency == "YEARLY":
        year = start.year + number * rule.interval
        return date(year, 1, 1), _days_in(year)
    if rule.frequency == "MONTHLY":
        year, month = divmod(start.month - 1 + number * rule.interval, 12)
        first = date(start.year + year, month + 1, 1)
        return first, monthrange(first.year, first.month)[1]
    size = 7 if rule.frequency == "WEEKLY" else 1
    return _first_day(rule, start) + number * rule.interval * size * _DAY, size


def _first_day(rule: Rule, start: date) -> date:
    """The day on which the period of the event's first day begins, for weeks and days."""
    back = (start.weekday() - rule.week_start) % 7 if rule.frequency == "WEEKLY" else 0
    return start - timedelta(days=back)


def _days_in(year: int) -> int:
    return 366 if isleap(year) else 365


_PARTS = frozenset(
    "FREQ INTERVAL COUNT UNTIL BYMONTH BYMONTHDAY BYYEARDAY BYDAY BYSETPOS WKST".split()
)


def _part(text: str) -> tuple[str, str]:
    name, _, value = text.strip().upper().partition("=")
    if not name or not value:
        raise _wrong(text)
    return name, value


def _list(parts: dict[str, str], name: str) -> list[str]:
    return parts[name].split(",") if name in parts else []


def _numbers(parts: dict[str, str], name: str, most: int, *, signed: bool = True) -> frozenset[int]:
    return frozenset(_number(one, -most if signed else 1, most) for one in _list(parts, name))


def _number(text: str, least: int, most: int) -> int:
    digits = text.removeprefix("+").removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 6):
        raise _wrong(text)
    number = int(text)
    if not least <= number <= most or number == 0:
        raise _wrong(text)
    return number


def _weekday(text: str) -> tuple[int, int]:
    if text[-2:] not in WEEKDAYS:
        raise _wrong(text)
    which = _number(text[:-2], -53, 53) if text[:-2] else 0
    return which, WEEKDAYS.index(text[-2:])


def _wrong(text: str) -> Wrong:
    return Wrong(f"{text[:80]!r} is not a recurrence rule", f"{text[:80]!r} قاعدهٔ تکرار درستی نیست")


def last_start(rule: Rule) -> datetime | None:
    """Return the last start that ``UNTIL`` allows, as written; a date allows its whole day."""
    text = rule.until.removesuffix("Z")
    if not text:
        return None
    try:
        if len(text) == 8:
            return datetime.strptime(text, "%Y%m%d").replace(hour=23, minute=59, second=59)  # noqa: DTZ007
        return datetime.strptime(text, "%Y%m%dT%H%M%S")  # noqa: DTZ007
    except ValueError:
        raise _wrong(f"UNTIL={rule.until}") from None
