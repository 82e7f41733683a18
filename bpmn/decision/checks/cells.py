"""What the cell of a decision table lets pass, as far as that can be told beforehand.

A cell of constants (``"a", "b"``, ``[1..5)``, ``not(> 3)``, ``date("2026-03-21")``) is a set of
values. A cell that reads variables or works something out is *unknown*: nothing is said of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bpmn.feel import nodes as n
from bpmn.feel.compiler import Frame, compile_node
from bpmn.feel.errors import FeelError, FeelWarning
from bpmn.feel.limits import Run
from bpmn.feel.values import Range, Value, kind_of

SCALARS = frozenset(
    (
        "number", "string", "boolean", "date", "time", "date and time",
        "days and time duration", "years and months duration",
    )
)  # fmt: skip
_CONSTRUCTORS = frozenset(("date", "time", "date and time", "duration"))
_CONSTANT = (
    n.Literal, n.AtLiteral, n.Negate, n.ListOf, n.RangeOf, n.Compared, n.Call, n.Name,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Piece:
    """The values of one kind between two ends; an end that is None is open to infinity."""

    kind: str
    low: Value
    high: Value
    low_closed: bool = True
    high_closed: bool = True


@dataclass(frozen=True)
class Cell:
    """What passes: the pieces and perhaps null, or all but these when ``negated``."""

    pieces: tuple[Piece, ...] = ()
    null: bool = False
    negated: bool = False
    known: bool = True
    broken: FeelWarning | None = None
    """Why one of its constants has no value, such as a day that does not exist."""

    @property
    def is_anything(self) -> bool:
        """Whether it is ``-``."""
        return self.known and self.negated and not self.pieces and not self.null


ANYTHING = Cell(negated=True)
UNKNOWN = Cell(known=False)


class _Unknown(Exception):
    """The cell is more than constants."""


def read_cell(node: n.Node | None) -> Cell:
    """What a cell lets pass; a cell that could not be read is unknown."""
    if not isinstance(node, n.Tests):
        return UNKNOWN
    if any(isinstance(test, n.Anything) for test in node.tests):
        return UNKNOWN if node.negated else ANYTHING
    try:
        return _of_tests(node)
    except _Unknown:
        return UNKNOWN


def _of_tests(node: n.Tests) -> Cell:
    run = Run({}, None, {})
    if len(node.tests) == 1 and isinstance(node.tests[0], n.Compared):
        test = node.tests[0]
        if test.operator == "!=":
            found = list(_values(_constant(test.operand, run)))
            return _cell(found, run, negated=not node.negated)
    found = [part for test in node.tests for part in _parts(test, run)]
    return _cell(found, run, negated=node.negated)


def _cell(found: Iterable[Piece | None], run: Run, *, negated: bool) -> Cell:
    parts = list(found)
    pieces = tuple(part for part in parts if part is not None)
    broken = run.warnings[0] if run.warnings else None
    return Cell(pieces, None in parts and broken is None, negated, broken=broken)


def _parts(test: n.Node, run: Run) -> Iterator[Piece | None]:
    """The pieces of one test; None stands for null."""
    if isinstance(test, n.Compared):
        if test.operator == "!=":
            raise _Unknown
        end = _constant(test.operand, run)
        if test.operator == "=":
            yield from _values(end)
        else:
            yield _beyond(test.operator, end, run)
        return
    yield from _values(_constant(test, run))


def _beyond(sign: str, end: Value, run: Run) -> Piece | None:
    if end is None and run.warnings:
        return None
    kind = _scalar(end)
    if kind == "boolean":
        raise _Unknown
    if sign in ("<", "<="):
        return Piece(kind, None, end, False, sign == "<=")
    return Piece(kind, end, None, sign == ">=", False)


def _values(value: Value) -> Iterator[Piece | None]:
    """The pieces of a constant: a value, a range, or a list of them."""
    if value is None:
        yield None
    elif isinstance(value, list):
        for item in value:
            yield from _values(item)
    elif isinstance(value, Range):
        yield _of_range(value)
    else:
        yield Piece(_scalar(value), value, value)


def _of_range(span: Range) -> Piece:
    if span.unary is not None or span.low is None or span.high is None:
        raise _Unknown
    kind = _scalar(span.low)
    if kind != _scalar(span.high):
        raise _Unknown
    return Piece(kind, span.low, span.high, span.low_closed, span.high_closed)


def _scalar(value: Value) -> str:
    kind = kind_of(value)
    if kind not in SCALARS:
        raise _Unknown
    return kind


def constant(node: n.Node | None) -> tuple[bool, Value, FeelWarning | None]:
    """Whether a text is a constant, its value, and why it has none where it has none."""
    if node is None:
        return False, None, None
    run = Run({}, None, {})
    try:
        value = _constant(node, run)
    except _Unknown:
        return False, None, None
    return True, value, run.warnings[0] if run.warnings else None


def _constant(node: n.Node, run: Run) -> Value:
    if not _is_constant(node):
        raise _Unknown
    try:
        return compile_node(node)(Frame({}, None, run))
    except FeelError as error:
        raise _Unknown from error


def _is_constant(node: n.Node) -> bool:
    called = {id(part.function) for part in n.walk(node) if isinstance(part, n.Call)}
    return all(
        isinstance(part, _CONSTANT)
        and (not isinstance(part, n.Name) or (part.name in _CONSTRUCTORS and id(part) in called))
        for part in n.walk(node)
    )
