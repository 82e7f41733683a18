"""One simple value of a process as a schema's simple type writes it, refused with its place."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from zeep.xsd import AnyObject
from zeep.xsd.types import Type
from zeep.xsd.types import builtins as xsd

from connectors.errors import BadInput

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DATE = re.compile(r"-?\d{4,}-\d\d-\d\d(Z|[+-]\d\d:\d\d)?")
_TIME = re.compile(r"\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_MOMENT = re.compile(r"(-?\d{4,}-\d\d-\d\d)(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?)?")
_DURATION = re.compile(r"-?P(?!$)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(?:\.\d+)?S)?)?")
_WHOLE: tuple[tuple[type, int | None, int | None], ...] = (
    (xsd.Byte, -(2**7), 2**7 - 1),
    (xsd.Short, -(2**15), 2**15 - 1),
    (xsd.Int, -(2**31), 2**31 - 1),
    (xsd.Long, -(2**63), 2**63 - 1),
    (xsd.UnsignedByte, 0, 2**8 - 1),
    (xsd.UnsignedShort, 0, 2**16 - 1),
    (xsd.UnsignedInt, 0, 2**32 - 1),
    (xsd.UnsignedLong, 0, 2**64 - 1),
    (xsd.PositiveInteger, 1, None),
    (xsd.NonNegativeInteger, 0, None),
    (xsd.NegativeInteger, None, -1),
    (xsd.NonPositiveInteger, None, 0),
    (xsd.Integer, None, None),
)


def written(found: Type, value: Any, path: str) -> Any:
    """What zeep writes for a value of this simple type; raises BadInput."""
    of: Any = type(found)
    write = _writer(of)
    return write(found, value, path) if write else _text(value, path)


@lru_cache(maxsize=512)
def _writer(of: type[Any]) -> Callable[[Any, Any, str], Any] | None:
    return next((write for kind, write in _WRITERS if issubclass(of, kind)), None)


def _text(value: Any, path: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return _decimal(value, path)
    if not isinstance(value, str):
        raise bad(path, "a text is expected")
    if _UNWRITABLE.search(value):
        raise bad(path, "it holds a character that XML cannot hold")
    return value


def _decimal(value: Any, path: str) -> str:
    """A number with all its digits and without an exponent, in ASCII."""
    number = _number(value)
    if number is None or not number.is_finite() or abs(number.adjusted()) > 400:
        raise bad(path, "a number is expected")
    return f"{number:f}"


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except (InvalidOperation, ValueError, TypeError):
        return None


def _write_number(_: Type, value: Any, path: str) -> str:
    return _decimal(value, path)


def _write_whole(found: Type, value: Any, path: str) -> str:
    number = Decimal(_decimal(value, path))
    if number != number.to_integral_value():
        raise bad(path, "a whole number is expected")
    for kind, least, most in _WHOLE:
        if isinstance(found, kind):
            if (least is not None and number < least) or (most is not None and number > most):
                raise bad(path, "the number is out of range")
            break
    return str(int(number))


def _write_boolean(_: Type, value: Any, path: str) -> bool:
    given = {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())
    if given is None:
        raise bad(path, "true or false is expected")
    return given


def _matching(pattern: re.Pattern[str], what: str) -> Callable[[Type, Any, str], str]:
    def write(_: Type, value: Any, path: str) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value.strip()):
            raise bad(path, f"{what} is expected")
        return value.strip()

    return write


_day = re.compile(r"(-?\d{4,}-\d\d-\d\d)T.*")


def _write_date(found: Type, value: Any, path: str) -> str:
    """A date; of a moment its day."""
    moment = _day.fullmatch(value.strip()) if isinstance(value, str) else None
    given = moment[1] if moment else value
    return _matching(_DATE, "a date such as 2026-03-21")(found, given, path)


def _write_moment(found: Type, value: Any, path: str) -> str:
    """A moment; of a date its beginning."""
    example = "a date and time such as 2026-03-21T12:00:00Z"
    text = _matching(_MOMENT, example)(found, value, path)
    return text if "T" in text else f"{text}T00:00:00"


def _write_duration(_: Type, value: Any, path: str) -> str:
    found = _DURATION.fullmatch(str(value).strip())
    if found is None or not any(found.groups()):
        raise bad(path, "a duration such as P1DT2H is expected")
    return str(value).strip()


def _write_base64(_: Type, value: Any, path: str) -> bytes:
    try:
        return b64decode("".join(str(value).split()), validate=True)
    except (Base64Error, ValueError):
        raise bad(path, "Base64 is expected") from None


def _write_hex(found: Type, value: Any, path: str) -> str:
    return _write_base64(found, value, path).hex().upper()


def _write_part_of_date(found: Any, value: Any, path: str) -> Any:
    try:
        return found.pythonvalue(str(value))
    except (ValueError, TypeError):
        raise bad(path, "not what the schema expects here") from None


_WRITERS: tuple[tuple[Any, Callable[[Any, Any, str], Any]], ...] = (
    (xsd.Boolean, _write_boolean),
    (xsd.Integer, _write_whole),
    ((xsd.Decimal, xsd.Float, xsd.Double), _write_number),
    (xsd.DateTime, _write_moment),
    (xsd.Date, _write_date),
    (xsd.Time, _matching(_TIME, "a time such as 12:00:00")),
    (xsd.Duration, _write_duration),
    (xsd.Base64Binary, _write_base64),
    (xsd.HexBinary, _write_hex),
    ((xsd.gYear, xsd.gYearMonth, xsd.gMonthDay, xsd.gDay, xsd.gMonth), _write_part_of_date),
)


def anything(value: Any, path: str) -> Any:
    """A value where the schema allows any type: it says its own."""
    typed: Any = AnyObject
    if isinstance(value, bool):
        return typed(_TYPES["boolean"], value)
    if isinstance(value, int | float | Decimal):
        return typed(_TYPES["decimal"], _decimal(value, path))
    return typed(_TYPES["string"], _text(value, path))


_TYPES = {name.localname: found for name, found in xsd.default_types.items()}


def attributes(value: Any, path: str) -> dict[str, str]:
    """The values of attributes that the schema does not name."""
    if not isinstance(value, Mapping):
        raise bad(path, "a context is expected")
    return {str(name): _text(one, at(path, name)) for name, one in value.items()}


def at(path: str, name: object) -> str:
    """The place of a member, such as ``complainant.birthDate``."""
    return f"{path}.{name}"[:200] if path else str(name)[:200]


def listed(names: Any) -> str:
    """The first names of a list, for people."""
    return ", ".join(list(names)[:12]) + (", …" if len(list(names)) > 12 else "")


def bad(path: str, why: str) -> BadInput:
    """The error of a value at this place."""
    shown = path.encode("utf-8", "replace").decode()
    return BadInput(f"{shown}: {why}" if shown else why)
