"""Every rule by which a diagram, a table or a form is judged, for pages and reports about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import forms
from app.services.deployment import call_rules, references
from app.services.sending import emails
from bpmn import findings

FORM_RULES = "form"
"""What the names of the rules about forms begin with, outside their room."""

TEXTS: Mapping[str, tuple[str, str, str, str]] = {
    **findings.RULES,
    **references.RULES,
    **emails.RULES,
    **call_rules.RULES,
    **{f"{FORM_RULES}.{name}": texts for name, texts in forms.RULES.items()},
}
"""Every rule with what is wrong and the remedy, in English, then in Persian."""

WARNINGS = frozenset(
    findings.WARNINGS | call_rules.WARNINGS | {f"{FORM_RULES}.{name}" for name in forms.WARNINGS}
)
"""Rules that warn; all others refuse."""


@dataclass(frozen=True)
class Rule:
    """One rule in one language."""

    id: str
    severity: str
    """``error`` refuses the file, ``warning`` does not."""
    meaning: str
    remedy: str


def catalogue(language: str) -> Iterator[Rule]:
    """All rules about diagrams, decision tables and forms in ``en`` or ``fa``, in a fixed order."""
    for name, texts in TEXTS.items():
        meaning, remedy = findings.describe(name, language, {name: texts})
        yield Rule(name, "warning" if name in WARNINGS else "error", meaning, remedy)
