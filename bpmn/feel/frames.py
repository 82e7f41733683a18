"""What a closure runs in: layers of names, and the table of what compiles which node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bpmn.feel import nodes as n
from bpmn.feel.limits import Run
from bpmn.feel.python import from_callable
from bpmn.feel.values import Function, Value, receive

MISSING = object()
"""Stands where a name has no value at all, which is not the same as null."""


class Frame:
    """One layer of names; the outermost is backed by the caller's context."""

    __slots__ = ("names", "parent", "run")

    def __init__(self, names: dict[str, Value], parent: Frame | None, run: Run) -> None:
        self.names = names
        self.parent = parent
        self.run = run


Code = Callable[[Frame], Value]
"""A compiled expression."""

_COMPILERS: dict[type, Callable[[Any], Code]] = {}


def compile_node(node: n.Node) -> Code:
    """The closure of one expression."""
    return _COMPILERS[type(node)](node)


def compiles(kind: type) -> Callable[[Callable[[Any], Code]], Callable[[Any], Code]]:
    """Register the function that compiles nodes of one kind."""

    def register(function: Callable[[Any], Code]) -> Callable[[Any], Code]:
        _COMPILERS[kind] = function
        return function

    return register


def own_function(frame: Frame, name: str) -> Function | None:
    """The function that the expression or its caller has under a name; None without one.

    A variable of that name that is no function does not count, and is not converted.
    """
    at: Frame | None = frame
    while at is not None:
        if name in at.names:
            return _if_function(at.names[name])
        at = at.parent
    run = frame.run
    if name in run.context:
        return _if_function(run.context[name])
    return _from_context(run, name) if name in run.functions else None


def _if_function(value: Any) -> Function | None:
    return value if type(value) is Function else None


def find(frame: Frame, name: str) -> Value:
    """The value of a name, or the mark that there is none."""
    at: Frame | None = frame
    while at is not None:
        if name in at.names:
            return at.names[name]
        at = at.parent
    return _from_context(frame.run, name)


def _from_context(run: Run, name: str) -> Value:
    read = run.read
    if name in read:
        return read[name]
    if name in run.context:
        value = receive(run.context[name])
    elif name in run.functions:
        value = from_callable(name, run.functions[name])
    else:
        return MISSING
    read[name] = value
    return value
