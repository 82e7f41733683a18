"""Rules about the file as XML: what refers to something refers to what is there, and fits.

Clauses are those of BPMN 2.0.2: lanes 10.8, gateways 10.6, associations and artifacts 8.4.1,
event definitions 10.5.5.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from bpmn import xml
from bpmn.diagram import ACTIVITIES, EVENTS, GATEWAYS
from bpmn.document import BPMN, CONTAINERS, NOT_STEPS, Document
from bpmn.model import Finding

Found = Iterator[Finding]

_HOLDERS = frozenset({"process", *CONTAINERS})
_REFERENCES = {
    "signalEventDefinition": ("signalRef", "signal"),
    "escalationEventDefinition": ("escalationRef", "escalation"),
    "messageEventDefinition": ("messageRef", "message"),
    "sendTask": ("messageRef", "message"),
    "messageFlow": ("messageRef", "message"),
    "dataObjectReference": ("dataObjectRef", "dataObject"),
    "dataStoreReference": ("dataStoreRef", "dataStore"),
}
"""By kind of element: the attribute that refers, and what it must refer to."""
_GATEWAYS = (
    "exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway",
    "complexGateway",
)  # fmt: skip


_STEPS = tuple(f"{{{BPMN}}}{kind}" for kind in sorted(ACTIVITIES | GATEWAYS | EVENTS))


def flows_connect(document: Document) -> Found:
    """Both ends of a sequence flow are flow nodes of its own process, in every pool."""
    for process in document.processes:
        for flow in process.iter(f"{{{BPMN}}}sequenceFlow"):
            ends = [flow.get("sourceRef", ""), flow.get("targetRef", "")]
            if not all(end in document.named for end in ends):
                yield document.find("flow.dangling", flow, source=ends[0], target=ends[1])
                continue
            yield from _ends(document, process, flow, ends)


def steps_placed(document: Document) -> Found:
    """A flow node stands in a process or subprocess; anywhere else nothing would read it."""
    for process in document.judged:
        for node in process.iter(*_STEPS):
            parent = node.getparent()
            if parent is not None and xml.local(parent) not in _HOLDERS:
                yield document.find("element.misplaced", node, holder=xml.local(parent))


def _ends(
    document: Document, process: etree._Element, flow: etree._Element, ends: list[str]
) -> Found:
    for end in ends:
        node = document.named[end]
        if not is_step(node):
            # Of an id that stands twice nobody knows which one the flow means: that is told alone.
            if end not in document.shown.values():
                yield document.find("flow.end-wrong", flow, node=end, type=xml.local(node))
        elif document.pool_of.get(end) != document.name_of(process):
            yield document.find("flow.crosses-pool", flow)
    holders = {document.named[end].getparent() for end in ends}
    if len(holders) == 1 and flow.getparent() not in holders:
        at, level = flow.getparent(), holders.pop()
        if at is not None and level is not None:
            yield document.find("flow.misplaced", flow, holder=document.name_of(at),
                                level=document.name_of(level))  # fmt: skip


def is_step(node: etree._Element) -> bool:
    """Whether a token may stand on it: a task, an event, a gateway, a subprocess."""
    parent = node.getparent()
    held = parent is not None and xml.local(parent) in _HOLDERS
    return held and xml.local(node) not in NOT_STEPS


def flows_agree(document: Document) -> Found:
    """What a node lists as its incoming and outgoing flows are flows that say the same."""
    for process in document.judged:
        for mark in process.iter(f"{{{BPMN}}}incoming", f"{{{BPMN}}}outgoing"):
            node = mark.getparent()
            if node is not None and not _agrees(document, node, mark):
                yield document.find("flow.disagrees", node, flow=_text(mark),
                                    direction=xml.local(mark))  # fmt: skip


def _agrees(document: Document, node: etree._Element, mark: etree._Element) -> bool:
    flow = document.named.get(_text(mark))
    if flow is None or xml.local(flow) != "sequenceFlow":
        return False
    end = "targetRef" if xml.local(mark) == "incoming" else "sourceRef"
    return flow.get(end) == node.get("id")


def _text(node: etree._Element) -> str:
    """A reference that is written as text; its prefix says only that it means this file."""
    return (node.text or "").strip().rpartition(":")[2]


def directions_hold(document: Document) -> Found:
    """A gateway that is said to converge or diverge is drawn so (BPMN 2.0.2, 10.6)."""
    for process in document.judged:
        coming, going = _counts(process)
        for node in process.iter(*(f"{{{BPMN}}}{kind}" for kind in _GATEWAYS)):
            said, name = node.get("gatewayDirection", "Unspecified"), node.get("id")
            few = {"Converging": (None, 1), "Diverging": (1, None)}.get(said, (None, None))
            numbers = (coming.get(name, 0), going.get(name, 0))
            known = said in ("Unspecified", "Converging", "Diverging", "Mixed")
            over = any(most and n > most for n, most in zip(numbers, few, strict=True))
            if over or not known:
                yield document.find("gateway.direction", node, direction=said,
                                    incoming=numbers[0], outgoing=numbers[1])  # fmt: skip


def _counts(process: etree._Element) -> tuple[dict[str | None, int], dict[str | None, int]]:
    coming: dict[str | None, int] = {}
    going: dict[str | None, int] = {}
    for flow in process.iter(f"{{{BPMN}}}sequenceFlow"):
        source, target = flow.get("sourceRef"), flow.get("targetRef")
        going[source] = going.get(source, 0) + 1
        coming[target] = coming.get(target, 0) + 1
    return coming, going


def lanes_hold(document: Document) -> Found:
    """A lane holds nodes of its process, each in one lane of a lane set."""
    for process in document.judged:
        for lane_set in process.iter(f"{{{BPMN}}}laneSet", f"{{{BPMN}}}childLaneSet"):
            taken: set[str] = set()
            for lane in lane_set.findall(f"{{{BPMN}}}lane"):
                yield from _lane(document, process, lane, taken)


def _lane(
    document: Document, process: etree._Element, lane: etree._Element, taken: set[str]
) -> Found:
    for mark in lane.findall(f"{{{BPMN}}}flowNodeRef"):
        name = _text(mark)
        if document.pool_of.get(name) != document.name_of(process):
            yield document.find("lane.unknown", lane, node=name)
        elif name in taken:
            yield document.find("lane.twice", lane, node=name)
        taken.add(name)


def associations_hold(document: Document) -> Found:
    """An association connects two elements of the file."""
    for line in document.all("association"):
        ends = [line.get("sourceRef", ""), line.get("targetRef", "")]
        if not all(end in document.named for end in ends):
            yield document.find("association.dangling", line, source=ends[0], target=ends[1])


def references_hold(document: Document) -> Found:
    """What an element refers to is declared, as what it must be.

    A message or error that is waited for is told by the rules about events.
    """
    for node in document.all(*_REFERENCES):
        attribute, kind = _REFERENCES[xml.local(node)]
        said = node.get(attribute)
        if said and not _is_declared(document, said, kind) and not _waits(node):
            yield document.find("reference.missing", _owner(node), attribute=attribute,
                                target=said, type=kind)  # fmt: skip


def _is_declared(document: Document, name: str, kind: str) -> bool:
    return name in document.named and xml.local(document.named[name]) == kind


def _waits(node: etree._Element) -> bool:
    parent = node.getparent()
    throws = ("endEvent", "intermediateThrowEvent")
    message = xml.local(node) == "messageEventDefinition"
    return message and parent is not None and xml.local(parent) not in throws


def _owner(node: etree._Element) -> etree._Element:
    """The event around an event definition."""
    parent = node.getparent()
    inside = parent is not None and xml.local(node).endswith("EventDefinition")
    return parent if inside and parent is not None else node


RULES = (
    steps_placed, flows_connect, flows_agree, directions_hold, lanes_hold, associations_hold,
    references_hold,
)  # fmt: skip
