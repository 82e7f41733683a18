"""Expressions that begin with a word: conditions, iterations, quantifiers and functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bpmn.feel import nodes as n
from bpmn.feel import types
from bpmn.feel.types import Type

if TYPE_CHECKING:
    from bpmn.feel.lexer import Token
    from bpmn.feel.parser import Parser


def _condition(parser: Parser, token: Token) -> n.Node:
    """``if a then b else c``."""
    test = parser.expression()
    parser.expect_word("then")
    then = parser.expression()
    parser.expect_word("else")
    return n.If(token.start, test, then, parser.expression(filters=parser.filters))


def _iteration(parser: Parser, token: Token) -> n.Node:
    """``for x in a, y in b return c``."""
    iterators = _iterators(parser)
    parser.expect_word("return")
    return n.For(token.start, iterators, parser.expression(filters=parser.filters))


def _quantified(parser: Parser, token: Token) -> n.Node:
    """``some x in a satisfies b``."""
    iterators = _iterators(parser)
    parser.expect_word("satisfies")
    body = parser.expression(filters=parser.filters)
    return n.Quantified(token.start, token.text == "every", iterators, body)


def _iterators(parser: Parser) -> tuple[n.Iterator, ...]:
    """``x in a, y in b..c``."""
    found: list[n.Iterator] = []
    while True:
        name = parser.declared_name("in")
        parser.names.add(name)
        parser.expect_word("in")
        domain = parser.expression()
        end = parser.expression() if parser.take_op("..") else None
        found.append(n.Iterator(name, domain, end))
        if not parser.take_op(","):
            return tuple(found)


def _function(parser: Parser, token: Token) -> n.Node:
    """``function(a: number, b) body``."""
    parser.expect_op("(")
    parameters: list[tuple[str, Type]] = []
    while not parser.take_op(")"):
        name = parser.declared_name(",", ":", ")")
        parser.names.add(name)
        parameters.append((name, parser.type() if parser.take_op(":") else types.ANY))
        if not parser.is_op(")"):
            parser.expect_op(",")
    if parser.is_word("external"):
        parser.index += 1
        parser.expression()
        return n.FunctionOf(token.start, tuple(parameters), None)
    return n.FunctionOf(token.start, tuple(parameters), parser.expression(filters=parser.filters))


WORDS: Mapping[str, Callable[[Parser, Token], n.Node]] = {
    "if": _condition,
    "for": _iteration,
    "some": _quantified,
    "every": _quantified,
    "function": _function,
}
"""What reads an expression after its first word."""
