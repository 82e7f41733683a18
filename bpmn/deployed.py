"""What the engine asks of whoever keeps the deployed processes, for call activities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from bpmn.definition import Definition
    from bpmn.model import Call


@dataclass(frozen=True)
class Called:
    """A process that may be called, with the decisions that it asks, by their ids."""

    definition: Definition
    decisions: Mapping[str, Any] = field(default_factory=dict)


class Deployed(Protocol):
    """The deployed processes as call activities see them."""

    def find(self, call: Call, caller: str) -> Called | None:
        """The process for a call that begins now; ``caller`` is the sha256 of the process that
        calls. None when there is no such process or no such version."""

    def load(self, sha256: str) -> Called | None:
        """A process that was found for this instance before; None when it is gone."""


class NothingDeployed:
    """For an instance whose process calls no other."""

    def find(self, call: Call, caller: str) -> Called | None:
        """Nothing."""
        return None

    def load(self, sha256: str) -> Called | None:
        """Nothing."""
        return None


class DeployedTogether:
    """Processes that were all deployed in one go, in memory; of the same key the last is newest."""

    def __init__(
        self, definitions: Iterable[Definition], decisions: Mapping[str, Any] | None = None
    ) -> None:
        self._called = [Called(one, decisions or {}) for one in definitions]

    def find(self, call: Call, caller: str) -> Called | None:
        """The newest of that key, for a version tag the newest that has it."""
        fitting = [one for one in self._called if _fits(one.definition, call)]
        return fitting[-1] if fitting else None

    def load(self, sha256: str) -> Called | None:
        """The process of those bytes."""
        return next((one for one in self._called if one.definition.sha256 == sha256), None)


def _fits(definition: Definition, call: Call) -> bool:
    tagged = call.binding != "versionTag" or definition.version_tag == call.tag
    return definition.key == call.process and tagged
