"""Tests of one value to closures: what stands after ``in`` and in the cells of tables."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal

from bpmn.feel import nodes as n
from bpmn.feel.comparison import equal, holds, in_range
from bpmn.feel.errors import Undefined
from bpmn.feel.frames import Code, Frame, compile_node, compiles, find
from bpmn.feel.values import Range, Value, kind_of

Test = Callable[[Frame, Value], Value]
"""Whether a value passes, in a frame: True, False or None."""


def compile_test(node: n.Node, *, unary: bool) -> Test:
    """The closure of one test; in a unary test ``?`` is the value and truth alone passes too."""
    if isinstance(node, n.Anything):
        return lambda frame, value: True
    if isinstance(node, n.Compared):
        return _compared_test(node)
    code = compile_node(node)
    if not unary:
        return lambda frame, value: passes(value, code(frame))
    if isinstance(node, n.Literal):
        # A cell "true" asks whether the value is true; it does not pass whatever comes.
        return lambda frame, value: passes(value, node.value)
    asks = any(isinstance(part, n.Name) and part.name == "?" for part in n.walk(node))
    return _asking_test(code) if asks else _giving_test(code)


def _asking_test(code: Code) -> Test:
    def test(frame: Frame, value: Value) -> Value:
        return code(Frame({"?": value}, frame, frame.run)) is True

    return test


def _giving_test(code: Code) -> Test:
    def test(frame: Frame, value: Value) -> Value:
        expected = code(frame)
        # A condition on other variables passes by being true, unless booleans are compared.
        if expected is True and not isinstance(value, bool):
            return True
        return passes(value, expected)

    return test


def _compared_test(node: n.Compared) -> Test:
    sign, operand = node.operator, compile_node(node.operand)
    if sign in ("=", "!="):
        positive = sign == "="
        return lambda frame, value: (equal(value, operand(frame)) is True) is positive
    at = node.at

    def test(frame: Frame, value: Value) -> Value:
        end = operand(frame)
        try:
            return holds(sign, value, end)
        except Undefined as error:
            frame.run.explain(error, at)
            return None

    return test


def passes(value: Value, expected: Value) -> Value:
    """Whether the value is what a unary test expects: equal to it, in its range, or in its list.

    None (null) when the two cannot be compared (DMN 1.5, 10.3.2.7).
    """
    try:
        if isinstance(expected, Range):
            return value == expected if isinstance(value, Range) else in_range(value, expected)
        if isinstance(expected, list):
            return equal(value, expected) is True or any(
                passes(value, item) is True for item in expected
            )
        return equal(value, expected)
    except Undefined:
        return None


@compiles(n.In)
def _in(node: n.In) -> Code:
    operand, at = compile_node(node.operand), node.at
    tests = tuple(compile_test(test, unary=False) for test in node.tests)

    def code(frame: Frame) -> Value:
        value = operand(frame)
        answers = [test(frame, value) for test in tests]
        if True in answers:
            return True
        if None not in answers:
            return False
        frame.run.warn("NOT_COMPARED", at, "{0} cannot be compared with the test", kind_of(value))
        return None

    return code


def anything(frame: Frame) -> Value:
    """The closure of a cell that is ``-``."""
    return True


@compiles(n.Tests)
def _tests(node: n.Tests) -> Code:
    if not node.negated and any(isinstance(test, n.Anything) for test in node.tests):
        return anything
    tests = tuple(compile_test(test, unary=True) for test in node.tests)
    negated = node.negated
    if len(tests) == 1 and not negated:
        return _single_test(node.tests[0], tests[0])

    def code(frame: Frame) -> Value:
        value = find(frame, "?")
        for test in tests:
            if test(frame, value) is True:
                return not negated
        return negated

    return _among(node, code) or code


def _single_test(node: n.Node, test: Test) -> Code:
    def code(frame: Frame) -> Value:
        return test(frame, find(frame, "?")) is True

    return _among(n.Tests(node.at, (node,), False), code) or _between(node, code) or code


def _among(node: n.Tests, general: Code) -> Code | None:
    """The closure of a list of constants of one plain type, which a set answers."""
    values = [test.value for test in node.tests if isinstance(test, n.Literal)]
    kinds = set(map(type, values))
    if len(values) < len(node.tests) or kinds not in ({str}, {Decimal}):
        return None
    kind, listed, negated = kinds.pop(), frozenset(values), node.negated

    def code(frame: Frame) -> Value:
        value = find(frame, "?")
        return (value in listed) is not negated if type(value) is kind else general(frame)

    return code


def _between(node: n.Node, general: Code) -> Code | None:
    """The closure of ``[1..5)`` with numbers written out."""
    if not isinstance(node, n.RangeOf):
        return None
    ends = [one.value for one in (node.low, node.high) if isinstance(one, n.Literal)]
    if [type(end) for end in ends] != [Decimal, Decimal]:
        return None
    low, high = ends
    above = operator.ge if node.low_closed else operator.gt
    below = operator.le if node.high_closed else operator.lt

    def code(frame: Frame) -> Value:
        value = find(frame, "?")
        if type(value) is not Decimal:
            return general(frame)
        return above(value, low) and below(value, high)

    return code
