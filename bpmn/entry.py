"""Where a process begins: its start events, what stands in for them, and how each is reached.

Besides start events BPMN knows three more beginnings (13.2, 10.6.6): an event-based gateway or a
receive task that creates the instance, and nodes that nothing leads to where no start event is
drawn. All are redrawn as start events here, so that the engine knows one kind of beginning only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bpmn.diagram import Diagram, Flow, Shape
from bpmn.model import StartPoint

CREATORS = frozenset({"eventBasedGateway", "receiveTask"})
"""What may create an instance by ``instantiate``."""
IMPLICIT = ":start"
"""What the id of a start event put in ends in."""


def open_starts(diagram: Diagram) -> Diagram:
    """The same process with every beginning drawn as a start event."""
    return _begin_where_nothing_flows_in(_begin_by_events(diagram))


def start_points(diagram: Diagram) -> tuple[StartPoint, ...]:
    """The ways to begin the process, in the order of the (normalised) file."""
    return tuple(_point(shape) for shape in starts_of(diagram, diagram.key))


def starts_of(diagram: Diagram, container: str) -> list[Shape]:
    """The start events that lie directly in a process or subprocess."""
    return [shape for shape in diagram.inside(container) if shape.type == "startEvent"]


def roots_of(diagram: Diagram, container: str) -> list[Shape]:
    """The nodes that get a token where no start event is drawn: those nothing leads to."""
    return [
        shape
        for shape in diagram.inside(container)
        if not (diagram.incoming(shape.id) or shape.attached_to or shape.by_event)
        and not _is_led_to_otherwise(shape)
    ]


def creators_of(diagram: Diagram) -> Iterator[Shape]:
    """The gateways and receive tasks that create an instance when their message comes."""
    for shape in diagram.inside(diagram.key):
        if shape.instantiates and shape.type in CREATORS:
            yield shape


def _is_led_to_otherwise(shape: Shape) -> bool:
    """Whether a link or a compensation leads here, or a trigger of its own."""
    links = any(trigger.kind == "link" for trigger in shape.triggers)
    return links or shape.type == "startEvent" or shape.for_compensation or shape.instantiates


def _point(shape: Shape) -> StartPoint:
    trigger = shape.trigger
    if trigger is None:
        return StartPoint(shape.drawn_id, "none")
    return StartPoint(
        shape.drawn_id, trigger.kind, name=trigger.message or trigger.signal,
        timer=trigger.timer, expression=trigger.expression or trigger.condition,
    )  # fmt: skip


def _begin_by_events(diagram: Diagram) -> Diagram:
    shapes, flows = dict(diagram.shapes), dict(diagram.flows)
    for shape in creators_of(diagram):
        if shape.type == "receiveTask":
            shapes[shape.id] = _as_start(shape, None)
            continue
        for flow in diagram.outgoing(shape.id):
            if flow.target in shapes:
                shapes[flow.target] = _as_start(shapes[flow.target], (shape, flow.id))
            del flows[flow.id]
        del shapes[shape.id]
    return replace(diagram, shapes=shapes, flows=flows)


def _as_start(shape: Shape, through: tuple[Shape, str] | None) -> Shape:
    return replace(shape, type="startEvent", through=through)


def _begin_where_nothing_flows_in(diagram: Diagram) -> Diagram:
    shapes, flows = dict(diagram.shapes), dict(diagram.flows)
    for container, line in _without_start(diagram):
        roots = roots_of(diagram, container)
        if roots:
            start = _implicit(container, line, roots[0])
            shapes[start.id] = start
            flows.update((flow.id, flow) for flow in _to_each(start, roots))
    return replace(diagram, shapes=shapes, flows=flows)


def _without_start(diagram: Diagram) -> Iterator[tuple[str, int]]:
    if not starts_of(diagram, diagram.key):
        yield diagram.key, diagram.line
    for shape in diagram.shapes.values():
        plain = shape.type in ("subProcess", "transaction") and not shape.by_event
        if plain and not starts_of(diagram, shape.id):
            yield shape.id, shape.line


def _implicit(container: str, line: int, first: Shape) -> Shape:
    """A start event that nobody sees; a fault at it is shown at the first node behind it."""
    return Shape(
        id=container + IMPLICIT, type="startEvent", line=line, container=container,
        origin=first.id, implicit=True,
    )  # fmt: skip


def _to_each(start: Shape, roots: Iterable[Shape]) -> Iterator[Flow]:
    for root in roots:
        yield Flow(
            id=f"{start.id}:{root.id}", source=start.id, target=root.id, line=start.line,
            drawn=False, container=start.container,
        )  # fmt: skip
