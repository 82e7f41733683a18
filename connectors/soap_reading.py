"""From the XML of an answer to JSON values, by the types of the WSDL.

A tolerant reader: what the schema does not know is passed over, and what is missing is null,
since the partner has done its work by then. An element that is nil or empty is null, unless it
is a text: then empty is ''. Nothing is expanded: references of the SOAP encoding are followed
within a budget.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from binascii import unhexlify
from collections.abc import Callable, Iterable, Mapping
from decimal import InvalidOperation
from functools import lru_cache
from typing import Any

from lxml import etree
from zeep.xsd.elements import Any as AnyElement
from zeep.xsd.elements import Choice, Element
from zeep.xsd.types import AnySimpleType, ComplexType, ListType, UnionType
from zeep.xsd.types import builtins as xsd

from connectors.json_values import number
from connectors.soap_client import RAW, Call, Service
from connectors.soap_shapes import Shape, name_of, nothing, shape_of, shape_of_parts

XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NIL, _TYPE = f"{{{XSI}}}nil", f"{{{XSI}}}type"
DEEPEST, MOST = 50, 200_000
"""Levels and values of one answer."""


class Unreadable(ValueError):
    """The answer does not fit the WSDL; says where."""


def answer(call: Call, service: Service, body: etree._Element) -> dict[str, Any]:
    """What the SOAP body says: the operation's outputs by name, as JSON values.

    Whole numbers are ints, others floats where these are exact, else texts of all digits; dates
    and times ISO 8601 texts; binary data Base64; nil is None. Raises :class:`Unreadable`.
    """
    made: Any = call.operation.output
    expected = made.body if made is not None else None
    children = list(body)
    if expected is None:
        return {}
    reading = _Reading(service, body)
    if call.operation.style != "rpc" and getattr(made, "_is_body_wrapped", False):
        return reading.members(shape_of_parts(expected, service), body, 0)
    if not children:
        raise Unreadable("the body is empty")
    first = children[0]
    if call.operation.style != "rpc" and local(first) != expected.qname.localname:
        raise Unreadable(f"{local(first)} in place of {expected.qname.localname}")
    if isinstance(expected.type, ComplexType):
        return reading.members(shape_of_parts(expected, service), first, 0)
    return {expected.attr_name: reading.value(expected.type, first, 0)}


def local(element: etree._Element) -> str:
    """The element's name without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def plain(element: etree._Element, depth: int = 0) -> Any:
    """XML of which no type is known: a text, or a context of its elements by name."""
    children = list(element)
    if element.get(_NIL) in ("true", "1"):
        return None
    if not children or depth > DEEPEST:
        return element.text or ""
    found: dict[str, Any] = {}
    for child in children:
        _put(found, local(child), plain(child, depth + 1))
    return found


def _put(found: dict[str, Any], name: str, value: Any) -> None:
    """Add a value; a name that comes again makes a list."""
    if name not in found:
        found[name] = value
    elif isinstance(found[name], _Several):
        found[name].append(value)
    else:
        found[name] = _Several([found[name], value])


class _Several(list[Any]):
    """The values of a name that came several times."""


class _Reading:
    """Reads one answer; counts what it reads."""

    def __init__(self, service: Service, body: etree._Element) -> None:
        self._service, self._body = service, body
        self._left = MOST
        self._by_id: dict[str, etree._Element] | None = None

    def members(self, shape: Shape, element: etree._Element, depth: int) -> dict[str, Any]:
        """The values of an element's attributes and children, by the names of the schema."""
        found: dict[str, Any] = {name: [] if many else None for name, many in shape.empty}
        known, by_tag = shape.known, shape.by_tag
        for child in element:
            name = by_tag.get(local(child))
            if name is not None:
                self._take(found, name, known[name], child, depth)
            elif not self._take_of_group(found, shape.groups, child, depth):
                _take_any(found, known, child)
        for name, one in shape.attributes:
            if one.qname.text in element.attrib:
                found[name] = self._simple(one.type, element.get(one.qname.text) or "", name)
        return found

    def _take(
        self, found: dict[str, Any], name: str, one: Element, child: etree._Element, depth: int
    ) -> None:
        value = self.value(one.type, child, depth + 1)
        if one.accepts_multiple:
            found[name].append(value)
        elif found[name] is None:
            found[name] = value

    def _take_of_group(
        self, found: dict[str, Any], groups: Mapping[str, Any], child: etree._Element, depth: int
    ) -> bool:
        """Take an element of a group that comes several times: a context for each time."""
        for name, group in groups.items():
            inner = dict(group.elements)
            tag = next((key for key, one in inner.items() if name_of(one) == local(child)), None)
            if tag is None:
                continue
            rounds: list[dict[str, Any]] = found[name]
            if not rounds or isinstance(group, Choice) or _is_full(inner[tag], rounds[-1], tag):
                rounds.append({})
            last = rounds[-1]
            last.setdefault(tag, nothing(inner[tag]))
            self._take(last, tag, inner[tag], child, depth)
            return True
        return False

    def value(self, found: Any, element: etree._Element, depth: int) -> Any:
        """One element's value by its type, or by the type that it names itself."""
        self._left -= 1
        if depth > DEEPEST or self._left < 0:
            raise Unreadable("too deep or too large")
        element = self._followed(element)
        if element.get(_NIL) in ("true", "1"):
            return None
        found = self._own_type(element) or found
        if isinstance(found, ComplexType):
            return self._complex(found, element, depth)
        if isinstance(found, AnySimpleType):
            return self._simple(found, element.text or "", local(element))
        return plain(element)

    def _complex(self, found: ComplexType, element: etree._Element, depth: int) -> Any:
        if found._array_type:
            kind: Any = found._array_type
            of = getattr(kind.array_type, "type", kind.array_type)
            return [self.value(of, child, depth + 1) for child in element]
        shape = shape_of(found, self._service)
        if shape.content is not None:
            value = self._simple(shape.content, element.text or "", local(element))
            return {"_value_1": value, **self.members(shape, element, depth)}
        return self.members(shape, element, depth)

    def _own_type(self, element: etree._Element) -> Any:
        """The type that an element names by ``xsi:type``, when the WSDL knows it."""
        prefix, _, name = (element.get(_TYPE) or "").strip().rpartition(":")
        if not name:
            return None
        try:
            named = etree.QName(element.nsmap.get(prefix or None), name)
            types: Any = self._service.document.types
            return types.get_type(named, fail_silently=True)
        except RAW:
            return None

    def _followed(self, element: etree._Element) -> etree._Element:
        """The element that an accessor of the SOAP encoding points to, else itself."""
        target = element.get("href", "")
        if not target.startswith("#") or len(element):
            return element
        if self._by_id is None:
            self._by_id = {one.get("id", ""): one for one in self._body.iter("*") if one.get("id")}
        return self._by_id.get(target[1:], element)

    def _simple(self, found: Any, text: str, where: str) -> Any:
        if isinstance(found, ListType):
            return [self._simple(found.item_type, one, where) for one in text.split()]
        if isinstance(found, UnionType):
            return text
        of: Any = type(found)
        read = _reader(of)
        if read is not None:
            return _read(read, text, where)
        return text if isinstance(found, xsd.String) else text.strip()


def _is_full(one: Any, last: Mapping[str, Any], tag: str) -> bool:
    return tag in last and not one.accepts_multiple


def _take_any(found: dict[str, Any], known: Mapping[str, Any], child: etree._Element) -> None:
    for name, one in known.items():
        if isinstance(one, AnyElement):
            value = {local(child): plain(child)}
            if isinstance(found[name], list):
                found[name].append(value)
            elif found[name] is None:
                found[name] = value
            return


@lru_cache(maxsize=512)
def _reader(of: type[Any]) -> Callable[[str], Any] | None:
    return next((read for kind, read in _READERS if issubclass(of, kind)), None)


def _read(read: Callable[[str], Any], text: str, where: str) -> Any:
    squeezed = " ".join(text.split())
    if not squeezed:
        return None
    try:
        return read(squeezed)
    except (ValueError, InvalidOperation, Base64Error):
        raise Unreadable(f"{where}: {squeezed[:40]!r} is not of its type") from None


def _boolean(text: str) -> bool:
    if text not in ("true", "1", "false", "0"):
        raise ValueError(text)
    return text in ("true", "1")


def _number(text: str) -> int | float | str:
    # XML Schema knows INF and NaN, which JSON does not.
    return text if text in ("INF", "-INF", "NaN") else number(text)


def _base64(text: str) -> str:
    return b64encode(b64decode(text.replace(" ", ""), validate=True)).decode()


def _hex(text: str) -> str:
    return b64encode(unhexlify(text)).decode()


def _day(text: str) -> str:
    """A date without its zone, which FEEL's dates do not have."""
    found = _DATED.match(text)
    return found[1] if found else text


_DATED = re.compile(r"(-?\d{4,}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)?$")
_READERS: Iterable[tuple[Any, Callable[[str], Any]]] = (
    (xsd.Boolean, _boolean),
    ((xsd.Decimal, xsd.Float, xsd.Double), _number),
    (xsd.Base64Binary, _base64),
    (xsd.HexBinary, _hex),
    (xsd.Date, _day),
    ((xsd.DateTime, xsd.Time, xsd.Duration), str),
)
