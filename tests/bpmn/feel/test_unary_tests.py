"""Unary tests, as the cells of a table hold them."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import feel


@pytest.mark.parametrize(
    ("tests", "value", "holds"),
    [
        ("-", None, True),
        ("5", 5, True),
        ("5, 6", 6, True),
        ("< 5", 4, True),
        ("< 5", None, False),
        ("< 5", "a", False),
        (">= 5, < 1", 0, True),
        ("[1..5]", 5, True),
        ("(1..5)", 5, False),
        ("not(1, 2)", 3, True),
        ("not(1, 2)", 2, False),
        ("not(null)", 1, True),
        ('"a", "b"', "b", True),
        ('["a", "b"]', "b", True),
        ("null", None, True),
        ("null", 1, False),
        ("true", True, True),
        ("false", False, True),
        ("false", True, False),
        ("? > 3 and ? < 5", 4, True),
        ("? > 3 and ? < 5", 6, False),
        ('contains(?, "x")', "axb", True),
        ("limit", 7, True),
        ("> limit", 8, True),
        ("limit > 5", 1, True),
        ("!= 5", 4, True),
        ("= 5", 5, True),
        ('@"2026-01-01"', "2026-01-01", False),
        ("-5", -5, True),
        ("not(?) or ? = true", True, True),
    ],
)
def test_a_value_passes(tests: str, value: Any, holds: bool) -> None:
    assert feel.unary_test(tests, value, {"limit": 7}) is holds


@pytest.mark.parametrize("tests", ["", "5,", "< ", "not(", "[1..", "5 6"])
def test_a_cell_that_cannot_be_read_is_refused(tests: str) -> None:
    with pytest.raises(feel.FeelSyntaxError):
        feel.unary_test(tests, 1, {})


@pytest.mark.parametrize(
    "tests",
    ["< 5", "[1..5]", '"a"', "> limit", "true", "1, 2", "? > 5", "limit"],
)
@pytest.mark.parametrize("value", [None, "other", {"a": 1}, [9, 9]])
def test_what_cannot_be_compared_does_not_pass(tests: str, value: Any) -> None:
    assert feel.unary_test(tests, value, {"limit": 7}) is False


@pytest.mark.parametrize("value", [None, False, 1, "true"])
def test_a_constant_true_passes_for_true_alone(value: Any) -> None:
    assert feel.unary_test("true", value, {}) is False
    assert feel.unary_test("true", True, {}) is True
