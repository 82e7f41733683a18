"""Operands that begin with a sign: negatives, parentheses, lists, ranges and contexts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bpmn.feel import nodes as n
from bpmn.feel.powers import NEGATION

if TYPE_CHECKING:
    from bpmn.feel.lexer import Token
    from bpmn.feel.parser import Parser


def _negation(parser: Parser, token: Token) -> n.Node:
    """``-x``."""
    return n.Negate(token.start, parser.expression(NEGATION, filters=parser.filters))


def _at_literal(parser: Parser, token: Token) -> n.Node:
    """``@"..."``."""
    if parser.token.kind != "string":
        raise parser.fail("Expected a string after '@'")
    return n.AtLiteral(token.start, parser.take().text)


def _parenthesis(parser: Parser, token: Token) -> n.Node:
    """``(x)``, ``(low..high)`` or ``(< 5)``."""
    node = parser.compared() or parser.expression()
    if parser.take_op(".."):
        return _range_end(parser, token, False, node)
    parser.expect_op(")")
    return node


def _bracket(parser: Parser, token: Token) -> n.Node:
    """``[a, b]`` or ``[low..high]``."""
    if parser.take_op("]"):
        return n.ListOf(token.start, ())
    items = [parser.compared() or parser.expression()]
    if parser.take_op(".."):
        return _range_end(parser, token, True, items[0])
    while parser.take_op(","):
        items.append(parser.compared() or parser.expression())
    parser.expect_op("]")
    return n.ListOf(token.start, tuple(items))


def _open_range(parser: Parser, token: Token) -> n.Node:
    """``]low..high[``."""
    low = parser.expression()
    parser.expect_op("..")
    return _range_end(parser, token, False, low)


def _range_end(parser: Parser, token: Token, closed: bool, low: n.Node) -> n.Node:
    """The end of a range; a ``[`` that follows may close it or open a filter."""

    def read(filters: bool) -> n.Node:
        high = parser.expression(filters=filters)
        end = parser.expect_op("]", ")", "[")
        return n.RangeOf(token.start, closed, low, high, end.text == "]")

    return parser.attempt(lambda: read(True)) or read(False)


def _context(parser: Parser, token: Token) -> n.Node:
    """``{key: value}``; each entry's name is known from there on."""
    entries: list[tuple[str, n.Node]] = []
    if parser.take_op("}"):
        return n.ContextOf(token.start, ())
    while True:
        key = _key(parser)
        parser.expect_op(":")
        entries.append((key, parser.compared() or parser.expression()))
        parser.names.add(key)
        if not parser.take_op(","):
            break
    parser.expect_op("}")
    return n.ContextOf(token.start, tuple(entries))


def _key(parser: Parser) -> str:
    """The key of a context's entry: a string or a name of any tokens before ``:``."""
    if parser.token.kind == "string":
        return parser.take().text
    return parser.declared_name(":", "}")


OPENERS: Mapping[str, Callable[[Parser, Token], n.Node]] = {
    "-": _negation,
    "@": _at_literal,
    "(": _parenthesis,
    "[": _bracket,
    "]": _open_range,
    "{": _context,
}
"""What reads an operand after its first sign."""
