"""From the bytes of a ``.bpmn`` file to a ``Diagram``; what cannot be read at all is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from bpmn import xml
from bpmn.diagram import Diagram, Flow, Shape, Trigger
from bpmn.errors import Refused
from bpmn.extensions import ZEEBE, read_extension, read_version_tag
from bpmn.findings import finding
from bpmn.model import Finding
from bpmn.reading_loops import read_loop

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
CAMUNDA_7 = "http://camunda.org/schema/1.0/bpmn"
MAX_NODES = 2_000

# What lies in a process without being a step of it.
_NOT_STEPS = frozenset(
    {
        "sequenceFlow", "laneSet", "documentation", "extensionElements", "textAnnotation",
        "association", "group", "category", "incoming", "outgoing", "dataObject",
        "dataObjectReference", "dataStoreReference", "property", "ioSpecification",
        "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "auditing",
        "monitoring", "supportedInterfaceRef", "correlationSubscription", "dataInputAssociation",
        "dataOutputAssociation", "completionCondition", "resourceRole", "potentialOwner",
        "humanPerformer", "performer",
    }
)  # fmt: skip
# Colons and hashes are left to the names that normalising and compiling make up.
_ID = re.compile(r"[^\W\d][\w.\-]*")
_CONTAINERS = frozenset({"subProcess", "transaction", "adHocSubProcess"})
_ODD_CHILDREN = frozenset(
    {"ioSpecification", "dataInputAssociation", "dataOutputAssociation", "script"}
)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
"""What xsd:boolean may be; white space around it does not count."""
_FOLLOWED = frozenset({"cancelActivity", "isInterrupting", "triggeredByEvent"})
_NOT_FOLLOWED = frozenset({"isForCompensation", "parallelMultiple", "instantiate"})
_QUANTITIES = frozenset({"startQuantity", "completionQuantity"})


class _Names:
    """What the file declares outside its processes: messages and errors."""

    def __init__(self, root: etree._Element) -> None:
        self.messages = {
            node.get("id"): (node.get("name"), _correlation(node))
            for node in root.findall(f"{{{BPMN}}}message")
        }
        self.errors = {
            node.get("id"): node.get("errorCode") for node in root.findall(f"{{{BPMN}}}error")
        }


def read_diagram(source: bytes, filename: str = "") -> Diagram:
    """The file's executable process; raises ``Refused`` when there is not exactly one."""
    root = xml.read(source, filename).getroot()
    if root.tag != f"{{{BPMN}}}definitions":
        raise Refused([finding("file.not-bpmn", xml.line(root), "", filename)])
    process = _executable(root, filename)
    _check_ids(root, filename)
    names, lanes = _Names(root), _lanes(process)
    steps = list(_steps(process))
    if len(steps) > MAX_NODES:
        raise Refused([finding("file.too-many", xml.line(process), "", filename, limit=MAX_NODES)])
    shapes = [_shape(node, holder, names, lanes) for node, holder in steps]
    flows = [_flow(node, holder) for node, holder in _sequence_flows(process)]
    return Diagram(
        key=process.get("id", ""), line=xml.line(process), name=process.get("name", ""),
        properties=read_extension(process).properties,
        shapes={shape.id: shape for shape in shapes}, flows={flow.id: flow for flow in flows},
        filename=filename, version_tag=read_version_tag(process),
    )  # fmt: skip


def _executable(root: etree._Element, filename: str) -> etree._Element:
    processes = root.findall(f"{{{BPMN}}}process")
    chosen = [node for node in processes if _said(node, "isExecutable")]
    if len(chosen) == 1:
        return chosen[0]
    rule = "process.several" if chosen else "process.none"
    at = chosen[1] if chosen else processes[0] if processes else root
    raise Refused([finding(rule, xml.line(at), at.get("id", ""), filename)])


def _check_ids(root: etree._Element, filename: str) -> None:
    """Ids name tokens and rows, so each must be there and be the only one of its name."""
    seen: set[str] = set()
    found: list[Finding] = []
    for node in root.iter(f"{{{BPMN}}}*"):
        name = node.get("id")
        if name in seen:
            found.append(finding("id.duplicate", xml.line(node), name or "", filename))
        if name and not _ID.fullmatch(name):
            found.append(finding("id.odd", xml.line(node), name, filename))
        if not name and _needs_id(node):
            found.append(finding("id.missing", xml.line(node), xml.local(node), filename))
        seen.add(name) if name else None
    if found:
        raise Refused(found)


def _needs_id(node: etree._Element) -> bool:
    parent = node.getparent()
    if parent is None or xml.local(parent) not in {"process", *_CONTAINERS}:
        return xml.local(node) == "process"
    return xml.local(node) == "sequenceFlow" or xml.local(node) not in _NOT_STEPS


def _steps(process: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Every flow node with the id of what holds it, walked without recursion."""
    pending = [process]
    while pending:
        holder = pending.pop(0)
        for node in holder:
            if xml.namespace(node) == BPMN and xml.local(node) not in _NOT_STEPS:
                yield node, holder.get("id", "")
                if xml.local(node) in _CONTAINERS:
                    pending.append(node)


def _sequence_flows(process: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    for node in process.iter(f"{{{BPMN}}}sequenceFlow"):
        parent = node.getparent()
        yield node, parent.get("id", "") if parent is not None else ""


def _flow(node: etree._Element, holder: str) -> Flow:
    condition = node.find(f"{{{BPMN}}}conditionExpression")
    return Flow(
        id=node.get("id", ""), source=node.get("sourceRef", ""), target=node.get("targetRef", ""),
        condition=None if condition is None else (condition.text or "").strip(),
        line=xml.line(node), container=holder,
    )  # fmt: skip


def _shape(node: etree._Element, holder: str, names: _Names, lanes: dict[str, str]) -> Shape:
    return Shape(
        id=node.get("id", ""), type=xml.local(node), line=xml.line(node), container=holder,
        name=node.get("name", ""), triggers=_triggers(node, names),
        extension=read_extension(node), lane=_lane(node, lanes),
        attached_to=node.get("attachedToRef"), interrupting=_interrupts(node),
        by_event=_said(node, "triggeredByEvent"), default=node.get("default"),
        loop=read_loop(node), oddities=tuple(_oddities(node)),
    )  # fmt: skip


def _interrupts(node: etree._Element) -> bool:
    return all(_said(node, name, default=True) for name in ("cancelActivity", "isInterrupting"))


def _said(node: etree._Element, name: str, *, default: bool = False) -> bool:
    """A boolean attribute; one that is neither true nor false is found as an oddity."""
    return _BOOLEANS.get(node.get(name, "").strip(), default)


def _triggers(node: etree._Element, names: _Names) -> tuple[Trigger, ...]:
    found = [_trigger(child, names) for child in node if _defines_event(child)]
    if xml.local(node) == "receiveTask":
        found.append(_message(node, names))
    return tuple(found)


def _defines_event(node: etree._Element) -> bool:
    ends = ("EventDefinition", "EventDefinitionRef")
    return xml.namespace(node) == BPMN and xml.local(node).endswith(ends)


def _trigger(node: etree._Element, names: _Names) -> Trigger:
    kind = xml.local(node).removesuffix("Ref").removesuffix("EventDefinition")
    if kind == "message":
        return _message(node, names)
    if kind == "timer":
        return _timer(node)
    if kind == "error":
        reference = node.get("errorRef")
        code = names.errors.get(reference) if reference else None
        return Trigger("error", xml.line(node), reference=reference, error_code=code)
    return Trigger(kind, xml.line(node), link=node.get("name"))


def _message(node: etree._Element, names: _Names) -> Trigger:
    reference = node.get("messageRef")
    name, correlation = names.messages.get(reference, (None, None))
    return Trigger(
        "message", xml.line(node), message=name, correlation=correlation, reference=reference
    )


def _correlation(message: etree._Element) -> str | None:
    subscription = message.find(f".//{{{ZEEBE}}}subscription")
    return None if subscription is None else subscription.get("correlationKey")


def _timer(node: etree._Element) -> Trigger:
    for kind in ("date", "duration", "cycle"):
        value = node.find(f"{{{BPMN}}}time{kind.capitalize()}")
        if value is not None:
            text = (value.text or "").strip()
            return Trigger("timer", xml.line(node), timer=kind, expression=text)
    return Trigger("timer", xml.line(node))


def _attributes(node: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in node.attrib.items()}


def _oddities(node: etree._Element) -> Iterator[str]:
    yield from _odd_attributes(node)
    for child in node:
        if xml.namespace(child) == BPMN and xml.local(child) in _ODD_CHILDREN:
            yield xml.local(child)
    for attribute in _attributes(node):
        if attribute.startswith(f"{{{CAMUNDA_7}}}"):
            yield f"camunda:{etree.QName(attribute).localname}"


def _odd_attributes(node: etree._Element) -> Iterator[str]:
    for name, value in _attributes(node).items():
        text = value.strip()
        unread = name in _FOLLOWED | _NOT_FOLLOWED and text not in _BOOLEANS
        unwanted = name in _NOT_FOLLOWED and _BOOLEANS.get(text, False)
        if unread or unwanted or (name in _QUANTITIES and text != "1"):
            yield name


def _lanes(process: etree._Element) -> dict[str, str]:
    """For each node id the group of the innermost lane that holds it."""
    groups: dict[str, str] = {}
    for lane in process.iter(f"{{{BPMN}}}lane"):
        group = read_extension(lane).properties.get("group") or lane.get("id", "")
        for reference in lane.findall(f"{{{BPMN}}}flowNodeRef"):
            groups[(reference.text or "").strip()] = str(group)
    return groups


def _lane(node: etree._Element | None, lanes: dict[str, str]) -> str | None:
    """The lane of a node, or of the subprocess around it."""
    while node is not None and xml.local(node) != "process":
        if node.get("id") in lanes:
            return lanes[node.get("id", "")]
        node = node.getparent()
    return None
