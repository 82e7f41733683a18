"""What one expression may not ask for."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from bpmn import feel
from bpmn.feel import limits as feel_limits


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1" * 20_001, "TOO_LONG"),
        ("(" * 100 + "1" + ")" * 100, "TOO_DEEP"),
        ("]" * 100 + "1", "TOO_DEEP"),
        ("[" * 100 + "1" + "]" * 100, "TOO_DEEP"),
        ("-" * 100 + "1", "TOO_DEEP"),
        ("1" + "+1" * 300, "TOO_LONG_CHAIN"),
        ("a" + ".b" * 300, "TOO_LONG_CHAIN"),
        ("[1.." * 25, "TOO_COMPLEX"),
        ('"open', "OPEN_STRING"),
        ("/* " * 6_000, "OPEN_COMMENT"),
        ("1e99999", "NUMBER"),
        ("", "SYNTAX"),
        ("1 +", "SYNTAX"),
        ("if 1 then 2", "SYNTAX"),
        ("f(a: 1, 2)", "SYNTAX"),
    ],
)
def test_a_text_that_is_refused(text: str, code: str) -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile(text)
    assert caught.value.code == code
    assert caught.value.position >= 0


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..1000000000 return i",
        "for a in 1..1000, b in 1..1000, c in 1..1000 return 1",
        "count(for i in 1..300000 return i)",
        "some i in 1..100000000 satisfies false",
        "{f: function(x) f(x), y: f(1)}.y",
        "{f: function(x) f(x) + f(x), y: f(1)}.y",
        'for i in 1..100 return if i = 1 then "aaaaaaaaaa" else partial[-1] + partial[-1]',
        "for i in 1..60 return if i = 1 then [1] else concatenate(partial[-1], partial[-1])",
        "for i in 1..200 return if i = 1 then [1] else [partial[-1]]",
        "count(distinct values(for i in 1..20000 return i))",
        "for i in 1..40 return if i = 1 then 1 else [partial[-1], partial[-1]]",
        "count(for i in 1..100000 return big + string(i))",
        "count(for i in 1..100000 return append(many, i))",
        "count(for i in 1..100000 return many = append(many, i))",
        "count(for i in 1..100000 return contains(big, string(i)))",
        'count(split(big, "a"))',
        'count(extract(big, "a"))',
        'count(for i in 1..9 return count(extract(substring(big, 1, 200000), "a")))',
    ],
)
def test_work_that_is_refused(text: str) -> None:
    with pytest.raises(feel.FeelLimitError):
        feel.to_json(feel.evaluate(f"string({text})", {"big": "a" * 500_000, "many": [1] * 50_000}))


def test_a_value_that_holds_itself_is_refused() -> None:
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(feel.FeelLimitError):
        feel.evaluate("a", {"a": circle})


@pytest.mark.parametrize("text", ["{0} = {0}", "({0})[-1] instance of {1}", "string({0})", "{0}"])
def test_parts_that_are_shared_again_and_again_end_at_a_limit(text: str) -> None:
    doubling = "(for i in 1..40 return if i = 1 then 1 else [partial[-1], partial[-1]])"
    kind = "list<" * 39 + "number" + ">" * 39
    with pytest.raises(feel.FeelLimitError):
        feel.to_json(feel.evaluate(text.format(doubling, kind), {}))


LARGE = {
    "big": "a" * 500_000,
    "many": [1] * 50_000,
    "few": list(range(1_500)),
    "wide": {f"k{i}": i for i in range(20_000)},
    "strings": ["x" * 1_000] * 900,
}
LONGEST = feel_limits.MAX_SECONDS + 2


@pytest.mark.parametrize(
    "text",
    [
        "10 ** 1e9", "2 ** 1e30", "1.0000001 ** 1e30", "(1 + 1e-30) ** 1e33", "exp(1e9)",
        "exp(-1e9)", "log(1e6144)", "modulo(1e6144, 3e-6143)", "odd(1e6144)", "decimal(1, 6176)",
        "for i in 1..2000 return round up(1e-6000, 6100)", "string(10 ** 6000)", '@"P1D" / 1e-30',
        "for i in 1..2000 return 1.1 ** 0.123456789", 'duration("P999999999D") * 1e20',
        'date("999999999-12-31") + duration("P1M")', "substring(big, -1e30)", "many[1e30]",
        'range("[1..1e400)")', "for i in 1..1000 return big + big", "-" * 50 + "1",
        'matches("a", "((a{1,100}){1,100}){1,100}")', 'split(substring(big, 1, 50000), "")',
        'matches("a", "((((a{1,30}){1,30}){1,30}){1,30})\\\\1")', 'matches(big, "(.*)\\\\1b")',
        "{f: function(g) g(g), y: f(f)}.y", "string join(strings)", "all(many)", "many.x",
        "sort(few, function(a, b) a > b)",
        "for i in 1..3000 return partial",
    ],
)  # fmt: skip
def test_work_that_looks_endless_ends(text: str) -> None:
    begun = time.thread_time()
    with suppress(feel.FeelError):
        feel.to_json(feel.evaluate(text, LARGE))
    assert time.thread_time() - begun < LONGEST


@pytest.mark.parametrize(
    "text",
    [
        "for a in few, b in few return a * b",
        "every a in few satisfies every b in few satisfies a + b >= 0",
        "for i in 1..1000 return upper case(big)", "for i in 1..1000 return string join(strings)",
        "for i in 1..1000 return big + string(i)", "for i in 1..1000 return trim(big)",
        'for i in 1..1000 return replace(substring(big, 1, 20000), "a", "bb")',
        "for i in 1..100000 return sum(many)",
        'for i in 1..1000 return context put(wide, "x", i)', "for i in 1..100000 return many.x",
        "for i in 1..1000 return context merge([wide, wide])",
        "for i in 1..10000 return get entries(wide)", "for i in 1..100000 return reverse(many)",
        "for i in 1..100000 return string(many)",
        "for i in 1..100000 return flatten([many])", "for i in 1..100000 return index of(many, 2)",
        "for i in 1..100000 return append(many, 1)", "for i in 1..100000 return union(many, many)",
        "for i in 1..100000 return duplicate values(many)", "list replace(many, function(a, b)"
        " count(many) > 1, 2)", "for i in @\"0001-01-01\"..@\"999999999-01-01\" return i",
        "string(for i in 1..1000 return many)",
    ],
)  # fmt: skip
def test_work_beyond_the_budget_is_stopped(text: str) -> None:
    begun = time.thread_time()
    with pytest.raises(feel.FeelLimitError):
        feel.to_json(feel.evaluate(text, LARGE))
    assert time.thread_time() - begun < LONGEST
