"""FEEL types: what ``instance of`` and declared parameters name (DMN 1.5, 10.3.2.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Type:
    """One type; ``name`` says which of the families, the other fields say of what."""

    name: str
    item: Type | None = None
    """Of a list or a range."""
    fields: Mapping[str, Type] | None = None
    """Of a context; None when any context is meant."""
    parameters: tuple[Type, ...] | None = None
    """Of a function."""
    result: Type | None = None
    allowed: Callable[[Any], bool] | None = field(default=None, compare=False)
    """A test that values must pass, where a model restricts them."""
    tests: tuple[Any, ...] = field(default=(), compare=False, repr=False)
    """The syntax trees of that test, for whoever judges a model."""


ANY = Type("Any")
NULL = Type("Null")
NUMBER = Type("number")
STRING = Type("string")
BOOLEAN = Type("boolean")
DATE = Type("date")
TIME = Type("time")
DATE_TIME = Type("date and time")
DAYS = Type("days and time duration")
MONTHS = Type("years and months duration")
LIST = Type("list")
CONTEXT = Type("context")
FUNCTION = Type("function")
RANGE = Type("range")

NAMED: Mapping[str, Type] = {
    kind.name: kind
    for kind in (
        ANY,
        NULL,
        NUMBER,
        STRING,
        BOOLEAN,
        DATE,
        TIME,
        DATE_TIME,
        DAYS,
        MONTHS,
        LIST,
        CONTEXT,
        FUNCTION,
        RANGE,
    )
} | {
    "any": ANY,
    "dateTime": DATE_TIME,
    "dayTimeDuration": DAYS,
    "yearMonthDuration": MONTHS,
    "day time duration": DAYS,
    "year month duration": MONTHS,
}
