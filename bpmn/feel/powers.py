"""How tightly the operators of FEEL bind (DMN 1.5, 10.3.1.2): the larger, the tighter."""

from __future__ import annotations

from collections.abc import Mapping

POWERS: Mapping[str, int] = {
    "or": 1, "and": 2, "=": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "in": 4, "between": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "**": 7, "instance": 9, ".": 10, "[": 10, "(": 10,
}  # fmt: skip
COMPARISON = 4
NEGATION = 8
"""Of a sign before its operand."""
