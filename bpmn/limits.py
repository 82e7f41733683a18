"""How much one instance may hold, and how long a name may be that leaves the room.

Whoever stores what the engine says can rely on these lengths, in characters.
"""

from __future__ import annotations

from typing import Any

from bpmn.cold import Blocks
from bpmn.records import Records

VARIABLES = 8_000_000
"""Characters of all variables of one instance together, as JSON roughly writes them."""
TURNS = 10_000
"""Items of one input collection."""
LEVELS = 60
"""How deep subprocesses and calls may lie within each other where one more process is called."""
FLOWS = 4_000
"""Sequence flows of one process."""
NAMES = 1_000
"""Groups or people that one user task may name."""
NAME = 200
"""An element's id, a form, a decision, a message, its correlation key, a mapping's target."""
SHORT = 80
"""A group, a login, a job type, an error code."""
DETAIL = 4_000
"""What a fault tells."""
DIGITS = 34
"""Of a whole number that comes from outside: as many as FEEL keeps."""


def size_of(value: Any) -> int:
    """About how many characters a JSON value takes when it is written down."""
    total, pending = 0, [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            total += len(item) + 3
        elif isinstance(item, dict):
            total += sum(map(len, item)) + 4 * len(item) + 2
            pending.extend(item.values())
        elif isinstance(item, Blocks):
            pending.append(item.whole())
        elif isinstance(item, Records):
            total += item.weigh(size_of)
        elif isinstance(item, list):
            total += len(item) + 2
            pending.extend(item)
        else:
            total += 8
    return total
