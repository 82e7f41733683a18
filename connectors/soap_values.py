"""From the JSON values of a process to what zeep writes into a call.

Everything is judged here, before a byte goes out: a value that the partner's schema does not
allow is refused with its place, such as ``complainant.birthDate``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeep.xsd import Nil
from zeep.xsd.elements import Any as AnyElement
from zeep.xsd.elements import AnyAttribute, Element
from zeep.xsd.types import AnySimpleType, ComplexType, ListType, Type

from connectors.soap_client import Call, Service
from connectors.soap_fields import choices_of, known_of, known_parts, parts_of
from connectors.soap_simple_values import anything, at, attributes, bad, listed, written

DEEPEST = 50


def arguments(call: Call, service: Service, values: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with which zeep writes the body of a call.

    ``values`` hold the operation's fields by name (``soap_operations.Operation.inputs``): texts,
    numbers, booleans, lists, contexts, dates and times as ISO 8601 texts, binary data in Base64,
    null for what is nil or left out. Raises BadInput, naming the field.
    """
    asked: Any = call.operation.input
    return _Writing(service).members(known_parts(asked.body, service), values, "", 0)


def headers(call: Call, service: Service, values: Mapping[str, Any]) -> dict[str, Any]:
    """The same for those of the header values that the operation takes."""
    if not values:
        return {}
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
            raise bad(path, "a context is expected")
        if depth > DEEPEST:
            raise bad(path, "too deep")
        for name in values:
            if name not in known:
                raise bad(at(path, name), f"no such field; there are: {listed(known)}")
        given = {name: one for name, one in values.items() if one is not None}
        return {
            name: self._member(known[name], one, at(path, name), depth)
            for name, one in given.items()
        }

    def _member(self, one: Any, value: Any, path: str, depth: int) -> Any:
        if isinstance(one, AnyElement):
            raise bad(path, "this field takes any XML, which a process cannot give")
        if isinstance(one, AnyAttribute):
            return attributes(value, path)
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
            raise bad(path, "null is not allowed here")
        return Nil

    def _value(self, found: Type, value: Any, path: str, depth: int) -> Any:
        if isinstance(found, ComplexType):
            return self._complex(found, value, path, depth)
        if isinstance(found, ListType):
            items = value if isinstance(value, list) else str(value).split()
            return [self._simple(found.item_type, one, path) for one in items]
        if isinstance(found, AnySimpleType):
            return self._simple(found, value, path)
        return anything(value, path)

    def _complex(self, found: ComplexType, value: Any, path: str, depth: int) -> Any:
        known = known_of(found, self._service)
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
            raise bad(path, "one value is expected")
        choices = choices_of(found, self._service)
        made = written(found, value, path)
        if choices and made not in choices:
            raise bad(path, f"one of {listed(choices)} is expected")
        return made


def _inner(group: Any) -> list[tuple[str, Any]]:
    """The members of a group of elements that comes several times."""
    nested = group.elements_nested if hasattr(group, "elements_nested") else None
    if nested is None:
        nested = group.child.elements_nested
    return [pair for name, one in nested
            for pair in ([(name, one)] if name is not None else _inner(one))]  # fmt: skip
