"""The guard at the engine's door: variables are JSON values, whatever they came as."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from bpmn import feel
from bpmn.bidi import set_apart
from bpmn.errors import Told
from bpmn.limits import DIGITS, VARIABLES, size_of
from bpmn.shortening import shorten

MAX_DEPTH = 60
_LARGEST: int = 10**DIGITS


class BadVariables(Told):
    """A variable holds what cannot be stored, such as NaN or bytes; ``texts`` say which."""


def plain_variables(variables: Mapping[str, Any]) -> dict[str, Any]:
    """A deep copy of JSON values only; raises ``BadVariables`` and names the variable.

    Decimals become numbers, dates and times ISO 8601 texts, tuples lists. NaN, infinities,
    bytes, NUL characters, numbers of very many digits and keys that are not texts are refused:
    PostgreSQL would. So is more than one instance may hold.
    """
    plain = {_name(name): _plain(value, name, 0) for name, value in variables.items()}
    if size_of(plain) > VARIABLES:
        raise BadVariables(
            f"The variables together are larger than {VARIABLES} characters.",
            f"متغیرها با هم از {set_apart(VARIABLES)} نویسه بیشترند.",
        )
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
        raise _bad(where, f"is nested deeper than {MAX_DEPTH}",
                   f"بیش از {set_apart(MAX_DEPTH)} لایه تودرتو است")  # fmt: skip
    if isinstance(value, Mapping):
        return {_name(k): _plain(v, f"{where}.{k}", depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, where, depth + 1) for item in value]
    return _converted(value, where)


def _converted(value: Any, where: str) -> Any:
    if isinstance(value, Decimal) and not value.is_finite():
        raise _not_finite(where)
    if isinstance(value, Decimal | date | datetime | time | timedelta):
        return feel.to_json(feel.from_json(value))
    kind = type(value).__name__
    raise _bad(
        where, f"holds a {kind}", f"مقداری از نوع {set_apart(kind)} دارد که نگه داشته نمی‌شود"
    )


def _bounded(value: int, where: str) -> int:
    if abs(value) >= _LARGEST:
        raise _bad(where, f"has more than {DIGITS} digits",
                   f"بیش از {set_apart(DIGITS)} رقم دارد")  # fmt: skip
    return value


def _finite(value: float, where: str) -> float:
    if not math.isfinite(value):
        raise _not_finite(where)
    return value


def _name(name: object) -> str:
    if not isinstance(name, str):
        shown = shorten(repr(name))
        raise BadVariables(f"The name {shown} is not a text.", f"نام {set_apart(shown)} متن نیست.")
    return _text(name, name)


def _text(value: str, where: str) -> str:
    if "\x00" in value:
        raise _bad(where, "holds a NUL character", "نویسهٔ NUL دارد")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise _bad(where, "holds half a character", "نیمهٔ یک نویسه را دارد") from error
    return value


def _not_finite(where: str) -> BadVariables:
    return _bad(where, "is not a finite number", "عدد متناهی نیست")


def _bad(where: str, en: str, fa: str) -> BadVariables:
    """What is wrong with one variable, as ``The variable … {en}.`` in both languages."""
    # Half a character in a name could not be sent to anybody.
    shown = shorten(where).encode("utf-8", "replace").decode("utf-8")
    return BadVariables(f"The variable “{shown}” {en}.", f"متغیر «{set_apart(shown)}» {fa}.")
