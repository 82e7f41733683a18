"""What a decision model is once it has been read: plain values and closures, safe to share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bpmn.feel.compiler import Code
from bpmn.feel.errors import FeelWarning
from bpmn.feel.types import ANY, Type
from bpmn.model import Finding, Names


@dataclass(frozen=True)
class InputData:
    """A value that the caller gives."""

    id: str
    name: str
    type: Type = ANY


@dataclass(frozen=True)
class Decision:
    """One decision; ``logic`` is None when the model leaves it to people."""

    id: str
    name: str
    variable: str
    type: Type
    logic: Code | None = field(repr=False, compare=False)
    kind: str
    """The local name of its logic: ``decisionTable``, ``literalExpression``, ``context``…"""
    requires: tuple[str, ...]
    """References to what it needs: ``id`` in this model, ``namespace#id`` in another."""
    line: int = 1
    names: Names = field(default_factory=dict, compare=False)
    """By language: the name that is drawn, and what the properties ``name_…`` say."""


@dataclass(frozen=True)
class Knowledge:
    """A business knowledge model: a function that decisions share."""

    id: str
    name: str
    logic: Code = field(repr=False, compare=False)
    requires: tuple[str, ...]


@dataclass(frozen=True)
class Service:
    """A decision service: some decisions as one function of its inputs."""

    id: str
    name: str
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    """Input data, then input decisions: the order of its arguments."""
    type: Type = ANY


Node = InputData | Decision | Knowledge | Service


@dataclass(frozen=True)
class DecisionModel:
    """One ``.dmn`` file."""

    id: str
    name: str
    namespace: str
    sha256: str
    nodes: Mapping[str, Node] = field(repr=False)
    """Everything that can be required, by id."""
    imports: Mapping[str, DecisionModel] = field(default_factory=dict, repr=False)
    """Imported models by the name that they have here."""
    types: Mapping[str, Type] = field(default_factory=dict, repr=False)
    names: frozenset[str] = field(default_factory=frozenset, repr=False)
    """All names that its expressions may use."""
    warnings: tuple[Finding, ...] = ()
    labels: Names = field(default_factory=dict, repr=False)
    """The name of the file's model by language."""

    @property
    def decisions(self) -> Mapping[str, Decision]:
        """Its decisions by id."""
        return {key: node for key, node in self.nodes.items() if isinstance(node, Decision)}

    def find(self, wanted: str) -> Node | None:
        """A node by its id, else by its name."""
        if wanted in self.nodes:
            return self.nodes[wanted]
        return next((node for node in self.nodes.values() if node.name == wanted), None)


@dataclass(frozen=True)
class Match:
    """The rules of one table that matched, for the trace."""

    decision: str
    """The name of the decision or function whose table it is."""
    table: str
    """The id of the table's element; empty when it has none."""
    hit_policy: str
    rules: tuple[int, ...]
    """Numbers of the rules, counted from one, in the order of the table."""
    rule_ids: tuple[str, ...]
    annotations: tuple[tuple[str, ...], ...] = ()
    """The annotations of each of these rules."""
    inputs: tuple[Any, ...] = ()
    """The values of the input expressions, JSON-able."""


@dataclass(frozen=True)
class Decided:
    """What a decision gave, which rules gave it, and why there is null where there is."""

    value: Any
    matches: tuple[Match, ...] = ()
    warnings: tuple[FeelWarning, ...] = ()
    causes: tuple[FeelWarning, ...] = ()
    """Those of the warnings that may have made the value null; the others led to a choice."""
