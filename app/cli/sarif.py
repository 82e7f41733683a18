"""Findings in SARIF 2.1.0 (OASIS), which editors and build servers show beside the file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from bpmn import Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif_of(
    findings: Sequence[Finding], files: Iterable[str], notes: Iterable[str], language: str
) -> dict[str, Any]:
    """One run with all rules of the product, and a result for each finding."""
    rules = _rules(findings, language)
    places = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {
        "name": "Peygir",
        "version": _version(),
        "language": language,
        "rules": rules,
    }
    run = {
        "tool": {"driver": driver},
        "artifacts": [{"location": {"uri": _uri(name)}} for name in files],
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notes(notes)}],
        "results": [_result(one, places[one.rule], language) for one in findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _version() -> str:
    try:
        return version("peygir")
    except PackageNotFoundError:
        return "0"


def _rules(findings: Iterable[Finding], language: str) -> list[dict[str, Any]]:
    """Every rule with its help; one that has no entry in a table is told by its finding."""
    from app.services.deployment.rules import catalogue

    told = {rule.id: rule for rule in catalogue(language)}
    known = [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.meaning},
            "help": {"text": f"{rule.meaning} {rule.remedy}"},
            "defaultConfiguration": {"level": rule.severity},
        }
        for rule in told.values()
    ]
    others = {one.rule: one for one in findings if one.rule not in told}
    return known + [
        {
            "id": rule,
            "shortDescription": {"text": rule},
            "help": {"text": one.message.get(language) or rule},
            "defaultConfiguration": {"level": one.severity},
        }
        for rule, one in sorted(others.items())
    ]


def _result(one: Finding, place: int, language: str) -> dict[str, Any]:
    said = [
        text.get(language) or next(iter(text.values()), "") for text in (one.message, one.remedy)
    ]
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(one.file)},
            "region": {"startLine": max(1, one.line)},
        }
    }
    if one.element:
        location["logicalLocations"] = [{"name": one.element, "kind": "element"}]
    return {
        "ruleId": one.rule,
        "ruleIndex": place,
        "level": one.severity,
        "message": {"text": " ".join(filter(None, said))},
        "locations": [location],
    }


def _notes(notes: Iterable[str]) -> list[dict[str, Any]]:
    return [{"level": "note", "message": {"text": note}} for note in notes]


def _uri(name: str) -> str:
    """A relative reference for a relative path, so that the file fits any machine."""
    path = Path(name)
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))
