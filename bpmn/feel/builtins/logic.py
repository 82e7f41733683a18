"""Functions on booleans and on whether there is a value (DMN 1.5, 10.3.4.2)."""

from __future__ import annotations

from bpmn.feel.builtins.signature import builtin
from bpmn.feel.comparison import equal
from bpmn.feel.errors import Undefined
from bpmn.feel.temporal import DateTime, Time
from bpmn.feel.values import Value, kind_of


@builtin("not(negand/value: any)")
def not_(negand: Value) -> Value:
    if negand is not None and not isinstance(negand, bool):
        raise Undefined("ARGUMENT_TYPE", "'{0}' must be {1}, not {2}", "negand", "boolean",
                        kind_of(negand))  # fmt: skip
    return None if negand is None else not negand


@builtin("is(value1?: any, value2?: any)")
def is_(one: Value = None, other: Value = None) -> Value:
    if type(one) is not type(other):
        return False
    if isinstance(one, DateTime | Time):
        return bool(one == other)
    return equal(one, other) is True


@builtin("is defined(value: any)")
def is_defined(value: Value) -> Value:
    return value is not None


@builtin("get or else(value: any, default: any)")
def get_or_else(value: Value, default: Value) -> Value:
    return default if value is None else value
