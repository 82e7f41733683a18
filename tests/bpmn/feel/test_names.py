"""Names with spaces and signs, in any script."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import feel
from tests.bpmn.feel.says import codes, says


@pytest.mark.parametrize(
    ("text", "context", "value"),
    [
        ("date of birth", {"date of birth": "d"}, "d"),
        ("order and delivery", {"order and delivery": 1, "order": True, "delivery": True}, 1),
        ("order and delivery", {"order": True, "delivery": False}, False),
        ("in stock + 1", {"in stock": 4}, 5),
        ("a-b", {"a-b": 1, "a": 5, "b": 2}, 1),
        ("a + b", {"a + b": 7, "a": 5, "b": 2}, 7),
        ("a+b", {"a + b": 7, "a": 5, "b": 2}, 7),
        ("مبلغ (ریال) + 1", {"مبلغ (ریال)": 1}, 2),
        ("a - b", {"a-b": 1, "a": 5, "b": 2}, 3),
        ("a-b", {"a": 5, "b": 2}, 3),
        ("Mother's age * 2", {"Mother's age": 40}, 80),
        ("person.date of birth", {"person": {"date of birth": "d"}}, "d"),
        ("items[unit price > 2].unit price", {"items": [{"unit price": 3}]}, [3]),
        ("مهلت پاسخ + ۱روز", {"مهلت پاسخ": 1, "۱روز": 2}, 3),
        ("مهلت پاسخ + 1", {"مهلت پاسخ": 1}, 2),
        ("مهلت‌پاسخ + 1", {"مهلت‌پاسخ": 1}, 2),
        ("درخواست.نام مشتری", {"درخواست": {"نام مشتری": "مریم"}}, "مریم"),
        ("مؤسّسه", {"مؤسّسه": 1}, 1),
        ("{مبلغ کل: 3, دو برابر: مبلغ کل * 2}.دو برابر", {}, 6),
        ("for هر عضو in [1, 2] return هر عضو + 1", {}, [2, 3]),
        ("(function(نام کوچک) نام کوچک)(1)", {}, 1),
        ("date", {"date": 1}, 1),
        ('date("2026-01-01").year', {"date": 1}, 2026),
    ],
)
def test_a_name_is_read(text: str, context: dict[str, Any], value: Any) -> None:
    assert says(text, **context) == value


def test_a_name_with_spaces_needs_no_announcement() -> None:
    expression = feel.compile("مبلغ کل > 10")
    assert expression.evaluate({"مبلغ کل": 11}) is True


def test_a_name_with_signs_can_be_announced() -> None:
    assert feel.compile("net/gross", ["net/gross"]).evaluate({"net/gross": 1}) == 1


def test_a_keyword_in_capitals_is_a_slip_and_is_refused() -> None:
    with pytest.raises(feel.FeelSyntaxError):
        feel.compile("a AND b")


def test_a_misspelt_function_is_told() -> None:
    assert feel.compile('string lenght("x")').unknown_functions() == {"string lenght"}
    assert feel.compile("f(1) + g(2)").unknown_functions(["f"]) == {"g"}
    assert codes('string lenght("x")') == ["NO_FUNCTION"]


def test_variables_are_told() -> None:
    assert "amount" in feel.compile("amount > 10").variables()


@pytest.mark.parametrize(
    ("text", "context", "value"),
    [
        ("profit % + 1", {"profit %": 2}, 3),
        ("a- + 1", {"a-": 1}, 2),
        ("a + b", {"a + b": 7, "a": 1, "b": 2}, 7),
        ("a+b", {"a + b": 7, "a": 1, "b": 2}, 3),
        ("a - b", {"a-b": 7, "a": 1, "b": 2}, -1),
        ("net/gross*2", {"net/gross": 4}, 8),
        ("price (net) + 1", {"price (net)": 4}, 5),
        ("request.price (net) + 1", {"request": {"price (net)": 4}}, 5),
        ("{tax %: 9, sum: tax % + 1}.sum", {}, 10),
        ("for a/b in [1, 2] return a/b", {}, [1, 2]),
        ("مبلغ + مالیات", {"مبلغ + مالیات": 5}, 5),
    ],
)
def test_a_name_may_hold_signs(text: str, context: dict[str, Any], value: Any) -> None:
    assert says(text, **context) == value


def test_a_variable_named_like_a_called_function_is_not_even_read() -> None:
    assert feel.evaluate("count([1, 2])", {"count": object()}) == 2


def test_a_function_of_the_caller_goes_before_a_built_in() -> None:
    own = {"date": lambda text: f"own {text}", "count": lambda items: "own"}
    assert feel.evaluate('date("2026-01-01")', {}, functions=own) == "own 2026-01-01"
    assert feel.evaluate("count([1])", {}, functions=own) == "own"
    assert feel.evaluate("{count: function(a) 7, b: count([1])}.b", {}) == 7
