"""Pointers into JSON answers, such as ``entries[0].messageid``: names and positions, no more.

They look like JSONPath without its filters and wildcards, so a pointer finds one value or none
and can cost nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

LONGEST = 200
_STEP = re.compile(
    r"""\[(?P<index>-?[0-9]{1,6})\]|\[(?P<mark>["'])(?P<quoted>[^"']+)(?P=mark)\]"""
    r"""|\.?(?P<name>[^.\[\]"']+)"""
)


class BadPointer(ValueError):
    """This is no pointer into a JSON answer."""


def pick(value: Any, pointer: str) -> Any:
    """The value that the pointer leads to; None when nothing is there. ``$`` alone is the whole.

    Raises BadPointer for what is no pointer.
    """
    for step in steps(pointer):
        if isinstance(step, int):
            value = _at(value, step)
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


@lru_cache(maxsize=512)
def steps(pointer: str) -> tuple[str | int, ...]:
    """The names and positions of a pointer; raises BadPointer."""
    rest = pointer.strip().removeprefix("$")
    if len(pointer) > LONGEST:
        raise BadPointer(f"longer than {LONGEST} characters")
    found: list[str | int] = []
    place = 0
    while place < len(rest):
        step = _STEP.match(rest, place)
        if step is None:
            raise BadPointer(f"{pointer[:60]!r}, character {place + 1}")
        index = step["index"]
        found.append(int(index) if index else step["quoted"] or step["name"])
        place = step.end()
    return tuple(found)


def _at(value: Any, index: int) -> Any:
    if not isinstance(value, list) or not -len(value) <= index < len(value):
        return None
    return value[index]
