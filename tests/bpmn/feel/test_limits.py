"""What one expression may not ask for."""

from __future__ import annotations

import pytest

from bpmn import feel


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
