"""The checks of one table, in the order in which a designer would look at it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from bpmn.decision.checks.cells import SCALARS, UNKNOWN, Cell, constant, read_cell
from bpmn.decision.checks.columns import Column
from bpmn.decision.checks.rules import Rules
from bpmn.decision.checks.unquoted import unquoted
from bpmn.decision.checks.written import (
    Written,
    WrittenColumn,
    WrittenTable,
    are_independent,
    path_of,
)
from bpmn.decision.reading import Reading
from bpmn.decision.table import Output, Table
from bpmn.decision.types import passes
from bpmn.feel.conform import coerce
from bpmn.feel.errors import FeelError, FeelWarning, Undefined
from bpmn.feel.persian import KINDS
from bpmn.feel.values import Value, kind_of
from bpmn.rules_tables import MORE
from bpmn.shortening import shorten

_DATES = {"date", "date and time"}
_SAME = 10
"""Findings of one rule in one table; how many more there are is told at the end."""


@dataclass(frozen=True)
class _Found:
    """One finding before it is told."""

    rule: str
    element: etree._Element
    words: dict[str, Any]
    persian: dict[str, Any]


def check_table(reading: Reading, table: Table, written: WrittenTable) -> None:
    """Report what is wrong or doubtful with a table whose rules have all their cells."""
    columns, found = _read_columns(written)
    found += _wrong_outputs(table, written)
    found += _unquoted(written, reading.declared)
    if not written.rules:
        found.append(_Found("dmn.no-rules", written.element, {}, {}))
    if written.rules and written.inputs:
        found += _of_rules(table, written, columns)
    _tell(reading, found)


def _tell(reading: Reading, found: list[_Found]) -> None:
    counts: dict[str, list[_Found]] = {}
    for one in found:
        counts.setdefault(one.rule, []).append(one)
    for several in counts.values():
        for one in several[:_SAME]:
            reading.report(one.element, one.rule, one.persian, **one.words)
        if len(several) > _SAME:
            _tell_more(reading, several[_SAME], len(several) - _SAME)


def _tell_more(reading: Reading, one: _Found, count: int) -> None:
    """How many more there are, with the remedy of their rule, instead of each of them."""
    reading.report(one.element, one.rule, one.persian, **one.words)
    en, fa = (text.format(count=count) for text in MORE)
    reading.findings[-1] = replace(reading.findings[-1], message={"fa": fa, "en": en})


# -- input columns ----------------------------------------------------------------------------


def _read_columns(written: WrittenTable) -> tuple[list[Column], list[_Found]]:
    """The columns, those that ask for the same as one, and what is wrong with their cells."""
    found: list[_Found] = []
    groups: dict[Any, list[tuple[WrittenColumn, list[Cell]]]] = {}
    for place, (column, cells) in enumerate(written.columns()):
        read = [_read(column, cell, number, found) for number, cell in enumerate(cells, 1)]
        _look_for_never(column, cells, read, found)
        groups.setdefault(path_of(column.expression) or place, []).append((column, read))
    return [_column_of(group) for group in groups.values()], found


def _read(column: WrittenColumn, written: Written, rule: int, found: list[_Found]) -> Cell:
    cell = read_cell(written.node)
    kind = column.type.name
    if cell.broken is not None:
        found.append(_constant_wrong("dmn.cell-constant", column, written, rule, cell.broken))
        return UNKNOWN
    if kind == "Any" or cell.is_anything:
        return cell
    if kind not in SCALARS:
        return UNKNOWN
    others = {piece.kind for piece in cell.pieces} - {kind}
    if others and not (others | {kind}) <= _DATES:
        words = {"kind": min(others), "wanted": kind, **_place(column, written, rule)}
        found.append(_Found("dmn.cell-type", written.element, words, _kinds(words)))
    return UNKNOWN if others else cell


def _kinds(words: dict[str, Any]) -> dict[str, Any]:
    return {name: KINDS.get(words[name], words[name]) for name in ("kind", "wanted")}


def _place(column: WrittenColumn, written: Written, rule: int) -> dict[str, Any]:
    text = shorten(written.text, 60)
    return {"rule": rule, "column": column.label, "text": text}


def _constant_wrong(
    name: str, column: WrittenColumn, written: Written, rule: int, why: FeelWarning
) -> _Found:
    words = {**_place(column, written, rule), "why": why.messages["en"]}
    return _Found(name, written.element, words, {"why": why.messages["fa"]})


def _column_of(group: list[tuple[WrittenColumn, list[Cell]]]) -> Column:
    """One column for all that ask for the same value: a rule wants all of its cells."""
    kinds = {column.type.name for column, _ in group} - {"Any"}
    kind = kinds.pop() if len(kinds) == 1 else ""
    known = kind in SCALARS or not kind
    allowed = [cell for column, _ in group for cell in _allowed(column)] if known else []
    cells = [cell for _, read in group for cell in read]
    try:
        made = Column(kind if known else "", cells, allowed)
    except Undefined:
        made = Column("", [cell if cell.is_anything else UNKNOWN for cell in cells], [])
    made.join(len(group))
    return made


def _allowed(column: WrittenColumn) -> Iterator[Cell]:
    for node in column.allowed:
        cell = read_cell(node)
        right = all(piece.kind == column.type.name for piece in cell.pieces)
        if cell.known and cell.broken is None and (right or column.type.name == "Any"):
            yield cell


def _look_for_never(
    column: WrittenColumn, cells: Sequence[Written], read: list[Cell], found: list[_Found]
) -> None:
    made = _column_of([(column, read)])
    for rule, (cell, written) in enumerate(zip(read, cells, strict=True), 1):
        if cell.known and not made.sure[rule - 1]:
            place = _place(column, written, rule)
            found.append(_Found("dmn.cell-never", written.element, place, {}))


# -- output columns ---------------------------------------------------------------------------


def _wrong_outputs(table: Table, written: WrittenTable) -> list[_Found]:
    found: list[_Found] = []
    for rule in written.rules:
        for column, output, cell in zip(written.outputs, table.outputs, rule.results, strict=True):
            known, value, why = constant(cell.node)
            if why is not None:
                found.append(_constant_wrong("dmn.output-constant", column, cell, rule.number, why))
            elif known and value is not None:
                found += _wrong_output(column, output, cell, rule.number, value)
    return found


def _unquoted(written: WrittenTable, declared: Collection[str]) -> Iterator[_Found]:
    for column, cell, rule, name in unquoted(written, declared):
        words = {**_place(column, cell, rule), "name": name}
        yield _Found("dmn.unquoted", cell.element, words, {})


def _wrong_output(
    column: WrittenColumn, output: Output, cell: Written, rule: int, value: Value
) -> Iterator[_Found]:
    kind = column.type.name
    fits, converted = coerce(value, column.type)
    words: dict[str, Any] = {"kind": kind_of(value), "wanted": kind, **_place(column, cell, rule)}
    if not fits and kind_of(value) != kind:
        yield _Found("dmn.output-type", cell.element, words, _kinds(words))
    elif not fits or not _is_listed(output, converted):
        yield _Found("dmn.output-value", cell.element, words, {})


def _is_listed(output: Output, value: Value) -> bool:
    try:
        return output.allowed is None or passes(output.allowed, value)
    except FeelError:
        return True


# -- rules together ---------------------------------------------------------------------------


def _of_rules(table: Table, written: WrittenTable, columns: list[Column]) -> list[_Found]:
    rules = Rules(columns, len(written.rules))
    if rules.is_too_large:
        return []
    labels = _labels(written)
    single = table.policy in ("UNIQUE", "ANY", "PRIORITY", "FIRST")
    apart = are_independent(_once_each(written))
    found = list(_overlaps(table, written, rules, labels)) if apart else []
    if table.policy == "FIRST":
        found += _unreachable(written, rules)
    told = {one.words["rule"] for one in found}
    found += [one for one in _duplicates(written, rules) if one.words["rule"] not in told]
    if single and apart and not any(output.default for output in table.outputs):
        found += _gaps(written, rules, labels)
    return found


def _labels(written: WrittenTable) -> list[str]:
    return [column.label for column in _once_each(written)]


def _once_each(written: WrittenTable) -> list[WrittenColumn]:
    """The columns, of those that ask for the same only the first."""
    found: dict[Any, WrittenColumn] = {}
    for place, column in enumerate(written.inputs):
        found.setdefault(path_of(column.expression) or place, column)
    return list(found.values())


def _overlaps(
    table: Table, written: WrittenTable, rules: Rules, labels: list[str]
) -> Iterator[_Found]:
    if table.policy not in ("UNIQUE", "ANY"):
        return
    for count, (one, other) in enumerate(rules.overlaps()):
        shared = rules.shared(one, other)
        # Of very many only the first are told, so only their places are written out.
        where = rules.shown(shared, labels) if count < 3 * _SAME else "…"
        words = {"other": one + 1, "rule": other + 1, "where": where}
        if table.policy == "ANY":
            if _differ(written, one, other):
                yield _Found("dmn.overlap-any", written.rules[other].element, words, {})
            continue
        name = "dmn.overlap" if rules.has_values(shared) else "dmn.overlap-maybe"
        yield _Found(name, written.rules[other].element, words, {})


def _differ(written: WrittenTable, one: int, other: int) -> bool:
    """Whether two rules certainly give different outputs."""
    pairs = zip(written.rules[one].results, written.rules[other].results, strict=True)
    for first, second in pairs:
        (known, value, _), (too, another, _) = constant(first.node), constant(second.node)
        if known and too and value != another:
            return True
    return False


def _unreachable(written: WrittenTable, rules: Rules) -> Iterator[_Found]:
    for rule, by in rules.hidden():
        if by is None:
            words = {"rule": rule + 1, "others": "the rules before it"}
            persian = {"others": "قاعده‌های پیش از آن"}
        else:
            words = {"rule": rule + 1, "others": f"rule {by + 1}"}
            persian = {"others": f"قاعدهٔ {by + 1}"}
        yield _Found("dmn.unreachable", written.rules[rule].element, words, persian)


def _duplicates(written: WrittenTable, rules: Rules) -> Iterator[_Found]:
    seen: dict[Any, int] = {}
    for place, rule in enumerate(written.rules):
        key = (rules.box(place), tuple(cell.text for cell in rule.results))
        if rules.is_known(place) and all(key[0]):
            first = seen.setdefault(key, place)
            if first != place:
                words = {"rule": place + 1, "other": first + 1}
                yield _Found("dmn.duplicate", rule.element, words, {})


def _gaps(written: WrittenTable, rules: Rules, labels: list[str]) -> Iterator[_Found]:
    for hole in rules.gaps(_SAME):
        where = rules.shown(hole, labels)
        yield _Found("dmn.gap", written.element, {"where": where}, {})
