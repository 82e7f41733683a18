"""Rules about what is written: FEEL that can be read, stages that exist."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from bpmn.diagram import Diagram, Shape
from bpmn.expressions import expression, is_feel
from bpmn.feel import FeelSyntaxError
from bpmn.findings import finding
from bpmn.functions import FUNCTIONS
from bpmn.model import Finding
from bpmn.naming import LANGUAGES

Found = Iterator[Finding]
Said = Iterator[tuple[str, str | None, int]]


def feel_reads(diagram: Diagram) -> Found:
    """Every expression can be read; one that must be FEEL is not plain text."""
    for shape in diagram.shapes.values():
        for what, text, line in texts(shape):
            yield from _check(diagram, shape.id, what, text, line)
    for flow in diagram.flows.values():
        if flow.condition is not None:
            yield from _check(diagram, flow.id, "condition", flow.condition, flow.line)


def texts(shape: Shape) -> Iterator[tuple[str, str, int]]:
    """What is written at a node that may be FEEL: what it is, the text, its line."""
    return ((what, text, line) for what, text, line in _texts(shape) if text is not None)


def _texts(shape: Shape) -> Said:
    zeebe, line = shape.extension, shape.line
    for mapping in (*zeebe.inputs, *zeebe.outputs):
        yield f"mapping to {mapping.target}", mapping.source, mapping.line
    yield from ((what, read(zeebe), line) for what, read in _SAID.items())
    if zeebe.called is not None:
        yield "called process", zeebe.called.process, zeebe.called.line
    for name in ("excludes", "sla"):
        yield name, zeebe.properties.get(name), line
    for trigger in shape.triggers:
        yield "timer", trigger.expression, trigger.line
        yield "message", trigger.message, trigger.line
        yield "correlation key", trigger.correlation, trigger.line
        yield "signal", trigger.signal, trigger.line
        yield "escalation code", trigger.escalation_code, trigger.line
        yield "event condition", trigger.condition, trigger.line
    if shape.ad_hoc is not None:
        yield "active elements", shape.ad_hoc.elements, line
        yield "completion condition", shape.ad_hoc.condition, line
    if shape.loop is not None:
        yield "input collection", shape.loop.collection, shape.loop.line
        yield "output element", shape.loop.output_element, shape.loop.line
        yield "loop cardinality", shape.loop.cardinality, shape.loop.line
        what = "loop condition" if shape.loop.standard else "completion condition"
        yield what, shape.loop.condition, shape.loop.line


_SAID = {
    name.replace("_", " "): attrgetter(name)
    for name in ("script", "job_type", "retries", "assignee", "groups", "users", "due",
                 "follow_up", "priority")
}  # fmt: skip
_MUST_BE_FEEL = (
    "mapping to", "correlation key", "output element", "completion condition", "loop condition",
    "event condition",
)  # fmt: skip


def _check(diagram: Diagram, element: str, what: str, text: str, line: int) -> Found:
    if not is_feel(text):
        if what.startswith(_MUST_BE_FEEL):
            yield finding("feel.needed", line, element, diagram.filename, what=what, text=text)
        return
    try:
        compiled = expression(text).compiled
    except FeelSyntaxError as error:
        yield finding("feel.syntax", line, element, diagram.filename, what=what, text=text,
                      why_en=error.messages["en"], why_fa=error.messages["fa"])  # fmt: skip
        return
    # A variable is never a function, since JSON holds none.
    for name in sorted(compiled.unknown_functions(FUNCTIONS)) if compiled else ():
        yield finding("feel.function", line, element, diagram.filename, what=what, name=name)


def stages_exist(diagram: Diagram) -> Found:
    """A stage that an element names is listed by the process, and has its labels."""
    listed = [part.strip() for part in diagram.properties.get("stages", "").split(",")]
    for key in filter(None, listed):
        for language in LANGUAGES:
            if not diagram.properties.get(f"stage.{key}.{language}"):
                yield finding("stage.label", diagram.line, diagram.key, diagram.filename,
                              warning=True, stage=key, language=language)  # fmt: skip
    for shape in diagram.shapes.values():
        stage = shape.extension.properties.get("stage")
        if stage and stage not in listed:
            yield finding("stage.unknown", shape.line, shape.id, diagram.filename, stage=stage)


def waits_known(diagram: Diagram) -> Found:
    """The property ``waits`` names whom one waits for."""
    for shape in diagram.shapes.values():
        text = shape.extension.properties.get("waits")
        if text is not None and text not in ("customer", "partner"):
            yield finding("waits.unknown", shape.line, shape.id, diagram.filename, text=text)


RULES = (feel_reads, stages_exist, waits_known)
