"""How the body of a call is written, worked out once for each type of the WSDL.

zeep makes objects of a call's values and asks each type anew. The plain shapes, which are nearly
all, are written here, the same to the byte; for every other one, and for values that do not fit,
there is no plan, and zeep writes them or says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lxml import etree
from zeep.wsdl.messages import DocumentMessage
from zeep.xsd import Nil
from zeep.xsd.elements import Attribute, Element
from zeep.xsd.elements.indicators import All, Sequence
from zeep.xsd.types import AnySimpleType, ComplexType

from connectors.soap_client import RAW, Call, Service

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class _Part(NamedTuple):
    """One element of a type."""

    name: str
    tag: etree.QName
    write: Callable[[Any], Any] | None
    """How a simple value is written; None for a context of a complex ``type``."""
    type: Any
    many: bool
    least: int
    most: float
    nillable: bool


class _Plan(NamedTuple):
    """What a complex type holds."""

    attributes: tuple[tuple[str, Any], ...]
    elements: tuple[_Part, ...]


class _NoPlan(Exception):
    """This is zeep's to write, or to refuse."""


def envelope(call: Call, service: Service, given: Mapping[str, Any]) -> etree._Element | None:
    """The envelope of a call without headers, of the values that ``soap_values.arguments`` made;
    None where zeep must write it."""
    asked: Any = call.operation.input
    element: Any = getattr(asked, "body", None)
    if type(asked) is not DocumentMessage or asked._is_body_wrapped or not _is_plain(element):
        return None
    if service.document.types._prefix_map_custom:
        return None
    soap = asked.nsmap["soap-env"]
    root = etree.Element(f"{{{soap}}}Envelope", nsmap={"soap-env": soap})
    body = etree.SubElement(root, f"{{{soap}}}Body")
    try:
        _put(etree.SubElement(body, element.qname), element.type, given, service)
    except (_NoPlan, *RAW):
        return None
    return root


def _is_plain(one: Any) -> bool:
    return type(one) is Element and isinstance(one.type, ComplexType) and not one.accepts_multiple


def _put(
    above: etree._Element, found: ComplexType, values: Mapping[str, Any], service: Service
) -> None:
    attributes, elements = _plan_of(found, service)
    for name, one in attributes:
        if name in values:
            above.set(one.qname, one.type.xmlvalue(values[name]))
        elif one.required:
            raise _NoPlan
    for part in elements:
        value = values.get(part.name)
        if part.many:
            _put_all(above, part, [] if value is None else value, service)
        elif value is not None:
            _put_one(above, part, value, service)
        elif part.least:
            _put_nil(above, part)


def _put_all(above: etree._Element, part: _Part, values: Any, service: Service) -> None:
    if not isinstance(values, list) or not part.least <= len(values) <= part.most:
        raise _NoPlan
    for value in values:
        _put_one(above, part, value, service)


def _put_one(above: etree._Element, part: _Part, value: Any, service: Service) -> None:
    if value is Nil and part.write is not None:
        _put_nil(above, part)
    elif part.write is not None:
        etree.SubElement(above, part.tag).text = part.write(value)
    elif isinstance(value, dict):
        _put(etree.SubElement(above, part.tag), part.type, value, service)
    else:
        raise _NoPlan


def _put_nil(above: etree._Element, part: _Part) -> None:
    if not part.nillable:
        raise _NoPlan
    etree.SubElement(above, part.tag).set(_NIL, "true")


def _plan_of(found: ComplexType, service: Service) -> _Plan:
    key = "plan", id(found)
    if key not in service.worked_out:
        service.worked_out[key] = _planned(found)
    plan: _Plan | None = service.worked_out[key]
    if plan is None:
        raise _NoPlan
    return plan


def _planned(found: ComplexType) -> _Plan | None:
    """The attributes and elements of a type in their order; None where it holds anything else."""
    nested: Any = found.elements_nested
    if found._array_type or len(nested) != 1:
        return None
    group = nested[0][1]
    if type(group) not in (Sequence, All) or (group.min_occurs, group.max_occurs) != (1, 1):
        return None
    attributes, elements = list(found.attributes), list(group.elements_nested)
    names = {name for name, _ in (*attributes, *elements)}
    if len(names) < len(attributes) + len(elements):
        return None
    if not all(_is_plain_attribute(one) for _, one in attributes):
        return None
    if not all(_has_plan(one) for _, one in elements):
        return None
    return _Plan(tuple(attributes), tuple(_part(name, one) for name, one in elements))


def _is_plain_attribute(one: Any) -> bool:
    return type(one) is Attribute and one.default is None and _is_simple(one.type)


def _has_plan(one: Any) -> bool:
    """Whether it is an element without a default, of a complex type or of a simple one that
    writes itself in the plain way."""
    if type(one) is not Element or one.default_value not in (None, []):
        return False
    return isinstance(one.type, ComplexType) or _is_simple(one.type)


def _is_simple(found: Any) -> bool:
    return isinstance(found, AnySimpleType) and type(found).render is AnySimpleType.render


def _part(name: str, one: Any) -> _Part:
    most = float("inf") if one.max_occurs == "unbounded" else one.max_occurs
    return _Part(
        name,
        one.qname,
        None if isinstance(one.type, ComplexType) else one.type.xmlvalue,
        one.type,
        many=bool(one.accepts_multiple),
        least=one.min_occurs,
        most=most,
        nillable=bool(one.nillable),
    )
