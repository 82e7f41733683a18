"""The guard at the engine's door: variables are JSON values, whatever they came as."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from bpmn import feel
from bpmn.errors import BpmnError
from bpmn.limits import DIGITS, VARIABLES, size_of

MAX_DEPTH = 60
_LARGEST: int = 10**DIGITS


class BadVariables(BpmnError):
    """A variable holds what cannot be stored, such as NaN or bytes."""


def plain_variables(variables: Mapping[str, Any]) -> dict[str, Any]:
    """A deep copy of JSON values only; raises ``BadVariables`` and names the variable.

    Decimals become numbers, dates and times ISO 8601 texts, tuples lists. NaN, infinities,
    bytes, NUL characters, numbers of very many digits and keys that are not texts are refused:
    PostgreSQL would. So is more than one instance may hold.
    """
    plain = {_name(name): _plain(value, name, 0) for name, value in variables.items()}
    if size_of(plain) > VARIABLES:
        raise BadVariables(f"The variables together are larger than {VARIABLES} characters.")
    return plain


def _plain(value: Any, where: str, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return _bounded(value, where)
    if isinstance(value, str):
        return _text(value, where)
    if isinstance(value, float):
        return _finite(value, where)
    if depth > MAX_DEPTH:
        raise BadVariables(f"The variable “{where}” is nested deeper than {MAX_DEPTH}.")
    if isinstance(value, Mapping):
        return {_name(k): _plain(v, f"{where}.{k}", depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, where, depth + 1) for item in value]
    return _converted(value, where)


def _converted(value: Any, where: str) -> Any:
    if isinstance(value, Decimal) and not value.is_finite():
        raise BadVariables(f"The variable “{where}” is not a finite number.")
    if isinstance(value, Decimal | date | datetime | time | timedelta):
        return feel.to_json(feel.from_json(value))
    raise BadVariables(f"The variable “{where}” holds a {type(value).__name__}.")


def _bounded(value: int, where: str) -> int:
    if abs(value) >= _LARGEST:
        raise BadVariables(f"The variable “{where}” has more than {DIGITS} digits.")
    return value


def _finite(value: float, where: str) -> float:
    if not math.isfinite(value):
        raise BadVariables(f"The variable “{where}” is not a finite number.")
    return value


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise BadVariables(f"The name {name!r} is not a text.")
    return _text(name, name)


def _text(value: str, where: str) -> str:
    if "\x00" in value:
        raise BadVariables(f"The variable “{where}” holds a NUL character.")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise BadVariables(f"The variable “{where}” holds half a character.") from error
    return value
