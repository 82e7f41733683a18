"""Rules about length: what leaves the room fits where it will be stored."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.diagram import Diagram, Shape
from bpmn.expressions import is_feel
from bpmn.findings import finding
from bpmn.limits import NAME, NAMES, SHORT
from bpmn.model import Finding

Found = Iterator[Finding]
Said = Iterator[tuple[str, str | None, int]]


def texts_fit(diagram: Diagram) -> Found:
    """No id and no name that is written out is longer than its column."""
    if len(diagram.key) > NAME:
        yield _too_long(diagram, diagram.line, diagram.key, "id", NAME)
    for shape in diagram.shapes.values():
        for what, text, limit in (*_names(shape), *_people(shape)):
            if text is not None and not is_feel(text) and len(text) > limit:
                yield _too_long(diagram, shape.line, shape.id, what, limit)
        for line in (*shape.extension.inputs, *shape.extension.outputs):
            if len(line.target) > NAME:
                yield _too_long(diagram, line.line, shape.id, "target", NAME)


def _names(shape: Shape) -> Said:
    zeebe = shape.extension
    yield "id", shape.id, NAME
    yield "form", zeebe.form, NAME
    yield "decision", zeebe.decision, NAME
    yield "called process", zeebe.called.process if zeebe.called else None, NAME
    yield "job type", zeebe.job_type, SHORT
    for trigger in shape.triggers:
        yield "message", trigger.message, NAME
        yield "error code", trigger.error_code, SHORT
        yield "signal", trigger.signal, NAME
        yield "escalation code", trigger.escalation_code, SHORT


def _people(shape: Shape) -> Said:
    zeebe = shape.extension
    yield "lane", shape.lane, SHORT
    yield "assignee", zeebe.assignee, SHORT
    excluded = zeebe.properties.get("excludes")
    for what, said in (("groups", zeebe.groups), ("users", zeebe.users), ("excludes", excluded)):
        if said is None or is_feel(said):
            continue
        names = said.split(",")
        yield f"list of {what}", said if len(names) > NAMES else None, 0
        yield from ((what, name.strip(), SHORT) for name in names)


def _too_long(diagram: Diagram, line: int, element: str, what: str, limit: int) -> Finding:
    return finding(
        "text.too-long", line, element[:NAME], diagram.filename, what=what, limit=limit or NAMES
    )


RULES = (texts_fit,)
