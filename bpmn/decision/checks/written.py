"""A decision table as it stands in the file: its cells with their texts, trees and places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from bpmn.feel import nodes as n
from bpmn.feel.types import Type


@dataclass(frozen=True)
class Written:
    """One text in the file; ``node`` is None when it could not be read."""

    element: etree._Element
    text: str
    node: n.Node | None


@dataclass(frozen=True)
class WrittenColumn:
    """An input or output column."""

    label: str
    type: Type
    expression: n.Node | None
    allowed: tuple[n.Node, ...]
    """The lists of values that it may have."""


@dataclass(frozen=True)
class WrittenRule:
    """One rule, its number counted from one."""

    element: etree._Element
    number: int
    tests: tuple[Written, ...]
    results: tuple[Written, ...]


@dataclass(frozen=True)
class WrittenTable:
    """One table; every rule has a cell for every column."""

    element: etree._Element
    inputs: tuple[WrittenColumn, ...]
    outputs: tuple[WrittenColumn, ...]
    rules: tuple[WrittenRule, ...]

    def columns(self) -> Iterator[tuple[WrittenColumn, Sequence[Written]]]:
        """Each input column with its cells."""
        for place, column in enumerate(self.inputs):
            yield column, [rule.tests[place] for rule in self.rules]


def path_of(node: n.Node | None) -> tuple[str, ...]:
    """The steps of ``a.b.c``; empty when it is anything else."""
    if isinstance(node, n.Name):
        return tuple(node.name.split("."))
    if isinstance(node, n.Path):
        base = path_of(node.base)
        return (*base, node.name) if base else ()
    return ()


def are_independent(columns: Sequence[WrittenColumn]) -> bool:
    """Whether each column's value may be anything, whatever the others are."""
    paths = [path_of(column.expression) for column in columns]
    for place, (path, column) in enumerate(zip(paths, columns, strict=True)):
        mine = {path[0]} if path else _roots(column.expression)
        for other, partner in zip(paths[:place], columns[:place], strict=True):
            if path and other:
                if path[: len(other)] == other or other[: len(path)] == path:
                    return False
            elif mine & (({other[0]}) if other else _roots(partner.expression)):
                return False
    return True


def _roots(node: n.Node | None) -> set[str]:
    return {part.name.split(".")[0] for part in n.walk(node) if isinstance(part, n.Name)}
