"""Rules about tasks: each says all that is needed to do it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from bpmn.diagram import ACTIVITIES, JOBS, Assignment, Diagram, Shape
from bpmn.expressions import is_feel
from bpmn.findings import finding
from bpmn.model import Finding
from bpmn.timing import NotATime, read_duration, read_instant

Found = Iterator[Finding]

NAME = re.compile(r"[^\W\d]\w*")
PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_MAPS_OUT = ("intermediateCatchEvent", "boundaryEvent")


def tasks_complete(diagram: Diagram) -> Found:
    """Jobs have a type, decisions an id, scripts an expression; results have a name."""
    for shape in diagram.shapes.values():
        zeebe, named = shape.extension, NAME.fullmatch(shape.extension.result or "")
        if shape.type in JOBS and not zeebe.job_type:
            yield _about("task.job-type", diagram, shape)
        if shape.type == "businessRuleTask" and not (_plain(zeebe.decision) and zeebe.result):
            yield _about("task.decision", diagram, shape)
        if shape.type == "scriptTask" and not (
            zeebe.script and is_feel(zeebe.script) and zeebe.result
        ):
            yield _about("task.script", diagram, shape)
        if zeebe.result and not named and shape.type in ("businessRuleTask", "scriptTask"):
            yield _about("task.result-name", diagram, shape, name=zeebe.result)


def _plain(text: str | None) -> bool:
    """A decision is named outright, since its table is fixed when an instance starts."""
    return text is not None and not is_feel(text)


def people_named(diagram: Diagram) -> Found:
    """Somebody may do each user task."""
    for shape in diagram.shapes.values():
        zeebe = shape.extension
        if shape.type == "userTask" and not (
            zeebe.groups or zeebe.users or zeebe.assignee or shape.lane
        ):
            yield _about("task.nobody", diagram, shape)


def literals_fit(diagram: Diagram) -> Found:
    """Numbers, instants and durations that are written out can be read."""
    for shape in diagram.shapes.values():
        zeebe = shape.extension
        if zeebe.retries and not _is_number(zeebe.retries, 1_000):
            yield _about("task.retries", diagram, shape)
        if zeebe.priority and not _is_number(zeebe.priority, 100):
            yield _about("task.priority", diagram, shape)
        if zeebe.due and not is_feel(zeebe.due) and not _reads(read_instant, zeebe.due):
            yield _about("task.due", diagram, shape, text=zeebe.due)
        if zeebe.follow_up:
            yield finding("task.follow-up", shape.line, shape.id, diagram.filename, warning=True)
        sla = zeebe.properties.get("sla")
        if sla and not is_feel(sla) and not _reads(read_duration, sla):
            yield _about("task.sla", diagram, shape, text=sla)


def _is_number(text: str, limit: int) -> bool:
    return is_feel(text) or (
        text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= limit
    )


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except NotATime:
        return False
    return True


def mappings_fit(diagram: Diagram) -> Found:
    """Mappings stand where they are followed, and lead to variables."""
    for shape in diagram.shapes.values():
        zeebe = shape.extension
        stays = shape.type in ACTIVITIES or zeebe.job_type
        outward = stays or shape.type in _MAPS_OUT or _is_triggered_start(diagram, shape)
        if (zeebe.inputs and not (stays or _throws_values(shape))) or (
            zeebe.outputs and not outward
        ):
            yield _about("mapping.here", diagram, shape)
        for line in (*zeebe.inputs, *zeebe.outputs):
            if not PATH.fullmatch(line.target):
                yield finding("mapping.target", line.line, shape.id, diagram.filename,
                              target=line.target)  # fmt: skip
        for lines in (zeebe.inputs, zeebe.outputs):
            yield from _written_over(diagram, shape, lines)


def _written_over(diagram: Diagram, shape: Shape, lines: Sequence[Assignment]) -> Found:
    """A target that a later line of the same mapping sets, when nothing can have read it."""
    for at, line in enumerate(lines):
        later = lines[at + 1 :]
        again = next((other for other in later if other.target == line.target), None)
        if again is not None and not _reads_again(line.target, later):
            yield finding("mapping.twice", again.line, shape.id, diagram.filename, warning=True,
                          target=line.target)  # fmt: skip


def _reads_again(target: str, lines: Sequence[Assignment]) -> bool:
    """Whether one of these lines may read what was set before it."""
    return any(target.partition(".")[0] in line.source for line in lines)


def _throws_values(shape: Shape) -> bool:
    """Whether what the input mappings give travels along with a signal or an escalation."""
    thrown = shape.type in ("endEvent", "intermediateThrowEvent")
    return thrown and any(t.kind in ("signal", "escalation") for t in shape.triggers)


def _is_triggered_start(diagram: Diagram, shape: Shape) -> bool:
    """Whether an event brings values here; those of a plain start are variables already."""
    holder = diagram.shapes.get(shape.container)
    begins = holder is None or holder.by_event
    return shape.type == "startEvent" and begins and bool(shape.triggers)


def _about(rule: str, diagram: Diagram, shape: Shape, **details: str) -> Finding:
    return finding(rule, shape.line, shape.id, diagram.filename, warning=False, **details)


RULES = (tasks_complete, people_named, literals_fit, mappings_fit)
