"""How much one expression may ask for; beyond it the evaluation ends with ``FeelLimitError``."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bpmn.feel.errors import FeelLimitError, FeelWarning, Undefined
from bpmn.feel.phrases import Phrase

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
MAX_SECONDS = 5.0
"""Processor time of one evaluation: a backstop for work that the budget counts too cheap."""
MAX_VISITS = 250_000
"""Values inside one value that one operation walks through; shared parts count each time."""
MAX_WARNINGS = 50
MAX_NESTING = 100
"""Lists and contexts inside one another, in values that come from outside."""
_BETWEEN_LOOKS = 100
_TEXT_UNIT = 256


LARGE = frozenset((str, list, dict))
"""The types of values that cost more the larger they are."""


def weight(value: Any) -> int:
    """The units that reading or making a value costs."""
    if isinstance(value, list | dict):
        return len(value)
    return len(value) // _TEXT_UNIT if isinstance(value, str) else 0


class Run:
    """One evaluation: what it may read, what it has spent and why it gave null."""

    __slots__ = (
        "calls",
        "chosen",
        "context",
        "functions",
        "left",
        "look",
        "now",
        "read",
        "since",
        "warnings",
    )

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
        self.chosen: list[FeelWarning] = []
        """The warnings that led to a choice, and do not explain a null that was chosen."""
        self.left = MAX_WORK
        self.look = MAX_WORK - _BETWEEN_LOOKS
        self.since = 0.0
        self.calls = 0

    def warn(self, code: str, position: int, text: str, *words: Any) -> None:
        """Keep the reason of a null; the first ones are enough to find the cause."""
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(FeelWarning(code, position, Phrase(text, words)))

    def explain(self, reason: Undefined, position: int = -1) -> None:
        """Keep why an operation at a place has no value."""
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(FeelWarning(reason.code, position, reason.phrase))

    def has_chosen(self, since: int) -> None:
        """A choice was made: what was warned of since so many warnings explains it alone."""
        if len(self.warnings) > since:
            self.chosen += self.warnings[since:]

    def causes(self) -> tuple[FeelWarning, ...]:
        """The warnings that may explain a null."""
        chosen = {id(warning) for warning in self.chosen}
        return tuple(warning for warning in self.warnings if id(warning) not in chosen)

    def spend(self, units: int) -> None:
        """Take from the budget; raises ``FeelLimitError`` when it is used up."""
        self.left -= units
        if self.left < self.look:
            self._look_at_clock()

    def _look_at_clock(self) -> None:
        if self.left < 0:
            raise FeelLimitError("The expression takes more than {0} steps.", MAX_WORK)
        self.look = self.left - _BETWEEN_LOOKS
        spent = time.thread_time()
        # Small expressions never come here, so they never pay for the clock.
        self.since = self.since or spent
        if spent - self.since > MAX_SECONDS:
            raise FeelLimitError("The expression takes more than {0:g} seconds.", MAX_SECONDS)


class Visits:
    """How many values one operation has walked through."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_VISITS

    def many(self, count: int) -> None:
        """Count so many more; raises ``FeelLimitError`` when there were too many."""
        self.left -= count
        if self.left < 0:
            raise FeelLimitError("A value holds more than {0} values.", MAX_VISITS)


def check_list(size: int) -> None:
    """Raises ``FeelLimitError`` when a list of that many items must not be built."""
    if size > MAX_LIST:
        raise FeelLimitError("A list may have {0} items at most.", MAX_LIST)


def check_text(size: int) -> None:
    """Raises ``FeelLimitError`` when a string of that many characters must not be built."""
    if size > MAX_TEXT:
        raise FeelLimitError("A string may have {0} characters at most.", MAX_TEXT)
