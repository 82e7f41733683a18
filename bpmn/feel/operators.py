"""What the signs do: arithmetic, equality and order (DMN 1.5, 10.3.2.13 to 10.3.2.15)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from bpmn.feel.calendar import DAY
from bpmn.feel.errors import Undefined
from bpmn.feel.limits import Visits, check_text
from bpmn.feel.numbers import ARITHMETIC, truncated
from bpmn.feel.temporal import (
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    days_duration,
    months_duration,
)
from bpmn.feel.values import Range, Value, kind_of

Operation = Callable[[Any, Any], Value]


def operate(sign: str, left: Value, right: Value) -> Value:
    """The value of ``left sign right`` for one of ``+ - * / **``; raises ``Undefined``."""
    operation = _OPERATIONS[sign].get((type(left), type(right)))
    if operation is None:
        raise Undefined(
            "OPERANDS", "'{0}' is not defined for {1} and {2}", sign, kind_of(left), kind_of(right)
        )
    return operation(left, right)


def negate(value: Value) -> Value:
    """``-value``; raises ``Undefined``."""
    if isinstance(value, Decimal):
        return ARITHMETIC.minus(value)
    if isinstance(value, DaysDuration):
        return DaysDuration(-value.nanos)
    if isinstance(value, MonthsDuration):
        return MonthsDuration(-value.months)
    raise Undefined("OPERANDS", "'-' is not defined for {0}", kind_of(value))


# -- arithmetic -------------------------------------------------------------------------------


def _number(method: Callable[[Decimal, Decimal], Decimal]) -> Operation:
    def operation(left: Decimal, right: Decimal) -> Decimal:
        try:
            return method(left, right)
        except DecimalException as error:
            raise _unworkable(error) from error

    return operation


def _unworkable(error: DecimalException) -> Undefined:
    name = type(error).__name__
    if name == "DivisionByZero":
        return Undefined("ARITHMETIC", "Division by zero")
    if name == "Overflow":
        return Undefined("ARITHMETIC", "The number is out of range")
    return Undefined("ARITHMETIC", "The number is undefined ({0})", name)


def _power(left: Decimal, right: Decimal) -> Decimal:
    return ARITHMETIC.power(left, right)


def _join(left: str, right: str) -> str:
    check_text(len(left) + len(right))
    return left + right


def midnight(day: Date) -> DateTime:
    """The start of the day in UTC, which is how a date meets a date and time."""
    return DateTime(day, 0, 0)


def _difference(left: DateTime, right: DateTime) -> DaysDuration:
    if (left.zone is None) != (right.zone is None):
        raise Undefined("ZONE", "One date and time has a zone, the other has none")
    return days_duration(left.instant - right.instant)


def _time_difference(left: Time, right: Time) -> DaysDuration:
    if (left.zone is None) != (right.zone is None):
        raise Undefined("ZONE", "One time has a zone, the other has none")
    return DaysDuration(left.instant - right.instant)


def _shift_date(day: Date, nanos: int) -> Date:
    return DateTime(day, 0).plus(nanos).date


def _shift_time(moment: Time, nanos: int) -> Time:
    return Time((moment.nanos + nanos) % DAY, moment.zone)


def _scaled(value: int, factor: Decimal) -> int:
    return truncated(_TIMES(Decimal(value), factor), "The duration")


def _days_times(left: DaysDuration, right: Decimal) -> DaysDuration:
    product = _TIMES(Decimal(left.nanos), right)
    if abs(product) > 10**27:
        raise Undefined("OUT_OF_RANGE", "The duration is out of range")
    return days_duration(int(product))


def _months_times(left: MonthsDuration, right: Decimal) -> MonthsDuration:
    return months_duration(_scaled(left.months, right))


def _days_by(left: DaysDuration, right: Decimal) -> DaysDuration:
    quotient = _BY(Decimal(left.nanos), right)
    if abs(quotient) > 10**27:
        raise Undefined("OUT_OF_RANGE", "The duration is out of range")
    return days_duration(int(quotient))


def _months_by(left: MonthsDuration, right: Decimal) -> MonthsDuration:
    return months_duration(truncated(_BY(Decimal(left.months), right), "The duration"))


_PLUS = _number(ARITHMETIC.add)
_MINUS = _number(ARITHMETIC.subtract)
_TIMES = _number(ARITHMETIC.multiply)
_BY = _number(ARITHMETIC.divide)

_ADDITIONS: dict[tuple[type, type], Operation] = {
    (Decimal, Decimal): _PLUS,
    (str, str): _join,
    (DateTime, DaysDuration): lambda a, b: a.plus(b.nanos),
    (DateTime, MonthsDuration): lambda a, b: a.plus_months(b.months),
    (Date, DaysDuration): lambda a, b: _shift_date(a, b.nanos),
    (Date, MonthsDuration): lambda a, b: a.plus_months(b.months),
    (Time, DaysDuration): lambda a, b: _shift_time(a, b.nanos),
    (DaysDuration, DaysDuration): lambda a, b: days_duration(a.nanos + b.nanos),
    (MonthsDuration, MonthsDuration): lambda a, b: months_duration(a.months + b.months),
}
for (_a, _b), _operation in tuple(_ADDITIONS.items()):
    if _a is not _b:
        _ADDITIONS[(_b, _a)] = lambda a, b, operation=_operation: operation(b, a)  # type: ignore[misc]

_OPERATIONS: dict[str, dict[tuple[type, type], Operation]] = {
    "+": _ADDITIONS,
    "-": {
        (Decimal, Decimal): _MINUS,
        (DateTime, DateTime): _difference,
        (Date, Date): lambda a, b: DaysDuration((a.days - b.days) * DAY),
        (Date, DateTime): lambda a, b: _difference(midnight(a), b),
        (DateTime, Date): lambda a, b: _difference(a, midnight(b)),
        (Time, Time): _time_difference,
        (DateTime, DaysDuration): lambda a, b: a.plus(-b.nanos),
        (DateTime, MonthsDuration): lambda a, b: a.plus_months(-b.months),
        (Date, DaysDuration): lambda a, b: _shift_date(a, -b.nanos),
        (Date, MonthsDuration): lambda a, b: a.plus_months(-b.months),
        (Time, DaysDuration): lambda a, b: _shift_time(a, -b.nanos),
        (DaysDuration, DaysDuration): lambda a, b: days_duration(a.nanos - b.nanos),
        (MonthsDuration, MonthsDuration): lambda a, b: months_duration(a.months - b.months),
    },
    "*": {
        (Decimal, Decimal): _TIMES,
        (DaysDuration, Decimal): _days_times,
        (Decimal, DaysDuration): lambda a, b: _days_times(b, a),
        (MonthsDuration, Decimal): _months_times,
        (Decimal, MonthsDuration): lambda a, b: _months_times(b, a),
    },
    "/": {
        (Decimal, Decimal): _BY,
        (DaysDuration, Decimal): _days_by,
        (MonthsDuration, Decimal): _months_by,
        (DaysDuration, DaysDuration): lambda a, b: _BY(Decimal(a.nanos), Decimal(b.nanos)),
        (MonthsDuration, MonthsDuration): lambda a, b: _BY(Decimal(a.months), Decimal(b.months)),
    },
    "**": {(Decimal, Decimal): _number(_power)},
}

# -- equality and order -----------------------------------------------------------------------


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
    if isinstance(left, DateTime | Time) and (left.zone is None) != (right.zone is None):
        raise Undefined("ZONE", "One has a zone, the other has none")


_ORDER: dict[type, Callable[[Any], Any]] = {
    Decimal: lambda value: value,
    str: lambda value: value,
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
