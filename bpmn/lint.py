"""Judges a diagram: whatever would run wrongly is found, all of it in one pass.

The rule of the house: right, or refused at deployment; never accepted and wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from bpmn import (
    lint_adhoc,
    lint_calls,
    lint_causes,
    lint_compensation,
    lint_conditions,
    lint_data,
    lint_escalations,
    lint_events,
    lint_extensions,
    lint_flows,
    lint_limits,
    lint_loops,
    lint_performers,
    lint_pools,
    lint_proof,
    lint_signals,
    lint_starts,
    lint_structure,
    lint_style,
    lint_tasks,
    lint_texts,
    lint_vendors,
)
from bpmn.diagram import Diagram
from bpmn.document import Document
from bpmn.findings import finding
from bpmn.limits import FLOWS
from bpmn.model import Finding

Rule = Callable[[Diagram], Iterable[Finding]]
FileRule = Callable[[Document], Iterable[Finding]]

_QUOTED = re.compile("[“«]\u2068?([^”»]*:[0-9]+)\u2069?[”»]")
"""Names that may be made up, as they stand in a text."""

_ON_FILE: tuple[FileRule, ...] = (
    *lint_structure.RULES,
    *lint_pools.RULES,
    *lint_vendors.RULES,
    *lint_extensions.RULES,
    *lint_performers.RULES,
)

_ON_DRAWN: tuple[Rule, ...] = (
    *lint_flows.ON_DRAWN,
    *lint_starts.RULES,
    *lint_events.RULES,
    *lint_signals.RULES,
    *lint_escalations.RULES,
    *lint_conditions.RULES,
    *lint_tasks.RULES,
    *lint_loops.RULES,
    *lint_calls.RULES,
    *lint_data.RULES,
    *lint_adhoc.RULES,
    *lint_compensation.RULES,
    *lint_texts.RULES,
    *lint_limits.RULES,
    *lint_style.RULES,
)

_ON_NORMALISED: tuple[Rule, ...] = (
    *lint_flows.ON_NORMALISED,
    *lint_calls.ON_NORMALISED,
    *lint_proof.RULES,
)


def lint(document: Document, drawings: Iterable[tuple[Diagram, Diagram]]) -> tuple[Finding, ...]:
    """Every finding, by line; the file may run when none of them is an error.

    Each drawing is a process of the file as drawn and as normalised.
    """
    found = [*document.found, *(one for rule in _ON_FILE for one in rule(document))]
    for drawn, normalised in drawings:
        found += _judge(drawn, normalised)
    counting = [one for one in found if _counts(one, document)]
    told = _without_repeats(lint_causes.without_consequences(counting))
    named = (_shown(one, document) for one in told)
    return tuple(sorted(named, key=lambda one: one.line))


def _judge(drawn: Diagram, normalised: Diagram) -> list[Finding]:
    if len(drawn.flows) > FLOWS:
        rule, at = "file.too-many-flows", (drawn.line, drawn.key, drawn.filename)
        return [finding(rule, *at, limit=FLOWS)]
    found = [one for rule in _ON_DRAWN for one in rule(drawn)]
    return found + [one for rule in _ON_NORMALISED for one in rule(normalised)]


def _counts(one: Finding, document: Document) -> bool:
    """Nothing can lead to or from what has no id of its own; its id is the mistake."""
    consequence = one.rule.startswith(("style.", "flow.none-", "flow.unreached", "flow.dangling"))
    return not (consequence and one.element in document.shown)


def _shown(one: Finding, document: Document) -> Finding:
    """The finding in the words of the file, which knows no made-up names."""
    if not document.shown:
        return one
    return replace(
        one, element=document.shown.get(one.element, one.element),
        message={code: _in_words(text, document) for code, text in one.message.items()},
        remedy={code: _in_words(text, document) for code, text in one.remedy.items()},
    )  # fmt: skip


def _in_words(text: str, document: Document) -> str:
    for quoted in set(_QUOTED.findall(text)) & set(document.shown):
        text = text.replace(quoted, document.shown[quoted] or "…")
    return text


def _without_repeats(found: Iterable[Finding]) -> list[Finding]:
    """Findings without repetition, the first of each kept."""
    kept = {(one.line, one.element, one.rule, *one.message.values()): one for one in found}
    return list(kept.values())
