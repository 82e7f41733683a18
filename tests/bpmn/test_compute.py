"""A script that could not be calculated is a fault; one that is fairly null is null."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bpmn import feel
from bpmn.expressions import compute, evaluate, expression
from bpmn.instance import Context, Fault

CONTEXT = Context(datetime(2026, 5, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    "script",
    [
        "=days * rate",
        '=number("x")',
        "=string join(rate)",
        "=if absent then 1 else days * rate",
        "=(if absent then 1 else 2) * days",
    ],
)
def test_an_operation_that_is_not_defined_is_a_fault(script: str) -> None:
    with pytest.raises(Fault) as failed:
        compute(expression(script), {"days": "x", "rate": 5}, CONTEXT)
    assert failed.value.expression == script


@pytest.mark.parametrize(
    "script",
    [
        "=null",
        "=absent",
        "=if rate > 9 then 1 else null",
        "=if absent then 1 else null",
        "=if absent > 1 then 1 else absent",
    ],
)
def test_a_fair_null_is_a_result(script: str) -> None:
    assert compute(expression(script), {"rate": 5}, CONTEXT) is None


@pytest.mark.parametrize("value", [None, True, False, "text", "", 3, 1.5, [1, "a"], {"b": "x"}])
@pytest.mark.parametrize("script", ["=a", "=a.b", "=c.a", "=c.a.b", "=(a)", "=count", "=c.c.a"])
def test_a_name_is_read_as_feel_reads_it(script: str, value: object) -> None:
    said = expression(script)
    seen = {"a": value, "count": value, "c": {"a": value, "c": [{"a": value}]}}
    assert said.compiled is not None
    found = feel.to_json(said.compiled.evaluate(seen))
    assert evaluate(said, seen, CONTEXT) == found
    assert type(evaluate(said, seen, CONTEXT)) is type(found)


def test_a_way_is_a_name_or_a_field_of_one_and_nothing_else() -> None:
    ways = {text: expression(text).way for text in ("=a", "=a.b.c", "=f(a)", "=a[1].b", "=1", "a")}
    assert ways == {
        "=a": ("a",), "=a.b.c": ("a", "b", "c"), "=f(a)": (), "=a[1].b": (), "=1": (), "a": (),
    }  # fmt: skip
