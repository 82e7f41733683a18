"""Runs the TCK's cases against the decision room and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bpmn import xml
from bpmn.decision import Decision, DecisionError, DecisionModel, decide, read_decision
from bpmn.decision.model import Decided, Service
from bpmn.errors import BpmnError
from bpmn.feel.values import Function, to_json
from tests.tck import cases
from tests.tck.line import ALLOWED

NOW = datetime(2026, 3, 21, 10, 30, tzinfo=UTC)
_TOLERANCE = Decimal("1e-8")


@dataclass(frozen=True)
class Node:
    """One result node and what came of it."""

    directory: str
    case: str
    name: str
    literal: bool
    expected: Any
    actual: Any
    passed: bool
    note: str = ""


@dataclass
class Count:
    """Passed of all."""

    passed: int = 0
    all: int = 0

    def add(self, passed: bool) -> None:
        """Count one more."""
        self.passed += passed
        self.all += 1

    @property
    def share(self) -> float:
        """From 0 to 1; 1 when there is nothing to count."""
        return self.passed / self.all if self.all else 1.0

    def __str__(self) -> str:
        return f"{self.passed:5} of {self.all:5}  {100 * self.share:6.2f} %"


@dataclass
class Totals:
    """The counts that the line is held on."""

    everything: Count = field(default_factory=Count)
    literal: Count = field(default_factory=Count)
    literal_with_value: Count = field(default_factory=Count)
    missed: Counter[str] = field(default_factory=Counter)

    def add(self, node: Node) -> None:
        """Count one result node."""
        self.missed[node.directory] += not node.passed
        self.everything.add(node.passed)
        if node.literal:
            self.literal.add(node.passed)
            if node.expected is not None:
                self.literal_with_value.add(node.passed)

    @property
    def is_above_the_line(self) -> bool:
        """Whether nothing missed but what may."""
        return all(missed <= ALLOWED.get(name, 0) for name, missed in self.missed.items())


def run_all() -> Iterator[Node]:
    """Every result node of every directory."""
    for directory in cases.directories():
        yield from run_directory(directory)


def run_directory(directory: Path) -> Iterator[Node]:
    """Every result node of one directory."""
    for file in sorted(directory.glob("*.xml")):
        name, found = cases.read(file)
        model = load(directory / name)
        for case in found:
            yield from _run_case(directory, model, case)


def load(file: Path) -> DecisionModel:
    """The model with the models that it imports, which lie in the same folder."""
    source = file.read_bytes()
    wanted = _import_namespaces(source)
    imported = [load(other) for other in file.parent.glob("*.dmn") if _namespace(other) in wanted]
    return read_decision(source, file.name, imports=imported)[0]


def _namespace(file: Path) -> str:
    return str(xml.read(file.read_bytes()).getroot().get("namespace"))


def _import_namespaces(source: bytes) -> set[str]:
    root = xml.read(source).getroot()
    return {str(part.get("namespace")) for part in root if xml.local(part) == "import"}


def _run_case(directory: Path, model: DecisionModel, case: cases.Case) -> Iterator[Node]:
    for expected in case.expected:
        asked = model.find(case.invocable or expected.name)
        literal = isinstance(asked, Decision) and asked.kind == "literalExpression"
        actual, note = _decide(model, case.invocable or expected.name, case.inputs)
        if isinstance(asked, Service) and len(asked.outputs) > 1 and isinstance(actual, dict):
            actual = actual.get(expected.name)
        yield Node(
            f"{directory.parent.name}/{directory.name}",
            case.id,
            expected.name,
            literal,
            expected.value,
            actual,
            same(expected.value, actual),
            note,
        )


def _decide(model: DecisionModel, name: str, inputs: dict[str, Any]) -> tuple[Any, str]:
    try:
        decided: Decided = decide(model, name, inputs, now=NOW)
    except DecisionError as error:
        return None, f"{type(error).__name__}: {error}"
    except BpmnError as error:
        return None, f"{type(error).__name__}: {error}"
    return decided.value, "; ".join(warning.message for warning in decided.warnings[:3])


def same(expected: Any, actual: Any) -> bool:
    """Whether a value is the expected one; numbers may differ in the ninth digit."""
    if isinstance(expected, Decimal) and isinstance(actual, Decimal):
        return abs(expected - actual) <= _TOLERANCE * max(Decimal(1), abs(expected))
    if isinstance(expected, list) and isinstance(actual, list):
        pairs = zip(expected, actual, strict=False)
        return len(expected) == len(actual) and all(same(one, other) for one, other in pairs)
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(
            same(value, actual[key]) for key, value in expected.items()
        )
    return type(expected) is type(actual) and bool(expected == actual)


def shown(value: Any) -> str:
    """The value for a report."""
    return "function" if isinstance(value, Function) else repr(to_json(value))[:120]
