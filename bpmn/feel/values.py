"""The domain of FEEL values and the ways in and out.

Inside, a value is None, bool, str, Decimal, list, dict (of str), one of the temporal types, a
``Range`` or a ``Function``; nothing else. ``receive`` takes Python's plain values in,
``to_json`` gives JSON-able ones back, ``to_python`` gives Python's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from bpmn.feel import temporal
from bpmn.feel.errors import FeelError, FeelLimitError, Undefined
from bpmn.feel.limits import MAX_NESTING, Run
from bpmn.feel.numbers import ARITHMETIC
from bpmn.feel.numbers import text as number_text
from bpmn.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from bpmn.feel.types import Type

Value = Any
"""A FEEL value, as the first lines of this module list them."""

_SAFE_INTEGER = 2**53
NATIVE: frozenset[type] = frozenset(
    (type(None), bool, str, Decimal, Date, Time, DateTime, DaysDuration, MonthsDuration)
)
TEMPORAL = (Date, Time, DateTime, DaysDuration, MonthsDuration)


@dataclass(frozen=True, slots=True)
class Range:
    """Values between two ends; an end that is None is open to infinity.

    ``unary`` keeps the sign when it was written as ``> 5``.
    """

    low: Value
    high: Value
    low_closed: bool
    high_closed: bool
    unary: str | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """Something that can be called: ``call(run, arguments)``, arguments in order."""

    name: str
    parameters: tuple[str, ...]
    call: Callable[[Run, list[Value]], Value]
    types: tuple[Type, ...] = ()
    result: Type | None = None
    bind: Callable[[Run, list[Value], tuple[str, ...] | None], Value] | None = None
    """Calls with arguments by place or by name where the plain order does not do."""


def receive(value: object, depth: int = 0) -> Value:
    """A plain Python value as a FEEL value, whole; raises ``FeelError`` on a foreign type."""
    kind = type(value)
    if kind in NATIVE:
        return receive_decimal(value) if isinstance(value, Decimal) else value
    if depth > MAX_NESTING:
        raise FeelLimitError(f"A value is nested deeper than {MAX_NESTING}.")
    for family, convert in _RECEIVERS:
        if isinstance(value, family):
            return convert(value, depth)
    raise FeelError(f"A value of type {kind.__name__} has no meaning in FEEL.")


def _receive_context(value: Mapping[object, object], depth: int) -> dict[str, Value]:
    return {str(key): receive(item, depth + 1) for key, item in value.items()}


def _receive_list(value: Iterable[object], depth: int) -> list[Value]:
    return [receive(item, depth + 1) for item in value]


def receive_decimal(value: Decimal) -> Decimal | None:
    """The number rounded to 34 digits; None when it is none or out of range."""
    if not value.is_finite():
        return None
    try:
        return ARITHMETIC.plus(value)
    except ArithmeticError:
        return None


def _receive_number(value: int | float | Decimal) -> Decimal | None:
    if isinstance(value, Decimal):
        return receive_decimal(value)
    if isinstance(value, int):
        return receive_decimal(Decimal(value))
    return receive_decimal(Decimal(repr(float(value)))) if math.isfinite(value) else None


_RECEIVERS: tuple[tuple[Any, Callable[[Any, int], Value]], ...] = (
    (bool, lambda value, depth: bool(value)),
    (str, lambda value, depth: str(value)),
    ((int, float, Decimal), lambda value, depth: _receive_number(value)),
    (Mapping, _receive_context),
    ((list, tuple, Set), _receive_list),
    ((datetime, date, time, timedelta), lambda value, depth: temporal.from_python(value)),
    ((Range, Function), lambda value, depth: value),
)


def to_json(value: Value) -> Any:
    """A FEEL value as JSON can hold it.

    A number becomes an int when it is whole and below 2^53, else a float when that float reads
    back as the same number, else a string of all its digits. Dates, times and durations become
    ISO 8601 strings (a named zone as the offset it has at that moment), a range its text, a
    function its name.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal):
        return _json_number(value)
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, DateTime | Time) and isinstance(value.zone, str):
        return _offset_text(value)
    return text(value)


def from_json(value: object) -> Value:
    """A JSON value as a FEEL value; strings stay strings, also those that look like dates."""
    return receive(value)


def _json_number(value: Decimal) -> int | float | str:
    if value == value.to_integral_value() and abs(value) < _SAFE_INTEGER:
        return int(value)
    near = float(value)
    if math.isfinite(near) and Decimal(repr(near)) == value:
        return near
    return number_text(value)


def _offset_text(value: DateTime | Time) -> str:
    if isinstance(value, Time):
        return str(Time(value.nanos, value.offset))
    return str(DateTime(value.date, value.nanos, value.offset))


def to_python(value: Value) -> Any:
    """A FEEL value as Python's own: whole numbers as int, dates as ``datetime`` types.

    Other numbers stay Decimal; a years and months duration stays what it is.
    """
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value() and abs(value) < Decimal(10) ** 18
        return int(value) if whole else value
    if isinstance(value, list):
        return [to_python(item) for item in value]
    if isinstance(value, dict):
        return {key: to_python(item) for key, item in value.items()}
    if isinstance(value, Date | Time | DateTime | DaysDuration):
        return value.to_python()
    return value


def text(value: Value) -> str:
    """The value as the function ``string`` prints it."""
    if isinstance(value, str):
        return value
    return inner_text(value)


def inner_text(value: Value, depth: int = 0) -> str:
    """The value as it is printed inside a list or a context: strings in quotes."""
    if depth > MAX_NESTING:
        raise FeelLimitError(f"A value is nested deeper than {MAX_NESTING}.")
    printer = _PRINTERS.get(type(value))
    return str(value) if printer is None else printer(value, depth)


def _list_text(value: list[Value], depth: int) -> str:
    return "[" + ", ".join(inner_text(item, depth + 1) for item in value) + "]"


def _context_text(value: dict[str, Value], depth: int) -> str:
    pairs = (f"{_key_text(key)}: {inner_text(item, depth + 1)}" for key, item in value.items())
    return "{" + ", ".join(pairs) + "}"


def _quoted(value: str, depth: int) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _key_text(key: str) -> str:
    return key if all(part.isidentifier() for part in key.split()) and key else inner_text(key)


def _range_text(value: Range, depth: int) -> str:
    if value.unary is not None:
        end = value.high if value.low is None else value.low
        return f"{value.unary} {inner_text(end, depth + 1)}"
    low, high = inner_text(value.low, depth + 1), inner_text(value.high, depth + 1)
    return f"{'[' if value.low_closed else '('}{low}..{high}{']' if value.high_closed else ')'}"


_PRINTERS: Mapping[type, Callable[[Any, int], str]] = {
    type(None): lambda value, depth: "null",
    bool: lambda value, depth: "true" if value else "false",
    str: _quoted,
    Decimal: lambda value, depth: number_text(value),
    list: _list_text,
    dict: _context_text,
    Range: _range_text,
    Function: lambda value, depth: f"function {value.name}".rstrip(),
}


def kind_of(value: Value) -> str:
    """The name of the value's FEEL type, for messages and for choosing an operation."""
    kind = type(value)
    found = _KINDS.get(kind)
    if found is None:
        raise Undefined("TYPE", f"A value of type {kind.__name__} has no meaning in FEEL")
    return found


_KINDS: Mapping[type, str] = {
    type(None): "null",
    bool: "boolean",
    str: "string",
    Decimal: "number",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DaysDuration: "days and time duration",
    MonthsDuration: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
    Function: "function",
}
