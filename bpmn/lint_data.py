"""Rules about data objects: an association that copies a value says from where to where."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.diagram import Diagram
from bpmn.findings import finding
from bpmn.model import Finding


def associations_fit(diagram: Diagram) -> Iterator[Finding]:
    """Every association is only drawn, or can be followed as a mapping."""
    for shape in diagram.shapes.values():
        for problem in shape.data_problems:
            yield finding(problem.rule, problem.line, shape.id, diagram.filename,
                          name=problem.name)  # fmt: skip


RULES = (associations_fit,)
