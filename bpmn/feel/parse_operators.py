"""The operators of FEEL that take more than two operands: their right sides, read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bpmn.feel import nodes as n
from bpmn.feel.powers import COMPARISON

if TYPE_CHECKING:
    from bpmn.feel.lexer import Token
    from bpmn.feel.parser import Parser


def _between(parser: Parser, left: n.Node, token: Token) -> n.Node:
    """``x between low and high``."""
    low = parser.expression(COMPARISON)
    parser.expect_word("and")
    high = parser.expression(COMPARISON, filters=parser.filters)
    return n.Between(token.start, left, low, high)


def _instance_of(parser: Parser, left: n.Node, token: Token) -> n.Node:
    """``x instance of type``."""
    parser.expect_word("of")
    return n.InstanceOf(token.start, left, parser.type())


def _contained(parser: Parser, left: n.Node, token: Token) -> n.Node:
    """``x in test`` or ``x in (test, test)``."""
    if parser.is_op("("):
        tests = parser.attempt(lambda: _tests_in_parentheses(parser))
        if isinstance(tests, n.Tests):
            return n.In(token.start, left, tests.tests)
    return n.In(token.start, left, (_test(parser),))


def _tests_in_parentheses(parser: Parser) -> n.Node:
    """``(test, test)`` after ``in``."""
    at = parser.expect_op("(").start
    tests = [_test(parser)]
    while parser.take_op(","):
        tests.append(_test(parser))
    parser.expect_op(")")
    return n.Tests(at, tuple(tests), False)


def _test(parser: Parser) -> n.Node:
    """One test after ``in``: ``< 5``, or an expression."""
    return parser.compared() or parser.expression(COMPARISON, filters=parser.filters)


def _path(parser: Parser, left: n.Node, token: Token) -> n.Node:
    """``x.name``."""
    known = parser.names.match(parser.tokens, parser.index)
    if known is not None:
        parser.index += known[1]
        return n.Path(token.start, left, known[0])
    if parser.token.kind != "name":
        raise parser.fail("Expected a name after '.'")
    return n.Path(token.start, left, parser.joined(parser.take().text))


def _filter(parser: Parser, left: n.Node, token: Token) -> n.Node:
    """``x[test]``."""
    test = parser.compared() or parser.expression()
    parser.expect_op("]")
    return n.Filter(token.start, left, test)


def _call(parser: Parser, left: n.Node, token: Token) -> n.Node:
    """``f(a, b)`` or ``f(x: a, y: b)``."""
    if parser.take_op(")"):
        return n.Call(token.start, left, (), None)
    names: list[str] = []
    values: list[n.Node] = []
    while True:
        name = _argument_name(parser)
        if name is not None:
            names.append(name)
        if bool(names) != (len(names) == len(values) + 1):
            raise parser.fail("Arguments are given either all by name or all by place")
        values.append(parser.compared() or parser.expression())
        if not parser.take_op(","):
            break
    parser.expect_op(")")
    return n.Call(token.start, left, tuple(values), tuple(names) if names else None)


def _argument_name(parser: Parser) -> str | None:
    """The name before ``:``, when an argument is given by name."""
    end = parser.index
    while parser.tokens[end].kind in ("name", "number"):
        end += 1
    if end == parser.index or parser.tokens[end].text != ":" or parser.tokens[end].kind != "op":
        return None
    name = " ".join(token.text for token in parser.tokens[parser.index : end])
    parser.index = end + 1
    return name


OPERATORS: Mapping[str, Callable[[Parser, n.Node, Token], n.Node]] = {
    "between": _between,
    "instance": _instance_of,
    "in": _contained,
    ".": _path,
    "[": _filter,
    "(": _call,
}
"""What reads the rest after a left side and one of these signs or words."""
