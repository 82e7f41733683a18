"""One evaluation of one decision, with the trace of its tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bpmn.decision.model import Match
from bpmn.feel.limits import Run


class DecisionRun(Run):
    """A run that remembers which rules matched."""

    __slots__ = ("matches",)

    def __init__(
        self,
        context: Mapping[str, Any],
        now: datetime | None,
        functions: Mapping[str, Callable[..., Any]],
    ) -> None:
        super().__init__(context, now, functions)
        self.matches: list[Match] = []
