"""Equality and order of values (DMN 1.5, 10.3.2.13 and 10.3.2.15)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bpmn.feel.arithmetic import midnight
from bpmn.feel.errors import Undefined
from bpmn.feel.limits import Visits
from bpmn.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from bpmn.feel.values import Range, Value, kind_of


def equal(left: Value, right: Value, visits: Visits | None = None) -> bool | None:
    """Whether two values are equal; None when they are of different kinds."""
    if left is right:
        return True
    if left is None or right is None:
        return False
    kind = type(left)
    if kind is not type(right):
        return None
    if kind is list:
        return _equal_lists(left, right, visits or Visits())
    if kind is dict:
        return _equal_contexts(left, right, visits or Visits())
    if kind is DateTime or kind is Time:
        return _equal_moments(left, right)
    if kind is Range:
        return _equal_ranges(left, right)
    return bool(left == right)


def _equal_lists(left: list[Value], right: list[Value], visits: Visits) -> bool:
    visits.many(1 + len(left))
    if len(left) != len(right):
        return False
    pairs = zip(left, right, strict=True)
    return all(equal(one, other, visits) is True for one, other in pairs)


def _equal_contexts(left: dict[str, Value], right: dict[str, Value], visits: Visits) -> bool:
    visits.many(1 + len(left))
    if left.keys() != right.keys():
        return False
    return all(equal(value, right[key], visits) is True for key, value in left.items())


def _equal_moments(left: Any, right: Any) -> bool:
    if (left.zone is None) != (right.zone is None):
        return False
    return _coarse(left) == _coarse(right)


def _coarse(value: DateTime | Time) -> int:
    # The TCK has moments equal that differ by less than a millisecond.
    instant: int = value.instant
    return instant // 1_000_000


def _equal_ranges(left: Range, right: Range) -> bool:
    if (left.low_closed, left.high_closed) != (right.low_closed, right.high_closed):
        return False
    if left.unary != right.unary:
        return False
    return equal(left.low, right.low) is True and equal(left.high, right.high) is True


def compare(left: Value, right: Value) -> int:
    """Negative, zero or positive; raises ``Undefined`` when the two have no order."""
    kind = type(left)
    if kind is type(right):
        if kind in _PLAIN:
            return int(left > right) - int(left < right)
        key = _ORDER.get(kind)
        if key is not None:
            one, other = key(left), key(right)
            _check_zones(left, right)
            return int(one > other) - int(one < other)
    elif kind in (Date, DateTime) and type(right) in (Date, DateTime):
        return compare(_as_moment(left), _as_moment(right))
    raise Undefined("ORDER", "{0} and {1} have no order", kind_of(left), kind_of(right))


def _as_moment(value: Date | DateTime) -> DateTime:
    return midnight(value) if isinstance(value, Date) else value


def _check_zones(left: Any, right: Any) -> None:
    if type(left) in _ZONED and (left.zone is None) != (right.zone is None):
        raise Undefined("ZONE", "One has a zone, the other has none")


_PLAIN = frozenset((Decimal, str))
_ZONED = frozenset((DateTime, Time))
_ORDER: dict[type, Callable[[Any], Any]] = {
    Date: lambda value: (value.year, value.month, value.day),
    DateTime: _coarse,
    Time: _coarse,
    DaysDuration: lambda value: value.nanos,
    MonthsDuration: lambda value: value.months,
}


def holds(sign: str, left: Value, right: Value) -> bool:
    """Whether ``left sign right`` for one of ``< <= > >=``; raises ``Undefined``."""
    order = compare(left, right)
    if sign == "<":
        return order < 0
    if sign == "<=":
        return order <= 0
    return order > 0 if sign == ">" else order >= 0


def in_range(value: Value, span: Range) -> bool:
    """Whether a value lies in a range; raises ``Undefined`` when they have no order."""
    if span.unary == "!=":
        return equal(value, span.low) is False
    if span.unary is None and (span.low is None or span.high is None):
        raise Undefined("NULL_END", "An end of the range is null")
    if span.low is not None:
        order = compare(value, span.low)
        if order < 0 or (order == 0 and not span.low_closed):
            return False
    if span.high is not None:
        order = compare(value, span.high)
        if order > 0 or (order == 0 and not span.high_closed):
            return False
    return True
