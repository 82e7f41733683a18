"""From a process of a ``.bpmn`` file to a ``Diagram``: what it says, before anything is judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from bpmn import xml
from bpmn.diagram import Calling, Diagram, Extension, Flow, Shape, Trigger
from bpmn.document import BOOLEANS, BPMN, ID, Document, steps
from bpmn.document import said as _said
from bpmn.errors import Refused
from bpmn.extensions import ZEEBE, read_extension, read_version_tag
from bpmn.naming import names_of
from bpmn.reading_adhoc import read_ad_hoc
from bpmn.reading_data import DataItems, Flowing
from bpmn.reading_loops import read_loop

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
MAX_NODES = 2_000

_ODD_CHILDREN = frozenset({"script"})
_FOLLOWED = frozenset(
    {
        "cancelActivity", "isInterrupting", "triggeredByEvent", "instantiate", "isForCompensation",
    }
)  # fmt: skip
_NOT_FOLLOWED = frozenset({"parallelMultiple"})
_SWITCHES = _FOLLOWED | _NOT_FOLLOWED
_ONLY_ON = {
    "attachedToRef": ("boundaryEvent",),
    "cancelActivity": ("boundaryEvent",),
    "isInterrupting": ("startEvent",),
    "triggeredByEvent": ("subProcess", "SubProcess", "transaction"),
    "isForCompensation": ("ask", "Process", "transaction", "callActivity"),
    "instantiate": ("receiveTask", "eventBasedGateway"),
}
"""Ends of the kinds of elements on which an attribute has a meaning; elsewhere it is odd."""
_QUANTITIES = frozenset({"startQuantity", "completionQuantity"})


class _Names:
    """What the file declares: messages, errors, signals, escalations, and what holds data."""

    def __init__(self, root: etree._Element) -> None:
        self.data = DataItems(root)
        self.messages = {
            node.get("id"): (node.get("name"), _correlation(node))
            for node in root.findall(f"{{{BPMN}}}message")
        }
        self.errors = {
            node.get("id"): node.get("errorCode") for node in root.findall(f"{{{BPMN}}}error")
        }
        self.signals = {n.get("id"): n.get("name") for n in root.findall(f"{{{BPMN}}}signal")}
        self.escalations = {
            node.get("id"): node.get("escalationCode")
            for node in root.findall(f"{{{BPMN}}}escalation")
        }


def read_diagram(document: Document, process: etree._Element) -> Diagram:
    """One process of the file; raises ``Refused`` when it has too many elements to be read."""
    names, lanes = _Names(document.root), _lanes(process)
    held = list(steps(process))
    if len(held) > MAX_NODES:
        raise Refused([*document.found, document.find("file.too-many", process, limit=MAX_NODES)])
    shapes = [_shape(document, node, holder, names, lanes) for node, holder in held]
    flows = [_flow(document, node) for node in process.iter(f"{{{BPMN}}}sequenceFlow")]
    return Diagram(
        key=document.name_of(process), line=xml.line(process), name=process.get("name", ""),
        properties=read_extension(process).properties,
        shapes={shape.id: shape for shape in shapes}, flows={flow.id: flow for flow in flows},
        associations=tuple(_associations(document.root)),
        filename=document.filename, version_tag=read_version_tag(process),
    )  # fmt: skip


def _flow(document: Document, node: etree._Element) -> Flow:
    condition = node.find(f"{{{BPMN}}}conditionExpression")
    return Flow(
        id=document.name_of(node),
        source=node.get("sourceRef", ""), target=node.get("targetRef", ""),
        condition=None if condition is None else (condition.text or "").strip(),
        line=xml.line(node), container=_holder(document, node),
        names=names_of(node.get("name", ""), read_extension(node).properties, ""),
    )  # fmt: skip


def _associations(root: etree._Element) -> Iterator[tuple[str, str]]:
    for node in root.iter(f"{{{BPMN}}}association"):
        yield node.get("sourceRef", ""), node.get("targetRef", "")


def _holder(document: Document, node: etree._Element) -> str:
    parent = node.getparent()
    return "" if parent is None else document.name_of(parent)


def _shape(
    document: Document,
    node: etree._Element,
    holder: etree._Element,
    names: _Names,
    lanes: dict[str, str],
) -> Shape:
    data = names.data.flowing(node)
    return Shape(
        id=document.name_of(node), type=xml.local(node), line=xml.line(node),
        container=document.name_of(holder),
        name=node.get("name", ""), triggers=_triggers(node, names),
        extension=_with_called(node, _with_data(read_extension(node), data)),
        lane=_lane(node, lanes),
        data_problems=tuple(data.problems),
        attached_to=_host(node), interrupting=_interrupts(node),
        for_compensation=_said(node, "isForCompensation"),
        by_event=_belongs(node, "triggeredByEvent") and _said(node, "triggeredByEvent"),
        default=node.get("default"),
        instantiates=_said(node, "instantiate"),
        parallel=node.get("eventGatewayType", "Exclusive") == "Parallel",
        loop=read_loop(node), ad_hoc=read_ad_hoc(node), oddities=tuple(_oddities(node)),
    )  # fmt: skip


def _host(node: etree._Element) -> str | None:
    return node.get("attachedToRef") if xml.local(node) == "boundaryEvent" else None


def _interrupts(node: etree._Element) -> bool:
    return all(_said(node, name, default=True) for name in ("cancelActivity", "isInterrupting"))


def _with_data(extension: Extension, data: Flowing) -> Extension:
    """Data associations that copy a value count as mappings before those that are written."""
    if not (data.inputs or data.outputs):
        return extension
    return replace(
        extension, inputs=(*data.inputs, *extension.inputs),
        outputs=(*data.outputs, *extension.outputs),
    )  # fmt: skip


def _with_called(node: etree._Element, extension: Extension) -> Extension:
    """The standard's ``calledElement`` counts where zeebe names no process (10.3.6)."""
    named = node.get("calledElement", "").strip()
    if xml.local(node) != "callActivity" or not named:
        return extension
    plain = named if ID.fullmatch(named) else ""
    called = extension.called or Calling(process=plain, line=xml.line(node))
    process = called.process or plain
    return replace(extension, called=replace(called, process=process, element=named))


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
        declared = not reference or reference in names.errors
        return Trigger("error", xml.line(node), reference=reference, error_code=code,
                       declared=declared)  # fmt: skip
    if kind == "compensate":
        waits = _said(node, "waitForCompletion", default=True)
        return Trigger(kind, xml.line(node), activity=node.get("activityRef"), waits=waits)
    if kind in _DECLARED:
        return _DECLARED[kind](node, names)
    return Trigger(kind, xml.line(node), link=node.get("name"))


def _signal(node: etree._Element, names: _Names) -> Trigger:
    reference = node.get("signalRef")
    return Trigger(
        "signal", xml.line(node), reference=reference, signal=names.signals.get(reference)
    )


def _escalation(node: etree._Element, names: _Names) -> Trigger:
    reference = node.get("escalationRef")
    code = names.escalations.get(reference) if reference else None
    return Trigger("escalation", xml.line(node), reference=reference, escalation_code=code)


def _conditional(node: etree._Element, names: _Names) -> Trigger:
    condition = node.find(f"{{{BPMN}}}condition")
    text = None if condition is None else (condition.text or "").strip()
    filtered = node.find(f".//{{{ZEEBE}}}conditionalFilter") is not None
    return Trigger("conditional", xml.line(node), condition=text or None, filtered=filtered)


_DECLARED = {"signal": _signal, "escalation": _escalation, "conditional": _conditional}


def _message(node: etree._Element, names: _Names) -> Trigger:
    reference = node.get("messageRef")
    name, correlation = names.messages.get(reference, (None, None))
    return Trigger(
        "message", xml.line(node), message=name, correlation=correlation, reference=reference
    )


def _correlation(message: etree._Element) -> str | None:
    subscription = message.find(f".//{{{ZEEBE}}}subscription")
    return None if subscription is None else subscription.get("correlationKey")


_TIMERS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
_ORDER = tuple(_TIMERS)


def _timer(node: etree._Element) -> Trigger:
    said = [(xml.local(child), (child.text or "").strip()) for child in node
            if xml.namespace(child) == BPMN and xml.local(child) in _TIMERS]  # fmt: skip
    if not said:
        return Trigger("timer", xml.line(node))
    (first, text), *more = sorted(said, key=lambda one: _ORDER.index(one[0]))
    also = tuple(name for name, _ in more)
    return Trigger("timer", xml.line(node), timer=_TIMERS[first], expression=text, also=also)


def _attributes(node: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in node.attrib.items()}


def _oddities(node: etree._Element) -> Iterator[str]:
    yield from _odd_attributes(node)
    for child in node:
        if xml.namespace(child) == BPMN and xml.local(child) in _ODD_CHILDREN:
            yield xml.local(child)


def _belongs(node: etree._Element, name: str) -> bool:
    """Whether the standard knows the attribute on an element of this kind."""
    return xml.local(node).endswith(_ONLY_ON[name])


def _odd_attributes(node: etree._Element) -> Iterator[str]:
    for name, value in _attributes(node).items():
        text = value.strip()
        unread = name in _SWITCHES and text not in BOOLEANS
        unwanted = name in _NOT_FOLLOWED and BOOLEANS.get(text, False)
        if unread or unwanted or (name in _QUANTITIES and text != "1"):
            yield name
        if name in _ONLY_ON and not _belongs(node, name):
            yield name
        if name == "method" and text.strip("#").lower() != "compensate":
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
    while lanes and node is not None and xml.local(node) != "process":
        if node.get("id") in lanes:
            return lanes[node.get("id", "")]
        node = node.getparent()
    return None
