"""Functions on numbers (DMN 1.5, 10.3.4.5)."""

from __future__ import annotations

import decimal
from decimal import Decimal

from bpmn.feel.builtins.signature import builtin
from bpmn.feel.errors import Undefined
from bpmn.feel.numbers import ARITHMETIC, truncated
from bpmn.feel.temporal import DaysDuration, MonthsDuration
from bpmn.feel.values import Value

_MIN_SCALE, _MAX_SCALE = -6111, 6176


def rounded(number: Decimal, scale: Decimal, mode: str) -> Decimal:
    """The number with so many digits after the point; negative scales round before it."""
    places = truncated(scale, "The scale")
    if not _MIN_SCALE <= places <= _MAX_SCALE:
        raise Undefined("OUT_OF_RANGE", "The scale must be from {0} to {1}", _MIN_SCALE, _MAX_SCALE)
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= -places:
        return number
    return number.quantize(Decimal((0, (1,), -places)), rounding=mode, context=_QUANTIZE)


_QUANTIZE = decimal.Context(prec=7000, Emin=-20000, Emax=20000)


@builtin("decimal(n: number, scale: number)")
def decimal_(number: Decimal, scale: Decimal) -> Value:
    return rounded(number, scale, decimal.ROUND_HALF_EVEN)


@builtin("floor(n: number, scale?: number)")
def floor(number: Decimal, scale: Decimal = Decimal(0)) -> Value:
    return rounded(number, scale, decimal.ROUND_FLOOR)


@builtin("ceiling(n: number, scale?: number)")
def ceiling(number: Decimal, scale: Decimal = Decimal(0)) -> Value:
    return rounded(number, scale, decimal.ROUND_CEILING)


@builtin("round up(n: number, scale: number)")
def round_up(number: Decimal, scale: Decimal) -> Value:
    return rounded(number, scale, decimal.ROUND_UP)


@builtin("round down(n: number, scale: number)")
def round_down(number: Decimal, scale: Decimal) -> Value:
    return rounded(number, scale, decimal.ROUND_DOWN)


@builtin("round half up(n: number, scale: number)")
def round_half_up(number: Decimal, scale: Decimal) -> Value:
    return rounded(number, scale, decimal.ROUND_HALF_UP)


@builtin("round half down(n: number, scale: number)")
def round_half_down(number: Decimal, scale: Decimal) -> Value:
    return rounded(number, scale, decimal.ROUND_HALF_DOWN)


@builtin("abs(n: number|days and time duration|years and months duration)")
def abs_(value: Decimal | DaysDuration | MonthsDuration) -> Value:
    if isinstance(value, DaysDuration):
        return DaysDuration(abs(value.nanos))
    if isinstance(value, MonthsDuration):
        return MonthsDuration(abs(value.months))
    return ARITHMETIC.abs(value)


@builtin("modulo(dividend: number, divisor: number)")
def modulo(dividend: Decimal, divisor: Decimal) -> Value:
    if divisor == 0:
        raise Undefined("ARITHMETIC", "Division by zero")
    # By the standard: dividend - divisor * floor(dividend / divisor), so the divisor's sign wins.
    rest = _WIDE.remainder(dividend, divisor)
    if rest != 0 and (rest < 0) != (divisor < 0):
        rest = _WIDE.add(rest, divisor)
    return ARITHMETIC.plus(rest)


_WIDE = decimal.Context(prec=13000, Emin=-20000, Emax=20000)


@builtin("sqrt(number: number)")
def sqrt(number: Decimal) -> Value:
    if number < 0:
        raise Undefined("ARITHMETIC", "There is no root of a negative number")
    return ARITHMETIC.sqrt(number)


@builtin("log(number: number)")
def log(number: Decimal) -> Value:
    if number <= 0:
        raise Undefined("ARITHMETIC", "There is no logarithm of zero or a negative number")
    return ARITHMETIC.ln(number)


@builtin("exp(number: number)")
def exp(number: Decimal) -> Value:
    try:
        return ARITHMETIC.exp(number)
    except decimal.DecimalException as error:
        raise Undefined("ARITHMETIC", "The number is out of range") from error


@builtin("odd(number: number)")
def odd(number: Decimal) -> Value:
    return _WIDE.remainder(_integral(number), Decimal(2)) != 0


@builtin("even(number: number)")
def even(number: Decimal) -> Value:
    return _WIDE.remainder(_integral(number), Decimal(2)) == 0


def _integral(number: Decimal) -> Decimal:
    if number != number.to_integral_value(context=_WIDE):
        raise Undefined("NOT_WHOLE", "Only whole numbers are odd or even")
    return number
