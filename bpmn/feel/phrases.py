"""What is said to people about an expression: English in the code, Persian by a catalogue."""

from __future__ import annotations

from typing import Any, NamedTuple

from bpmn.bidi import set_apart
from bpmn.feel.persian import KINDS, SENTENCES
from bpmn.model import Names


class Phrase(NamedTuple):
    """An English sentence with places for words, which may be phrases themselves."""

    text: str
    words: tuple[Any, ...] = ()

    @property
    def english(self) -> str:
        """The sentence in English."""
        words = (word.english if isinstance(word, Phrase) else word for word in self.words)
        return self.text.format(*words)

    @property
    def persian(self) -> str:
        """The sentence in Persian; the names of types are translated too."""
        return SENTENCES.get(self.text, self.text).format(*map(_in_persian, self.words))


def _in_persian(word: Any) -> Any:
    if isinstance(word, Phrase):
        return word.persian
    if _is(word):
        return " یا ".join(KINDS.get(part, part) for part in word.split(" or "))
    return set_apart(word)


def _is(word: Any) -> bool:
    return isinstance(word, str) and all(part in KINDS for part in word.split(" or "))


def at_place(phrase: Phrase, position: int) -> Names:
    """The sentence in both languages, with the place in the text where there is one."""
    if position < 0:
        return {"en": phrase.english, "fa": phrase.persian}
    return {
        "en": f"{phrase.english} (at character {position + 1})",
        "fa": f"{phrase.persian} (نویسهٔ {set_apart(position + 1)})",
    }
