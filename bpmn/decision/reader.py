"""A ``.dmn`` file to a decision model (DMN 1.1 to 1.5, read by local names)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from lxml import etree

from bpmn import xml
from bpmn.decision.boxed import inner, is_boxed, read_function, typed
from bpmn.decision.checks.graph import check_graph
from bpmn.decision.model import Decision, DecisionModel, InputData, Knowledge, Node, Service
from bpmn.decision.reading import Reading, attribute, child, children, names_in, reference
from bpmn.decision.types import Types
from bpmn.errors import Refused
from bpmn.feel.types import Type
from bpmn.model import Finding

_VERSION = re.compile(
    r"https?://www\.omg\.org/spec/DMN/"
    r"(20130901|20151101|20151130|20180521|20191111|20211108|20230324|20240513)"
    r"(/MODEL/?|/dmn\.xsd|/dmn11\.xsd)?"
)
_NAMED = frozenset(
    "decision inputData businessKnowledgeModel decisionService variable itemComponent"
    " formalParameter output parameter parameters column itemDefinition import".split()
)
_REQUIREMENTS = ("informationRequirement", "knowledgeRequirement")
_REQUIRED = ("requiredDecision", "requiredInput", "requiredKnowledge")


def parse_decision(
    source: bytes, filename: str = "", *, imports: Iterable[DecisionModel] = ()
) -> DecisionModel:
    """The model of a ``.dmn`` file; raises ``Refused`` with every finding that stops it.

    ``imports`` are the models that its import elements may name, found by their namespace.
    """
    model, findings = read_decision(source, filename, imports=imports)
    if any(finding.severity == "error" for finding in findings):
        raise Refused(findings)
    return model


def load_decision(
    source: bytes, filename: str = "", *, imports: Iterable[DecisionModel] = ()
) -> DecisionModel:
    """The model of a file that was accepted before, even if it would be refused today.

    A running case keeps its tables when the rules become stricter. Raises ``Refused`` only for
    what is no decision model at all.
    """
    return read_decision(source, filename, imports=imports, judges=False)[0]


def read_decision(
    source: bytes,
    filename: str = "",
    *,
    imports: Iterable[DecisionModel] = (),
    judges: bool = True,
) -> tuple[DecisionModel, tuple[Finding, ...]]:
    """The model as far as it can be read, with all findings by line.

    What cannot be read gives null. Tables are judged when ``judges``, which costs more than to
    read them.
    """
    root = xml.read(source, filename).getroot()
    reading = Reading(filename, judges=judges)
    if xml.local(root) != "definitions":
        reading.report(root, "dmn.root")
        raise Refused(reading.findings)
    imported = _imports(reading, root, imports)
    reading.declared = {*_names(root), *_imported_names(imported)}
    reading.names = {name for name in reading.declared if not name.isidentifier()}
    reading.prefixes = frozenset(imported)
    types = Types(reading, list(children(root, "itemDefinition")), _imported_types(imported))
    reading.types = types
    nodes = _all_nodes(reading, types, root)
    _check(reading, root, nodes)
    findings = tuple(sorted(reading.findings, key=lambda finding: finding.line))
    model = DecisionModel(
        id=attribute(root, "id"),
        name=attribute(root, "name"),
        namespace=attribute(root, "namespace"),
        sha256=hashlib.sha256(source).hexdigest(),
        nodes=nodes,
        imports=imported,
        types={name: types[name] for name in types},
        names=frozenset(reading.names),
        warnings=tuple(finding for finding in findings if finding.severity == "warning"),
        labels=names_in(root, attribute(root, "id")),
    )
    return model, findings


def _imports(
    reading: Reading, root: etree._Element, models: Iterable[DecisionModel]
) -> Mapping[str, DecisionModel]:
    known = {model.namespace: model for model in models}
    found: dict[str, DecisionModel] = {}
    for element in children(root, "import"):
        model = known.get(attribute(element, "namespace"))
        if model is None:
            reading.report(element, "dmn.import")
            continue
        found[attribute(element, "name")] = model
    return found


def _imported_names(imported: Mapping[str, DecisionModel]) -> set[str]:
    return {name for model in imported.values() for name in model.names}


def _imported_types(imported: Mapping[str, DecisionModel]) -> dict[str, Type]:
    return {
        f"{prefix}.{name}": kind
        for prefix, model in imported.items()
        for name, kind in model.types.items()
    }


def _names(root: etree._Element) -> Iterator[str]:
    space = xml.namespace(root)
    for element in root.iter():
        if xml.local(element) in _NAMED and xml.namespace(element) == space:
            yield attribute(element, "name")
        elif element.get("iteratorVariable"):
            yield attribute(element, "iteratorVariable")


def _nodes(reading: Reading, types: Types, root: etree._Element) -> Iterator[tuple[str, Node]]:
    seen: set[str] = set()
    for element in children(root):
        read = _READERS.get(xml.local(element))
        if read is None:
            continue
        key = attribute(element, "id") or attribute(element, "name")
        if key in seen:
            reading.report(element, "dmn.id", name=key)
        seen.add(key)
        reading.owner = attribute(element, "name") or key
        yield key, read(reading, types, element, key)


def _all_nodes(reading: Reading, types: Types, root: etree._Element) -> Mapping[str, Node]:
    try:
        return dict(_nodes(reading, types, root))
    except RecursionError as error:
        reading.report(root, "dmn.too-deep")
        raise Refused(reading.findings) from error


def _variable(element: etree._Element) -> tuple[etree._Element | None, str]:
    variable = child(element, "variable")
    return variable, attribute(variable, "name") or attribute(element, "name")


def _input_data(reading: Reading, types: Types, element: etree._Element, key: str) -> Node:
    variable, name = _variable(element)
    return InputData(key, name, types.of(variable))


def _decision(reading: Reading, types: Types, element: etree._Element, key: str) -> Node:
    variable, name = _variable(element)
    logic = next((part for part in children(element) if is_boxed(part)), None)
    kind = types.of(variable)
    if logic is None:
        reading.report(element, "dmn.logic")
    return Decision(
        id=key,
        name=attribute(element, "name") or key,
        variable=name,
        type=kind,
        logic=typed(inner(reading, types, element), kind) if logic is not None else None,
        kind=xml.local(logic) if logic is not None else "",
        requires=_requires(element),
        line=xml.line(element),
        names=names_in(element, key),
    )


def _knowledge(reading: Reading, types: Types, element: etree._Element, key: str) -> Node:
    logic = child(element, "encapsulatedLogic")
    if logic is None:
        reading.report(element, "dmn.function-logic")
        logic = element
    return Knowledge(
        key, _variable(element)[1], read_function(reading, types, logic), _requires(element)
    )


def _service(reading: Reading, types: Types, element: etree._Element, key: str) -> Node:
    def references(name: str) -> tuple[str, ...]:
        return tuple(reference(attribute(part, "href")) for part in children(element, name))

    variable, name = _variable(element)
    inputs = (*references("inputData"), *references("inputDecision"))
    return Service(key, name, references("outputDecision"), inputs, types.of(variable))


def _requires(element: etree._Element) -> tuple[str, ...]:
    found = (child(requirement, *_REQUIRED) for requirement in children(element, *_REQUIREMENTS))
    return tuple(reference(attribute(part, "href")) for part in found if part is not None)


def _check(reading: Reading, root: etree._Element, nodes: Mapping[str, Node]) -> None:
    kinds = {type(node) for node in nodes.values()}
    if not kinds & {Decision, Service}:
        reading.report(root, "dmn.no-decision" if Knowledge in kinds else "dmn.empty")
    if not _VERSION.fullmatch(xml.namespace(root)):
        reading.report(root, "dmn.namespace", name=xml.namespace(root))
    _check_circles(reading, root, nodes, attribute(root, "namespace"))
    if reading.judges:
        check_graph(reading, root, nodes)


def _check_circles(
    reading: Reading, root: etree._Element, nodes: Mapping[str, Node], own: str
) -> None:
    state: dict[str, bool] = {}
    elements = {attribute(part, "id") or attribute(part, "name"): part for part in children(root)}
    for start in nodes:
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            key, left = stack.pop()
            if left:
                state[key] = True
                continue
            if key in state:
                if not state[key]:
                    reading.report(elements[key], "dmn.circle")
                    state[key] = True
                continue
            state[key] = False
            stack.append((key, True))
            node = nodes[key]
            needs = node.requires if isinstance(node, Decision) else ()
            local = (need.removeprefix(f"{own}#") for need in needs)
            stack.extend((need, False) for need in local if isinstance(nodes.get(need), Decision))


_READERS = {
    "inputData": _input_data,
    "decision": _decision,
    "businessKnowledgeModel": _knowledge,
    "decisionService": _service,
}
