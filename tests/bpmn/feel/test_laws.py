"""Laws that hold for all values, and texts of all sorts that break nothing."""

from __future__ import annotations

import ast
import operator
import random
import re
import time
from collections.abc import Callable
from decimal import Context, Decimal, localcontext

from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import feel
from bpmn.feel.builtins import BUILTINS
from tests.bpmn.feel.says import NOW

NUMBERS = st.decimals(-(10**9), 10**9, places=4)
DAYS = st.integers(-1_000_000, 1_000_000)

SEEDS = (
    'if amount > 10 and request.priority = "high" then "a" else "b"',
    "for i in 1..10, j in [1, 2] return i * j",
    "some x in items satisfies x.price > 3.5",
    "items[price > 2].price",
    '{a: 1, "b c": a + 1, f: function(x: number, y) x + y}.f(1, 2)',
    '@"2026-03-21T10:00:00@Asia/Tehran" + duration("P1DT2H") - date("2026-01-31")',
    'matches(replace("abc", "[a-c]+", "$0"), "\\\\w{2,3}", "i")',
    "sort([3, 1, 2], function(a, b) a < b)[1] in (]1..5[, > 7)",
    'substring(string: "foobar", start position: -3, length: 2)',
    "not(amount between 1 and 2 ** 3) or amount instance of list<number>",
    "مهلت پاسخ + sum(1, 2, 3) / count([])",
    'context put({a: {b: 1}}, ["a", "b"], [1..3])',
)
PIECES = (
    *"()[]{}<>=+-*/.,:?@|",
    '"', "..", "**", "!=", "->", "null", "true", "1e6000", "9" * 40, '"\\ud800"', " in ", " and ",
    "for i in 1..1000 return ", "function(x) ", "partial", "item", "date and time(", "not(",
    '@"P1Y"', '@"-999999999-01-01"', "range(", "۱۲", "\u200c", "\x00", "1/0", "-0",
)  # fmt: skip
CONTEXT = {
    "amount": 12.5,
    "request": {"priority": "high"},
    "items": [{"price": 3}, {"price": None}, 7],
    "مهلت پاسخ": 2,
}
SLOWEST = 10.0
LAW = settings(deadline=None, max_examples=60)


@LAW
@given(NUMBERS, NUMBERS)
def test_addition_commutes_and_subtraction_undoes_it(a: Decimal, b: Decimal) -> None:
    assert feel.evaluate("a + b = b + a", {"a": a, "b": b}) is True
    assert feel.evaluate("a + b - b = a", {"a": a, "b": b}) is True


@LAW
@given(NUMBERS, NUMBERS, NUMBERS)
def test_multiplication_distributes(a: Decimal, b: Decimal, c: Decimal) -> None:
    assert feel.evaluate("a * (b + c) = a * b + a * c", {"a": a, "b": b, "c": c}) is True


@LAW
@given(NUMBERS, NUMBERS.filter(bool))
def test_modulo_has_the_sign_of_the_divisor(a: Decimal, b: Decimal) -> None:
    rest = feel.evaluate("modulo(a, b)", {"a": a, "b": b})
    assert rest == 0 or (rest < 0) == (b < 0)
    assert abs(rest) < abs(b)


@LAW
@given(DAYS, DAYS)
def test_days_added_are_days_apart(start: int, days: int) -> None:
    context = {"n": start, "d": days}
    text = '{x: @"2000-01-01" + @"P1D" * n, y: x + @"P1D" * d, same: y - x = @"P1D" * d}.same'
    assert feel.evaluate(text, context) is True


@LAW
@given(DAYS)
def test_a_date_reads_back_from_its_text(start: int) -> None:
    text = '{x: @"2000-01-01" + @"P1D" * n, same: date(string(x)) = x}.same'
    assert feel.evaluate(text, {"n": start}) is True


@LAW
@given(st.integers(-(10**20), 10**20))
def test_a_duration_reads_back_from_its_text(nanos: int) -> None:
    value = feel.DaysDuration(nanos)
    assert feel.evaluate(f'@"{value}"', {}) == value


@given(st.text(max_size=60))
@LAW
def test_any_text_is_read_or_refused(text: str) -> None:
    _try(text)


@given(st.lists(st.sampled_from((*PIECES, *SEEDS, "1", "a", " ")), max_size=12))
@LAW
def test_any_row_of_pieces_is_read_or_refused(pieces: list[str]) -> None:
    _try("".join(pieces))


def test_mutated_expressions_raise_nothing_of_their_own() -> None:
    chance = random.Random(20260321)
    began = time.process_time()
    for _ in range(1_500):
        _try(_mutated(chance))
    assert time.process_time() - began < 60


SIGNS_OF_FEEL = ("+", "-", "*", "/", "**", "=", "!=", "<", ">=", "and", "or", "in", "instance of")
GRAMMAR = st.recursive(
    st.sampled_from(
        ("1", "-2.5", "1e30", '"a"', '""', "true", "null", "amount", "items", "request.priority",
         "item", "?", "@\"2026-03-21\"", "@\"PT1H\"", "@\"10:00:00@Asia/Tehran\"", "[1..5)",
         "(> 3)",
         "مهلت پاسخ", "function(x) x", "{a: 1}", "[]")
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(SIGNS_OF_FEEL), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"(if {p[0]} then {p[1]} else {p[2]})"),
        st.tuples(inner, inner).map(lambda p: f"{p[0]}[{p[1]}]"),
        st.tuples(inner, inner).map(lambda p: f"(for i in {p[0]} return {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"(some i in {p[0]} satisfies {p[1]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} between {p[1]} and {p[2]})"),
        st.lists(inner, max_size=3).map(lambda p: f"[{', '.join(p)}]"),
        inner.map(lambda one: f"{{a: {one}, b: a}}.b"),
        inner.map(lambda one: f"-{one}"),
        st.tuples(st.sampled_from(sorted(BUILTINS)), st.lists(inner, max_size=4)).map(
            lambda parts: f"{parts[0]}({', '.join(parts[1])})"),
    ),
    max_leaves=12,
)  # fmt: skip
"""Expressions that can be read, with any value in any place and every built-in function."""


@settings(deadline=None, max_examples=400)
@given(GRAMMAR)
def test_whatever_is_asked_of_whatever_nothing_of_python_comes_out(text: str) -> None:
    told: list[feel.FeelWarning | feel.FeelError] = []
    try:
        found = feel.examine(text, {**CONTEXT, "?": 3}, now=NOW)
        told += found.warnings
        feel.to_json(found.value)
    except feel.FeelError as error:
        told.append(error)
    for warning in told:
        assert warning.code.isupper()
        assert -1 <= warning.position < len(text)
        assert warning.messages["en"]
        assert warning.messages["fa"]


@settings(deadline=None, max_examples=150)
@given(GRAMMAR)
def test_an_expression_gives_the_same_again(text: str) -> None:
    """Compiled closures keep nothing of one evaluation for the next."""
    values = []
    for _ in range(2):
        try:
            values.append(feel.to_json(feel.evaluate(text, CONTEXT, now=NOW)))
        except feel.FeelError as error:
            values.append(str(error))
    assert values[0] == values[1]


NUMBER = st.integers(-999, 999).map(str) | st.decimals(-99, 99, places=2).map(str)
SUMS = st.recursive(
    NUMBER.map(lambda text: f"({text})"),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda p: f"({''.join(p)})"),
    max_leaves=10,
)


@settings(deadline=None, max_examples=200)
@given(SUMS)
def test_arithmetic_is_that_of_decimals(text: str) -> None:
    """Beside Python's own decimals, which know nothing of FEEL."""
    assert feel.evaluate(text, {}) == _worked_out(ast.parse(text, mode="eval").body, text)


def _worked_out(node: ast.expr, text: str) -> Decimal | None:
    if isinstance(node, ast.Constant):
        return Decimal(ast.get_source_segment(text, node) or "")
    if isinstance(node, ast.UnaryOp):
        inner = _worked_out(node.operand, text)
        return None if inner is None else -inner
    assert isinstance(node, ast.BinOp)
    left, right = _worked_out(node.left, text), _worked_out(node.right, text)
    if left is None or right is None:
        return None
    with localcontext(Context(prec=34)):
        try:
            return SIGNS[type(node.op)](left, right)
        except ArithmeticError:
            return None


SIGNS: dict[type, Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip


def _mutated(chance: random.Random) -> str:
    parts = re.findall(r"\w+|\s+|.", chance.choice(SEEDS))
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(parts))
        kind = chance.random()
        if kind < 0.4:
            parts[place] = chance.choice(PIECES)
        elif kind < 0.7:
            parts.insert(place, chance.choice(PIECES))
        elif kind < 0.85 and len(parts) > 1:
            del parts[place]
        else:
            parts[place:place] = re.findall(r"\w+|\s+|.", chance.choice(SEEDS))
    return "".join(parts)


def _try(text: str) -> None:
    began = time.process_time()
    try:
        feel.to_json(feel.evaluate(text, CONTEXT, now=NOW))
        feel.unary_test(text, 1, CONTEXT, now=NOW)
    except feel.FeelError:
        pass
    assert time.process_time() - began < SLOWEST, text
