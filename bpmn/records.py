"""What is complete and may have to be undone: remembered in order, as compactly as can be.

The latest record stands whole. Each earlier one says only in what it differs from the next, so
that a loop whose rounds had the same data costs a number, and one whose rounds differ in a
counter costs that counter. Undoing begins with the latest, so taking one out makes the one before
it whole: it never matters how many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bpmn.cold import BLOCK, ENCODER, ColdList, Frame, pack

Record = dict[str, Any]
"""What was complete: ``of`` (its node), ``values``, ``keeps`` and ``done`` of a subprocess, ``at``
(when), ``times`` (how often in a row) and ``in`` (its scope, where that is not known)."""

SMALL = 16
"""Blocks that are packed anew as one, which packs better."""
WORTH = 500_000
"""Characters from which on that is not tried: data that differs so much does not pack better."""
BEST = 9
"""How well such a block is packed; it is done once for a thousand records."""
_OWN = frozenset({"at", "times"})
"""What no record takes from the next."""
_SINCE = "since"
"""Marks what is not whole, and names the variables of the next record that this one lacks."""


class Records:
    """Records of which only the latest are at hand; what lies further back is packed."""

    def __init__(
        self, recent: list[Record], older: Iterable[ColdList] = (), small: int | None = None
    ) -> None:
        self._recent, self._older = recent, list(older)
        self._small = len(self._older) if small is None else small
        """How many of the last older blocks are small."""

    @classmethod
    def of(cls, records: Iterable[Record]) -> Records:
        """The records of whole ones, oldest first."""
        made = cls([])
        for record in records:
            made.append(record)
        return made

    def __bool__(self) -> bool:
        return bool(self._recent)

    def __iter__(self) -> Iterator[Record]:
        return iter(unfold(self.folded()))

    def folded(self) -> list[Record]:
        """All of them as they are kept, each but the last by its difference."""
        return [record for part in (*self._older, self._recent) for record in part]

    @property
    def last(self) -> Record | None:
        """The latest, whole."""
        return self._recent[-1] if self._recent else None

    def append(self, record: Record) -> None:
        """One more."""
        if self._recent:
            self._recent[-1] = _difference(self._recent[-1], record)
        self._recent.append(record)

    def count(self, record: Record) -> bool:
        """Count the latest once more if this one is equal to it; False when it is not."""
        last = self.last
        if last is None or not _is_equal(last, record):
            return False
        self._recent[-1] = {**record, "times": last.get("times", 1) + 1}
        return True

    def pop(self) -> Record:
        """Take out the latest; of several that are counted, one."""
        last = self._recent[-1]
        times = last.get("times", 1)
        one = {name: value for name, value in last.items() if name != "times"}
        if times > 1:
            self._recent[-1] = {**one, "times": times - 1}
        else:
            self._drop_last()
        return one

    def _drop_last(self) -> None:
        last = self._recent.pop()
        if not self._recent and self._older:
            self._recent = list(self._older.pop())
            self._small = max(0, self._small - 1)
        if self._recent:
            self._recent[-1] = _whole(self._recent[-1], last)

    def weigh(self, size_of: Callable[[Any], int]) -> int:
        """About how many characters they take, at no cost for what is packed."""
        packed = sum(part.frame.size for part in self._older if part.frame)
        return packed + size_of(self._recent)

    def kept(self, add: Callable[[Frame], int]) -> dict[str, Any]:
        """As JSON: the recent ones as they are, all others by their frames."""
        while len(self._recent) >= 2 * BLOCK:
            self._older.append(ColdList(pack(self._recent[:BLOCK])))
            del self._recent[:BLOCK]
            self._small += 1
        while self._small >= SMALL:
            self._join()
        older = [add(part.frame or pack(list(part))) for part in self._older]
        return {"recent": self._recent, "older": older, "small": self._small}

    def _join(self) -> None:
        """Pack the oldest small blocks as one."""
        first = len(self._older) - self._small
        parts = self._older[first : first + SMALL]
        if sum(part.frame.size for part in parts if part.frame) < WORTH:
            together = [record for part in parts for record in part]
            self._older[first : first + SMALL] = [ColdList(pack(together, BEST))]
        self._small -= SMALL

    @classmethod
    def load(cls, kept: list[Record] | dict[str, Any], frames: list[Frame]) -> Records:
        """The records of what ``kept`` gave, or of a plain list."""
        if isinstance(kept, list):
            return cls(kept)
        older = (ColdList(frames[number]) for number in kept["older"])
        return cls(kept["recent"], older, kept.get("small"))


def unfold(folded: list[Record]) -> list[Record]:
    """Whole records of folded ones, oldest first."""
    found: list[Record] = []
    for record in reversed(folded):
        found.append(_whole(record, found[-1]) if found else record)
    return found[::-1]


def _difference(earlier: Record, later: Record) -> Record:
    """In what a whole record differs from the one behind it; itself when that says no less."""
    if "values" not in earlier or earlier.keys() - _OWN != later.keys() - _OWN:
        return earlier
    values, next_values = earlier["values"], later["values"]
    own = {
        name: value for name, value in earlier.items()
        if name != "values" and (name in _OWN or not _is_same(value, later[name]))
    }  # fmt: skip
    changed = {
        name: value for name, value in values.items()
        if name not in next_values or not _is_same(value, next_values[name])
    }  # fmt: skip
    lacks = [name for name in next_values if name not in values]
    return {_SINCE: lacks, **own, **({"values": changed} if changed else {})}


def _whole(record: Record, later: Record) -> Record:
    """The record of a difference."""
    if _SINCE not in record:
        return record
    kept = {name: value for name, value in later.items() if name not in _OWN}
    lacks = record[_SINCE]
    values = {name: value for name, value in later["values"].items() if name not in lacks}
    values.update(record.get("values", {}))
    own = {name: value for name, value in record.items() if name not in (_SINCE, "values")}
    return {**kept, **own, "values": values}


def _is_equal(one: Record, other: Record) -> bool:
    """Whether two records tell of the same; when they were complete is no difference."""
    names = one.keys() - _OWN
    return names == other.keys() - _OWN and all(_is_same(one[n], other[n]) for n in names)


def _is_same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same: ``1``, ``1.0`` and ``true`` are three."""
    if one is other:
        return True
    return one == other and ENCODER.encode(one) == ENCODER.encode(other)
