"""Rules about ad-hoc subprocesses: something inside can begin, and nothing is ignored."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.diagram import ACTIVITIES, Diagram, Shape
from bpmn.entry import roots_of
from bpmn.expressions import is_feel
from bpmn.findings import finding
from bpmn.model import Finding

Found = Iterator[Finding]


def ad_hocs_fit(diagram: Diagram) -> Found:
    """Each has an activity that may be activated, no start or end event, and no other marks."""
    for shape in diagram.shapes.values():
        if shape.ad_hoc is None:
            continue
        if shape.type != "adHocSubProcess":
            yield _about("ad-hoc.here", diagram, shape)
            continue
        yield from _marks(diagram, shape)
        yield from _inside(diagram, shape)


def _marks(diagram: Diagram, shape: Shape) -> Found:
    said = shape.ad_hoc
    for name in said.oddities if said else ():
        rule = "ad-hoc.ordering" if name == "ordering" else "ad-hoc.attribute"
        yield _about(rule, diagram, shape, name=name)
    if shape.extension.job_type:
        yield _about("ad-hoc.worker", diagram, shape)
    if said and said.elements is not None and not is_feel(said.elements):
        yield _about("ad-hoc.elements", diagram, shape)


def _inside(diagram: Diagram, shape: Shape) -> Found:
    held = diagram.inside(shape.id)
    for inner in held:
        if inner.type in ("startEvent", "endEvent"):
            yield _about("ad-hoc.ends", diagram, inner)
    begin = roots_of(diagram, shape.id)
    if not begin or not any(inner.type in ACTIVITIES for inner in held):
        yield _about("ad-hoc.empty", diagram, shape)


def _about(rule: str, diagram: Diagram, shape: Shape, **details: str) -> Finding:
    return finding(rule, shape.line, shape.id, diagram.filename, warning=False, **details)


RULES = (ad_hocs_fit,)
