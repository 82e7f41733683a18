"""One call of a function: arguments in order, of the right types, within the limits."""

from __future__ import annotations

from collections.abc import Mapping

from bpmn.feel.conform import coerce
from bpmn.feel.errors import FeelLimitError, Undefined
from bpmn.feel.limits import LARGE, MAX_CALLS, Run, weight
from bpmn.feel.values import Function, Value


def invoke(
    run: Run, function: Function, values: list[Value], names: tuple[str, ...] | None = None
) -> Value:
    """The value of a call; raises ``Undefined`` when the arguments do not fit."""
    cost = 1
    for value in values:
        if type(value) in LARGE:
            cost += weight(value)
    run.spend(cost)
    run.calls += 1
    if run.calls > MAX_CALLS:
        raise FeelLimitError("Functions call each other deeper than {0}.", MAX_CALLS)
    try:
        if function.bind is None:
            return function.call(run, fitting(function, values, names))
        made = function.bind(run, values, names)
        if type(made) in LARGE:
            run.spend(weight(made))
        return made
    finally:
        run.calls -= 1


def fitting(function: Function, values: list[Value], names: tuple[str, ...] | None) -> list[Value]:
    """The arguments in the function's order and types; raises ``Undefined``."""
    if names is not None:
        values = _in_order(function, dict(zip(names, values, strict=True)))
    if len(values) != len(function.parameters):
        raise Undefined(
            "ARGUMENTS",
            "The function takes {0} arguments, not {1}",
            len(function.parameters),
            len(values),
        )
    return [_typed(function, place, value) for place, value in enumerate(values)]


def _in_order(function: Function, given: Mapping[str, Value]) -> list[Value]:
    if set(given) != set(function.parameters):
        raise Undefined("ARGUMENTS", "The function takes {0}", ", ".join(function.parameters))
    return [given[name] for name in function.parameters]


def _typed(function: Function, place: int, value: Value) -> Value:
    if not function.types:
        return value
    fits, value = coerce(value, function.types[place])
    if not fits:
        raise Undefined(
            "ARGUMENT_TYPE",
            "'{0}' must be {1}",
            function.parameters[place],
            function.types[place].name,
        )
    return value
