"""A script that could not be calculated is a fault; one that is fairly null is null."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bpmn.expressions import compute, expression
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
