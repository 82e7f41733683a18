"""Warnings of style: a diagram that runs, but that people will read wrongly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bpmn.diagram import ACTIVITIES, GATEWAYS, Diagram, Shape
from bpmn.findings import finding
from bpmn.model import Finding
from bpmn.naming import LANGUAGES

Found = Iterator[Finding]

_PERSIAN = re.compile("[\u0600-\u06ff]")
_CHOOSES = frozenset({"exclusiveGateway", "inclusiveGateway"})


def named(diagram: Diagram) -> Found:
    """Activities say what is done, gateways what is asked."""
    for shape in diagram.shapes.values():
        if _is_named(shape):
            continue
        if shape.type in ACTIVITIES and not shape.by_event:
            yield _tell("style.task-unnamed", diagram, shape)
        elif shape.type in _CHOOSES and len(diagram.outgoing(shape.id)) > 1:
            yield _tell("style.gateway-unnamed", diagram, shape)


def _is_named(shape: Shape) -> bool:
    said = shape.extension.properties
    return bool(shape.name.strip() or any(said.get(f"name_{code}") for code in LANGUAGES))


def named_apart(diagram: Diagram) -> Found:
    """Activities that follow each other, or from which is chosen, have names of their own.

    The same work at places far apart may well have one name.
    """
    for shape in diagram.shapes.values():
        near = [shape, *_next(diagram, shape)]
        seen: set[str] = set()
        for one in near:
            name = " ".join(one.name.split()).casefold()
            if one.type in ACTIVITIES and name in seen:
                yield _tell("style.name-duplicate", diagram, one, name=one.name.strip())
            if one.type in ACTIVITIES and name:
                seen.add(name)


def _next(diagram: Diagram, shape: Shape) -> list[Shape]:
    targets = dict.fromkeys(flow.target for flow in diagram.outgoing(shape.id))
    return [diagram.shapes[name] for name in targets if name in diagram.shapes and name != shape.id]


def named_in_persian(diagram: Diagram) -> Found:
    """Where names are Persian at all, what people are asked to do has one, too."""
    shapes = diagram.shapes.values()
    if not any(_is_persian(shape.name, shape.extension.properties) for shape in shapes):
        return
    if not _is_persian(diagram.name, diagram.properties):
        at = (diagram.line, diagram.key, diagram.filename)
        yield finding("style.name-persian", *at)
    for shape in shapes:
        asked = shape.type == "userTask" and _is_named(shape)
        if asked and not _is_persian(shape.name, shape.extension.properties):
            yield _tell("style.name-persian", diagram, shape)


def _is_persian(name: str, properties: Mapping[str, str]) -> bool:
    said = properties.get("name_fa", "")
    return bool(_PERSIAN.search(name) or said)


def gateways_needed(diagram: Diagram) -> Found:
    """A gateway with one way in and one way out does nothing."""
    for shape in diagram.shapes.values():
        leaving = diagram.outgoing(shape.id)
        plain = len(leaving) == 1 and leaving[0].condition is None
        if shape.type in GATEWAYS and plain and len(diagram.incoming(shape.id)) <= 1:
            yield _tell("style.gateway-superfluous", diagram, shape)


def ends_drawn(diagram: Diagram) -> Found:
    """Where a start is drawn an end is drawn as well (BPMN 2.0.2, 10.5.3).

    Where an end is drawn elsewhere on the level, a path without one is refused instead.
    """
    started = {shape.container for shape in diagram.shapes.values() if shape.type == "startEvent"}
    endless = started - _ended(diagram)
    for shape in diagram.shapes.values():
        kinds = {trigger.kind for trigger in shape.triggers}
        tied = shape.for_compensation or kinds & {"link", "compensate"}
        apart = shape.type == "endEvent" or shape.by_event or tied
        if shape.container in endless and not apart and not diagram.outgoing(shape.id):
            yield _tell("style.implicit-end", diagram, shape)


def _ended(diagram: Diagram) -> set[str]:
    return {shape.container for shape in diagram.shapes.values() if shape.type == "endEvent"}


def ends_somewhere(diagram: Diagram) -> Found:
    """A level that begins can end: some node leads no further (BPMN 2.0.2, 10.5.3)."""
    open_ends = {s.container for s in diagram.shapes.values() if not diagram.outgoing(s.id)}
    open_ends |= _ended(diagram)
    told: set[str] = set()
    for shape in diagram.shapes.values():
        level = shape.container
        if shape.type == "startEvent" and level not in open_ends and level not in told:
            told.add(level)
            yield _tell("style.no-end", diagram, shape)


def flows_single(diagram: Diagram) -> Found:
    """No element sends two tokens to the same place."""
    for shape in diagram.shapes.values():
        if shape.type in ("exclusiveGateway", "eventBasedGateway"):
            continue
        plain = [flow.target for flow in diagram.outgoing(shape.id) if flow.condition is None]
        for target in sorted({target for target in plain if plain.count(target) > 1}):
            yield _tell("style.flow-double", diagram, shape, target=target)


def _tell(rule: str, diagram: Diagram, shape: Shape, **details: str) -> Finding:
    return finding(rule, shape.line, shape.id, diagram.filename, warning=True, **details)


RULES = (
    named,
    named_apart,
    named_in_persian,
    gateways_needed,
    ends_drawn,
    ends_somewhere,
    flows_single,
)
