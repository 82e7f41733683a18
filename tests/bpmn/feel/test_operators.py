"""Arithmetic, comparison, logic and conditions."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import feel
from tests.bpmn.feel.says import codes, says


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1 + 0.2 = 0.3", True),
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 2 - 3", 5),
        ("2 ** 3 ** 2", 64),
        ("-2 ** 2", 4),
        ("-(2 ** 2)", -4),
        ("7 / 2", 3.5),
        ("1 / 3 * 3 = 1", False),
        (".5 + 1e2", 100.5),
        ('"a" + "b"', "ab"),
        ('"سلام" + " " + "دنیا"', "سلام دنیا"),
    ],
)
def test_arithmetic(text: str, value: Any) -> None:
    assert says(text) == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1 / 0", "ARITHMETIC"),
        ("10 ** 7000", "ARITHMETIC"),
        ('1 + "a"', "OPERANDS"),
        ("null + 1", "OPERANDS"),
        ("true < false", "ORDER"),
        ('1 = "1"', "COMPARED_KINDS"),
        ("1 = [1]", "COMPARED_KINDS"),
        ("nothing", "NO_VARIABLE"),
        ("nothing.more", "NO_VARIABLE"),
        ("{a: 1}.b", "NO_ENTRY"),
        ("(1).year", "NO_PROPERTY"),
        ("[1][5]", "NO_ITEM"),
        ("frobnicate(1)", "NO_FUNCTION"),
        ("substring(1, 2)", "ARGUMENT_TYPE"),
        ("substring()", "ARGUMENTS"),
        ("{a: 1, a: 2}", "REPEATED_KEY"),
        ("for i in null return i", "NULL_DOMAIN"),
        ("for i in [5..1] return i", "RANGE"),
        ("5 in [1..null]", None),
        ('date("2026-02-30")', "DATE"),
    ],
)
def test_what_is_not_defined_is_null_and_says_why(text: str, code: str | None) -> None:
    assert says(text) is None
    if code:
        assert code in codes(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 < 2", True),
        ('"a" < "b"', True),
        ("null = null", True),
        ("1 = null", False),
        ("[1, 2] = [1, 2]", True),
        ("{a: 1} = {a: 1}", True),
        ("2 between 1 and 3", True),
        ("1 between 1 and 3 and true", True),
        ("5 in (1..5]", True),
        ("1 in (1..5]", False),
        ("1 in ]1..5[", False),
        ("3 in (< 2, > 2)", True),
        ("3 in [1, 2, 3]", True),
        ('"b" in ["a".."c"]', True),
        ("[1, 2] in [[1, 2], [3]]", True),
        ("not(true)", False),
    ],
)
def test_comparison(text: str, value: Any) -> None:
    assert says(text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true and null", None),
        ("false and null", False),
        ("null and false", False),
        ("true or null", True),
        ("null or true", True),
        ("false or null", None),
        ('true and "yes"', None),
        ('false and "yes"', False),
    ],
)
def test_logic_knows_three_values(text: str, value: Any) -> None:
    assert says(text) is value


def test_if_takes_the_second_way_unless_the_condition_is_true() -> None:
    assert says("if amount > 10 then 1 else 2", amount=11) == 1
    assert says("if amount > 10 then 1 else 2", amount=9) == 2
    assert says("if null then 1 else 2") == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 instance of number", True),
        ('"a" instance of number', False),
        ("null instance of Any", False),
        ("[1, 2] instance of list<number>", True),
        ('[1, "a"] instance of list<number>', False),
        ("{a: 1} instance of context<a: number>", True),
        ('@"2026-01-01" instance of date', True),
        ('@"P1D" instance of days and time duration', True),
        ("function(a: number) a instance of function<number> -> Any", True),
        ("[1..2] instance of range<number>", True),
    ],
)
def test_instance_of(text: str, value: bool) -> None:
    if text.startswith("function"):
        text = f"({text.split(' instance')[0]}) instance{text.split(' instance')[1]}"
    assert says(text) is value


def test_a_warning_carries_the_place_and_both_languages() -> None:
    [warning] = feel.examine('1 + ("a" - 2)', {}).warnings[:1]
    assert (warning.code, warning.position) == ("OPERANDS", 9)
    assert warning.messages["en"].endswith("(at character 10)")
    assert "نویسهٔ ۱۰" in warning.messages["fa"]


def test_a_result_can_be_demanded() -> None:
    assert feel.examine("1 + 1", {}).require() == 2
    with pytest.raises(feel.FeelValueError) as caught:
        feel.examine("1 + null", {}).require()
    assert caught.value.warnings[0].code == "OPERANDS"
