"""What stands after a dot: entries of contexts, properties of dates, durations and ranges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from bpmn.feel.calendar import NANOS
from bpmn.feel.errors import Undefined
from bpmn.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from bpmn.feel.values import Range, Value, kind_of

Property = Callable[[Any], Value]


def member(value: Value, name: str) -> Value:
    """The named part of a value, of each item when it is a list; raises ``Undefined``."""
    if isinstance(value, dict):
        if name in value:
            return value[name]
        raise Undefined("NO_ENTRY", "The context has no entry '{0}'", name)
    if isinstance(value, list):
        return [_member_or_null(item, name) for item in value]
    found = _PROPERTIES.get(type(value), {}).get(name)
    if found is None:
        raise Undefined("NO_PROPERTY", "{0} has no property '{1}'", kind_of(value), name)
    return found(value)


def _member_or_null(value: Value, name: str) -> Value:
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list):
        return member(value, name)
    # Most items of a long list have no such property, and that must not cost an exception each.
    found = _PROPERTIES.get(type(value), {}).get(name)
    return None if found is None else _read_or_null(found, value)


def _read_or_null(read: Property, value: Value) -> Value:
    try:
        return read(value)
    except Undefined:
        return None


def _whole(number: int) -> Decimal:
    return Decimal(number)


def _sign(number: int, amount: int) -> Decimal:
    return Decimal(-amount if number < 0 else amount)


def _offset(value: Time | DateTime) -> DaysDuration | None:
    return None if value.offset is None else DaysDuration(value.offset * NANOS)


def _zone(value: Time | DateTime) -> str | None:
    return value.zone if isinstance(value.zone, str) else None


def _of_date(read: Property) -> Property:
    return lambda value: read(value.date)


_DATE: dict[str, Property] = {
    "year": lambda value: _whole(value.year),
    "month": lambda value: _whole(value.month),
    "day": lambda value: _whole(value.day),
    "weekday": lambda value: _whole(value.weekday),
}
_TIME: dict[str, Property] = {
    "hour": lambda value: _whole(value.nanos // NANOS // 3600),
    "minute": lambda value: _whole(value.nanos // NANOS // 60 % 60),
    "second": lambda value: _whole(value.nanos // NANOS % 60),
    "time offset": _offset,
    "timezone": _zone,
}
_DATE_OF: dict[str, Property] = {name: _of_date(read) for name, read in _DATE.items()}
_DAYS: dict[str, Property] = {
    "days": lambda value: _sign(value.nanos, abs(value.nanos) // NANOS // 86_400),
    "hours": lambda value: _sign(value.nanos, abs(value.nanos) // NANOS // 3600 % 24),
    "minutes": lambda value: _sign(value.nanos, abs(value.nanos) // NANOS // 60 % 60),
    "seconds": lambda value: _sign(value.nanos, abs(value.nanos) // NANOS % 60),
}
_MONTHS: dict[str, Property] = {
    "years": lambda value: _sign(value.months, abs(value.months) // 12),
    "months": lambda value: _sign(value.months, abs(value.months) % 12),
}
_RANGE: dict[str, Property] = {
    "start": lambda value: value.low,
    "end": lambda value: value.high,
    "start included": lambda value: value.low_closed,
    "end included": lambda value: value.high_closed,
}
_PROPERTIES: Mapping[type, Mapping[str, Property]] = {
    Date: _DATE,
    Time: _TIME,
    DateTime: _DATE_OF | _TIME,
    DaysDuration: _DAYS,
    MonthsDuration: _MONTHS,
    Range: _RANGE,
}
