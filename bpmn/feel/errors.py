"""The FEEL error family, and the warnings that explain a null."""

from __future__ import annotations

from dataclasses import dataclass

from bpmn.errors import BpmnError
from bpmn.feel.phrases import in_both
from bpmn.model import Names


@dataclass(frozen=True, slots=True)
class FeelWarning:
    """Why an operator or a call gave null: a stable code, the place in the text, a sentence."""

    code: str
    position: int
    """Characters before the place, counted from zero; -1 when there is none."""
    message: str

    @property
    def messages(self) -> Names:
        """The sentence in Persian and English, with the place."""
        return in_both(self.code, self.position, self.message)


class FeelError(BpmnError):
    """The expression failed."""


class FeelSyntaxError(FeelError):
    """The expression cannot be read."""

    def __init__(self, code: str, position: int, message: str) -> None:
        self.code = code
        self.position = position
        self.message = message
        super().__init__(f"{message} (at character {position + 1})")

    @property
    def messages(self) -> Names:
        """The sentence in Persian and English, with the place."""
        return in_both(self.code, self.position, self.message)


class FeelLimitError(FeelError):
    """The expression asks for more work than one expression may."""


class FeelValueError(FeelError):
    """A value is not defined where the caller demands one; ``warnings`` say why."""

    def __init__(self, warnings: tuple[FeelWarning, ...]) -> None:
        self.warnings = warnings
        super().__init__("; ".join(warning.message for warning in warnings))


class Undefined(FeelError):
    """An operation has no value here; the nearest operator or call turns it into null."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)
