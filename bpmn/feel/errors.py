"""The FEEL error family, and the warnings that explain a null.

Each carries a stable code, the place in the text where there is one, and a sentence for people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bpmn.errors import BpmnError
from bpmn.feel.phrases import Phrase, at_place
from bpmn.model import Names


@dataclass(frozen=True, slots=True)
class FeelWarning:
    """Why an operator or a call gave null: a stable code, the place in the text, a sentence."""

    code: str
    position: int
    """Characters before the place, counted from zero; -1 when there is none."""
    phrase: Phrase

    @property
    def message(self) -> str:
        """The sentence in English, without the place."""
        return self.phrase.english

    @property
    def messages(self) -> Names:
        """The sentence in Persian and English, with the place."""
        return at_place(self.phrase, self.position)


class FeelError(BpmnError):
    """The expression failed."""

    code = "VALUE"

    def __init__(self, text: str, *words: Any, position: int = -1) -> None:
        self.phrase = Phrase(text, words)
        self.position = position
        """Characters before the place, counted from zero; -1 when there is none."""
        super().__init__(self.phrase.english)

    @property
    def messages(self) -> Names:
        """The sentence in Persian and English, with the place."""
        return at_place(self.phrase, self.position)


class FeelSyntaxError(FeelError):
    """The expression cannot be read."""

    def __init__(self, code: str, position: int, text: str, *words: Any) -> None:
        super().__init__(text, *words, position=position)
        self.code = code

    @property
    def message(self) -> str:
        """The sentence in English, without the place."""
        return self.phrase.english

    def __str__(self) -> str:
        return self.messages["en"]


class FeelLimitError(FeelError):
    """The expression asks for more work than one expression may."""

    code = "LIMIT"

    def at(self, position: int) -> None:
        """Keep the innermost place that is known."""
        if self.position < 0:
            self.position = position


class FeelValueError(FeelError):
    """A value is not defined where the caller demands one; ``warnings`` say why."""

    def __init__(self, warnings: tuple[FeelWarning, ...]) -> None:
        self.warnings = warnings
        super().__init__("{0}", "; ".join(warning.message for warning in warnings))
        self.code = warnings[0].code if warnings else self.code

    @property
    def messages(self) -> Names:
        """The sentences of the warnings in Persian and English, each with its place."""
        told = [warning.messages for warning in self.warnings]
        return {"en": "; ".join(one["en"] for one in told), "fa": "؛ ".join(o["fa"] for o in told)}


class Undefined(FeelError):
    """An operation has no value here; the nearest operator or call turns it into null."""

    def __init__(self, code: str, text: str, *words: Any) -> None:
        self.code = code
        self.phrase = Phrase(text, words)
        self.position = -1
        # The sentence is put together only if somebody reads it: a null is a daily matter.
        Exception.__init__(self)

    def __str__(self) -> str:
        return self.phrase.english
