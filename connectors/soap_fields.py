"""The operations of a WSDL with their fields, worked out from its types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from zeep.xsd.elements import Any as AnyElement
from zeep.xsd.elements import AnyAttribute, Choice, Element
from zeep.xsd.types import AnySimpleType, ComplexType, ListType, Type
from zeep.xsd.types import builtins as xsd

from connectors.soap_client import Call, Service
from connectors.soap_operations import Field, Kind, Operation

MOST, DEEPEST = 2000, 8
"""Fields of one operation that are shown, and how deep."""

_KINDS: tuple[tuple[type, Kind], ...] = (
    (xsd.Boolean, "boolean"),
    (xsd.Decimal, "number"),
    (xsd.Float, "number"),
    (xsd.Double, "number"),
    (xsd.DateTime, "date-time"),
    (xsd.Date, "date"),
    (xsd.Time, "time"),
    (xsd.Duration, "duration"),
    (xsd.Base64Binary, "binary"),
    (xsd.HexBinary, "binary"),
    (AnySimpleType, "text"),
)


def operations(service: Service) -> tuple[Operation, ...]:
    """Every operation, in the order of the WSDL."""
    return tuple(describe(name, calls[0], service) for name, calls in service.calls.items())


def describe(name: str, call: Call, service: Service) -> Operation:
    """One operation with its fields."""
    operation = call.operation
    asked: Any = operation.input
    made = operation.output
    return Operation(
        name=name,
        inputs=_Describing(service).parts(asked.body),
        outputs=_Describing(service).parts(made.body) if made is not None else (),
        headers=_Describing(service).parts(asked.header),
        faults=tuple(str(fault) for fault in operation.faults),
        address=call.address,
        version=call.version,
        ports=tuple(one.port for one in service.calls[name]),
        style=str(operation.style),
        one_way=made is None,
    )


def walk(service: Service) -> None:
    """Look into every type there is, also those that no operation names: an answer may. Raises
    what zeep raises for those that cannot be worked out."""
    types = service.document.types
    waiting: list[Any] = [
        *types.types,
        *(one.type for one in types.elements if hasattr(one, "type")),
    ]
    seen: set[int] = set()
    while waiting:
        found = waiting.pop()
        if id(found) not in seen and isinstance(found, ComplexType):
            seen.add(id(found))
            inner = [*found.elements, *found.attributes]
            waiting += [one.type for _, one in inner if getattr(one, "type", None) is not None]


def kind_of(found: Type | None) -> Kind:
    """What kind of value a type of the schema holds."""
    if isinstance(found, ComplexType):
        return "object"
    for simple, kind in _KINDS:
        if isinstance(found, simple):
            return kind
    return "any"


def name_of(found: Type | None) -> str:
    """The type's name without its namespace; empty for a nameless one."""
    name = getattr(found, "qname", None)
    return name.localname if name is not None and getattr(found, "is_global", False) else ""


def choices_of(found: Type | None, service: Service) -> tuple[str, ...]:
    """The values that a type allows, when it counts them up."""
    if not service.choices:
        return ()
    name = getattr(found, "qname", None)
    if name is None:
        return ()
    # A schema without a namespace takes that of the one that includes it.
    return service.choices.get(name.text) or service.choices.get(f"{{}}{name.localname}") or ()


def parts_of(element: Element | None) -> Iterator[tuple[str, Element]]:
    """The values of a message: what its one element holds (wrapped), else that element."""
    if element is None:
        return
    if isinstance(element.type, ComplexType):
        yield from members(element.type)
    else:
        yield element.attr_name, element


def known_parts(element: Element | None, service: Service) -> Mapping[str, Any]:
    """The same by name, asked of zeep once for each type."""
    if element is not None and isinstance(element.type, ComplexType):
        return known_of(element.type, service)
    return dict(parts_of(element))


def members(found: ComplexType) -> Iterator[tuple[str, Any]]:
    """The elements and attributes of a complex type, by the names that values have."""
    nested = dict(found.elements_nested)
    repeated = {name for name, one in nested.items() if one.accepts_multiple}
    for name, container in found.elements_nested:
        yield from _unfolded(name, container, name in repeated)
    yield from ((name, one) for name, one in found.attributes)


def known_of(found: ComplexType, service: Service) -> Mapping[str, Any]:
    """The same by name, asked of zeep once for each type."""
    known: Mapping[str, Any] | None = service.worked_out.get(("members", id(found)))
    if known is None:
        known = service.worked_out["members", id(found)] = dict(members(found))
    return known


def _unfolded(name: str, container: Any, repeated: bool) -> Iterator[tuple[str, Any]]:
    if repeated or isinstance(container, Element | AnyElement):
        yield name, container
        return
    group = container if hasattr(container, "elements_nested") else container.child
    for inner, one in group.elements_nested:
        if inner is None:
            yield from _unfolded("", one, False)
        else:
            yield inner, one


class _Describing:
    """Writes fields down until there are enough of them."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._left = MOST

    def parts(self, element: Element | None) -> tuple[Field, ...]:
        """The fields of a message."""
        return tuple(self._field(name, one, ()) for name, one in self._taken(parts_of(element)))

    def _taken(self, found: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
        for one in found:
            if self._left <= 0:
                return
            self._left -= 1
            yield one

    def _field(self, name: str, one: Any, above: tuple[int, ...]) -> Field:
        if isinstance(one, AnyElement | AnyAttribute) or not isinstance(one, Element):
            return self._group(name, one, above)
        found = one.type
        inner = () if id(found) in above else self._inner(found, (*above, id(found)))
        holds = isinstance(found, ComplexType)
        return Field(
            name=name,
            kind=kind_of(found),
            type=name_of(found),
            required=_is_required(one),
            many=bool(one.accepts_multiple) or isinstance(found, ListType),
            nillable=bool(one.nillable),
            attribute=hasattr(one, "required"),
            choices=choices_of(found, self._service),
            fields=inner,
            cut=holds and (self._left <= 0 or (not inner and bool(list(members(found))))),
        )

    def _group(self, name: str, one: Any, above: tuple[int, ...]) -> Field:
        """Anything at all, or a group of elements that comes several times."""
        if isinstance(one, AnyElement | AnyAttribute):
            many = isinstance(one, AnyElement) and bool(one.accepts_multiple)
            return Field(name, "any", "", required=False, many=many)
        inner = self._taken(_unfolded("", one, False)) if len(above) < DEEPEST else ()
        fields = tuple(self._field(inner_name, it, (*above, id(one))) for inner_name, it in inner)
        if isinstance(one, Choice):
            fields = tuple(_optional(it) for it in fields)
        return Field(name, "object", "", required=not one.is_optional, many=True, fields=fields)

    def _inner(self, found: Any, above: tuple[int, ...]) -> tuple[Field, ...]:
        if not isinstance(found, ComplexType) or len(above) > DEEPEST:
            return ()
        chosen = _chosen(found)
        made = [self._field(name, one, above) for name, one in self._taken(members(found))]
        return tuple(_optional(one) if one.name in chosen else one for one in made)


def _is_required(one: Element) -> bool:
    if hasattr(one, "required"):  # An attribute.
        return bool(one.required)
    return not one.is_optional


def _optional(one: Field) -> Field:
    return replace(one, required=False)


def _chosen(found: ComplexType) -> set[str]:
    """The names of elements of which only one is given."""
    return {name for _, one in found.elements_nested for name in _in_choices(one)}


def _in_choices(container: Any) -> Iterator[str]:
    inner = container if isinstance(container, list) else getattr(container, "child", None) or []
    if isinstance(container, Choice):
        yield from (name for name, _ in container.elements)
        return
    for one in inner:
        yield from _in_choices(one) if not isinstance(one, Element) else ()
