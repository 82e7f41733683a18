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
from bpmn.feel.limits import MAX_NESTING, Run, Visits
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
    if kind is str or kind is bool or value is None:
        return value
    if kind is int and -_SAFE_INTEGER < value < _SAFE_INTEGER:  # type: ignore[operator]
        return Decimal(value)  # type: ignore[arg-type]
    if kind in NATIVE:
        return receive_decimal(value) if isinstance(value, Decimal) else value
    _check_depth(depth)
    if kind in _PLAIN_RECEIVERS:
        return _PLAIN_RECEIVERS[kind](value, depth)
    for family, convert in _RECEIVERS:
        if isinstance(value, family):
            return convert(value, depth)
    raise FeelError("A value of type {0} has no meaning in FEEL.", kind.__name__)


def _receive_context(value: Mapping[object, object], depth: int) -> dict[str, Value]:
    return {str(key): receive(item, depth + 1) for key, item in value.items()}


def _receive_list(value: Iterable[object], depth: int) -> list[Value]:
    deeper = depth + 1
    return [item if type(item) is str else receive(item, deeper) for item in value]


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


_PLAIN_RECEIVERS: Mapping[type, Callable[[Any, int], Value]] = {
    float: lambda value, depth: _receive_number(value),
    dict: _receive_context,
    list: _receive_list,
}
"""What JSON is made of, found without asking for families."""
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
    function its name. Raises ``FeelError`` for a string that no table could store.
    """
    return _json(value, Visits(), 0)


def _json(value: Value, visits: Visits, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _storable(value)
    if isinstance(value, Decimal):
        return _json_number(value)
    if isinstance(value, list | dict):
        return _json_inside(value, visits, depth)
    if isinstance(value, DateTime | Time) and isinstance(value.zone, str):
        return _offset_text(value)
    return text(value)


def _json_inside(value: list[Value] | dict[str, Value], visits: Visits, depth: int) -> Any:
    _check_depth(depth)
    visits.many(len(value))
    if isinstance(value, list):
        return [_json(item, visits, depth + 1) for item in value]
    return {_storable(key): _json(item, visits, depth + 1) for key, item in value.items()}


def _storable(value: str) -> str:
    if "\x00" in value:
        raise FeelError("A string holds a NUL character, which no table can store.")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise FeelError("A string holds half a character.") from error
    return value


def _check_depth(depth: int) -> None:
    if depth > MAX_NESTING:
        raise FeelLimitError("A value is nested deeper than {0}.", MAX_NESTING)


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
    return value if isinstance(value, str) else inner_text(value, Visits())


def inner_text(value: Value, visits: Visits, depth: int = 0) -> str:
    """The value as it is printed inside a list or a context: strings in quotes."""
    _check_depth(depth)
    visits.many(1)
    printer = _PRINTERS.get(type(value))
    return str(value) if printer is None else printer(value, visits, depth)


def _list_text(value: list[Value], visits: Visits, depth: int) -> str:
    return "[" + ", ".join(inner_text(item, visits, depth + 1) for item in value) + "]"


def _context_text(value: dict[str, Value], visits: Visits, depth: int) -> str:
    pairs = (
        f"{_key_text(key)}: {inner_text(item, visits, depth + 1)}" for key, item in value.items()
    )
    return "{" + ", ".join(pairs) + "}"


def _quoted(value: str, visits: Visits, depth: int) -> str:
    visits.many(len(value) // 16)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _key_text(key: str) -> str:
    plain = bool(key) and all(part.isidentifier() for part in key.split())
    return key if plain else _quoted(key, Visits(), 0)


def _range_text(value: Range, visits: Visits, depth: int) -> str:
    if value.unary is not None:
        end = value.high if value.low is None else value.low
        return f"{value.unary} {inner_text(end, visits, depth + 1)}"
    low, high = (inner_text(end, visits, depth + 1) for end in (value.low, value.high))
    return f"{'[' if value.low_closed else '('}{low}..{high}{']' if value.high_closed else ')'}"


_PRINTERS: Mapping[type, Callable[[Any, Visits, int], str]] = {
    type(None): lambda value, visits, depth: "null",
    bool: lambda value, visits, depth: "true" if value else "false",
    str: _quoted,
    Decimal: lambda value, visits, depth: number_text(value),
    list: _list_text,
    dict: _context_text,
    Range: _range_text,
    Function: lambda value, visits, depth: f"function {value.name}".rstrip(),
}


def kind_of(value: Value) -> str:
    """The name of the value's FEEL type, for messages and for choosing an operation."""
    kind = type(value)
    found = _KINDS.get(kind)
    if found is None:
        raise Undefined("TYPE", "A value of type {0} has no meaning in FEEL", kind.__name__)
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

TYPES: Mapping[str, type] = {name: kind for kind, name in _KINDS.items()}
"""Python's type by the name of the FEEL type."""
