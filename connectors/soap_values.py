"""From the JSON values of a process to what zeep writes into a call.

Everything is judged here, before a byte goes out: a value that the partner's schema does not
allow is refused with its place, such as ``complainant.birthDate``.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from zeep.xsd import AnyObject, Nil
from zeep.xsd.elements import Any as AnyElement
from zeep.xsd.elements import AnyAttribute, Element
from zeep.xsd.types import AnySimpleType, ComplexType, ListType, Type
from zeep.xsd.types import builtins as xsd

from connectors.errors import BadInput
from connectors.soap_client import Call, Service
from connectors.soap_fields import choices_of, members, parts_of

DEEPEST = 50
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


def arguments(call: Call, service: Service, values: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with which zeep writes the body of a call.

    ``values`` hold the operation's fields by name (``soap_operations.Operation.inputs``): texts,
    numbers, booleans, lists, contexts, dates and times as ISO 8601 texts, binary data in Base64,
    null for what is nil or left out. Raises BadInput, naming the field.
    """
    asked: Any = call.operation.input
    return _Writing(service).members(dict(parts_of(asked.body)), values, "", 0)


def headers(call: Call, service: Service, values: Mapping[str, Any]) -> dict[str, Any]:
    """The same for those of the header values that the operation takes."""
    asked: Any = call.operation.input
    taken = dict(parts_of(asked.header))
    known = {name: one for name, one in values.items() if name in taken}
    return _Writing(service).members(taken, known, "", 0)


def takes(call: Call, name: str) -> bool:
    """Tell whether an operation has this field."""
    asked: Any = call.operation.input
    return any(one == name for one, _ in parts_of(asked.body))


class _Writing:
    """Turns values into those of one service's types."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def members(
        self, known: Mapping[str, Any], values: Any, path: str, depth: int
    ) -> dict[str, Any]:
        """What a complex type or a message holds."""
        if not isinstance(values, Mapping):
            raise _bad(path, "a context is expected")
        if depth > DEEPEST:
            raise _bad(path, "too deep")
        for name in values:
            if name not in known:
                raise _bad(_at(path, name), f"no such field; there are: {_listed(known)}")
        given = {name: one for name, one in values.items() if one is not None}
        return {
            name: self._member(known[name], one, _at(path, name), depth)
            for name, one in given.items()
        }

    def _member(self, one: Any, value: Any, path: str, depth: int) -> Any:
        if isinstance(one, AnyElement):
            raise _bad(path, "this field takes any XML, which a process cannot give")
        if isinstance(one, AnyAttribute):
            return _attributes(value, path)
        if not isinstance(one, Element):
            inner = dict(_inner(one))
            items = value if isinstance(value, list) else [value]
            return [self.members(inner, item, f"{path}[{n}]", depth + 1)
                    for n, item in enumerate(items, 1)]  # fmt: skip
        if not one.accepts_multiple:
            return self._value(one.type, value, path, depth)
        items = value if isinstance(value, list) else [value]
        return [self._item(one, item, f"{path}[{n}]", depth) for n, item in enumerate(items, 1)]

    def _item(self, one: Element, item: Any, path: str, depth: int) -> Any:
        if item is not None:
            return self._value(one.type, item, path, depth)
        if not one.nillable:
            raise _bad(path, "null is not allowed here")
        return Nil

    def _value(self, found: Type, value: Any, path: str, depth: int) -> Any:
        if isinstance(found, ComplexType):
            return self._complex(found, value, path, depth)
        if isinstance(found, ListType):
            items = value if isinstance(value, list) else str(value).split()
            return [self._simple(found.item_type, one, path) for one in items]
        if isinstance(found, AnySimpleType):
            return self._simple(found, value, path)
        return _anything(value, path)

    def _complex(self, found: ComplexType, value: Any, path: str, depth: int) -> Any:
        known = dict(members(found))
        if isinstance(value, list) and found._array_type:
            return [self._array_item(found, one, f"{path}[{n}]", depth + 1)
                    for n, one in enumerate(value, 1)]  # fmt: skip
        if not isinstance(value, Mapping | list) and "_value_1" in known:
            value = {"_value_1": value}  # A simple value that may have attributes.
        return self.members(known, value, path, depth + 1)

    def _array_item(self, found: ComplexType, item: Any, path: str, depth: int) -> Any:
        kind: Any = found._array_type
        of = getattr(kind.array_type, "type", kind.array_type)
        made = self._value(of, item, path, depth)
        return of(**made) if isinstance(of, ComplexType) and isinstance(made, dict) else made

    def _simple(self, found: Type, value: Any, path: str) -> Any:
        if isinstance(value, Mapping | list):
            raise _bad(path, "one value is expected")
        choices = choices_of(found, self._service)
        written = _written(found, value, path)
        if choices and written not in choices:
            raise _bad(path, f"one of {_listed(choices)} is expected")
        return written


def _inner(group: Any) -> list[tuple[str, Any]]:
    """The members of a group of elements that comes several times."""
    nested = group.elements_nested if hasattr(group, "elements_nested") else None
    if nested is None:
        nested = group.child.elements_nested
    return [pair for name, one in nested
            for pair in ([(name, one)] if name is not None else _inner(one))]  # fmt: skip


def _written(found: Type, value: Any, path: str) -> Any:
    for kind, write in _WRITERS:
        if isinstance(found, kind):
            return write(found, value, path)
    return _text(value, path)


def _text(value: Any, path: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return _decimal(value, path)
    if not isinstance(value, str):
        raise _bad(path, "a text is expected")
    if _UNWRITABLE.search(value):
        raise _bad(path, "it holds a character that XML cannot hold")
    return value


def _decimal(value: Any, path: str) -> str:
    """A number with all its digits and without an exponent, in ASCII."""
    number = _number(value)
    if number is None or not number.is_finite() or abs(number.adjusted()) > 400:
        raise _bad(path, "a number is expected")
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
        raise _bad(path, "a whole number is expected")
    for kind, least, most in _WHOLE:
        if isinstance(found, kind):
            if (least is not None and number < least) or (most is not None and number > most):
                raise _bad(path, "the number is out of range")
            break
    return str(int(number))


def _write_boolean(_: Type, value: Any, path: str) -> bool:
    given = {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())
    if given is None:
        raise _bad(path, "true or false is expected")
    return given


def _matching(pattern: re.Pattern[str], what: str) -> Callable[[Type, Any, str], str]:
    def write(_: Type, value: Any, path: str) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value.strip()):
            raise _bad(path, f"{what} is expected")
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
        raise _bad(path, "a duration such as P1DT2H is expected")
    return str(value).strip()


def _write_base64(_: Type, value: Any, path: str) -> bytes:
    try:
        return b64decode("".join(str(value).split()), validate=True)
    except (Base64Error, ValueError):
        raise _bad(path, "Base64 is expected") from None


def _write_hex(found: Type, value: Any, path: str) -> str:
    return _write_base64(found, value, path).hex().upper()


def _write_part_of_date(found: Any, value: Any, path: str) -> Any:
    try:
        return found.pythonvalue(str(value))
    except (ValueError, TypeError):
        raise _bad(path, "not what the schema expects here") from None


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


def _anything(value: Any, path: str) -> Any:
    """A value where the schema allows any type: it says its own."""
    typed: Any = AnyObject
    if isinstance(value, bool):
        return typed(_TYPES["boolean"], value)
    if isinstance(value, int | float | Decimal):
        return typed(_TYPES["decimal"], _decimal(value, path))
    return typed(_TYPES["string"], _text(value, path))


_TYPES = {name.localname: found for name, found in xsd.default_types.items()}


def _attributes(value: Any, path: str) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise _bad(path, "a context is expected")
    return {str(name): _text(one, _at(path, name)) for name, one in value.items()}


def _at(path: str, name: object) -> str:
    return f"{path}.{name}"[:200] if path else str(name)[:200]


def _listed(names: Any) -> str:
    return ", ".join(list(names)[:12]) + (", …" if len(list(names)) > 12 else "")


def _bad(path: str, why: str) -> BadInput:
    shown = path.encode("utf-8", "replace").decode()
    return BadInput(f"{shown}: {why}" if shown else why)
