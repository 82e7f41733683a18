"""Which class a drawn element becomes, and what of its drawing the node keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bpmn.activities import EventSubProcess, SubProcess
from bpmn.adhoc import AdHocSubProcess
from bpmn.calls import CallActivity
from bpmn.compensation import CompensationEnd, CompensationThrow
from bpmn.compile_compensation import fill_throw, undoing_class
from bpmn.diagram import AdHoc, Calling, Shape, Trigger
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
from bpmn.node import Node
from bpmn.tasks import BusinessRuleTask, JobTask, ManualTask, ReceiveTask, ScriptTask, UserTask
from bpmn.throwing import ThrowEscalation, ThrowingEvent, ThrowSignal

if TYPE_CHECKING:
    from bpmn.process import Process


def class_of(shape: Shape) -> type[Node]:
    """The class of the node that an element becomes."""
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


def fill(node: Node, shape: Shape) -> None:
    """Give a node what its kind needs beside its mappings and flows, as most need nothing."""
    how = _FILL.get(type(node))
    if how is not None:
        how(node, shape)


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
