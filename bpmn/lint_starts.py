"""Rules about beginnings: how the process starts is said once and plainly."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.diagram import Diagram, Shape
from bpmn.entry import CREATORS, creators_of, roots_of, starts_of
from bpmn.findings import finding
from bpmn.model import Finding

Found = Iterator[Finding]
_OWN = frozenset({"timer", "conditional"})
"""Triggers of which each start event has its own."""


def process_begins(diagram: Diagram) -> Found:
    """There is a beginning, and no two that nothing tells apart."""
    starts = [*starts_of(diagram, diagram.key), *_created(diagram)]
    if not (starts or roots_of(diagram, diagram.key)):
        yield finding("process.no-start", diagram.line, diagram.key, diagram.filename)
    begun_by = [_begun_by(shape) for shape in starts]
    for shape, by in zip(starts, begun_by, strict=True):
        if by[0] not in _OWN and begun_by.count(by) > 1:
            yield finding("process.several-starts", shape.line, shape.id, diagram.filename)


def _begun_by(shape: Shape) -> tuple[str, str | None]:
    trigger = shape.trigger
    return ("none", None) if trigger is None else (trigger.kind, trigger.message or trigger.signal)


def _created(diagram: Diagram) -> Iterator[Shape]:
    """The events and tasks whose message creates an instance."""
    for shape in creators_of(diagram):
        if shape.type == "receiveTask":
            yield shape
            continue
        for flow in diagram.outgoing(shape.id):
            if flow.target in diagram.shapes:
                yield diagram.shapes[flow.target]


def creators_fit(diagram: Diagram) -> Found:
    """What creates the instance stands at its very beginning and waits for messages only."""
    for shape in diagram.shapes.values():
        if shape.type in CREATORS and shape.instantiates:
            yield from _creator(diagram, shape)
        if shape.type == "eventBasedGateway" and shape.parallel:
            yield finding("gateway.event-parallel", shape.line, shape.id, diagram.filename)


def _creator(diagram: Diagram, shape: Shape) -> Found:
    if shape.container != diagram.key or diagram.incoming(shape.id):
        yield finding("start.creator", shape.line, shape.id, diagram.filename)
    targets = [shape] if shape.type == "receiveTask" else _targets(diagram, shape)
    for target in targets:
        if [trigger.kind for trigger in target.triggers] != ["message"] or _is_rich(
            diagram, target
        ):
            yield finding("start.creator-message", target.line, target.id, diagram.filename)


def _targets(diagram: Diagram, shape: Shape) -> list[Shape]:
    found = (diagram.shapes.get(flow.target) for flow in diagram.outgoing(shape.id))
    return [target for target in found if target is not None]


def _is_rich(diagram: Diagram, shape: Shape) -> bool:
    """Whether it carries what only a task that waits can have."""
    return bool(shape.loop or shape.extension.inputs or diagram.boundaries(shape.id))


def creates(diagram: Diagram, shape: Shape) -> bool:
    """Whether the message that this node waits for starts the process."""
    if shape.container != diagram.key:
        return False
    if shape.type == "startEvent" or (shape.type == "receiveTask" and shape.instantiates):
        return True
    before = (diagram.shapes.get(flow.source) for flow in diagram.incoming(shape.id))
    return any(one is not None and one.instantiates for one in before)


RULES = (process_begins, creators_fit)
