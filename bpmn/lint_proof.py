"""Warnings that can be proved from the drawing: a join that waits for ever, a join that is none.

Only what holds whatever the data are is told, so that no right diagram is suspected.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpmn import lint_waiting
from bpmn.diagram import Diagram, Shape
from bpmn.findings import finding
from bpmn.model import Finding
from bpmn.tokens import Level, pairs_of, point

Found = Iterator[Finding]

_ENDS_ALL = frozenset({"terminate", "error", "cancel"})


def joins_meet(diagram: Diagram) -> Found:
    """A parallel join can get a token by each of its flows; an exclusive one gets one only."""
    for container in (diagram.key, *(s.id for s in diagram.shapes.values())):
        joins = [shape for shape in diagram.inside(container) if _joins(diagram, shape)]
        level = Level(diagram, container) if joins else None
        for shape in joins:
            if level is not None and shape.id in level.places:
                yield from _judge(diagram, level, shape)


def _joins(diagram: Diagram, shape: Shape) -> bool:
    kinds = ("parallelGateway", "exclusiveGateway")
    return shape.type in kinds and len(diagram.incoming(shape.id)) > 1


def _judge(diagram: Diagram, level: Level, shape: Shape) -> Found:
    flows = [flow for flow in diagram.incoming(shape.id) if point(flow) in level.places]
    own = [flow for flow in flows if level.needs_itself(flow)]
    if shape.type == "parallelGateway" and own:
        yield _tell("proof.deadlock-ring", diagram, shape, flow=own[0].id)
        return
    for first, second in pairs_of(flows):
        ways = (point(first), point(second))
        if shape.type == "parallelGateway":
            chooser = level.chooser(*ways)
            if chooser is not None:
                yield _tell("proof.deadlock", diagram, shape, first=first.id, second=second.id,
                            chooser=level.shapes[chooser].drawn_id)  # fmt: skip
                return
        elif not _ends_all(level):
            splitter = level.splitter(*ways)
            if splitter is not None:
                yield _tell("proof.unsynchronised", diagram, shape,
                            splitter=level.shapes[splitter].drawn_id)  # fmt: skip
                return


def _ends_all(level: Level) -> bool:
    """Whether the first to come may end all others, which is a fair way to race."""
    ends = (shape for shape in level.shapes.values() if shape.type == "endEvent")
    return any(trigger.kind in _ENDS_ALL for shape in ends for trigger in shape.triggers)


def _tell(rule: str, diagram: Diagram, shape: Shape, **details: str) -> Finding:
    return finding(rule, shape.line, shape.drawn_id, diagram.filename, warning=True, **details)


RULES = (joins_meet, *lint_waiting.RULES)
