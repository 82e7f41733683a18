"""One input column cut into atoms: the smallest sets of values that no cell tells apart.

Each cell is then a whole number whose bits are the atoms that it lets pass, so that rules are
compared by ``&``. The values of a kind lie in order: below the first end, the first end itself,
between it and the second, and so on; two more atoms are null and what is of any other kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cmp_to_key

from bpmn.decision.checks.cells import Cell, Piece
from bpmn.feel.comparison import compare
from bpmn.feel.limits import Visits
from bpmn.feel.temporal import Date
from bpmn.feel.values import Value, inner_text
from bpmn.shortening import shorten

_SHOWN = 40


@dataclass
class _Block:
    """The atoms of one kind, from ``start`` on; ``ends`` are in order, each once."""

    kind: str
    start: int
    ends: list[Value]
    places: dict[int, int]
    """The place of each end by its identity."""

    @property
    def size(self) -> int:
        return 2 * len(self.ends) + 1

    def mask(self, piece: Piece) -> int:
        """The atoms of a piece."""
        low, high = 0, self.size - 1
        if piece.low is not None:
            low = 2 * self.places[id(piece.low)] + (1 if piece.low_closed else 2)
        if piece.high is not None:
            high = 2 * self.places[id(piece.high)] + (1 if piece.high_closed else 0)
        return _run(low, high) << self.start

    def possible(self) -> int:
        """All atoms but those in which no value lies."""
        if self.kind == "boolean":
            return sum(1 << self.start + place for place in range(1, self.size, 2))
        mask = _run(0, self.size - 1) << self.start
        for place, (one, other) in enumerate(zip(self.ends, self.ends[1:], strict=False)):
            if isinstance(one, Date) and other.days - one.days == 1:
                mask &= ~(1 << self.start + 2 * place + 2)
        return mask


def _run(low: int, high: int) -> int:
    return (1 << high + 1) - (1 << low) if high >= low else 0


class Column:
    """One input column with what each rule lets pass."""

    def __init__(self, kind: str, cells: Sequence[Cell], allowed: Sequence[Cell]) -> None:
        self.kind = kind
        """The declared type's name; empty when the column says none."""
        self.blocks = list(_blocks(kind, [*cells, *allowed]))
        self._by_kind = {block.kind: block for block in self.blocks}
        size = sum(block.size for block in self.blocks)
        self.null, self.other = 1 << size, 2 << size
        self.everything = self._everything(allowed)
        """The atoms that can come at all."""
        self.values = self.everything & ~(self.null | (self.other if self.blocks else 0))
        """The atoms that a table should have an answer for."""
        self.sure = [self.mask(cell) for cell in cells]
        """The atoms that each rule lets pass for certain."""
        self.unknown = sum(1 << place for place, cell in enumerate(cells) if not cell.known)
        """The rules, as bits, of whose cell nothing can be said."""
        self._swept: list[tuple[int, int]] = []

    def _everything(self, allowed: Iterable[Cell]) -> int:
        mask = sum(block.possible() for block in self.blocks)
        if not self.kind:
            mask |= self.other
        for cell in allowed:
            if cell.known:
                mask &= self._passing(cell)
        return mask | self.null

    def mask(self, cell: Cell) -> int:
        """The atoms that a cell lets pass for certain."""
        return self._passing(cell) & self.everything if cell.known else 0

    def _passing(self, cell: Cell) -> int:
        mask = self.null if cell.null else 0
        for piece in cell.pieces:
            mask |= self._by_kind[piece.kind].mask(piece)
        return (2 * self.other - 1) & ~mask if cell.negated else mask

    def join(self, columns: int) -> None:
        """Take the cells as those of several columns one after the other that ask for the same."""
        count = len(self.sure) // columns
        for place in range(1, columns):
            more = self.sure[place * count : (place + 1) * count]
            self.sure[:count] = [one & other for one, other in zip(self.sure, more, strict=False)]
            self.unknown |= self.unknown >> place * count
        del self.sure[count:]
        self.unknown &= (1 << count) - 1

    def classes(self, within: int) -> dict[int, int]:
        """The atoms inside a mask by the rules, as bits, that let them pass for certain."""
        found: dict[int, int] = {}
        for atom, rules in self._sweep():
            bit = 1 << atom
            if within & bit:
                found[rules] = found.get(rules, 0) | bit
        return found

    def _sweep(self) -> list[tuple[int, int]]:
        self._swept = self._swept or list(self._rules_by_atom())
        return self._swept

    def _rules_by_atom(self) -> Iterator[tuple[int, int]]:
        """Each atom with the rules that let it pass; a rule changes only at the edges of runs."""
        edges: dict[int, int] = {}
        for rule, mask in enumerate(self.sure):
            changes = mask ^ (mask << 1)
            while changes:
                lowest = changes & -changes
                place = lowest.bit_length() - 1
                edges[place] = edges.get(place, 0) ^ (1 << rule)
                changes ^= lowest
        rules = 0
        for atom in range(self.other.bit_length()):
            rules ^= edges.get(atom, 0)
            yield atom, rules

    def shown(self, mask: int) -> str:
        """The values of a mask, written as a cell would say them."""
        if self.values and self.values & ~mask == 0:
            return "-"
        parts = [part for block in self.blocks for part in _shown(block, mask, self.values)]
        if mask & self.null and not parts:
            parts.append("null")
        return ", ".join(parts[:6]) + (", …" if len(parts) > 6 else "") or "…"


def _blocks(kind: str, cells: Sequence[Cell]) -> Iterator[_Block]:
    pieces = [piece for cell in cells for piece in cell.pieces]
    kinds = sorted({piece.kind for piece in pieces} | ({kind} if kind else set()))
    start = 0
    for name in kinds:
        mine = [piece for piece in pieces if piece.kind == name]
        block = _block(name, start, mine)
        yield block
        start += block.size


def _block(kind: str, start: int, pieces: Sequence[Piece]) -> _Block:
    """Raises ``Undefined`` when the ends have no order, such as a moment without a zone."""
    given = [end for piece in pieces for end in (piece.low, piece.high) if end is not None]
    if kind == "boolean":
        return _Block(kind, start, [False, True], {id(end): int(end) for end in (False, True)})
    ends: list[Value] = []
    places: dict[int, int] = {}
    for value in sorted(given, key=cmp_to_key(compare)):
        if not ends or compare(ends[-1], value) != 0:
            ends.append(value)
        places[id(value)] = len(ends) - 1
    return _Block(kind, start, ends, places)


def _shown(block: _Block, mask: int, values: int) -> Iterator[str]:
    mine = (mask >> block.start) & _run(0, block.size - 1)
    all_of = (values >> block.start) & _run(0, block.size - 1)
    gaps = sum(1 << place for place in range(0, block.size, 2))
    # Of texts one asks which, not from where to where.
    if block.kind == "string" and mine & gaps and (mine & gaps) == (all_of & gaps):
        left_out = [_text(end) for place, end in enumerate(block.ends)
                    if all_of & ~mine & (1 << 2 * place + 1)]  # fmt: skip
        yield f"not({', '.join(left_out)})" if left_out else "-"
        return
    place = 0
    while place < block.size:
        if not mine & (1 << place):
            place += 1
            continue
        first = place
        while place < block.size and mine & (1 << place):
            place += 1
        yield _span(block, first, place - 1)


def _span(block: _Block, first: int, last: int) -> str:
    low = _text(block.ends[(first - 1) // 2]) if first else None
    high = _text(block.ends[last // 2]) if last < block.size - 1 else None
    if low is None and high is None:
        return "-"
    if low is None:
        return f"{'<=' if last % 2 else '<'} {high}"
    if high is None:
        return f"{'>=' if first % 2 else '>'} {low}"
    if first == last and first % 2:
        return low
    return f"{'[' if first % 2 else '('}{low}..{high}{']' if last % 2 else ')'}"


def _text(value: Value) -> str:
    written = inner_text(value, Visits())
    return shorten(written, _SHOWN)
