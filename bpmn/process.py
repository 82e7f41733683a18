"""Turns a diagram that passed the lint into the specs that the engine runs.

The specs are made once per definition and never changed afterwards, so any number of
instances in any number of threads share them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from bpmn.activities import (
    Activity,
    BusinessRuleTask,
    EventSubProcess,
    JobTask,
    ManualTask,
    ReceiveTask,
    ScriptTask,
    SubProcess,
    UserTask,
)
from bpmn.adhoc import AdHocSubProcess
from bpmn.calls import CallActivity
from bpmn.compensation import CompensationEnd, CompensationThrow
from bpmn.compile_compensation import fill_throw, tie_compensation, undoing_class
from bpmn.compile_loops import TURN, make_body, tell_turn
from bpmn.diagram import AdHoc, Calling, Diagram, Shape, Trigger
from bpmn.entry import roots_of, start_points, starts_of
from bpmn.events import (
    BoundaryEvent,
    CatchEvent,
    EndEvent,
    ErrorEndEvent,
    EventGateway,
    ImplicitStart,
    StartEvent,
    TerminateEndEvent,
    ThrowEvent,
)
from bpmn.expressions import Expression, expression
from bpmn.gateways import ExclusiveGateway, InclusiveGateway, ParallelGateway
from bpmn.listeners import Wait
from bpmn.node import Node, Way
from bpmn.reach import Reach
from bpmn.throwing import ThrowEscalation, ThrowingEvent, ThrowSignal
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
    node = _class_of(shape)(process.spec, shape, name)
    node.process = process
    zeebe = shape.extension
    node.inputs_map = [(m.target, expression(m.source)) for m in zeebe.inputs]
    node.outputs_map = [(m.target, expression(m.source)) for m in zeebe.outputs]
    if isinstance(node, Activity):
        node.boundaries = []
    _FILL.get(type(node), _fill_nothing)(node, shape)
    return node


def _class_of(shape: Shape) -> type[Node]:
    kind = shape.trigger.kind if shape.trigger else None
    undoes = undoing_class(shape)
    if undoes is not None:
        return undoes
    if shape.type == "subProcess" and shape.by_event:
        return EventSubProcess
    if shape.implicit:
        return ImplicitStart
    if shape.type == "endEvent" and kind in ("terminate", "error"):
        return TerminateEndEvent if kind == "terminate" else ErrorEndEvent
    if shape.type in ("endEvent", "intermediateThrowEvent") and (kind or "") in _THROWS:
        return _THROWS[kind or ""]
    return _CLASSES[shape.type]


_THROWS: Mapping[str, type[Node]] = {
    "message": JobTask,
    "signal": ThrowSignal,
    "escalation": ThrowEscalation,
}
_CLASSES: Mapping[str, type[Node]] = {
    "startEvent": StartEvent,
    "endEvent": EndEvent,
    "intermediateCatchEvent": CatchEvent,
    "intermediateThrowEvent": ThrowEvent,
    "boundaryEvent": BoundaryEvent,
    "userTask": UserTask,
    "serviceTask": JobTask,
    "sendTask": JobTask,
    "scriptTask": ScriptTask,
    "businessRuleTask": BusinessRuleTask,
    "receiveTask": ReceiveTask,
    "manualTask": ManualTask,
    "task": ManualTask,
    "subProcess": SubProcess,
    "transaction": SubProcess,
    "adHocSubProcess": AdHocSubProcess,
    "callActivity": CallActivity,
    "exclusiveGateway": ExclusiveGateway,
    "parallelGateway": ParallelGateway,
    "inclusiveGateway": InclusiveGateway,
    "eventBasedGateway": EventGateway,
}


def _fill_nothing(node: Node, shape: Shape) -> None:
    """Most nodes need no more than their mappings and flows."""


def _fill_user_task(node: UserTask, shape: Shape) -> None:
    zeebe = shape.extension
    said = {
        "assignee": zeebe.assignee, "groups": zeebe.groups, "users": zeebe.users,
        "due": zeebe.due, "priority": zeebe.priority,
        "excludes": zeebe.properties.get("excludes"),
    }  # fmt: skip
    node.people = {name: expression(text) for name, text in said.items() if text}
    node.lane_group = shape.lane


def _fill_job(node: JobTask, shape: Shape) -> None:
    zeebe = shape.extension
    node.job_type = expression(zeebe.job_type or "")
    node.retries = expression(zeebe.retries) if zeebe.retries else None
    node.headers = zeebe.headers


def _fill_script(node: ScriptTask, shape: Shape) -> None:
    node.script = expression(shape.extension.script or "")
    node.result_name = shape.extension.result or ""


def _fill_decision(node: BusinessRuleTask, shape: Shape) -> None:
    node.decision = expression(shape.extension.decision or "")
    node.result_name = shape.extension.result or ""


def _fill_call(node: CallActivity, shape: Shape) -> None:
    node.calling = shape.extension.called or Calling("")
    node.process_id = expression(node.calling.process)


def _fill_ad_hoc(node: AdHocSubProcess, shape: Shape) -> None:
    said = shape.ad_hoc or AdHoc()
    node.elements = expression(said.elements) if said.elements else None
    node.condition = expression(said.condition) if said.condition else None
    node.cancels = said.cancels


def _fill_waiting(node: CatchEvent | ReceiveTask, shape: Shape) -> None:
    node.wait = _wait(shape)


def _fill_boundary(node: BoundaryEvent, shape: Shape) -> None:
    node.wait, node.interrupting = _wait(shape), shape.interrupting
    node.code = _code(shape)


def _fill_start(node: StartEvent, shape: Shape) -> None:
    node.wait, node.interrupting, node.inside = _wait(shape), shape.interrupting, shape.container
    node.code = _code(shape)
    if shape.through is not None:
        gateway, flow = shape.through
        node.through = (_passed(node.process, gateway), flow)


def _passed(process: Process, shape: Shape) -> Node:
    """The instantiating gateway, where no token ever stands."""
    if shape.id not in process.nodes:
        process.nodes[shape.id] = Node(process.spec, shape)
        process.nodes[shape.id].process = process
    return process.nodes[shape.id]


def _code(shape: Shape) -> str | None:
    trigger = shape.trigger
    return None if trigger is None else trigger.error_code or trigger.escalation_code


def _fill_throwing(node: ThrowingEvent, shape: Shape) -> None:
    trigger = shape.trigger or Trigger("none")
    node.named = expression(trigger.signal or trigger.escalation_code or "")


def _fill_error_end(node: ErrorEndEvent, shape: Shape) -> None:
    node.code = (shape.trigger.error_code if shape.trigger else None) or ""


_FILL: Mapping[type[Node], Callable[..., None]] = {
    UserTask: _fill_user_task,
    JobTask: _fill_job,
    ScriptTask: _fill_script,
    BusinessRuleTask: _fill_decision,
    CallActivity: _fill_call,
    ReceiveTask: _fill_waiting,
    CatchEvent: _fill_waiting,
    BoundaryEvent: _fill_boundary,
    StartEvent: _fill_start,
    ImplicitStart: _fill_start,
    ErrorEndEvent: _fill_error_end,
    ThrowSignal: _fill_throwing,
    ThrowEscalation: _fill_throwing,
    AdHocSubProcess: _fill_ad_hoc,
    CompensationThrow: fill_throw,
    CompensationEnd: fill_throw,
}


def _wait(shape: Shape) -> Wait:
    trigger = shape.trigger or Trigger("none")
    said = {"timer": trigger.expression, "message": trigger.message,
            "correlation": trigger.correlation, "signal": trigger.signal,
            "condition": trigger.condition}  # fmt: skip
    expressions: dict[str, Expression] = {k: expression(t) for k, t in said.items() if t}
    return Wait(trigger, expressions)


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
