"""Two inclusive joins, of which each waits for the token that waits at the other.

An inclusive join waits while a token elsewhere can still come by a flow that has none, unless that
token could come by a filled one, too (BPMN 2.0.2, 13.4.3). It is proved that two joins do so to
each other when one parallel gateway sends a token straight to each of them, and all their other
flows come from the two alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from bpmn.diagram import Diagram, Flow, Shape
from bpmn.findings import finding
from bpmn.model import Finding
from bpmn.tokens import MOST, Level, point


def inclusive_joins_free(diagram: Diagram) -> Iterator[Finding]:
    """No two inclusive joins wait for each other."""
    for container in (diagram.key, *(s.id for s in diagram.shapes.values())):
        joins = [shape for shape in diagram.inside(container) if _joins(diagram, shape)]
        if not 1 < len(joins) <= MOST:
            continue
        level = Level(diagram, container)
        for first, second in combinations(joins, 2):
            if _wait_for_each_other(level, first, second):
                yield finding("proof.deadlock-pair", first.line, first.drawn_id, diagram.filename,
                              warning=True, other=second.drawn_id)  # fmt: skip


def _joins(diagram: Diagram, shape: Shape) -> bool:
    return shape.type == "inclusiveGateway" and len(diagram.incoming(shape.id)) > 1


def _wait_for_each_other(level: Level, first: Shape, second: Shape) -> bool:
    entries = [_straight(level, shape) for shape in (first, second)]
    if len(entries[0]) != 1 or len(entries[1]) != 1:
        return False
    ((one, by_one),) = entries[0].items()
    ((other, by_other),) = entries[1].items()
    return (
        by_one == by_other
        and _waits(level, first, second, one)
        and _waits(level, second, first, other)
    )


def _straight(level: Level, join: Shape) -> dict[str, str]:
    """The flows into a join by which a parallel gateway surely sends a token, and that gateway."""
    found: dict[str, str] = {}
    for flow in level.diagram.incoming(join.id):
        source = _origin(level, flow)
        if source is not None:
            found[flow.id] = source
    return found


def _origin(level: Level, flow: Flow) -> str | None:
    """The parallel gateway right before a flow, with nothing but plain steps between them."""
    seen: set[str] = set()
    while flow.source in level.places and flow.source not in seen and flow.condition is None:
        shape = level.shapes[flow.source]
        if shape.type == "parallelGateway":
            return shape.id
        before = level.diagram.incoming(shape.id)
        plain = not shape.type.endswith("Gateway") and not level.diagram.boundaries(shape.id)
        if not plain or len(before) != 1 or len(level.diagram.outgoing(shape.id)) != 1:
            return None
        seen.add(shape.id)
        flow = before[0]
    return None


def _waits(level: Level, join: Shape, other: Shape, entry: str) -> bool:
    """Whether a token that stands at the other join keeps this one from going on."""
    beyond = _reached(level, [other.id], {join.id})
    outside = _reached(level, level.starts, {join.id, other.id})
    flows = {point(flow) for flow in level.diagram.incoming(join.id)} - {f"#{entry}"}
    return f"#{entry}" not in beyond and not flows & outside and bool(flows & beyond)


def _reached(level: Level, starts: list[str], closed: set[str]) -> set[str]:
    """The points that are reached from some without passing through the closed ones."""
    seen, pending = set(starts), list(starts)
    while pending:
        for name in level.after.get(pending.pop(), ()):
            if name not in seen:
                seen.add(name)
                if name not in closed:
                    pending.append(name)
    return seen


RULES = (inclusive_joins_free,)
