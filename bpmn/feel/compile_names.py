"""Names and paths to closures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bpmn.feel import nodes as n
from bpmn.feel.builtins import BUILTINS
from bpmn.feel.errors import Undefined
from bpmn.feel.frames import MISSING, Code, Frame, compile_node, compiles, find
from bpmn.feel.members import member
from bpmn.feel.values import NATIVE, Value, receive


@compiles(n.Name)
def _name(node: n.Name) -> Code:
    if "." in node.name:
        return _dotted_name(node)
    return _plain_name(node)


def _dotted_name(node: n.Name) -> Code:
    """A name with a dot in it, or the path that reads the same where there is no such name."""
    first, *steps = node.name.split(".")
    path: n.Node = n.Name(node.at, first.strip())
    for step in steps:
        path = n.Path(node.at, path, step.strip())
    read, name = compile_node(path), node.name

    def code(frame: Frame) -> Value:
        value = find(frame, name)
        return read(frame) if value is MISSING else value

    return code


def _plain_name(node: n.Name) -> Code:
    name, at = node.name, node.at
    builtin = BUILTINS.get(name)

    def code(frame: Frame) -> Value:
        value = find(frame, name)
        if value is not MISSING:
            return value
        if builtin is not None:
            return builtin
        frame.run.warn("NO_VARIABLE", at, "There is no variable '{0}'", name)
        return None

    return code


@compiles(n.Path)
def _path(node: n.Path) -> Code:
    steps: list[str] = [node.name]
    base = node.base
    while isinstance(base, n.Path):
        steps.append(base.name)
        base = base.base
    slow = _slow_path(compile_node(node.base), node.name, node.at)
    if not isinstance(base, n.Name):
        return slow
    first, rest = base.name, tuple(reversed(steps))

    def code(frame: Frame) -> Value:
        # Only the leaf is converted, so a large context costs nothing that is not read.
        value = _raw(frame, first)
        for step in rest:
            if type(value) is not dict or step not in value:
                return slow(frame)
            value = value[step]
        if type(value) in NATIVE and type(value) is not Decimal:
            return value
        return receive(value)

    return code


def _raw(frame: Frame, name: str) -> Any:
    at: Frame | None = frame
    while at is not None:
        if name in at.names:
            return at.names[name]
        at = at.parent
    return frame.run.context.get(name)


def _slow_path(base: Code, name: str, at: int) -> Code:
    def code(frame: Frame) -> Value:
        value = base(frame)
        if value is None:
            frame.run.warn("NULL_PATH", at, "'{0}' is asked of null", name)
            return None
        if isinstance(value, list):
            frame.run.spend(len(value))
        try:
            return member(value, name)
        except Undefined as error:
            frame.run.explain(error, at)
            return None

    return code
