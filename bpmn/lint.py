"""Judges a diagram: whatever would run wrongly is found, all of it in one pass.

The rule of the house: right, or refused at deployment; never accepted and wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bpmn import (
    lint_calls,
    lint_events,
    lint_flows,
    lint_limits,
    lint_loops,
    lint_tasks,
    lint_texts,
)
from bpmn.diagram import Diagram
from bpmn.findings import finding
from bpmn.limits import FLOWS
from bpmn.model import Finding

Rule = Callable[[Diagram], Iterable[Finding]]

_ON_DRAWN: tuple[Rule, ...] = (
    *lint_flows.ON_DRAWN,
    *lint_events.RULES,
    *lint_tasks.RULES,
    *lint_loops.RULES,
    *lint_calls.RULES,
    *lint_texts.RULES,
    *lint_limits.RULES,
)


def lint(drawn: Diagram, normalised: Diagram) -> tuple[Finding, ...]:
    """Every finding, by line; the diagram may run when none of them is an error."""
    if len(drawn.flows) > FLOWS:
        rule, at = "file.too-many-flows", (drawn.line, drawn.key, drawn.filename)
        return (finding(rule, *at, limit=FLOWS),)
    found = [one for rule in _ON_DRAWN for one in rule(drawn)]
    found += [one for rule in lint_flows.ON_NORMALISED for one in rule(normalised)]
    return tuple(sorted(_without_repeats(found), key=lambda one: one.line))


def _without_repeats(found: Iterable[Finding]) -> list[Finding]:
    """Findings without repetition, the first of each kept."""
    kept = {(one.line, one.element, one.rule, *one.message.values()): one for one in found}
    return list(kept.values())
