"""What stands between the decisions of a model: requirements, names, services (DMN 1.5, 6.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from bpmn import xml
from bpmn.decision.checks.uses import check_uses, known_as
from bpmn.decision.model import Decision, InputData, Knowledge, Node, Service
from bpmn.decision.reading import Reading, attribute, child, children, reference

_REQUIREMENTS = ("informationRequirement", "knowledgeRequirement")
_DRAWN = ("decision", "inputData", "businessKnowledgeModel", "decisionService")
_WANTED: Mapping[str, tuple[type[Node], ...]] = {
    "requiredDecision": (Decision,),
    "requiredInput": (InputData,),
    "requiredKnowledge": (Knowledge, Service),
    "outputDecision": (Decision,),
    "encapsulatedDecision": (Decision,),
    "inputDecision": (Decision,),
    "inputData": (InputData,),
}
_SERVED = ("outputDecision", "encapsulatedDecision", "inputDecision", "inputData")
_KINDS: Mapping[type[Node], tuple[str, str]] = {
    Decision: ("a decision", "تصمیم"),
    InputData: ("input data", "دادهٔ ورودی"),
    Knowledge: ("a business knowledge model", "تابع (business knowledge model)"),
    Service: ("a decision service", "سرویس تصمیم"),
}


@dataclass(frozen=True)
class Graph:
    """A model's nodes with their elements."""

    nodes: Mapping[str, Node]
    elements: Mapping[str, etree._Element]
    namespace: str

    def local(self, needed: str) -> str:
        """The id of what is required in this model; what lies in another keeps its ``#``."""
        return needed.removeprefix(f"{self.namespace}#")

    def required(self, key: str) -> list[Node]:
        """The nodes of this model that one requires."""
        node = self.nodes[key]
        needs = node.requires if isinstance(node, Decision | Knowledge) else ()
        found = (self.nodes.get(self.local(need)) for need in needs)
        return [one for one in found if one is not None]


def check_graph(reading: Reading, root: etree._Element, nodes: Mapping[str, Node]) -> None:
    """Report what is wrong or doubtful between the nodes of a model."""
    elements = {attribute(e, "id") or attribute(e, "name"): e for e in children(root, *_DRAWN)}
    graph = Graph(nodes, elements, attribute(root, "namespace"))
    for key, element in elements.items():
        _check_references(reading, graph, element)
        _check_variable(reading, element)
        _check_service(reading, element)
        _check_together(reading, graph, key)
    _check_names(reading, graph)
    check_uses(reading, graph)


def _references(element: etree._Element) -> Iterator[etree._Element]:
    """What a node names by reference, each an element with ``href``."""
    for requirement in children(element, *_REQUIREMENTS):
        yield from children(requirement, *_WANTED)
    if xml.local(element) == "decisionService":
        yield from children(element, *_SERVED)


def _check_references(reading: Reading, graph: Graph, element: etree._Element) -> None:
    for part in _references(element):
        name = graph.local(reference(attribute(part, "href")))
        node = graph.nodes.get(name)
        if node is not None and not isinstance(node, _WANTED[xml.local(part)]):
            _tell_kind(reading, part, node)
        elif node is None and "#" not in name:
            reading.report(element, "dmn.reference", name=name)


def _tell_kind(reading: Reading, part: etree._Element, node: Node) -> None:
    wanted, kind = _KINDS[_WANTED[xml.local(part)][0]], _KINDS[type(node)]
    reading.report(
        part, "dmn.kind", name=node.name, wanted_en=wanted[0], wanted_fa=wanted[1],
        kind_en=kind[0], kind_fa=kind[1],
    )  # fmt: skip


def _check_variable(reading: Reading, element: etree._Element) -> None:
    name = attribute(element, "name")
    variable = child(element, "variable")
    known = attribute(variable, "name")
    if name and known and " ".join(name.split()) != " ".join(known.split()):
        reading.report(element, "dmn.variable-name", name=name, variable=known)


def _check_service(reading: Reading, element: etree._Element) -> None:
    if xml.local(element) == "decisionService" and child(element, "outputDecision") is None:
        reading.report(element, "dmn.service-output")


def _check_names(reading: Reading, graph: Graph) -> None:
    seen: set[str] = set()
    for key, node in graph.nodes.items():
        if node.name in seen:
            reading.report(graph.elements[key], "dmn.name", name=node.name)
        seen.add(node.name)


def _check_together(reading: Reading, graph: Graph, key: str) -> None:
    seen: dict[str, Node] = {}
    for node in graph.required(key):
        name = known_as(node)
        if seen.setdefault(name, node) is not node:
            reading.report(graph.elements[key], "dmn.name-together", name=name)
