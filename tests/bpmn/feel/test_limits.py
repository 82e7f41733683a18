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
    ],
)
def test_work_that_is_refused(text: str) -> None:
    with pytest.raises(feel.FeelLimitError):
        feel.to_json(feel.evaluate(f"string({text})", {}))


def test_a_value_that_holds_itself_is_refused() -> None:
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(feel.FeelLimitError):
        feel.evaluate("a", {"a": circle})
