"""The trace of a case in words, and what it says about the diagram that was walked through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bpmn.definition import Definition
from bpmn.model import Trace


def words_of(entry: Trace) -> str:
    """``kind element``; of what concerns the whole instance the kind alone."""
    return f"{entry.kind} {entry.element}" if entry.element else entry.kind


def warnings_of(trace: Iterable[Trace]) -> list[str]:
    """What decisions could not work out, each with the element that asked, each once."""
    said = (
        f"{entry.element}: {warning['en']}"
        for entry in trace
        for warning in entry.data.get("warnings", ())
    )
    return list(dict.fromkeys(said))


@dataclass(frozen=True)
class Coverage:
    """What of a diagram was walked through, and what never."""

    process: str
    elements: int
    """How many elements there are."""
    flows: int
    """How many sequence flows there are."""
    never_entered: tuple[str, ...]
    never_taken: tuple[str, ...]
    version: str = ""
    """Which version of the process it is, where several are called."""

    @property
    def title(self) -> str:
        """The process, with its version where several are called."""
        return f"{self.process} ({self.version})" if self.version else self.process

    @property
    def of_elements(self) -> float:
        """The part of the elements that was entered, in per cent."""
        return _part(self.elements, len(self.never_entered))

    @property
    def of_flows(self) -> float:
        """The part of the flows that was taken, in per cent: the branches."""
        return _part(self.flows, len(self.never_taken))

    @property
    def least(self) -> float:
        """The smaller of the two."""
        return min(self.of_elements, self.of_flows)


def _part(total: int, missing: int) -> float:
    return 100.0 if not total else 100 * (total - missing) / total


def measure(definition: Definition, trace: Iterable[Trace], *, called: bool = False) -> Coverage:
    """How much of a process these entries walked through, be it the instance's own or a called."""
    own = {definition.sha256} if called else {None, definition.sha256}
    seen = [entry for entry in trace if entry.definition in own]
    drawn = [name for name in definition.elements if _is_entered(definition, name)]
    entered = {entry.element for entry in seen if entry.kind in ("entered", "fault")}
    taken = {entry.flow or entry.data.get("came_by") for entry in seen}
    return Coverage(
        process=definition.key,
        elements=len(drawn),
        flows=len(definition.flows),
        never_entered=tuple(name for name in drawn if name not in entered),
        never_taken=tuple(name for name in definition.flows if name not in taken),
    )


def _is_entered(definition: Definition, name: str) -> bool:
    """Whether a token ever enters an element: a compensation boundary only names a handler."""
    node = definition.process.nodes.get(name)
    shape = None if node is None else node.shape
    if shape is None or shape.type != "boundaryEvent":
        return True
    return all(trigger.kind != "compensate" for trigger in shape.triggers)
