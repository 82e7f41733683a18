"""Which part of a box of values no rule covers, found column by column within a budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

Hole = tuple[int, ...]
"""A mask of atoms for each column, as many columns as were needed to find the hole."""


class TooMuch(Exception):
    """The budget is used up; nothing can be said."""


@dataclass
class Budget:
    """How many parts may be looked at."""

    left: int

    def spend(self) -> None:
        """Take one; raises ``TooMuch`` when there is none left."""
        self.left -= 1
        if self.left < 0:
            raise TooMuch


@dataclass
class Cover:
    """The rules, as bits, over a box: per column its atoms by the rules that let them pass."""

    classes: Sequence[dict[int, int]]
    whole: Sequence[int]
    """Per column the rules that let all of the box pass in this column and all behind it."""
    budget: Budget
    _covered: set[tuple[int, int]] = field(default_factory=set)

    def holes(self, rules: int, column: int = 0) -> Iterator[Hole]:
        """The parts of the box that none of the rules covers; raises ``TooMuch``."""
        if not rules:
            yield ()
            return
        if column == len(self.classes) or rules & self.whole[column]:
            return
        if (column, rules) in self._covered:
            return
        self.budget.spend()
        found = False
        for alive, atoms in self._split(rules, column).items():
            for rest in self.holes(alive, column + 1):
                found = True
                yield (atoms, *rest)
        if not found:
            self._covered.add((column, rules))

    def _split(self, rules: int, column: int) -> dict[int, int]:
        parts: dict[int, int] = {}
        for passing, atoms in self.classes[column].items():
            alive = rules & passing
            parts[alive] = parts.get(alive, 0) | atoms
        return parts


def whole(covering: Sequence[int]) -> list[int]:
    """Per column the rules that cover it and all columns behind it."""
    found: list[int] = []
    rules = -1
    for column in reversed(covering):
        rules &= column
        found.append(rules)
    return found[::-1]
