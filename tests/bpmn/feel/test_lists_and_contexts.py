"""Lists, filters, contexts, iterations and functions."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import feel
from tests.bpmn.feel.says import says


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, 2, 3][2]", 2),
        ("[1, 2, 3][-1]", 3),
        ("[1, 2, 3][item > 1]", [2, 3]),
        ("[1, 2, 3][> 1]", [2, 3]),
        ("[{a: 1}, {a: 2}][a > 1]", [{"a": 2}]),
        ("[{a: 1}, {b: 2}].a", [1, None]),
        ("[{item: 1}, {item: 2}][item > 1]", [{"item": 2}]),
        ("[][1]", None),
        ("[][item > 1]", []),
        ("5[1]", 5),
        ("null[true]", []),
        ("for i in 1..3 return i * i", [1, 4, 9]),
        ("for i in 3..1 return i", [3, 2, 1]),
        ("for i in [1..3] return i", [1, 2, 3]),
        ("for i in (1..3) return i", [2]),
        ("for a in [1, 2], b in [a, 10] return a * b", [1, 10, 4, 20]),
        ("for i in 1..4 return if i = 1 then 1 else i * partial[-1]", [1, 2, 6, 24]),
        ('count(for d in @"2026-01-30"..@"2026-02-02" return d)', 4),
        ("some i in [1, 2] satisfies i > 1", True),
        ("every i in [1, 2] satisfies i > 1", False),
        ("every i in [] satisfies false", True),
        ("some i in [null] satisfies i > 1", None),
        ("{a: 1, b: a + 1}.b", 2),
        ('{"a b": 1}.a b', 1),
        ("(function(x, y) x - y)(y: 1, x: 3)", 2),
        ("{f: function(x) x * 2, y: f(4)}.y", 8),
        ("{fact: function(n) if n = 0 then 1 else n * fact(n - 1), y: fact(5)}.y", 120),
        ("[1..5].start", 1),
        ("(1..5].start included", False),
    ],
)
def test_expression(text: str, value: Any) -> None:
    assert says(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("count([1, 2])", 2),
        ("sum(1, 2, 3)", 6),
        ("sum([])", None),
        ("min([3, 1])", 1),
        ('max("a", "b")', "b"),
        ("mean([1, 2])", 1.5),
        ("median([1, 3, 2, 4])", 2.5),
        ("stddev([2, 4, 7, 5]) > 2", True),
        ("mode([6, 3, 9, 6, 6])", [6]),
        ("product([2, 3])", 6),
        ("all([true, null])", None),
        ("any([true, null])", True),
        ("list contains([1, null], null)", True),
        ("sublist([1, 2, 3], 2)", [2, 3]),
        ("sublist([1, 2, 3], -2, 1)", [2]),
        ("append([1], 2, 3)", [1, 2, 3]),
        ("concatenate([1], [2])", [1, 2]),
        ("insert before([1, 3], 2, 2)", [1, 2, 3]),
        ("remove([1, 2, 3], 2)", [1, 3]),
        ("list replace([1, 2], 1, 9)", [9, 2]),
        ("list replace([1, 2], function(i, n) i = 2, 9)", [1, 9]),
        ("reverse([1, 2])", [2, 1]),
        ("index of([1, 2, 1], 1)", [1, 3]),
        ("union([1, 2], [2, 3])", [1, 2, 3]),
        ("distinct values([1, 1, null])", [1, None]),
        ("duplicate values([1, 2, 1])", [1]),
        ("flatten([[1, [2]], 3])", [1, 2, 3]),
        ("partition([1, 2, 3], 2)", [[1, 2], [3]]),
        ("sort([3, 1, 2])", [1, 2, 3]),
        ("sort([3, 1, 2], function(a, b) a > b)", [3, 2, 1]),
        ("is empty([])", True),
        ('get value({a: 1}, "a")', 1),
        ("get entries({a: 1})", [{"key": "a", "value": 1}]),
        ('context([{key: "a", value: 1}])', {"a": 1}),
        ('context put({a: 1}, "b", 2)', {"a": 1, "b": 2}),
        ('context put({a: {b: 1}}, ["a", "b"], 2)', {"a": {"b": 2}}),
        ("context merge([{a: 1}, {a: 2}])", {"a": 2}),
        ("sum(list: [1, 2])", 3),
    ],
)
def test_built_in_function(text: str, value: Any) -> None:
    assert says(text) == value


def test_python_functions_are_called_with_python_values() -> None:
    seen: list[Any] = []

    def working_days_from_now(days: int) -> int:
        seen.append(days)
        return days * 2

    functions = {"working_days_from_now": working_days_from_now}
    assert feel.evaluate("working_days_from_now(1 + 2)", {}, functions=functions) == 6
    assert feel.evaluate("working_days_from_now(days: 1)", {}, functions=functions) == 2
    assert seen == [3, 1]
    assert type(seen[0]) is int
    result = feel.examine('working_days_from_now("a", 2)', {}, functions=functions)
    assert [warning.code for warning in result.warnings] == ["FUNCTION"]


def test_an_error_of_a_python_function_that_is_no_misfit_passes_through() -> None:
    def broken() -> None:
        raise LookupError("no calendar")

    with pytest.raises(LookupError):
        feel.evaluate("broken()", {}, functions={"broken": broken})


def test_what_is_not_read_is_not_converted() -> None:
    assert feel.evaluate("a.b", {"a": {"b": 1, "c": object()}, "d": object()}) == 1
    with pytest.raises(feel.FeelError):
        feel.evaluate("a", {"a": object()})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, 5, 9][> 4]", [5, 9]),
        ("[{a: 1}, {a: 7}].a[>= 2]", [7]),
        ("5 in [< 3, > 4]", True),
        ("3 in [< 3, > 4]", False),
        ("count([< 3, > 4])", 2),
        ("some x in [1, 2] satisfies x in (> 1)", True),
        ("(> 5).end", None),
        ("list contains([> 5], (> 5))", True),
        ("[null, 1][item > 0]", [1]),
        ('["a", 1][> 0]', [1]),
    ],
)
def test_comparisons_stand_alone_in_lists_and_filters(text: str, value: Any) -> None:
    assert says(text) == value
