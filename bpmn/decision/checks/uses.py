"""What the expressions of a model use: whether it is required, and called as it wants to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lxml import etree

from bpmn import xml
from bpmn.bidi import set_apart
from bpmn.decision.checks.cells import constant
from bpmn.decision.model import Decision, Knowledge, Node, Service
from bpmn.decision.reading import Reading, attribute, child, children
from bpmn.feel import nodes as n
from bpmn.feel.builtins import BUILTINS
from bpmn.feel.conform import coerce
from bpmn.feel.persian import KINDS
from bpmn.feel.types import ANY
from bpmn.feel.values import kind_of
from bpmn.shortening import shorten

if TYPE_CHECKING:
    from bpmn.decision.checks.graph import Graph

Local = frozenset[str]
_NONE: Local = frozenset()
_FUNCTIONS = ("functionDefinition", "encapsulatedLogic")
_TURNS = ("for", "some", "every")
_SHOWN = 8
"""Names of parameters that a finding shows."""


def check_uses(reading: Reading, graph: Graph) -> None:
    """Report functions and decisions used without a requirement, and calls that never fit."""
    for key, element in graph.elements.items():
        node = graph.nodes[key]
        _Uses(reading, graph, key).visit(element, _NONE)
        if isinstance(node, Decision):
            _check_result(reading, element, node)


def _check_result(reading: Reading, element: etree._Element, node: Decision) -> None:
    """A constant that is of another type than the decision says."""
    literal = child(element, "literalExpression")
    known, value, why = constant(None if literal is None else reading.trees.get(literal))
    if node.type is ANY or literal is None or not known or why is not None:
        return
    if not coerce(value, node.type)[0] and kind_of(value) != node.type.name:
        kind, wanted = kind_of(value), node.type.name
        persian = {"kind": KINDS.get(kind, kind), "wanted": KINDS.get(wanted, wanted)}
        text = shorten((literal.findtext("{*}text") or "").strip(), 60)
        reading.report(literal, "dmn.result-type", persian, text=text, kind=kind, wanted=wanted)


class _Uses:
    """One look at the expressions of one decision or function."""

    def __init__(self, reading: Reading, graph: Graph, key: str) -> None:
        self.reading, self.graph = reading, graph
        self.required: dict[str, Node] = {}
        for node in graph.required(key):
            self.required.update({known_as(node): node})
            if isinstance(node, Decision):
                self.required.setdefault(node.id, node)
        self.all = {known_as(node): node for node in graph.nodes.values()}
        for prefix in reading.prefixes:
            self.all.pop(prefix, None)

    def visit(self, element: etree._Element, local: Local) -> None:
        """Judge the expressions in an element, where ``local`` are the names made around it."""
        tree, kind = self.reading.trees.get(element), xml.local(element)
        if tree is not None:
            self._judge(element, tree, local)
        if kind == "invocation":
            self._invoked(element, local)
        if kind == "filter":
            # What stands in a filter may be a name inside the item, so only its list is judged.
            self._each(children(element, "in"), local)
        elif kind == "context":
            self._entries(element, local)
        else:
            self._each(children(element), local | _made(element))

    def _each(self, elements: Iterator[etree._Element], local: Local) -> None:
        for element in elements:
            self.visit(element, local)

    def _entries(self, element: etree._Element, local: Local) -> None:
        for entry in children(element, "contextEntry"):
            self._each(children(entry), local)
            local |= {attribute(child(entry, "variable"), "name")}

    def _judge(self, element: etree._Element, tree: n.Node, local: Local) -> None:
        parts = _open_parts(tree)
        local |= {name for part in parts for name in n.declared(part)}
        told: set[str] = set()
        for part in parts:
            if isinstance(part, n.Name) and part.name not in local and part.name not in told:
                told.add(part.name)
                self._used(element, part.name)
        for part in parts:
            if isinstance(part, n.Call) and isinstance(part.function, n.Name):
                self._called(element, part, local)

    def _used(self, element: etree._Element, name: str) -> None:
        node = self.all.get(name)
        # A built-in function is found by a name that nothing required bears.
        if node is None or name in self.required or name in BUILTINS:
            return
        if isinstance(node, Knowledge | Service):
            self.reading.report(element, "dmn.unrequired-function", name=name)
        elif isinstance(node, Decision):
            self.reading.report(element, "dmn.unrequired", name=name)

    def _called(self, element: etree._Element, call: n.Call, local: Local) -> None:
        name = call.function.name if isinstance(call.function, n.Name) else ""
        node = None if name in local else self.required.get(name)
        wanted = self._parameters(node)
        if node is None or wanted is None:
            return
        if call.names is not None:
            self._compare(element, name, wanted, call.names)
        elif len(call.arguments) != len(wanted):
            self._tell(element, name, wanted, len(call.arguments))

    def _invoked(self, element: etree._Element, local: Local) -> None:
        callee = self.reading.trees.get(next(children(element, "literalExpression"), element))
        name = callee.name if isinstance(callee, n.Name) else ""
        wanted = None if name in local else self._parameters(self.required.get(name))
        if wanted is not None:
            bindings = children(element, "binding")
            names = [attribute(child(binding, "parameter"), "name") for binding in bindings]
            self._compare(element, name, wanted, names)

    def _compare(
        self, element: etree._Element, name: str, wanted: Sequence[str], given: Sequence[str]
    ) -> None:
        if sorted(wanted) != sorted(given):
            self._tell(element, name, wanted, given)

    def _parameters(self, node: Node | None) -> list[str] | None:
        """The names that a function takes, in their order; None for what is no function."""
        if isinstance(node, Knowledge):
            logic = child(self.graph.elements[node.id], "encapsulatedLogic")
            parameters = () if logic is None else children(logic, "formalParameter")
            return [attribute(one, "name") for one in parameters]
        if isinstance(node, Service):
            inputs = (self.graph.nodes.get(self.graph.local(key)) for key in node.inputs)
            return [known_as(one) for one in inputs if one is not None]
        return None

    def _tell(
        self, element: etree._Element, name: str, wanted: Sequence[str], given: int | Sequence[str]
    ) -> None:
        persian = {"wanted": _in_persian(wanted), "given": _in_persian(given)}
        words = {"wanted": _in_english(wanted), "given": _in_english(given)}
        self.reading.report(element, "dmn.arguments", persian, name=name, **words)


def _in_english(given: int | Sequence[str]) -> str:
    if isinstance(given, int):
        return {0: "nothing", 1: "one value"}.get(given, f"{given} values")
    return ", ".join(f"“{shorten(name, 60)}”" for name in given[:_SHOWN]) or "nothing"


def _in_persian(given: int | Sequence[str]) -> str:
    if isinstance(given, int):
        return f"{given} مقدار" if given else "هیچ"
    return "، ".join(f"«{set_apart(shorten(name, 60))}»" for name in given[:_SHOWN]) or "هیچ"


def _open_parts(node: n.Node) -> list[n.Node]:
    """All parts of a tree but those in filters, where a name may be one inside the item."""
    parts = n.walk(node)
    hidden = {id(inner) for p in parts if isinstance(p, n.Filter) for inner in n.walk(p.test)}
    return [part for part in parts if id(part) not in hidden]


def _made(element: etree._Element) -> Local:
    """The names that an element brings into being for what stands inside it."""
    if xml.local(element) in _FUNCTIONS:
        return frozenset(attribute(one, "name") for one in children(element, "formalParameter"))
    if xml.local(element) in _TURNS:
        return frozenset((attribute(element, "iteratorVariable"), "partial"))
    return _NONE


def known_as(node: Node) -> str:
    """The name by which expressions read a node."""
    return node.variable if isinstance(node, Decision) else node.name
