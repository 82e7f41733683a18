"""Reads JSON so that every object knows the line on which it begins."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_SIGN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\n]')


class Placed(dict[str, Any]):
    """A JSON object and the line of the text on which its brace opens, counted from one."""

    line: int = 1


def read_placed(text: str) -> Any:
    """The value that the JSON text holds, its objects as ``Placed``; raises ``ValueError``."""
    lines = _lines(text)

    def make(pairs: list[tuple[str, Any]]) -> Placed:
        made = Placed(pairs)
        made.line = next(lines, 1)
        return made

    return json.loads(text, object_pairs_hook=make, parse_constant=_refuse_constant)


def _lines(text: str) -> Iterator[int]:
    """The line of the opening brace of each object, in the order in which they close."""
    line, open_at = 1, list[int]()
    for sign in _SIGN.finditer(text):
        if sign[0] == "\n":
            line += 1
        elif sign[0] == "{":
            open_at.append(line)
        elif sign[0] == "}" and open_at:
            yield open_at.pop()


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")
