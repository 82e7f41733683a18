"""What an answer's element may hold, worked out of a type of the WSDL once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from zeep.xsd.elements import Any as AnyElement
from zeep.xsd.elements import AnyAttribute, Element
from zeep.xsd.types import AnySimpleType, ComplexType

from connectors.soap_client import Service
from connectors.soap_fields import known_of, parts_of


class Shape(NamedTuple):
    """The members of a complex type or of a message, sorted for who reads them."""

    known: Mapping[str, Any]
    """zeep's elements and attributes, by the names that values have."""
    empty: tuple[tuple[str, bool], ...]
    """Each name, and whether it may come several times."""
    by_tag: Mapping[str | None, str]
    """The names of elements by their tags without namespaces."""
    groups: Mapping[str, Any]
    """What comes several times as a group."""
    attributes: tuple[tuple[str, Any], ...]
    content: Any
    """The simple type of the text beside the attributes, where it has one."""


def shape_of(found: ComplexType, service: Service) -> Shape:
    """The shape of a complex type."""
    shape: Shape | None = service.worked_out.get(("shape", id(found)))
    if shape is None:
        shape = service.worked_out["shape", id(found)] = _worked_out(known_of(found, service))
    return shape


def shape_of_parts(message: Element, service: Service) -> Shape:
    """The shape of a message."""
    if isinstance(message.type, ComplexType):
        return _message(message.type, service)
    return _shape(dict(parts_of(message)), None)


def _message(found: ComplexType, service: Service) -> Shape:
    """As ``shape_of``, but a message has no text of its own."""
    shape: Shape | None = service.worked_out.get(("message", id(found)))
    if shape is None:
        shape = service.worked_out["message", id(found)] = _shape(known_of(found, service), None)
    return shape


def _worked_out(known: Mapping[str, Any]) -> Shape:
    content = known.get("_value_1")
    if isinstance(content, Element) and isinstance(content.type, AnySimpleType):
        others = {name: one for name, one in known.items() if name != "_value_1"}
        return _shape(others, content.type)
    return _shape(known, None)


def _shape(known: Mapping[str, Any], content: Any) -> Shape:
    elements = {name: one for name, one in known.items() if isinstance(one, Element)}
    return Shape(
        known,
        empty=tuple((name, isinstance(nothing(one), list)) for name, one in known.items()),
        # zeep's attributes are elements too, and one may have the name of an element beside it.
        by_tag={name_of(one): name for name, one in elements.items() if not _is_attribute(one)},
        groups={name: one for name, one in known.items() if _is_group(one)},
        attributes=tuple((name, one) for name, one in known.items() if _is_attribute(one)),
        content=content,
    )


def nothing(one: Any) -> Any:
    """What stands where an element is missing."""
    return [] if not _is_attribute(one) and getattr(one, "max_occurs", 1) != 1 else None


def name_of(one: Any) -> str | None:
    """The tag of an element without its namespace."""
    return one.qname.localname if getattr(one, "qname", None) is not None else None


def _is_attribute(one: Any) -> bool:
    return hasattr(one, "required") and getattr(one, "qname", None) is not None


def _is_group(one: Any) -> bool:
    return not isinstance(one, Element | AnyElement | AnyAttribute)
