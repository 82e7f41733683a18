"""Numbers: decimals of 34 digits, rounded half even (IEEE 754 decimal128; DMN 1.5, 10.3.2.3.1)."""

from __future__ import annotations

import decimal
from decimal import Decimal

from bpmn.feel.errors import Undefined

ARITHMETIC = decimal.Context(
    prec=34,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
_MAX_INDEX = Decimal(10) ** 18


def whole(number: Decimal, what: str) -> int:
    """The number as an int; raises ``Undefined`` when it has a fraction or is astronomical."""
    if abs(number) > _MAX_INDEX:
        raise Undefined("OUT_OF_RANGE", "{0} is out of range: {1}", what, number)
    result = int(number)
    if result != number:
        raise Undefined("NOT_WHOLE", "{0} must be a whole number, not {1}", what, number)
    return result


def truncated(number: Decimal, what: str) -> int:
    """The number without its fraction; raises ``Undefined`` when it is astronomical."""
    if abs(number) > _MAX_INDEX:
        raise Undefined("OUT_OF_RANGE", "{0} is out of range: {1}", what, number)
    return int(number)


def text(number: Decimal) -> str:
    """The number as FEEL prints it: no exponent where it is short, no zeros at the end."""
    if number == 0:
        return "0"
    plain = number.normalize(ARITHMETIC)
    if -40 < plain.adjusted() < 40:
        return format(plain, "f")
    return str(plain)
