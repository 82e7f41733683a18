"""Rules about events: what may trigger which, and that it is said completely."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.diagram import ACTIVITIES, EVENTS, Diagram, Shape, Trigger
from bpmn.expressions import is_feel
from bpmn.findings import finding
from bpmn.lint_escalations import is_caught
from bpmn.lint_starts import creates
from bpmn.lint_triggers import hint_for
from bpmn.model import Finding
from bpmn.timing import NotATime, read_cycle, read_duration, read_instant

Found = Iterator[Finding]

_ALLOWED = {
    "intermediateCatchEvent": {"message", "timer", "link", "signal", "conditional"},
    "intermediateThrowEvent": {"message", "link", "signal", "escalation", "compensate"},
    "endEvent": {
        "message",
        "terminate",
        "error",
        "signal",
        "escalation",
        "compensate",
        "cancel",
    },
    "boundaryEvent": {
        "message",
        "timer",
        "error",
        "signal",
        "escalation",
        "conditional",
        "compensate",
        "cancel",
    },
    "receiveTask": {"message"},
}
_STARTS = {"message", "timer", "signal", "conditional"}
"""What may begin a process."""
_NEEDS_TRIGGER = {"intermediateCatchEvent": False, "boundaryEvent": True}
_KINDS_FA = {"date": "لحظهٔ", "duration": "مدت", "cycle": "دورهٔ"}
_MAY_ESCALATE = frozenset({"subProcess", "callActivity", "transaction", "adHocSubProcess"})
_INSTANT = frozenset({"scriptTask", "businessRuleTask", "manualTask", "task"})


def triggers_allowed(diagram: Diagram) -> Found:
    """Each event has one trigger that the engine can wait for or throw there."""
    for shape in _events(diagram):
        allowed = _allowed(diagram, shape)
        if len(shape.triggers) > 1:
            yield finding("event.several-triggers", shape.line, shape.id, diagram.filename)
        for trigger in shape.triggers:
            if trigger.kind not in allowed:
                en, fa = hint_for(shape, trigger.kind)
                yield finding("event.unsupported", trigger.line, shape.id, diagram.filename,
                              kind=trigger.kind, hint_en=en, hint_fa=fa)  # fmt: skip
        if not shape.triggers and shape.type in _NEEDS_TRIGGER:
            more = _NEEDS_TRIGGER[shape.type]
            yield finding("event.no-trigger", shape.line, shape.id, diagram.filename,
                          more_en=", error or escalation" if more else "",
                          more_fa="، خطا یا تشدید" if more else "")  # fmt: skip


def _events(diagram: Diagram) -> list[Shape]:
    return [s for s in diagram.shapes.values() if s.type in EVENTS or s.type == "receiveTask"]


def _allowed(diagram: Diagram, shape: Shape) -> set[str]:
    holder = diagram.shapes.get(shape.container)
    if shape.type == "startEvent" and holder is not None and holder.by_event:
        return {
            "message", "timer", "signal", "escalation", "error", "conditional", "compensate",
        }  # fmt: skip
    if shape.type == "startEvent":
        # Within a subprocess a start has no trigger at all, which is told of it there.
        return _STARTS if holder is None else {trigger.kind for trigger in shape.triggers}
    return _ALLOWED[shape.type]


def messages_named(diagram: Diagram) -> Found:
    """A message that is waited for has a name, and a key unless it starts the process."""
    for shape, trigger in _waiting_for(diagram, "message"):
        if not trigger.message:
            yield finding("event.message-missing", trigger.line, shape.id, diagram.filename)
        elif creates(diagram, shape):
            if is_feel(trigger.message):
                yield finding("event.start-feel", trigger.line, shape.id, diagram.filename,
                              message=trigger.message)  # fmt: skip
        elif not trigger.correlation:
            yield finding("event.correlation-missing", trigger.line, shape.id, diagram.filename,
                          message=trigger.message)  # fmt: skip


def _waiting_for(diagram: Diagram, kind: str) -> Iterator[tuple[Shape, Trigger]]:
    for shape in _events(diagram):
        if shape.type not in ("endEvent", "intermediateThrowEvent"):
            yield from ((shape, trigger) for trigger in shape.triggers if trigger.kind == kind)


def throws_have_jobs(diagram: Diagram) -> Found:
    """A thrown message is sent by a worker, so it needs a job type."""
    for shape in diagram.shapes.values():
        thrown = shape.type in ("endEvent", "intermediateThrowEvent")
        kinds = {trigger.kind for trigger in shape.triggers}
        if thrown and "message" in kinds and not shape.extension.job_type:
            yield finding("event.throws-nothing", shape.line, shape.id, diagram.filename)


def errors_known(diagram: Diagram) -> Found:
    """An error that is named is declared with a code; one that ends a path should be caught."""
    for shape in _events(diagram):
        for trigger in shape.triggers:
            if trigger.kind != "error":
                continue
            yield from _error(diagram, shape, trigger)
            if shape.type != "endEvent" and not shape.interrupting:
                yield finding("event.error-not-interrupting", shape.line, shape.id,
                              diagram.filename)  # fmt: skip


def _error(diagram: Diagram, shape: Shape, trigger: Trigger) -> Found:
    at = (trigger.line, shape.id, diagram.filename)
    if not trigger.declared:
        yield finding("event.error-missing", *at)
    elif trigger.reference and not trigger.error_code:
        yield finding("event.error-uncoded", *at, error=trigger.reference)
    elif trigger.error_code and is_feel(trigger.error_code):
        yield finding("event.error-feel", *at, code=trigger.error_code)
    elif shape.type == "endEvent":
        yield from _error_end(diagram, shape, trigger)


def _error_end(diagram: Diagram, shape: Shape, trigger: Trigger) -> Found:
    if not trigger.error_code:
        yield finding("event.error-code-missing", trigger.line, shape.id, diagram.filename)
    elif not is_caught(diagram, shape, "error", trigger.error_code):
        yield finding("event.error-uncaught", trigger.line, shape.id, diagram.filename,
                      warning=True, code=trigger.error_code)  # fmt: skip


def timers_set(diagram: Diagram) -> Found:
    """Each timer says when, in a way that can be read, and cycles stand where they may."""
    for shape, trigger in _waiting_for(diagram, "timer"):
        if trigger.also:
            yield finding("event.timer-several", trigger.line, shape.id, diagram.filename)
            continue
        if not trigger.expression or not trigger.timer:
            yield finding("event.timer-empty", trigger.line, shape.id, diagram.filename)
            continue
        if trigger.timer == "cycle" and not _may_cycle(diagram, shape):
            yield finding("event.cycle-here", trigger.line, shape.id, diagram.filename)
        if not is_feel(trigger.expression):
            yield from _literal(diagram, shape, trigger)


def _may_cycle(diagram: Diagram, shape: Shape) -> bool:
    again = shape.type in ("boundaryEvent", "startEvent") and not shape.interrupting
    return again or (shape.type == "startEvent" and shape.container == diagram.key)


def _literal(diagram: Diagram, shape: Shape, trigger: Trigger) -> Found:
    text, kind = trigger.expression or "", trigger.timer or ""
    read = {"date": read_instant, "duration": read_duration, "cycle": read_cycle}[kind]
    try:
        read(text)
    except NotATime as error:
        yield finding("event.timer-wrong", trigger.line, shape.id, diagram.filename, text=text,
                      kind=kind, kind_fa=_KINDS_FA[kind], why_en=error.en,
                      why_fa=error.fa)  # fmt: skip


def boundaries_attached(diagram: Diagram) -> Found:
    """A boundary event sits on an activity of its level that can be interrupted by it."""
    for shape in diagram.shapes.values():
        if shape.type != "boundaryEvent":
            continue
        host = diagram.shapes.get(shape.attached_to or "")
        if host is None or host.type not in ACTIVITIES or host.container != shape.container:
            yield finding("boundary.host", shape.line, shape.id, diagram.filename)
        elif _never_fires(shape, host):
            yield finding("boundary.never", shape.line, shape.id, diagram.filename)


def _never_fires(shape: Shape, host: Shape) -> bool:
    kind = shape.trigger.kind if shape.trigger else None
    if kind == "compensate":
        return False
    if kind == "escalation":
        return host.type not in _MAY_ESCALATE
    return host.type in _INSTANT or (kind == "error" and host.type in ("userTask", "receiveTask"))


_NAMED = {
    "message": "message", "signal": "signal",
    "error": "error_code", "escalation": "escalation_code",
}  # fmt: skip
"""What tells two triggers of one kind apart."""


def catches_distinct(diagram: Diagram) -> Found:
    """Of the events that compete at one place no two wait for the same message, signal, error or
    escalation."""
    for competitors in _competitors(diagram):
        seen: set[tuple[str, str | None]] = set()
        for shape in competitors:
            trigger = shape.trigger
            if trigger is None or trigger.kind not in _NAMED:
                continue
            waits_for = (trigger.kind, getattr(trigger, _NAMED[trigger.kind]))
            if waits_for in seen:
                yield finding("event.ambiguous", shape.line, shape.id, diagram.filename)
            seen.add(waits_for)


def _competitors(diagram: Diagram) -> Iterator[list[Shape]]:
    """Boundary events of one activity, event subprocesses of one scope, events of one race."""
    for name in (diagram.key, *diagram.shapes):
        yield diagram.boundaries(name)
        handlers = [shape for shape in diagram.inside(name) if shape.by_event]
        held = [inner for shape in handlers for inner in diagram.inside(shape.id)]
        yield [shape for shape in held if shape.type == "startEvent"]
        if name in diagram.shapes and diagram.shapes[name].type == "eventBasedGateway":
            targets = dict.fromkeys(flow.target for flow in diagram.outgoing(name))
            yield [diagram.shapes[target] for target in targets if target in diagram.shapes]


RULES = (
    triggers_allowed, messages_named, throws_have_jobs, errors_known, timers_set,
    boundaries_attached, catches_distinct,
)  # fmt: skip
