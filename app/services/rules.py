"""Every rule by which a diagram is judged, for pages and reports about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.services import references
from bpmn import findings


@dataclass(frozen=True)
class Rule:
    """One rule in one language."""

    id: str
    severity: str
    """``error`` refuses the file, ``warning`` does not."""
    meaning: str
    remedy: str


def catalogue(language: str) -> Iterator[Rule]:
    """All rules about diagrams in ``en`` or ``fa``, in a fixed order."""
    for table in (findings.RULES, references.RULES):
        for name in table:
            meaning, remedy = findings.describe(name, language, table)
            severity = "warning" if name in findings.WARNINGS else "error"
            yield Rule(name, severity, meaning, remedy)
