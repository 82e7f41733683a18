"""Python functions of the caller as FEEL functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bpmn.feel.errors import Undefined
from bpmn.feel.limits import Run
from bpmn.feel.values import Function, Value, receive, to_python


def from_callable(name: str, function: Callable[..., Any]) -> Function:
    """The FEEL function that calls it with Python's own values and takes back its result.

    ``TypeError`` and ``ValueError`` mean that the arguments do not fit: the call gives null
    and a warning. Whatever else it raises passes through to the caller of the evaluation.
    """

    def bind(run: Run, values: list[Value], names: tuple[str, ...] | None) -> Value:
        given = [to_python(value) for value in values]
        try:
            if names is None:
                return receive(function(*given))
            keys = (key.replace(" ", "_") for key in names)
            return receive(function(**dict(zip(keys, given, strict=True))))
        except (TypeError, ValueError) as error:
            raise Undefined("FUNCTION", "{0}: {1}", name, error) from error

    return Function(name, (), lambda run, values: bind(run, values, None), bind=bind)
