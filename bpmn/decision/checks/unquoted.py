"""Texts without quotation marks: FEEL reads them as names, which nothing here gives a value."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bpmn.decision.checks.written import Written, WrittenColumn, WrittenTable, path_of
from bpmn.feel import nodes as n

_MAY_BE_TEXT = ("string", "Any")


def unquoted(
    table: WrittenTable, declared: Collection[str]
) -> Iterator[tuple[WrittenColumn, Written, int, str]]:
    """Each cell that is a bare name which neither the model nor an input of the table knows."""
    asked = (path_of(column.expression) for column in table.inputs)
    known = {path[0] for path in asked if path} | set(declared)
    for rule in table.rules:
        cells = [*zip(table.inputs, rule.tests, strict=True)]
        cells += zip(table.outputs, rule.results, strict=True)
        for column, cell in cells:
            for name in _names(cell.node) if column.type.name in _MAY_BE_TEXT else ():
                if name not in known:
                    yield column, cell, rule.number, name


def _names(node: n.Node | None) -> Iterator[str]:
    tests = node.tests if isinstance(node, n.Tests) else (node,)
    for test in tests:
        if isinstance(test, n.Name) and test.name.isidentifier():
            yield test.name
