"""Literals, signs and conditions to closures.

An ``Undefined`` stops at the nearest operator, where it becomes null and a warning.
"""

from __future__ import annotations

import operator
from decimal import Decimal

from bpmn.feel import nodes as n
from bpmn.feel.arithmetic import negate, operate
from bpmn.feel.comparison import compare, equal, holds
from bpmn.feel.conform import is_instance
from bpmn.feel.errors import FeelLimitError, Undefined
from bpmn.feel.frames import Code, Frame, compile_node, compiles
from bpmn.feel.limits import LARGE, weight
from bpmn.feel.numbers import ARITHMETIC
from bpmn.feel.texts import read_any
from bpmn.feel.values import Value, kind_of


@compiles(n.Literal)
def _literal(node: n.Literal) -> Code:
    value = node.value
    return lambda frame: value


@compiles(n.AtLiteral)
def _at_literal(node: n.AtLiteral) -> Code:
    text, at = node.text, node.at
    try:
        return _literal(n.Literal(at, read_any(text)))
    except Undefined as error:
        reason = error

    def code(frame: Frame) -> Value:
        frame.run.explain(reason, at)
        return None

    return code


@compiles(n.Negate)
def _negate(node: n.Negate) -> Code:
    if isinstance(node.operand, n.Literal) and isinstance(node.operand.value, Decimal):
        return _literal(n.Literal(node.at, ARITHMETIC.minus(node.operand.value)))
    operand, at = compile_node(node.operand), node.at

    def code(frame: Frame) -> Value:
        try:
            return negate(operand(frame))
        except Undefined as error:
            frame.run.explain(error, at)
            return None
        except FeelLimitError as error:
            error.at(at)
            raise

    return code


@compiles(n.Binary)
def _binary(node: n.Binary) -> Code:
    left, right = compile_node(node.left), compile_node(node.right)
    if node.operator in ("=", "!="):
        return _equality(left, right, node.operator == "=", node.at)
    if node.operator in _ORDERS:
        return _comparison(left, right, node.operator, node.at)
    return _arithmetic(left, right, node.operator, node.at)


_ORDERS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def _comparison(left: Code, right: Code, sign: str, at: int) -> Code:
    of_numbers = _ORDERS[sign]

    def code(frame: Frame) -> Value:
        one, other = left(frame), right(frame)
        if type(one) is Decimal and type(other) is Decimal:
            return of_numbers(one, other)
        try:
            return holds(sign, one, other)
        except Undefined as error:
            frame.run.explain(error, at)
            return None

    return code


def _arithmetic(left: Code, right: Code, sign: str, at: int) -> Code:
    def code(frame: Frame) -> Value:
        one, other = left(frame), right(frame)
        try:
            made = operate(sign, one, other)
            if type(made) is str:
                frame.run.spend(weight(made))
            return made
        except Undefined as error:
            frame.run.explain(error, at)
            return None
        except FeelLimitError as error:
            error.at(at)
            raise

    return code


def _equality(left: Code, right: Code, positive: bool, at: int) -> Code:
    def code(frame: Frame) -> Value:
        one, other = left(frame), right(frame)
        if type(one) in LARGE:
            frame.run.spend(weight(one))
        same = equal(one, other)
        if same is None:
            frame.run.warn(
                "COMPARED_KINDS", at, "{0} and {1} are never equal", kind_of(one), kind_of(other)
            )
            return None
        return same is positive

    return code


@compiles(n.Logic)
def _logic(node: n.Logic) -> Code:
    left, right = compile_node(node.left), compile_node(node.right)
    decisive = node.operator == "or"
    at = node.at

    def code(frame: Frame) -> Value:
        one = left(frame)
        if one is decisive:
            return decisive
        other = right(frame)
        if other is decisive:
            return decisive
        if isinstance(one, bool) and isinstance(other, bool):
            return not decisive
        frame.run.warn("NOT_BOOLEAN", at, "'{0}' met a value that is no boolean", node.operator)
        return None

    return code


@compiles(n.Between)
def _between(node: n.Between) -> Code:
    operand, low, high = (compile_node(part) for part in (node.operand, node.low, node.high))
    at = node.at

    def code(frame: Frame) -> Value:
        value, least, most = operand(frame), low(frame), high(frame)
        try:
            return compare(value, least) >= 0 and compare(value, most) <= 0
        except Undefined as error:
            frame.run.explain(error, at)
            return None
        except FeelLimitError as error:
            error.at(at)
            raise

    return code


@compiles(n.InstanceOf)
def _instance_of(node: n.InstanceOf) -> Code:
    operand, kind = compile_node(node.operand), node.type
    return lambda frame: is_instance(operand(frame), kind)


@compiles(n.If)
def _if(node: n.If) -> Code:
    condition, then, otherwise = (
        compile_node(part) for part in (node.condition, node.then, node.otherwise)
    )
    at = node.at

    def code(frame: Frame) -> Value:
        run = frame.run
        since = len(run.warnings)
        chosen = condition(frame)
        if chosen is not True and chosen is not False:
            run.warn("NOT_BOOLEAN", at, "The condition of 'if' is no boolean")
        run.has_chosen(since)
        return then(frame) if chosen is True else otherwise(frame)

    return code
