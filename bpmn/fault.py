"""The one exception by which an element says that it cannot run."""

from __future__ import annotations


class Fault(Exception):
    """An element cannot run now; its token stays before it until somebody tries again."""

    def __init__(
        self, code: str, message: str, expression: str | None = None, persian: str | None = None
    ) -> None:
        self.code, self.message, self.expression = code, message, expression
        self.persian = persian
        """The same as the message for people who read Persian, where there are words for it."""
        super().__init__(message)
