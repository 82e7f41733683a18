"""JSON of partners, read exactly: no digit is lost, and nothing that a table could not hold."""

from __future__ import annotations

import json
import math
from decimal import Decimal, InvalidOperation
from typing import Any

DEEPEST = 100
"""Levels of lists and contexts, as many as FEEL takes."""
_SAFE = 2**53


class BadJson(ValueError):
    """This is no JSON that can be taken over."""


def read(text: str) -> Any:
    """The value of a JSON text, in the form in which FEEL's numbers are kept.

    A number that is whole and below 2^53 is an int; else a float when that float reads back as
    the same number; else a text of all its digits. Raises :class:`BadJson`.
    """
    try:
        return _clean(
            json.loads(
                text.removeprefix("\ufeff"),
                parse_float=number,
                parse_int=number,
                parse_constant=_refuse,
            ),
            0,
        )
    except (ValueError, RecursionError, InvalidOperation) as error:
        raise BadJson(type(error).__name__) from None


def write(value: Any) -> bytes:
    """A plain JSON value as UTF-8; raises ``ValueError`` for what JSON cannot say."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, RecursionError) as error:
        raise ValueError(type(error).__name__) from None


def number(text: str) -> int | float | str:
    """A number in the form in which FEEL's numbers are kept, see :func:`read`; raises
    ``InvalidOperation`` for what is none."""
    value = Decimal(text)
    if abs(value.adjusted()) > 400:
        return text
    if value == value.to_integral_value() and abs(value) < _SAFE:
        return int(value)
    near = float(value)
    return near if math.isfinite(near) and Decimal(repr(near)) == value else text


def _refuse(text: str) -> None:
    raise BadJson(text)


def _clean(value: Any, depth: int) -> Any:
    """The same value without characters that no table stores; raises where it is too deep."""
    if depth > DEEPEST:
        raise BadJson("too deep")
    # What the parser makes has these very types.
    kind = type(value)
    if kind is str:
        return storable(value)
    if kind is list:
        return [_clean(one, depth + 1) for one in value]
    if kind is dict:
        return {storable(name): _clean(one, depth + 1) for name, one in value.items()}
    return value


def storable(text: str) -> str:
    """The text with NUL and half characters replaced."""
    whole = text if text.isascii() else text.encode("utf-8", "replace").decode()
    return whole.replace("\0", "\ufffd") if "\0" in whole else whole
