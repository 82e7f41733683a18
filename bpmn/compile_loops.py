"""Makes the body of a repeated activity, and tells its turn what to hand over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.activities import Activity
from bpmn.expressions import Expression, expression
from bpmn.loops import StandardLoop
from bpmn.multi import MultiInstance

if TYPE_CHECKING:
    from bpmn.diagram import Loop, Shape
    from bpmn.process import Process
    from bpmn.turns import Repeated

TURN = "#turn"
"""What the name of a repeated activity's turn ends in; no id in a file holds it."""


def make_body(process: Process, shape: Shape, loop: Loop) -> Repeated:
    """The node around the turns; it has the activity's own name."""
    body = _standard(process, shape, loop) if loop.standard else _multi(process, shape, loop)
    body.process, body.boundaries, body.turn_node = process, [], shape.id + TURN
    return body


def _multi(process: Process, shape: Shape, loop: Loop) -> MultiInstance:
    body = MultiInstance(process.spec, shape)
    body.sequential, body.item_name = loop.sequential, loop.element
    body.collection, body.cardinality = _read(loop.collection), _read(loop.cardinality)
    body.output_name, body.condition = loop.output_collection, _read(loop.condition)
    if body.condition is not None and body.condition.compiled is not None:
        body.condition_reads = frozenset(body.condition.compiled.variables())
    return body


def _standard(process: Process, shape: Shape, loop: Loop) -> StandardLoop:
    body = StandardLoop(process.spec, shape)
    body.condition, body.test_before = _read(loop.condition), loop.test_before
    body.maximum = int(loop.maximum) if loop.maximum else None
    return body


def _read(text: str | None) -> Expression | None:
    return expression(text) if text else None


def tell_turn(turn: Activity, loop: Loop) -> None:
    """Let a turn collect its output, and tell its body what the condition reads of it."""
    if loop.output_element:
        turn.collects(expression(loop.output_element))
    condition = _read(loop.condition)
    if condition is not None and condition.compiled is not None:
        turn.tells = tuple(sorted(condition.compiled.variables()))
