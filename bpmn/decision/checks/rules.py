"""The rules of one table as boxes in the space of its columns: what meets, hides, is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from bpmn.decision.checks.columns import Column
from bpmn.decision.checks.cover import Budget, Cover, Hole, TooMuch, whole

_WORK = 3_000_000
"""Rules times atoms that are compared; a larger table is checked cell by cell only."""
_PARTS = 20_000
"""Parts looked at when gaps are searched."""
_PARTS_OF_RULE = 1_000
"""Parts looked at to see whether one rule can be reached."""
_PARTS_OF_RULES = 60_000
"""The same for all rules together."""


class Rules:
    """All rules of a table; a rule is its place, counted from zero."""

    def __init__(self, columns: Sequence[Column], count: int) -> None:
        self.columns, self.count = columns, count
        atoms = sum(column.other.bit_length() for column in columns)
        self.is_too_large = atoms * count > _WORK
        self.classes = [] if self.is_too_large else [
            column.classes(column.everything) for column in columns
        ]  # fmt: skip

    def box(self, rule: int) -> Hole:
        """The atoms that a rule lets pass for certain, per column."""
        return tuple(column.sure[rule] for column in self.columns)

    def is_known(self, rule: int) -> bool:
        """Whether all cells of a rule can be judged."""
        return not any(column.unknown >> rule & 1 for column in self.columns)

    def overlaps(self) -> Iterator[tuple[int, int]]:
        """The pairs of rules that certainly match together at some point."""
        for rule in range(self.count):
            partners = self._meeting(self.box(rule)) & ((1 << rule) - 1)
            while partners:
                lowest = partners & -partners
                yield lowest.bit_length() - 1, rule
                partners ^= lowest

    def _meeting(self, box: Hole) -> int:
        """The rules, as bits, that certainly share a point with a box."""
        rules = -1
        for mask, classes in zip(box, self.classes, strict=True):
            met = 0
            for passing, atoms in classes.items():
                if atoms & mask:
                    met |= passing
            rules &= met
        return rules

    def shared(self, one: int, other: int) -> Hole:
        """Where two rules meet."""
        return tuple(column.sure[one] & column.sure[other] for column in self.columns)

    def has_values(self, box: Hole) -> bool:
        """Whether a box holds a point of plain values, no null and nothing of other kinds."""
        return all(mask & c.values for mask, c in zip(box, self.columns, strict=True))

    def shown(self, box: Hole, labels: Sequence[str]) -> str:
        """The box as ``column: test`` for each column that it bounds."""
        told = zip(labels, self.columns, box, strict=False)
        parts = [f"{label}: {column.shown(mask)}" for label, column, mask in told
                 if column.shown(mask) != "-"]  # fmt: skip
        return "; ".join(parts) or "-"

    def hidden(self) -> Iterator[tuple[int, int | None]]:
        """The rules that earlier ones cover wholly, with the one that does so alone if any."""
        total = Budget(_PARTS_OF_RULES)
        for rule in range(1, self.count):
            if any(not c.sure[rule] and not c.unknown >> rule & 1 for c in self.columns):
                continue
            box = self._largest(rule)
            earlier = self._meeting(box) & ((1 << rule) - 1)
            if not earlier:
                continue
            covering = [self._covering(place, mask) for place, mask in enumerate(box)]
            alone = whole(covering)[0] & earlier
            if alone:
                yield rule, (alone & -alone).bit_length() - 1
            elif self._is_covered(box, covering, earlier, total):
                yield rule, None

    def _largest(self, rule: int) -> Hole:
        """The box of a rule where unknown cells let everything pass."""
        return tuple(c.everything if c.unknown >> rule & 1 else c.sure[rule] for c in self.columns)

    def _covering(self, place: int, box: int) -> int:
        """The rules that let all of a mask pass in one column."""
        rules = -1
        for passing, atoms in self.classes[place].items():
            if atoms & box:
                rules &= passing
        return rules

    def _is_covered(self, box: Hole, covering: list[int], earlier: int, total: Budget) -> bool:
        budget = Budget(min(_PARTS_OF_RULE, total.left))
        before = budget.left
        classes = [
            {passing: atoms & mask for passing, atoms in classes.items() if atoms & mask}
            for mask, classes in zip(box, self.classes, strict=True)
        ]
        try:
            return next(Cover(classes, whole(covering), budget).holes(earlier), None) is None
        except TooMuch:
            return False
        finally:
            total.left -= before - max(0, budget.left)

    def gaps(self, most: int) -> list[Hole]:
        """Some boxes of plain values that certainly no rule matches."""
        classes = [_with(column.unknown, column.classes(column.values)) for column in self.columns]
        if not all(classes):
            return []
        covering = [_all_of(part) for part in classes]
        every = (1 << self.count) - 1
        cover = Cover(classes, whole(covering), Budget(_PARTS))
        try:
            found = list(islice(cover.holes(every), most + 1))
        except TooMuch:
            return []
        filled = [c.values for c in self.columns]
        return [(*hole, *filled[len(hole) :]) for hole in found]


def _with(rules: int, classes: dict[int, int]) -> dict[int, int]:
    """The same, with more rules in every part."""
    found: dict[int, int] = {}
    for passing, atoms in classes.items():
        found[passing | rules] = found.get(passing | rules, 0) | atoms
    return found


def _all_of(classes: dict[int, int]) -> int:
    rules = -1
    for passing in classes:
        rules &= passing
    return rules
