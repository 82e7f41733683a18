"""Sorting (DMN 1.5, 10.3.4.8)."""

from __future__ import annotations

from functools import cmp_to_key

from bpmn.feel.builtins.signature import builtin
from bpmn.feel.calls import invoke
from bpmn.feel.comparison import compare
from bpmn.feel.limits import Run
from bpmn.feel.values import Function, Value


@builtin("sort(list: list, precedes?: function)")
def sort(run: Run, items: list[Value], precedes: Function | None = None) -> Value:
    def order(one: Value, other: Value) -> int:
        run.spend(1)
        if precedes is None:
            return compare(one, other)
        if invoke(run, precedes, [one, other]) is True:
            return -1
        return 1 if invoke(run, precedes, [other, one]) is True else 0

    return sorted(items, key=cmp_to_key(order))
