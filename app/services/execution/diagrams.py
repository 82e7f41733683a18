"""The diagrams of one instance: that of its own process and those of the processes it calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import bpmn
from app.models import ProcessInstance
from app.services.deployment import bindings, definitions

CLOSED_STAGE = "closed"
"""The stage that closes the request."""


class Placed(Protocol):
    """Whatever the engine says of an element of the own or of a called process."""

    @property
    def element(self) -> str | None:
        """The element's id."""

    @property
    def definition(self) -> str | None:
        """The sha256 of the called process; None for the own one."""


class Diagrams:
    """Looks elements up, and finds for the engine what call activities call.

    What a call finds is kept under its sha256 together with the decision tables that are the
    newest at that moment, so that a called process keeps its version and its tables.
    """

    def __init__(self, definition_id: int, called: Mapping[str, Any], begun_at: datetime) -> None:
        self.own_id, self.begun_at = definition_id, begun_at
        self.own = definitions.load(definition_id)
        self.called: dict[str, dict[str, Any]] = {key: dict(one) for key, one in called.items()}

    def find(self, call: bpmn.Call, caller: str) -> bpmn.Called | None:
        """The process for a call that begins now."""
        caller_id = self.own_id if caller == self.own.sha256 else self.called[caller]["id"]
        row = bindings.find(call, caller_id, self.begun_at)
        if row is None:
            return None
        if row.sha256 == self.own.sha256:
            return bpmn.Called(self.own)
        if row.sha256 not in self.called:
            pinned = definitions.pin_decisions(definitions.load(row.id))
            self.called[row.sha256] = {"id": row.id, "decisions": pinned, "tokens": []}
        return self.load(row.sha256)

    def load(self, sha256: str) -> bpmn.Called | None:
        """A process that was called before."""
        kept = self.called.get(sha256)
        if kept is None:
            return None
        tables = definitions.load_decisions(kept["decisions"])
        return bpmn.Called(definitions.load(kept["id"]), tables)

    def stand(self, outcome: bpmn.Outcome) -> list[str]:
        """Keep where the tokens of called processes stand; where those of the own one do."""
        standing: dict[str | None, list[str]] = {}
        for one in outcome.places:
            standing.setdefault(one.definition, []).append(one.element)
        self.called = {
            sha256: {**kept, "tokens": standing.get(sha256, [])}
            for sha256, kept in self.called.items()
        }
        return standing.get(None, [])

    def id_of(self, placed: Placed) -> int | None:
        """The id of the called version; None for the own one."""
        return None if placed.definition is None else self._called_id(placed.definition)

    def _called_id(self, sha256: str) -> int:
        return int(self.called[sha256]["id"])

    def element(self, placed: Placed) -> bpmn.Element | None:
        """The element as it is drawn; None for what has none."""
        if placed.definition is None:
            return self.own.elements.get(placed.element or "")
        return definitions.load(self._called_id(placed.definition)).elements.get(
            placed.element or ""
        )

    def property_of(self, placed: Placed, name: str) -> str | None:
        """A property of the element, if it has it."""
        element = self.element(placed)
        return element.properties.get(name) if element else None

    def stage_of(self, placed: Placed) -> str | None:
        """The stage that begins at an element. The customer's track is that of the own process:
        of a called one only what it lists too counts, and the end of the request."""
        stage = self.property_of(placed, "stage")
        if placed.definition is None or stage == CLOSED_STAGE:
            return stage
        return stage if any(stage == one.key for one in self.own.stages) else None


def of(instance: ProcessInstance) -> Diagrams:
    """The diagrams of a stored instance."""
    return Diagrams(instance.definition_id, instance.called, instance.started_at)


def place(element: str | None, called_id: int | None) -> str:
    """One name for an element of the own process or of a called version: no id holds a colon."""
    return (element or "") if called_id is None else f"{called_id}:{element}"


@dataclass(frozen=True)
class CalledProcess:
    """A process that an instance called, and where its tokens stand."""

    definition_id: int
    key: str
    names: Mapping[str, str]
    version: int
    sha256: str
    tokens: tuple[str, ...]


def called_by(instance: ProcessInstance) -> list[CalledProcess]:
    """The processes that an instance called, by key and version."""
    rows = [(definitions.find(kept["id"]), kept["tokens"]) for kept in instance.called.values()]
    found = [
        CalledProcess(row.id, row.key, row.names, row.version, row.sha256, tuple(tokens))
        for row, tokens in rows
    ]
    return sorted(found, key=lambda one: (one.key, one.version))
