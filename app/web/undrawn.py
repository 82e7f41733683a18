"""What is told of a process whose file holds no drawing: its elements, and how far it went."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from app.services.deployment import definitions
from app.web.entries import named


class Step(NamedTuple):
    """One element in words; ``state`` is ``fault``, ``here``, ``done`` or nothing."""

    name: str
    state: str


def steps_of(
    definition_id: int,
    done: Collection[str] = (),
    here: Collection[str] = (),
    faults: Collection[str] = (),
) -> list[Step] | None:
    """The elements in the order of the file; None where there is a drawing to look at."""
    drawn = definitions.load(definition_id)
    if drawn.is_drawn:
        return None
    states = (("fault", faults), ("here", here), ("done", done))
    return [
        Step(named(one.names) or key, next((word for word, ids in states if key in ids), ""))
        for key, one in drawn.elements.items()
    ]
