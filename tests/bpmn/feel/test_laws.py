"""Laws that hold for all values, and texts of all sorts that break nothing."""

from __future__ import annotations

import random
import re
import time
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import feel
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
    began = time.perf_counter()
    for _ in range(1_500):
        _try(_mutated(chance))
    assert time.perf_counter() - began < 60


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
    began = time.perf_counter()
    try:
        feel.to_json(feel.evaluate(text, CONTEXT, now=NOW))
        feel.unary_test(text, 1, CONTEXT, now=NOW)
    except feel.FeelError:
        pass
    assert time.perf_counter() - began < SLOWEST, text
