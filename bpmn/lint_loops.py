"""Rules about repeated activities: each says how often, and what it collects."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.diagram import ACTIVITIES, Diagram, Loop, Shape
from bpmn.expressions import is_feel
from bpmn.findings import finding
from bpmn.limits import TURNS
from bpmn.lint_tasks import NAME
from bpmn.model import Finding

Found = Iterator[Finding]


def loops_complete(diagram: Diagram) -> Found:
    """Every repeated activity says how often in a way that can be followed."""
    for shape in diagram.shapes.values():
        loop = shape.loop
        if loop is None:
            continue
        if loop.twofold:
            yield _about("loop.two-markers", diagram, shape, loop)
        for name in loop.oddities:
            yield _about("loop.form", diagram, shape, loop, name=name)
        if shape.type not in ACTIVITIES:
            yield _about("loop.here", diagram, shape, loop)
        elif loop.standard:
            yield from _standard(diagram, shape, loop)
        else:
            yield from _multi(diagram, shape, loop)


def _standard(diagram: Diagram, shape: Shape, loop: Loop) -> Found:
    if not loop.condition and loop.maximum is None:
        yield _about("loop.endless", diagram, shape, loop)
    if loop.maximum is not None and not _is_count(loop.maximum, least=1):
        yield _about("loop.maximum", diagram, shape, loop, limit=TURNS)


def _multi(diagram: Diagram, shape: Shape, loop: Loop) -> Found:
    if loop.cardinality is not None:
        yield from _cardinality(diagram, shape, loop)
    elif not loop.collection or not is_feel(loop.collection):
        yield _about("loop.collection", diagram, shape, loop)
    if bool(loop.output_collection) != bool(loop.output_element):
        yield _about("loop.output", diagram, shape, loop)
    for name in (loop.element, loop.output_collection):
        if name and not NAME.fullmatch(name):
            yield _about("mapping.target", diagram, shape, loop, target=name)


def _cardinality(diagram: Diagram, shape: Shape, loop: Loop) -> Found:
    said = loop.cardinality or ""
    if loop.collection or loop.element:
        yield _about("loop.both", diagram, shape, loop)
    elif not is_feel(said) and not _is_count(said, least=0):
        yield _about("loop.cardinality", diagram, shape, loop, limit=TURNS)


def _is_count(text: str, least: int) -> bool:
    read = text.isascii() and text.isdigit() and len(text) < 10
    return read and least <= int(text) <= TURNS


def _about(rule: str, diagram: Diagram, shape: Shape, loop: Loop, **details: object) -> Finding:
    return finding(rule, loop.line, shape.id, diagram.filename, warning=False, **details)


RULES = (loops_complete,)
