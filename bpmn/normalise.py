"""Rewrites what the engine lacks into what it has, without changing what the diagram means.

Links become flows. A condition on a flow that leaves a task becomes a gateway behind the
task. Every beginning becomes a start event. A node put in here remembers the drawn node it
stands for, and a flow put in is never shown as taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bpmn.diagram import ACTIVITIES, Diagram, Flow, Shape
from bpmn.entry import open_starts


def normalise(diagram: Diagram) -> Diagram:
    """The same process with links and conditional flows out of tasks redrawn."""
    return open_starts(_split_conditional_tasks(_join_links(diagram)))


def link_targets(diagram: Diagram, shape: Shape) -> list[Shape]:
    """The catching link events that a throwing one may lead to: the same name and level."""
    return [
        other
        for other in diagram.inside(shape.container)
        if other.type == "intermediateCatchEvent" and _link(other) == _link(shape)
    ]


def throws_link(shape: Shape) -> bool:
    """Whether the token leaves the drawing here and goes on at the link of the same name."""
    return shape.type == "intermediateThrowEvent" and _link(shape) is not None


def _link(shape: Shape) -> str | None:
    trigger = shape.trigger
    return (trigger.link or "") if trigger is not None and trigger.kind == "link" else None


def _join_links(diagram: Diagram) -> Diagram:
    flows = dict(diagram.flows)
    for shape in diagram.shapes.values():
        targets = link_targets(diagram, shape) if throws_link(shape) else []
        if len(targets) == 1 and _link(shape):
            flow = _invent(shape.id, targets[0].id, shape)
            flows[flow.id] = flow
    return replace(diagram, flows=flows)


def _split_conditional_tasks(diagram: Diagram) -> Diagram:
    shapes, flows = dict(diagram.shapes), dict(diagram.flows)
    for shape in _choosing(diagram):
        gateway = _gateway_behind(diagram, shape)
        shapes[gateway.id] = gateway
        shapes[shape.id] = replace(shape, default=None)
        for flow in diagram.outgoing(shape.id):
            flows[flow.id] = replace(flow, source=gateway.id)
        link = _invent(shape.id, gateway.id, shape)
        flows[link.id] = link
    return replace(diagram, shapes=shapes, flows=flows)


def _choosing(diagram: Diagram) -> Iterator[Shape]:
    for shape in diagram.shapes.values():
        leaving = diagram.outgoing(shape.id)
        conditional = any(flow.condition is not None for flow in leaving)
        if shape.type in ACTIVITIES and (conditional or shape.default) and leaving:
            yield shape


def _gateway_behind(diagram: Diagram, shape: Shape) -> Shape:
    """A condition on a task's flow lets each flow that holds be taken, as an inclusive gateway.

    A flow without condition that is not the default is always taken (BPMN 2.0, 8.4.13), which
    the gateway follows too.
    """
    return Shape(
        id=f"{shape.id}:choice", type="inclusiveGateway", line=shape.line,
        container=shape.container, name=shape.name, default=shape.default, origin=shape.id,
        lane=shape.lane,
    )  # fmt: skip


def _invent(source: str, target: str, shape: Shape) -> Flow:
    return Flow(
        id=f"{source}:{target}", source=source, target=target, line=shape.line, drawn=False,
        container=shape.container,
    )  # fmt: skip
