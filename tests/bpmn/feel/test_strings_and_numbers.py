"""Built-in functions on strings and numbers, and patterns."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import feel
from tests.bpmn.feel.says import codes, says


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('substring("foobar", 3)', "obar"),
        ('substring("foobar", -2, 1)', "a"),
        ('substring(string: "foobar", start position: 3, length: 2)', "ob"),
        ('string length("🐎ab")', 3),
        (r'string length("\uD83D\uDC0E")', 1),
        ('upper case("aBc4")', "ABC4"),
        ('substring before("foobar", "bar")', "foo"),
        ('substring after("foobar", "o")', "obar"),
        ('contains("foobar", "ob")', True),
        ('starts with("foobar", "fo")', True),
        ('ends with("foobar", "ar")', True),
        ('string join(["a", "b"], "-")', "a-b"),
        ('string join(["a", null])', "a"),
        ('split("a;b;;", ";")', ["a", "b", "", ""]),
        ('matches("foobar", "^fo*b")', True),
        ('matches("FOO", "foo", "i")', True),
        ('matches("شماره ۱۲", "\\\\d+")', True),
        ('matches("x", "[a-z-[aeiou]]")', True),
        ('matches("e", "[a-z-[aeiou]]")', False),
        (r'matches("a", "\u{61}")', True),
        ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
        ('extract("a1b22", "[0-9]+")', ["1", "22"]),
        ('trim("  a ")', "a"),
        ('is blank(" ")', True),
        ("string(1.10)", "1.1"),
        ('string("a")', "a"),
        ('string([1, "a", null])', '[1, "a", null]'),
        ("string(1e3)", "1000"),
    ],
)
def test_strings(text: str, value: Any) -> None:
    assert says(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("decimal(1/3, 2)", 0.33),
        ("decimal(2.5, 0)", 2),
        ("floor(-1.5)", -2),
        ("ceiling(1.56, 1)", 1.6),
        ("round up(-5.5, 0)", -6),
        ("round down(5.5, 0)", 5),
        ("round half up(5.5, 0)", 6),
        ("round half down(5.5, 0)", 5),
        ("abs(-1)", 1),
        ('abs(@"-P1D") = @"P1D"', True),
        ("modulo(-12, 5)", 3),
        ("modulo(10.1, -4.5)", -3.4),
        ("sqrt(16)", 4),
        ("odd(5)", True),
        ("even(5)", False),
        ("exp(0)", 1),
        ("log(1)", 0),
        ('number("1 000,5", " ", ",")', 1000.5),
        ('number("1.5")', 1.5),
        ("is(1, 1.0)", True),
        ('is(@"10:00:00Z", @"10:00:00+00:00")', True),
        ("get or else(null, 3)", 3),
    ],
)
def test_numbers(text: str, value: Any) -> None:
    assert says(text) == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('matches("a", "(a")', "PATTERN"),
        ('matches("aa", "(a\\\\1)")', "PATTERN"),
        ('matches("aa", "(a)[\\\\1]")', "PATTERN"),
        ('matches("aa", "(a)\\\\1)")', "PATTERN"),
        ('matches("aa", "(a)\\\\1{3,2}")', "PATTERN"),
        ('matches("a", "a", "z")', "PATTERN"),
        ('replace("a", "a*", "b")', "PATTERN"),
        ('replace("a", "a", "$")', "REPLACEMENT"),
        ('number("1.5.2")', "NUMBER"),
        ("sqrt(-1)", "ARITHMETIC"),
        ("log(0)", "ARITHMETIC"),
        ("modulo(1, 0)", "ARITHMETIC"),
        ("decimal(1, 9999)", "OUT_OF_RANGE"),
        ('substring("abc", 0)', "OUT_OF_RANGE"),
    ],
)
def test_refusals(text: str, code: str) -> None:
    assert says(text) is None
    assert code in codes(text)


def test_a_pattern_that_would_backtrack_for_ever_is_quick() -> None:
    assert says('matches(s, "(a+)+$")', s="a" * 50_000 + "b") is False


@pytest.mark.parametrize(
    ("pattern", "text", "holds"),
    [
        (r"(a)\1", "aa", True),
        (r"(a)\1", "ab", False),
        (r"(a|b)c\1", "bcb", True),
        (r"^(.+)-\1$", "شماره-شماره", True),
        (r"(?:x|(y))\1z", "xz", True),
        (r"(a){2,3}\1", "aaaa", True),
        (r"(a*)*\1b", "aab", True),
        (r"<([a-z]+)>.*?</\1>", "<b>x</b>", True),
        (r"<([a-z]+)>.*?</\1>", "<b>x</i>", False),
        (r"([a-z-[x]])\1", "xx", False),
        (r"(.)\1", "\n\n", False),
    ],
)
def test_a_pattern_may_refer_to_its_groups(pattern: str, text: str, holds: bool) -> None:
    assert says("matches(s, pattern)", s=text, pattern=pattern) is holds


def test_back_references_in_other_functions() -> None:
    assert says(r'matches("aA", "(a)\1", "i")') is True
    assert says(r'replace("aabbc", "(.)\1", "<$1>")') == "<a><b>c"
    assert says(r'split("1--2", "(-)\1")') == ["1", "2"]
    assert says(r'extract("aabccd", "(.)\1")') == ["aa", "cc"]


def test_a_pattern_with_references_that_wanders_is_stopped() -> None:
    with pytest.raises(feel.FeelLimitError):
        says(r'matches(s, "(a+)+\1$")', s="a" * 5_000 + "b")


@pytest.mark.parametrize(
    "text",
    [
        'matches(input: "a", pattern: "a") and matches(string: "a", pattern: "a")',
        'replace(string: "a", pattern: "a", replacement: "b") = "b"',
        'split(input: "a b", delimiter: " ") = ["a", "b"]',
        'get value(m: {a: 1}, key: "a") = get value(context: {a: 1}, key: "a")',
        "get entries(context: {}) = get entries(m: {})",
        "insert before(list: [1], position: 1, newItem: 0) = [0, 1]",
        "insert before(list: [1], position: 1, new item: 0) = [0, 1]",
        "list contains(list: [1], match: 1) and index of(list: [1], element: 1) = [1]",
        "not(value: false) and not(negand: false)",
        "and([true]) and or([true])",
    ],
)
def test_arguments_have_names_and_other_names(text: str) -> None:
    assert says(text) is True
