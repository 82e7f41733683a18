"""Texts to expressions, kept by text, and their evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from bpmn.feel import nodes
from bpmn.feel.builtins import BUILTINS
from bpmn.feel.compiler import Code, Frame, compile_node
from bpmn.feel.errors import (
    FeelLimitError,
    FeelSyntaxError,
    FeelValueError,
    FeelWarning,
)
from bpmn.feel.lexer import tokenise
from bpmn.feel.limits import Run
from bpmn.feel.names import long_names, may_hold_long_names, occurring
from bpmn.feel.parser import parse, parse_tests
from bpmn.feel.types import Type
from bpmn.feel.values import Value

Functions = Mapping[str, Callable[..., Any]]
_NO_FUNCTIONS: Functions = {}
_NO_TYPES: Mapping[str, Type] = {}


@dataclass(frozen=True)
class Result:
    """What an evaluation gave, and why where it gave null."""

    value: Value
    warnings: tuple[FeelWarning, ...] = ()
    causes: tuple[FeelWarning, ...] = ()
    """Those of the warnings that may have made the value null; the others led to a choice."""

    def require(self) -> Value:
        """The value; raises ``FeelValueError`` when there was any warning."""
        if self.warnings:
            raise FeelValueError(self.warnings)
        return self.value


@dataclass(frozen=True)
class Expression:
    """One expression, read once, evaluated many times; safe to share between threads."""

    text: str
    node: nodes.Node = field(repr=False, compare=False)
    code: Code = field(repr=False, compare=False)

    def evaluate(
        self,
        context: Mapping[str, Any],
        *,
        now: datetime | None = None,
        functions: Functions | None = None,
    ) -> Value:
        """The FEEL value; null where it is not defined."""
        return self._run(Run(context, now, functions or _NO_FUNCTIONS))

    def examine(
        self,
        context: Mapping[str, Any],
        *,
        now: datetime | None = None,
        functions: Functions | None = None,
    ) -> Result:
        """The FEEL value with the warnings that explain it."""
        run = Run(context, now, functions or _NO_FUNCTIONS)
        value = self._run(run)
        return Result(value, tuple(run.warnings), run.causes())

    def variables(self) -> frozenset[str]:
        """The names that the expression asks its context for, built-ins and locals included."""
        return self._asked

    def unknown_functions(self, known: Iterable[str] = ()) -> frozenset[str]:
        """The names that it calls and that are neither built in nor known nor its own."""
        return self._called.difference(known) if self._called else self._called

    @cached_property
    def way(self) -> tuple[str, ...]:
        """The names on the way to a value, where the expression is nothing but ``a`` or ``a.b``;
        empty for any other."""
        steps: list[str] = []
        node = self.node
        while isinstance(node, nodes.Path):
            steps.append(node.name)
            node = node.base
        if not isinstance(node, nodes.Name) or "." in node.name:
            return ()
        return (node.name, *reversed(steps))

    @cached_property
    def parts(self) -> tuple[nodes.Node, ...]:
        """The expression and all that it is made of, each before what it holds."""
        return tuple(nodes.walk(self.node))

    @cached_property
    def _asked(self) -> frozenset[str]:
        return frozenset(part.name for part in self.parts if isinstance(part, nodes.Name))

    @cached_property
    def _called(self) -> frozenset[str]:
        """The names that it calls and that are neither built in nor its own."""
        called = (part.function for part in self.parts if isinstance(part, nodes.Call))
        names = {part.name for part in called if isinstance(part, nodes.Name)} - BUILTINS.keys()
        own = {name for part in self.parts for name in nodes.declared(part)} if names else set()
        return frozenset(names - own)

    def _run(self, run: Run) -> Value:
        try:
            return self.code(Frame({}, None, run))
        except RecursionError as error:
            raise FeelLimitError("The expression calls itself too deep.") from error


def evaluate(
    text: str,
    context: Mapping[str, Any],
    *,
    now: datetime | None = None,
    functions: Functions | None = None,
) -> Value:
    """The FEEL value of an expression in a context of plain Python values.

    ``now`` is what ``now()`` and ``today()`` see, in its own zone; without it they are null.
    ``functions`` are Python functions callable by their name. Raises ``FeelSyntaxError`` when
    the text cannot be read and ``FeelLimitError`` when it asks for too much.
    """
    return _fitted(text, context, False).evaluate(context, now=now, functions=functions)


def examine(
    text: str,
    context: Mapping[str, Any],
    *,
    now: datetime | None = None,
    functions: Functions | None = None,
) -> Result:
    """Like ``evaluate``, with the warnings."""
    return _fitted(text, context, False).examine(context, now=now, functions=functions)


def unary_test(
    text: str,
    value: object,
    context: Mapping[str, Any],
    *,
    now: datetime | None = None,
    functions: Functions | None = None,
) -> bool:
    """Whether a value passes the unary tests of a cell, such as ``< 5, [10..20]``."""
    expression = _fitted(text, context, True)
    asked = {**context, "?": value}
    return expression.evaluate(asked, now=now, functions=functions) is True


def compile(  # noqa: A001 - the name that the room promises; it shadows nothing here.
    text: str, names: Iterable[str] = (), *, types: Mapping[str, Type] | None = None
) -> Expression:
    """The expression, ready; ``names`` are the names with spaces or signs that it may use.

    Raises ``FeelSyntaxError`` with a code, a position and a message.
    """
    return _made(text, occurring(names, text), False, types)


def compile_unary_tests(
    text: str, names: Iterable[str] = (), *, types: Mapping[str, Type] | None = None
) -> Expression:
    """The unary tests of a cell; evaluate them with the value under the name ``?``."""
    return _made(text, occurring(names, text), True, types)


def _fitted(text: str, context: Mapping[str, Any], tests: bool) -> Expression:
    names = long_names(context, text) if _ambiguous(text) else frozenset()
    return _cached(text, names, tests)


@lru_cache(maxsize=4096)
def _ambiguous(text: str) -> bool:
    return may_hold_long_names(tokenise(text))


@lru_cache(maxsize=4096)
def _cached(text: str, names: frozenset[str], tests: bool) -> Expression:
    return _build(text, names, tests, _NO_TYPES)


def _made(
    text: str, names: frozenset[str], tests: bool, types: Mapping[str, Type] | None
) -> Expression:
    return _build(text, names, tests, types) if types else _cached(text, names, tests)


def _build(text: str, names: frozenset[str], tests: bool, types: Mapping[str, Type]) -> Expression:
    try:
        node = (parse_tests if tests else parse)(text, names, types)
        return Expression(text, node, compile_node(node))
    except RecursionError as error:
        raise FeelSyntaxError("TOO_DEEP", 0, "The expression is nested too deep") from error
