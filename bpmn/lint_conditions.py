"""Rules about conditional events: a condition is said, and something can make it true."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.diagram import Diagram, Trigger
from bpmn.expressions import expression, is_feel
from bpmn.feel import FeelSyntaxError
from bpmn.findings import finding
from bpmn.model import Finding

_CLOCK = frozenset({"now", "today"})


def conditions_said(diagram: Diagram) -> Iterator[Finding]:
    """Each condition is written, stands alone, and does not wait for the clock."""
    for shape in diagram.shapes.values():
        for trigger in shape.triggers:
            if trigger.kind != "conditional":
                continue
            at = (trigger.line, shape.id, diagram.filename)
            if not trigger.condition:
                yield finding("event.condition-missing", *at)
            if trigger.filtered:
                yield finding("event.condition-filter", *at)
            if _reads(trigger) & _CLOCK:
                yield finding("event.condition-clock", *at)


def _reads(trigger: Trigger) -> frozenset[str]:
    """The names in the condition; none when it cannot be read, which is found elsewhere."""
    if trigger.condition is None or not is_feel(trigger.condition):
        return frozenset()
    try:
        compiled = expression(trigger.condition).compiled
    except FeelSyntaxError:
        return frozenset()
    return compiled.variables() if compiled else frozenset()


RULES = (conditions_said,)
