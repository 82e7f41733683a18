"""What the signs of arithmetic do (DMN 1.5, 10.3.2.14)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from bpmn.feel.calendar import DAY, from_days
from bpmn.feel.errors import Undefined
from bpmn.feel.limits import check_text
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
from bpmn.feel.values import Value, kind_of

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
    return Date(*from_days(day.days + nanos // DAY))


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
