"""Tells the compiled activities what has to be remembered of them, and who undoes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.activities import Activity
from bpmn.compensation import UNDO, CancelEnd, CompensationEnd, CompensationScope, CompensationThrow
from bpmn.compile_loops import TURN
from bpmn.undoing import THROWS, Reached, handler_of, undoing_subprocess

if TYPE_CHECKING:
    from bpmn.diagram import Diagram, Shape
    from bpmn.node import Node
    from bpmn.process import Process


def undoing_class(shape: Shape) -> type[Node] | None:
    """The class of an event that begins a compensation; None for all others."""
    kind = shape.trigger.kind if shape.trigger and shape.type in THROWS else None
    if kind == "cancel":
        return CancelEnd
    if kind == "compensate":
        return CompensationEnd if shape.type == "endEvent" else CompensationThrow
    return None


def fill_throw(node: CompensationThrow, shape: Shape) -> None:
    """The one activity it names, if any."""
    node.activity = shape.trigger.activity if shape.trigger else None


def tie_compensation(process: Process, diagram: Diagram) -> None:
    """Mark every activity that a throw can reach."""
    reached = Reached(diagram)
    for name in reached.names:
        handler, body = handler_of(diagram, name), process.nodes[name]
        if handler is None or name in reached.deep:
            _mark(process, diagram, body)
            _mark(process, diagram, process.nodes.get(name + TURN))
        if isinstance(body, Activity) and handler is not None:
            body.handler, body.is_remembered = handler.id, True
    for name in reached.turns - reached.names:
        _mark(process, diagram, process.nodes[name + TURN])


def _mark(process: Process, diagram: Diagram, node: Node | None) -> None:
    """An activity that holds others is undone through a node of its own, from inside."""
    if not (isinstance(node, Activity) and diagram.inside(node.shape.id)):
        return
    node.is_remembered = True
    undoing = undoing_subprocess(diagram, node.shape.id)
    if undoing is not None and node.name + TURN not in process.nodes:
        node.undone_by = undoing.id
    opened = CompensationScope(process.spec, node.shape, node.name + UNDO)
    opened.process = process
    process.nodes[opened.name] = opened
