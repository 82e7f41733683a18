"""Tests of one value to closures: what stands after ``in`` and in the cells of tables."""

from __future__ import annotations

from collections.abc import Callable

from bpmn.feel import nodes as n
from bpmn.feel.errors import Undefined
from bpmn.feel.frames import Code, Frame, compile_node, compiles, find
from bpmn.feel.operators import equal, holds, in_range
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


@compiles(n.Tests)
def _tests(node: n.Tests) -> Code:
    tests = tuple(compile_test(test, unary=True) for test in node.tests)
    negated = node.negated

    def code(frame: Frame) -> Value:
        value = find(frame, "?")
        return any(test(frame, value) is True for test in tests) is not negated

    return code
