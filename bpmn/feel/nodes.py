"""The syntax tree: what the parser makes and the compiler reads. ``at`` is a character position."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from bpmn.feel.types import Type


@dataclass(frozen=True, slots=True)
class Node:
    """Any expression."""

    at: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: Any


@dataclass(frozen=True, slots=True)
class AtLiteral(Node):
    """``@"2026-01-31"``."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    base: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    base: Node
    test: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None
    """The names of the arguments when they are given by name."""


@dataclass(frozen=True, slots=True)
class Negate(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Arithmetic and comparison: ``operator`` is the sign as written."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """``and`` or ``or``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    operand: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    operand: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    operand: Node
    type: Type


@dataclass(frozen=True, slots=True)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator:
    """``name in domain`` or ``name in domain..end``."""

    name: str
    domain: Node
    end: Node | None


@dataclass(frozen=True, slots=True)
class For(Node):
    iterators: tuple[Iterator, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    every: bool
    iterators: tuple[Iterator, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOf(Node):
    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class FunctionOf(Node):
    parameters: tuple[tuple[str, Type], ...]
    body: Node | None
    """None for an external function, which is never run here."""


@dataclass(frozen=True, slots=True)
class RangeOf(Node):
    """``[low..high)``."""

    low_closed: bool
    low: Node
    high: Node
    high_closed: bool


@dataclass(frozen=True, slots=True)
class Compared(Node):
    """``< 5`` without a left side: a range with one end, or a test of one value."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Anything(Node):
    """``-`` in a unary test."""


@dataclass(frozen=True, slots=True)
class Tests(Node):
    """Unary tests: true when any of them holds, or none of them when ``negated``."""

    tests: tuple[Node, ...]
    negated: bool


def walk(node: Any) -> list[Node]:
    """The node and every node below it, each before what it holds."""
    found: list[Node] = []
    _gather(node, found)
    return found


def _gather(node: Any, found: list[Node]) -> None:
    if isinstance(node, tuple):
        for part in node:
            _gather(part, found)
    elif isinstance(node, Node | Iterator):
        if isinstance(node, Node):
            found.append(node)
        kind: type = type(node)
        for name in _holding(kind):
            _gather(getattr(node, name), found)


@cache
def _holding(kind: type) -> tuple[str, ...]:
    """The fields of a node's class that hold other nodes."""
    return tuple(
        one.name for one in fields(kind) if "Node" in str(one.type) or "Iterator" in str(one.type)
    )


def declared(node: Node) -> tuple[str, ...]:
    """The names that a node brings into being for what stands inside it."""
    if isinstance(node, FunctionOf):
        return tuple(name for name, _ in node.parameters)
    if isinstance(node, For | Quantified):
        return tuple(iterator.name for iterator in node.iterators)
    if isinstance(node, ContextOf):
        return tuple(key for key, _ in node.entries)
    return ()
