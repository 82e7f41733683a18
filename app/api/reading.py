"""Reading JSON strictly: what cannot be stored and given back equal is refused at the door.

PostgreSQL's JSONB takes no U+0000 and no lone surrogates, JSON itself knows no NaN, and whole
numbers beyond 2**53 - 1 come back changed in many clients (RFC 7493 2.2), so all of these are
named and refused before any service sees them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from math import isfinite
from typing import Any

from app.api import words
from app.api.words import Words
from app.errors import Invalid, PeygirError

DEEPEST = 32
LARGEST_JSON = 1024 * 1024
SAFE = 2**53 - 1
MOST_TOLD = 20
"""So that a hostile body does not get an answer larger than itself."""


class NotJson(PeygirError):
    """The body is not JSON: {reason} (line {line}, column {column})."""

    fa = "بدنه JSON درستی نیست: سطر {line}، ستون {column} ({reason})."


class NameTwice(NotJson):
    """The name {name} comes twice in one object of the body."""

    fa = "نام {name} در یک شیء بدنه دو بار آمده است."


class NumberNotKept(PeygirError):
    """A number in the body cannot be kept."""

    fa = "عددی در بدنه نگه داشته نمی‌شود."


class NumberTooLong(NumberNotKept):
    """A number in the body has thousands of digits."""

    fa = "عددی در بدنه هزاران رقم دارد."


class NumberTooExact(NumberNotKept):
    """The number {number} in the body cannot be kept exactly; send it as a text."""

    fa = "عدد {number} در بدنه با همهٔ رقم‌هایش نگه داشته نمی‌شود؛ آن را به صورت متن بفرستید."


class NotUtf8(PeygirError):
    """The body is not UTF-8: byte {position} cannot be read."""

    fa = "بدنه UTF-8 نیست: بایت {position} خوانده نمی‌شود."


class NestedTooDeep(PeygirError):
    """The body is nested too deeply to be read."""

    fa = "بدنه بیش از اندازه تودرتو است و خوانده نمی‌شود."


def read_json(body: bytes) -> Any:
    """The value of a JSON body.

    Raises NotUtf8, NotJson or NestedTooDeep where it cannot be read, NumberNotKept for a number
    of too many digits, and Invalid naming each other value that cannot be kept.
    """
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(text, object_pairs_hook=_object, parse_float=_number)
    except UnicodeDecodeError as error:
        raise NotUtf8(position=error.start) from error
    except json.JSONDecodeError as error:
        raise NotJson(reason=error.msg, line=error.lineno, column=error.colno) from error
    except RecursionError as error:
        raise NestedTooDeep from error
    except ValueError as error:
        raise NumberTooLong from error
    refuse_unstorable(value)
    return value


def _number(text: str) -> float:
    """The number, when it means the same with the digits that are kept of it."""
    number = float(text)
    if isfinite(number) and Decimal(text) != Decimal(repr(number)):
        raise NumberTooExact(number=text[:40])
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise NameTwice(name=repr(next(name for name in names if names.count(name) > 1)[:80]))
    return made


def refuse_unstorable(value: Any) -> None:
    """Raise Invalid naming the path of each text or number that cannot be kept as it is."""
    errors: dict[str, list[str]] = {}
    for path, sentence in _find_unstorable(value):
        errors.setdefault(_printable(path), []).append(sentence)
        if len(errors) >= MOST_TOLD:
            break
    if errors:
        raise Invalid(errors)


def _find_unstorable(root: Any) -> Iterator[tuple[str, Words]]:
    waiting: list[tuple[str, Any, int]] = [("", root, 0)]
    while waiting:
        path, value, depth = waiting.pop()
        if depth > DEEPEST:
            yield path, words.TOO_DEEP.format(most=DEEPEST)
        elif isinstance(value, dict):
            for name, item in value.items():
                inner = f"{path}.{name}" if path else name
                yield from _wrong(inner, name)
                waiting.append((inner, item, depth + 1))
        elif isinstance(value, list):
            waiting += [(f"{path}[{n}]", item, depth + 1) for n, item in enumerate(value)]
        else:
            yield from _wrong(path, value)


def _wrong(path: str, value: Any) -> Iterator[tuple[str, Words]]:
    if isinstance(value, str):
        if "\0" in value:
            yield path, words.NUL
        if not value.isascii() and not _is_whole(value):
            yield path, words.SURROGATE
    elif isinstance(value, int | float) and not -SAFE <= value <= SAFE:
        finite = isinstance(value, int) or abs(value) < float("inf")
        yield path, words.TOO_BIG if finite else words.NOT_FINITE


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _printable(path: str) -> str:
    shown = path.encode("utf-8", "backslashreplace").decode().replace("\0", "\\u0000")
    return shown[:200] or "body"
