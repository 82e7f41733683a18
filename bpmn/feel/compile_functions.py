"""Functions and calls to closures.

An ``Undefined`` stops at the call, where it becomes null and a warning.
"""

from __future__ import annotations

from collections.abc import Callable

from bpmn.feel import nodes as n
from bpmn.feel.builtins import BUILTINS
from bpmn.feel.calls import invoke
from bpmn.feel.errors import FeelLimitError, Undefined
from bpmn.feel.frames import MISSING, Code, Frame, compile_node, compiles, find, own_function
from bpmn.feel.limits import Run
from bpmn.feel.values import Function, Value, kind_of


@compiles(n.FunctionOf)
def _function(node: n.FunctionOf) -> Code:
    names = tuple(name for name, _ in node.parameters)
    kinds = tuple(kind for _, kind in node.parameters)
    body = compile_node(node.body) if node.body is not None else None

    def code(frame: Frame) -> Value:
        def call(run: Run, arguments: list[Value]) -> Value:
            if body is None:
                raise Undefined("EXTERNAL", "External functions are never run")
            return body(Frame(dict(zip(names, arguments, strict=True)), frame, run))

        return Function("", names, call, kinds)

    return code


@compiles(n.Call)
def _call(node: n.Call) -> Code:
    return _constant(node, _plain_call(node))


def _constant(node: n.Call, call: Code) -> Code:
    """The call of ``date("2026-03-21")`` and its like, made once: it is always the same."""
    name = node.function.name if isinstance(node.function, n.Name) else ""
    if name not in _CONSTRUCTORS or not all(isinstance(one, n.Literal) for one in node.arguments):
        return call
    run = Run({}, None, {})
    value = call(Frame({}, None, run))
    if run.warnings:
        return call

    def code(frame: Frame) -> Value:
        # Somebody may have a function of his own under this name.
        return value if own_function(frame, name) is None else call(frame)

    return code


_CONSTRUCTORS = frozenset(("date", "time", "date and time", "duration", "number"))


def _plain_call(node: n.Call) -> Code:
    callee = _callee(node.function)
    given = _given(tuple(compile_node(argument) for argument in node.arguments))
    names, at = node.names, node.at

    def code(frame: Frame) -> Value:
        function = callee(frame)
        values = given(frame)
        run = frame.run
        if not isinstance(function, Function):
            run.warn("NO_FUNCTION", at, *_no_function(node.function, function))
            return None
        try:
            return invoke(run, function, values, names)
        except Undefined as error:
            run.explain(error, at)
            return None
        except FeelLimitError as error:
            error.at(at)
            raise

    return code


def _given(arguments: tuple[Code, ...]) -> Callable[[Frame], list[Value]]:
    """The values of a call's arguments; nearly every call has one."""
    if len(arguments) == 1:
        [only] = arguments
        return lambda frame: [only(frame)]
    return lambda frame: [argument(frame) for argument in arguments]


def _no_function(node: n.Node, value: Value) -> tuple[str, str]:
    if value is MISSING and isinstance(node, n.Name):
        return "There is no function '{0}'", node.name
    return "{0} cannot be called", kind_of(value)


def _callee(node: n.Node) -> Code:
    if not isinstance(node, n.Name):
        return compile_node(node)
    name = node.name
    builtin = BUILTINS.get(name)
    if builtin is None:
        return lambda frame: find(frame, name)
    # A variable called "date" or "count" does not hide the function of that name.
    return lambda frame: own_function(frame, name) or builtin
