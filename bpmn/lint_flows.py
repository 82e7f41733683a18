"""Rules about sequence flows, gateways and how the pieces hang together."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.diagram import ACTIVITIES, EVENTS, GATEWAYS, Diagram, Flow, Shape
from bpmn.entry import roots_of
from bpmn.expressions import is_feel
from bpmn.findings import finding
from bpmn.model import Finding
from bpmn.normalise import link_targets, throws_link
from bpmn.undoing import waits_aside

Found = Iterator[Finding]

_HINTS = {
    "complexGateway": (
        "Draw an inclusive or exclusive gateway instead.",
        "به‌جای آن دروازهٔ فراگیر یا انحصاری بکشید.",
    ),
}
_OTHERWISE = ("Remove it or draw it with tasks and events.", "آن را بردارید یا با کار بکشید.")


def supported(diagram: Diagram) -> Found:
    """Only elements that the engine runs; nothing in them that it would ignore."""
    for shape in diagram.shapes.values():
        if shape.type not in ACTIVITIES | GATEWAYS | EVENTS:
            en, fa = _HINTS.get(shape.type, _OTHERWISE)
            yield finding("element.unsupported", shape.line, shape.id, diagram.filename,
                          type=shape.type, hint_en=en, hint_fa=fa)  # fmt: skip
        for name in shape.oddities:
            yield finding("element.attribute", shape.line, shape.id, diagram.filename, name=name)
        for name, line in shape.extension.unknown:
            yield finding("extension.unknown", line, shape.id, diagram.filename, name=name)


def flows_hold(diagram: Diagram) -> Found:
    """Each flow leads from a node to a node of the same level, the right way round."""
    for flow in diagram.flows.values():
        source, target = diagram.shapes.get(flow.source), diagram.shapes.get(flow.target)
        if source is None or target is None:
            continue  # The rules about the whole file know where the other end is.
        if source.container != target.container:
            yield finding("flow.crosses", flow.line, flow.id, diagram.filename)
        if target.type in ("startEvent", "boundaryEvent"):
            yield finding("flow.into-start", flow.line, flow.id, diagram.filename)
        if source.type == "endEvent":
            yield finding("flow.from-end", flow.line, flow.id, diagram.filename)


def conditions_fit(diagram: Diagram) -> Found:
    """Conditions stand where they are followed, and defaults where they are needed."""
    for shape in diagram.shapes.values():
        leaving = diagram.outgoing(shape.id)
        yield from _default(diagram, shape, leaving)
        for flow in leaving:
            yield from _condition(diagram, shape, flow, len(leaving))


def _default(diagram: Diagram, shape: Shape, leaving: list[Flow]) -> Found:
    decides = shape.type in ("exclusiveGateway", "inclusiveGateway")
    if shape.default and not (decides or shape.type in ACTIVITIES):
        yield finding("flow.default-here", shape.line, shape.id, diagram.filename)
    elif shape.default and shape.default not in {flow.id for flow in leaving}:
        yield finding("flow.default-wrong", shape.line, shape.id, diagram.filename,
                      flow=shape.default)  # fmt: skip
    elif shape.default and not decides and _goes_anyway(shape, leaving):
        yield finding("flow.default-never", shape.line, shape.id, diagram.filename,
                      flow=shape.default)  # fmt: skip
    if decides and not shape.default and any(flow.condition for flow in leaving):
        sure = any((flow.condition or "").replace(" ", "") == "=true" for flow in leaving)
        if not sure:
            yield finding("flow.no-default", shape.line, shape.id, diagram.filename, warning=True)


def _goes_anyway(shape: Shape, leaving: list[Flow]) -> bool:
    return any(flow.condition is None and flow.id != shape.default for flow in leaving)


def _condition(diagram: Diagram, shape: Shape, flow: Flow, leaving: int) -> Found:
    decides = shape.type in ("exclusiveGateway", "inclusiveGateway")
    if flow.condition is None:
        if decides and leaving > 1 and flow.id != shape.default:
            yield finding("flow.condition-missing", flow.line, shape.id, diagram.filename,
                          flow=flow.id)  # fmt: skip
    elif flow.id == shape.default:
        yield finding("flow.default-condition", flow.line, shape.id, diagram.filename,
                      flow=flow.id)  # fmt: skip
    elif not decides and shape.type not in ACTIVITIES:
        yield finding("flow.condition-ignored", flow.line, shape.id, diagram.filename,
                      flow=flow.id)  # fmt: skip
    elif not is_feel(flow.condition):
        yield finding("flow.condition-not-feel", flow.line, shape.id, diagram.filename,
                      flow=flow.id)  # fmt: skip


def event_gateways(diagram: Diagram) -> Found:
    """Behind an event-based gateway stand events, each for itself."""
    for shape in diagram.shapes.values():
        if shape.type != "eventBasedGateway":
            continue
        leaving = diagram.outgoing(shape.id)
        if len({flow.target for flow in leaving}) < max(2, len(leaving)):
            yield finding("gateway.event-few", shape.line, shape.id, diagram.filename)
        for flow in leaving:
            target = diagram.shapes.get(flow.target)
            rule = _cannot_race(diagram, target) if target is not None else None
            if rule:
                yield finding(rule, flow.line, shape.id, diagram.filename,
                              target=flow.target)  # fmt: skip
        if _mixes(diagram, leaving):
            yield finding("gateway.event-mixed", shape.line, shape.id, diagram.filename)


def _mixes(diagram: Diagram, leaving: list[Flow]) -> bool:
    """Message events and receive tasks exclude each other here (BPMN 2.0.2, 10.6.6)."""
    targets = [diagram.shapes[flow.target] for flow in leaving if flow.target in diagram.shapes]
    kinds = {(target.type, trigger.kind) for target in targets for trigger in target.triggers}
    return {("receiveTask", "message"), ("intermediateCatchEvent", "message")} <= kinds


_RACING = (["message"], ["timer"], ["signal"], ["conditional"])


def _cannot_race(diagram: Diagram, target: Shape) -> str | None:
    """The rule that says why an element cannot stand behind an event-based gateway."""
    if not _may_race(target):
        return "gateway.event-target"
    if len(diagram.incoming(target.id)) > 1:
        return "gateway.event-shared"
    rich = target.loop or target.extension.inputs or diagram.boundaries(target.id)
    return "gateway.event-rich" if rich else None


def _may_race(target: Shape) -> bool:
    """Of an event with no trigger, or with several, just that is told."""
    if target.type == "intermediateCatchEvent":
        kinds = [trigger.kind for trigger in target.triggers]
        return len(kinds) != 1 or kinds in _RACING
    return target.type == "receiveTask"


def containers(diagram: Diagram) -> Found:
    """Each subprocess begins in exactly one way."""
    for shape in diagram.shapes.values():
        if shape.by_event and shape.type != "subProcess":
            yield finding("subprocess.event-kind", shape.line, shape.id, diagram.filename)
        elif shape.type in ("subProcess", "transaction"):
            yield from (
                _event_subprocess(diagram, shape) if shape.by_event else _embedded(diagram, shape)
            )


def _embedded(diagram: Diagram, shape: Shape) -> Found:
    starts = [inner for inner in diagram.inside(shape.id) if inner.type == "startEvent"]
    if len(starts) > 1:
        yield finding("subprocess.start", shape.line, shape.id, diagram.filename)
    if not (starts or roots_of(diagram, shape.id)):
        yield finding("subprocess.no-start", shape.line, shape.id, diagram.filename)
    for start in starts:
        if start.triggers:
            yield finding("subprocess.trigger", start.line, start.id, diagram.filename)


def _event_subprocess(diagram: Diagram, shape: Shape) -> Found:
    starts = [inner for inner in diagram.inside(shape.id) if inner.type == "startEvent"]
    if len(starts) != 1 or not starts[0].triggers:
        yield finding("subprocess.event-start", shape.line, shape.id, diagram.filename)
    mapped = shape.extension.inputs or shape.extension.outputs
    tied = diagram.incoming(shape.id) or diagram.outgoing(shape.id) or diagram.boundaries(shape.id)
    if mapped or tied or shape.loop:
        yield finding("subprocess.event-flows", shape.line, shape.id, diagram.filename)


def all_connected(diagram: Diagram) -> Found:
    """Every node can be reached; where an end is drawn, every node but an end leads on.

    Links are flows here. Without an end event a path ends where no flow leads on (BPMN 10.5.3).
    """
    unreached = _first_unreached(diagram)
    for shape in unreached:
        rule = "flow.unreached" if diagram.incoming(shape.id) else "flow.none-in"
        yield finding(rule, shape.line, shape.drawn_id, diagram.filename)
    told = {shape.id for shape in unreached if not diagram.incoming(shape.id)}
    ended = {shape.container for shape in diagram.shapes.values() if shape.type == "endEvent"}
    for shape in diagram.shapes.values():
        ends = shape.type == "endEvent" or shape.by_event or waits_aside(diagram, shape)
        if diagram.outgoing(shape.id) or ends or shape.id in told or _undoes(diagram, shape):
            continue
        if shape.container in ended:
            yield finding("flow.none-out", shape.line, shape.drawn_id, diagram.filename)


def _undoes(diagram: Diagram, shape: Shape) -> bool:
    """Whether only compensation leads here by a flow, which is told of the event."""
    before = [diagram.shapes.get(flow.source) for flow in diagram.incoming(shape.id)]
    return bool(before) and all(
        one is not None and one.attached_to and one.trigger and one.trigger.kind == "compensate"
        for one in before
    )


def _first_unreached(diagram: Diagram) -> list[Shape]:
    """The nodes that nothing leads to; what follows them is not told again.

    A flow from a missing node is told as such, so its target counts as reached here. Of a ring
    that nothing leads into, the first node is told. Nothing is told of a level that has no
    beginning at all, nor behind a boundary event without activity: that is told by itself.
    """
    shapes = diagram.shapes.values()
    begun = [s.id for s in shapes if s.type == "startEvent" or s.by_event or s.for_compensation]
    begun += [r.id for s in shapes if s.ad_hoc for r in roots_of(diagram, s.id)]
    begun += [f.target for f in diagram.flows.values() if f.source not in diagram.shapes]
    begun += [s.id for s in shapes if s.attached_to and s.attached_to not in diagram.shapes]
    begun += [s.id for s in shapes if s.type == "boundaryEvent" and not s.attached_to]
    bare = _without_beginning(diagram)
    begun += [s.id for s in shapes if s.container in bare]
    reached, told = _reach(diagram, begun), []
    alone = [shape for shape in shapes if not diagram.incoming(shape.id) and not shape.attached_to]
    for shape in (*alone, *shapes):
        if shape.id not in reached:
            told.append(shape)
            reached |= _reach(diagram, [shape.id])
    return told


def _without_beginning(diagram: Diagram) -> set[str]:
    """The levels that hold something, but no beginning."""
    held = {s.container for s in diagram.shapes.values()}
    begun = {s.container for s in diagram.shapes.values() if s.type == "startEvent"}
    odd = {s.id for s in diagram.shapes.values() if s.ad_hoc or s.by_event}
    return held - begun - odd


def _reach(diagram: Diagram, begun: list[str]) -> set[str]:
    pending, reached = list(begun), set[str]()
    while pending:
        node = pending.pop()
        if node not in reached:
            reached.add(node)
            pending.extend(flow.target for flow in diagram.outgoing(node))
            pending.extend(event.id for event in diagram.boundaries(node))
    return reached


def links_meet(diagram: Diagram) -> Found:
    """A thrown link has a name and exactly one catching link of that name on its level."""
    for shape in diagram.shapes.values():
        if _has_flow_beside_link(diagram, shape):
            yield finding("event.link-flows", shape.line, shape.id, diagram.filename)
        if not throws_link(shape):
            continue
        name = shape.trigger.link if shape.trigger else None
        if not name:
            yield finding("event.link-name", shape.line, shape.id, diagram.filename)
        elif len(link_targets(diagram, shape)) != 1:
            yield finding("event.link-target", shape.line, shape.id, diagram.filename, name=name)


def _has_flow_beside_link(diagram: Diagram, shape: Shape) -> bool:
    if shape.trigger is None or shape.trigger.kind != "link":
        return False
    throws = shape.type == "intermediateThrowEvent"
    return bool(diagram.outgoing(shape.id) if throws else diagram.incoming(shape.id))


ON_DRAWN = (supported, flows_hold, conditions_fit, event_gateways, containers, links_meet)
ON_NORMALISED = (all_connected,)
