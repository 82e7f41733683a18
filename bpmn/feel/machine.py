"""A matcher for patterns with back references, which no engine of linear time can have.

A pattern is a list of instructions; the places where the text might have been read otherwise
lie on a stack of its own, so nothing recurses, and every instruction is paid for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bpmn.feel.errors import FeelLimitError

MAX_STEPS = 300_000
"""Instructions of one search; a pattern that wanders longer is stopped."""

Instruction = tuple[str, int, int]
"""A verb and two numbers: ``take`` a character of a set, ``split`` to two places, ``jump``,
``save`` a place, ``same`` text as a group, ``grown`` since a place, ``start``, ``end``, ``found``.
"""


@dataclass(frozen=True, slots=True)
class Match:
    """One match: the text and where each group begins and ends, -1 where it took no part."""

    text: str
    places: tuple[int, ...]

    def start(self) -> int:
        """Where the match begins."""
        return self.places[0]

    def end(self) -> int:
        """The place after the match."""
        return self.places[1]

    def group(self, number: int = 0) -> str | None:
        """The text of a group; None where it took no part."""
        first, last = self.places[2 * number], self.places[2 * number + 1]
        return None if first < 0 or last < 0 else self.text[first:last]


@dataclass
class Machine:
    """A pattern, ready; it answers as a compiled pattern of the library does."""

    program: list[Instruction]
    sets: list[Callable[[str], bool]]
    groups: int
    slots: int
    """Places to remember: two for each group and one for each repetition."""
    ignores_case: bool = False
    many_lines: bool = False
    seen: dict[tuple[int, str], bool] = field(default_factory=dict)

    def search(self, text: str) -> Match | None:
        """The first match."""
        return next(self.finditer(text), None)

    def finditer(self, text: str) -> Iterator[Match]:
        """Every match, one after the other; raises ``FeelLimitError``."""
        at, left = 0, [MAX_STEPS]
        while at <= len(text):
            found = self._match(text, at, left)
            if found is None:
                at += 1
                continue
            yield found
            at = found.end() if found.end() > found.start() else found.end() + 1

    def sub(self, put: Callable[[Match], str], text: str) -> str:
        """The text with every match replaced."""
        pieces, end = [], 0
        for match in self.finditer(text):
            pieces += [text[end : match.start()], put(match)]
            end = match.end()
        return "".join([*pieces, text[end:]])

    def _match(self, text: str, start: int, left: list[int]) -> Match | None:
        """The match that begins exactly at a place."""
        waiting: list[tuple[int, int, tuple[int, ...]]] = [(0, start, (-1,) * self.slots)]
        while waiting:
            at, place, places = waiting.pop()
            while at >= 0:
                left[0] -= 1
                if left[0] < 0:
                    raise FeelLimitError("The pattern takes too long for this text.")
                verb, one, other = self.program[at]
                if verb == "found":
                    return Match(text, (start, place, *places[2 : 2 * self.groups + 2]))
                if verb == "split":
                    waiting.append((other, place, places))
                    at = one
                elif verb == "jump":
                    at = one
                elif verb == "save":
                    places, at = (*places[:one], place, *places[one + 1 :]), at + 1
                else:
                    taken = self._taken(verb, one, text, place, places)
                    at, place = (at + 1, place + taken) if taken >= 0 else (-1, place)
        return None

    def _taken(self, verb: str, one: int, text: str, place: int, places: tuple[int, ...]) -> int:
        """How many characters an instruction takes; -1 when it does not hold here."""
        if verb == "take":
            return 1 if place < len(text) and self._in_set(one, text[place]) else -1
        if verb == "same":
            return self._repeated(text, place, places[2 * one], places[2 * one + 1])
        if verb == "grown":
            return 0 if place > places[one] else -1
        return 0 if self._is_edge(text, place, verb) else -1

    def _in_set(self, number: int, character: str) -> bool:
        key = number, character
        if key not in self.seen:
            if len(self.seen) > 5_000:
                self.seen.clear()
            self.seen[key] = self.sets[number](character)
        return self.seen[key]

    def _repeated(self, text: str, place: int, first: int, last: int) -> int:
        if first < 0 or last < 0:
            return 0
        size = last - first
        one, other = text[first:last], text[place : place + size]
        if self.ignores_case:
            one, other = one.casefold(), other.casefold()
        return size if one == other else -1

    def _is_edge(self, text: str, place: int, verb: str) -> bool:
        if verb == "start":
            return place == 0 or (self.many_lines and text[place - 1] == "\n")
        return place == len(text) or (self.many_lines and text[place] == "\n")
