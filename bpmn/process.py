"""Turns a diagram that passed the lint into the specs that the engine runs.

The specs are made once per definition and never changed afterwards, so any number of
instances in any number of threads share them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from bpmn.activities import Activity, SubProcess
from bpmn.adhoc import AdHocSubProcess
from bpmn.compile_compensation import tie_compensation
from bpmn.compile_loops import TURN, make_body, tell_turn
from bpmn.compile_nodes import class_of, fill
from bpmn.diagram import Diagram, Shape
from bpmn.entry import roots_of, start_points, starts_of
from bpmn.events import (
    BoundaryEvent,
    EventGateway,
    StartEvent,
)
from bpmn.expressions import expression
from bpmn.gateways import ExclusiveGateway, InclusiveGateway, ParallelGateway
from bpmn.node import Node, Way
from bpmn.reach import Reach
from bpmn.undoing import is_undoing, undoes_across


class Process:
    """One compiled process: the library's spec and the nodes by id."""

    def __init__(self, diagram: Diagram, sha256: str = "") -> None:
        self.key, self.sha256 = diagram.key, sha256
        self.spec = WorkflowSpec(diagram.key)
        self.drawn = frozenset(_drawn_flows(diagram))
        self.reach = Reach(diagram)
        self.nodes: dict[str, Node] = {}
        for shape in diagram.shapes.values():
            _add(self, diagram, shape)
        for shape in diagram.shapes.values():
            _connect(self, diagram, shape)
        self.spec.start = _Root(self.spec, Shape("#root", "root", diagram.line, diagram.key))
        self.spec.start.process = self
        self.undoes_across = undoes_across(diagram)
        tie_compensation(self, diagram)
        self.starts = start_points(diagram)
        self.entries = {shape.drawn_id: shape.id for shape in starts_of(diagram, diagram.key)}
        self.guards = _guards(self, diagram, diagram.key)

    def start_node(
        self, message: str | None = None, signal: str | None = None, at: str | None = None
    ) -> Node | None:
        """The start event of that message, signal or id, else the plain one."""
        kind = "message" if message else "signal" if signal else "none"
        for point in self.starts:
            by_name = point.kind == kind and point.name == (message or signal)
            if point.element == at or (at is None and by_name):
                return self.nodes[self.entries[point.element]]
        return None


def _drawn_flows(diagram: Diagram) -> Iterator[str]:
    """The flows that a person sees, also those that lead from an instantiating gateway."""
    yield from (flow.id for flow in diagram.flows.values() if flow.drawn)
    yield from (shape.through[1] for shape in diagram.shapes.values() if shape.through)


class _Root(Node):
    """The one finished task from which all live tokens hang."""


def _add(process: Process, diagram: Diagram, shape: Shape) -> None:
    if shape.loop is None:
        process.nodes[shape.id] = _make(process, shape, shape.id)
        return
    turn = _make(process, shape, shape.id + TURN)
    body = make_body(process, shape, shape.loop)
    if isinstance(turn, Activity):
        tell_turn(turn, shape.loop)
    process.nodes[turn.name], process.nodes[shape.id] = turn, body


def _make(process: Process, shape: Shape, name: str) -> Node:
    node = class_of(shape)(process.spec, shape, name)
    node.process = process
    zeebe = shape.extension
    node.inputs_map = [(m.target, expression(m.source)) for m in zeebe.inputs]
    node.outputs_map = [(m.target, expression(m.source)) for m in zeebe.outputs]
    if isinstance(node, Activity):
        node.boundaries = []
    fill(node, shape)
    return node


def _connect(process: Process, diagram: Diagram, shape: Shape) -> None:
    """Give a node its flows, its boundary events and what its kind needs of its neighbours."""
    node = process.nodes[shape.id]
    node.ways = [
        Way(flow, expression(flow.condition) if flow.condition else None)
        for flow in diagram.outgoing(shape.id)
    ]
    node.incoming = tuple(flow.id for flow in diagram.incoming(shape.id))
    if isinstance(node, ExclusiveGateway | InclusiveGateway):
        node.default = shape.default
    if isinstance(node, InclusiveGateway | ParallelGateway):
        node.reach = process.reach.of(shape.id)
    if isinstance(node, EventGateway):
        node.races = [(way.target, way.id) for way in node.ways]
        node.ways = []
    if isinstance(node, Activity):
        events = (process.nodes[event.id] for event in diagram.boundaries(shape.id))
        node.boundaries = [event for event in events if isinstance(event, BoundaryEvent)]
        node.has_listeners = bool(node.boundaries)
    _fill_inside(process, diagram, shape)


def _fill_inside(process: Process, diagram: Diagram, shape: Shape) -> None:
    node = process.nodes.get(shape.id + TURN, process.nodes[shape.id])
    if isinstance(node, AdHocSubProcess):
        node.choices = tuple(root.id for root in roots_of(diagram, shape.id))
    elif isinstance(node, SubProcess):
        node.starts = starts_of(diagram, shape.id)[0].id
    if isinstance(node, SubProcess):
        node.guards = _guards(process, diagram, shape.id)


def _guards(process: Process, diagram: Diagram, container: str) -> list[StartEvent]:
    """The start events of the event subprocesses that lie directly in a scope."""
    held = (s for s in diagram.inside(container) if s.by_event)
    inside = [s for s in held if not is_undoing(diagram, s)]
    starts = [start for s in inside for start in starts_of(diagram, s.id)]
    nodes: Iterable[Node] = (process.nodes[start.id] for start in starts)
    return [node for node in nodes if isinstance(node, StartEvent)]
