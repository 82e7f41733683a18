"""What a kind of connector gives back, as the JSON that a table holds and a process reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from math import isfinite
from typing import Any

from connectors import json_values
from connectors.errors import Permanent


class NotJson(Permanent):
    """The partner did it, but its connector gave back what is no JSON."""

    persian = "طرف مقابل کار را انجام داد، ولی رابط آن چیزی برگرداند که JSON نیست."
    default_code = "result_not_json"
    may_have_acted = True


def plain(values: object, kind: str) -> Mapping[str, Any]:
    """The same as plain JSON; numbers of any exactness, dates and times of day are written as
    texts. Raises NotJson with the kind, the key and the type of what is none."""
    if not isinstance(values, Mapping):
        raise NotJson(f"{kind}: result: {type(values).__name__}")
    try:
        written = json.dumps(dict(values), default=_written, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise NotJson(f"{kind}: {_first_odd(values)}") from None
    try:
        return dict(json_values.read(written))
    except json_values.BadJson:
        raise NotJson(f"{kind}: {_first_odd(values)}") from None


def _written(value: object) -> str:
    if isinstance(value, Decimal) and value.is_finite():
        return str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError


def _first_odd(values: Mapping[Any, Any]) -> str:
    return next(_odd(values, "", 0), "it is nested too deeply")


def _odd(value: object, path: str, depth: int) -> Iterator[str]:
    """Each place that JSON cannot say, with the type of what stands there."""
    if depth > json_values.DEEPEST:
        yield f"{path[:80]}: nested too deeply"
    elif isinstance(value, Mapping):
        for name, one in value.items():
            if not isinstance(name, str | int | float | bool | None):
                yield f"{path or 'result'}: a name of the type {type(name).__name__}"
            yield from _odd(one, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(value, list | tuple):
        for place, one in enumerate(value):
            yield from _odd(one, f"{path}[{place}]", depth + 1)
    elif not _is_plain(value):
        told = type(value).__name__ if not isinstance(value, float) else "a number that is none"
        yield f"{path}: {told}"


def _is_plain(value: object) -> bool:
    if isinstance(value, float):
        return isfinite(value)
    if isinstance(value, Decimal):
        return value.is_finite()
    return value is None or isinstance(value, str | int | date | time)
