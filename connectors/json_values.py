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


class NotStorable(BadJson):
    """A text in it holds what no table stores; says where."""


def read(text: str, *, strict: bool = False) -> Any:
    """The value of a JSON text, in the form in which FEEL's numbers are kept.

    A number that is whole and below 2^53 is an int; else a float when that float reads back as
    the same number; else a text of all its digits. Characters that no table stores are replaced;
    with ``strict`` they raise :class:`NotStorable`, for whoever can correct them. Raises
    :class:`BadJson`.
    """
    try:
        value = json.loads(
            text.removeprefix("\ufeff"),
            parse_float=number,
            parse_int=number,
            parse_constant=_refuse,
        )
        clean = _clean(value, 0)
    except (ValueError, RecursionError, InvalidOperation) as error:
        raise BadJson(type(error).__name__) from None
    if strict and clean != value:
        raise NotStorable(f"{_place(value) or 'a name'}: U+0000 or half a character")
    return clean


def _place(value: Any, path: str = "") -> str | None:
    """The path of the first text that no table stores, as in ``lines[0].name``."""
    if isinstance(value, str):
        return None if storable(value) == value else path
    if isinstance(value, list):
        inner = [(f"{path}[{at}]", one) for at, one in enumerate(value)]
    elif isinstance(value, dict):
        inner = [(f"{path}.{name}" if path else name, one) for name, one in value.items()]
        wrong = next((name for name in value if storable(name) != name), None)
        if wrong is not None:
            return storable(f"{path}.{wrong}" if path else wrong)
    else:
        return None
    return next(filter(None, (_place(one, at) for at, one in inner)), None)


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
