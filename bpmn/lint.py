"""Judges a diagram: whatever would run wrongly is found, all of it in one pass.

The rule of the house: right, or refused at deployment; never accepted and wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bpmn import lint_events, lint_flows, lint_limits, lint_tasks, lint_texts
from bpmn.diagram import Diagram
from bpmn.model import Finding

Rule = Callable[[Diagram], Iterable[Finding]]

_ON_DRAWN: tuple[Rule, ...] = (
    *lint_flows.ON_DRAWN,
    *lint_events.RULES,
    *lint_tasks.RULES,
    *lint_texts.RULES,
    *lint_limits.RULES,
)


def lint(drawn: Diagram, normalised: Diagram) -> tuple[Finding, ...]:
    """Every finding, by line; the diagram may run when none of them is an error."""
    found = [finding for rule in _ON_DRAWN for finding in rule(drawn)]
    found += [finding for rule in lint_flows.ON_NORMALISED for finding in rule(normalised)]
    return tuple(sorted(_without_repeats(found), key=lambda finding: finding.line))


def _without_repeats(found: Iterable[Finding]) -> list[Finding]:
    """Findings without repetition; they hold dicts, so equality and not hashing decides."""
    kept: list[Finding] = []
    for finding in found:
        if finding not in kept:
            kept.append(finding)
    return kept
