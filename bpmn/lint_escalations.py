"""Rules about escalations, and about what catching events keep of an error or escalation."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.diagram import Diagram, Shape, Trigger
from bpmn.expressions import is_feel
from bpmn.findings import finding
from bpmn.lint_tasks import NAME
from bpmn.model import Finding

Found = Iterator[Finding]

_THROWING = frozenset({"endEvent", "intermediateThrowEvent"})
_KEPT = ("errorCodeVariable", "errorMessageVariable", "escalationCodeVariable")


def escalations_known(diagram: Diagram) -> Found:
    """A thrown escalation has a code; a caught one has a code that is written out, or none."""
    for shape in diagram.shapes.values():
        for trigger in shape.triggers:
            if trigger.kind == "escalation":
                judge = _thrown if shape.type in _THROWING else _caught
                yield from judge(diagram, shape, trigger)


def _thrown(diagram: Diagram, shape: Shape, trigger: Trigger) -> Found:
    at = (trigger.line, shape.id, diagram.filename)
    code = trigger.escalation_code
    if not code:
        yield finding("event.escalation-missing", *at)
    elif not is_feel(code) and not is_caught(diagram, shape, "escalation", code):
        yield finding("event.escalation-uncaught", *at, code=code)


def _caught(diagram: Diagram, shape: Shape, trigger: Trigger) -> Found:
    at, code = (trigger.line, shape.id, diagram.filename), trigger.escalation_code
    if trigger.reference and not code:
        yield finding("event.escalation-missing", *at)
    elif code and is_feel(code):
        yield finding("event.escalation-feel", *at, code=code)


def is_caught(diagram: Diagram, shape: Shape, kind: str, code: str) -> bool:
    """Whether an event around catches what this one throws, here in the file."""
    holder: str | None = shape.container
    inside = shape.id
    while holder is not None:
        if any(_catches(event, kind, code) for event in _around(diagram, holder, inside)):
            return True
        inside, around = holder, diagram.shapes.get(holder)
        holder = around.container if around else None
    return False


def _around(diagram: Diagram, holder: str, inside: str) -> Iterator[Shape]:
    """What catches for a scope: its event subprocesses but the thrower's own, then its edge."""
    for shape in diagram.inside(holder):
        if shape.by_event and shape.id != inside:
            yield from (s for s in diagram.inside(shape.id) if s.type == "startEvent")
    yield from diagram.boundaries(holder)


def _catches(event: Shape, kind: str, code: str) -> bool:
    trigger = event.trigger
    if trigger is None or trigger.kind != kind:
        return False
    return (trigger.error_code or trigger.escalation_code) in (code, None)


def kept_by_name(diagram: Diagram) -> Found:
    """The properties that keep a code or a message name a variable."""
    for shape in diagram.shapes.values():
        for name in _KEPT:
            text = shape.extension.properties.get(name)
            if text is not None and not NAME.fullmatch(text):
                yield finding("mapping.target", shape.line, shape.id, diagram.filename, target=text)


RULES = (escalations_known, kept_by_name)
