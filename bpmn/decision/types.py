"""Item definitions to types (DMN 1.5, 7.3.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from lxml import etree

from bpmn.decision.reading import Reading, attribute, child, children, text_of
from bpmn.feel.compiler import Code, Frame
from bpmn.feel.limits import Run
from bpmn.feel.types import ANY, NAMED, Type
from bpmn.feel.values import Value


class Types(Mapping[str, Type]):
    """The types of a model by name, each built when it is first asked for."""

    def __init__(
        self, reading: Reading, definitions: list[etree._Element], imported: Mapping[str, Type]
    ) -> None:
        self._reading = reading
        self._elements = {attribute(element, "name"): element for element in definitions}
        self._built: dict[str, Type] = dict(imported)
        self._open: set[str] = set()

    def __getitem__(self, name: str) -> Type:
        if name in self._built:
            return self._built[name]
        element = self._elements[name]
        if name in self._open:
            self._reading.report(element, "dmn.type-circle", name=name)
            return ANY
        self._open.add(name)
        built = self._build(element)
        self._open.discard(name)
        self._built[name] = built
        return built

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter({**self._elements, **self._built})

    def __len__(self) -> int:
        return len({**self._elements, **self._built})

    def of(self, element: etree._Element | None, name: str = "typeRef") -> Type:
        """The type that an element's attribute names; Any when it names none."""
        reference = attribute(element, name)
        return self.named(reference, element) if reference else ANY

    def named(self, reference: str, element: etree._Element | None) -> Type:
        """The type of a reference such as ``number``, ``feel:number`` or ``tLoan``."""
        for name in (reference, reference.rpartition(":")[2]):
            if name in self:
                return self[name]
            if name in NAMED:
                return NAMED[name]
        if element is not None:
            self._reading.report(element, "dmn.type", name=reference)
        return ANY

    def _build(self, element: etree._Element) -> Type:
        kind = self._restricted(element, "allowedValues", self._plain(element))
        if attribute(element, "isCollection") == "true":
            kind = Type("list", item=kind)
        return self._restricted(element, "typeConstraint", kind)

    def _plain(self, element: etree._Element) -> Type:
        reference = child(element, "typeRef")
        if reference is not None:
            return self.named((reference.text or "").strip(), element)
        function = child(element, "functionItem")
        if function is not None:
            parameters = tuple(self.of(part) for part in children(function, "parameters"))
            result = self.of(function, "outputTypeRef")
            return Type("function", parameters=parameters, result=result)
        parts = list(children(element, "itemComponent"))
        fields = {attribute(part, "name"): self._build(part) for part in parts}
        return Type("context", fields=fields) if parts else ANY

    def _restricted(self, element: etree._Element, name: str, kind: Type) -> Type:
        rule = child(element, name)
        text = text_of(rule)
        if rule is None or not text:
            return kind
        code = self._reading.tests(rule, text)
        tree = self._reading.trees.get(rule)
        return replace(
            kind,
            allowed=_both(kind.allowed, lambda value: passes(code, value)),
            tests=(*kind.tests, tree) if tree is not None else kind.tests,
        )


Allowed = Callable[[Value], bool]


def passes(tests: Code, value: Value) -> bool:
    """Whether a value passes tests that read no variables."""
    return tests(Frame({"?": value}, None, Run({}, None, {}))) is True


def _both(one: Allowed | None, other: Allowed) -> Allowed:
    if one is None:
        return other
    return lambda value: one(value) and other(value)
