"""How much one expression may ask for; beyond it the evaluation ends with ``FeelLimitError``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bpmn.feel.errors import FeelLimitError, FeelWarning

MAX_LENGTH = 20_000
"""Characters of one expression."""
MAX_DEPTH = 60
"""Expressions inside one another."""
MAX_CHAIN = 200
"""Operators, paths, filters and calls in a row."""
MAX_PARSE_STEPS = 60_000
"""Operands tried while reading one expression, with those tried twice."""
MAX_WORK = 1_000_000
"""Iterations, calls and items of results in one evaluation."""
MAX_TEXT = 1_000_000
"""Characters of one string that is built."""
MAX_LIST = 250_000
"""Items of one list that is built."""
MAX_CALLS = 120
"""Calls of functions inside one another."""
MAX_WARNINGS = 50
MAX_NESTING = 100
"""Lists and contexts inside one another, in values that come from outside."""


class Run:
    """One evaluation: what it may read, what it has spent and why it gave null."""

    __slots__ = ("calls", "context", "functions", "left", "now", "read", "warnings")

    def __init__(
        self,
        context: Mapping[str, Any],
        now: datetime | None,
        functions: Mapping[str, Callable[..., Any]],
    ) -> None:
        self.context = context
        self.now = now
        self.functions = functions
        self.read: dict[str, Any] = {}
        self.warnings: list[FeelWarning] = []
        self.left = MAX_WORK
        self.calls = 0

    def warn(self, code: str, position: int, message: str) -> None:
        """Keep the reason of a null; the first ones are enough to find the cause."""
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(FeelWarning(code, position, message))

    def spend(self, units: int) -> None:
        """Take from the budget; raises ``FeelLimitError`` when it is used up."""
        self.left -= units
        if self.left < 0:
            raise FeelLimitError(f"The expression takes more than {MAX_WORK} steps.")


def check_list(size: int) -> None:
    """Raises ``FeelLimitError`` when a list of that many items must not be built."""
    if size > MAX_LIST:
        raise FeelLimitError(f"A list may have {MAX_LIST} items at most.")


def check_text(size: int) -> None:
    """Raises ``FeelLimitError`` when a string of that many characters must not be built."""
    if size > MAX_TEXT:
        raise FeelLimitError(f"A string may have {MAX_TEXT} characters at most.")
