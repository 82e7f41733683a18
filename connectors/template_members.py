"""What a template asks of its values: paths such as ``request.number.x``, followed in a sample.

A template is filled once for each reader, and most of its branches are taken for few of them. So
the paths are read from its tree, and what no reader has is found before the first one waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from jinja2 import nodes


class Lack(NamedTuple):
    """A value that nobody has."""

    path: str
    """As the template says it: ``request.number.x``."""
    line: int


def lacks(tree: nodes.Template, sample: Mapping[str, Any]) -> Iterator[Lack]:
    """The paths that end in nothing when they are followed in a sample, which has every member
    that its contexts may have; of a context that is not in it, nothing is said."""
    said: list[nodes.Getattr | nodes.Getitem] = [*tree.find_all(nodes.Getattr)]
    said += tree.find_all(nodes.Getitem)
    inner = {id(one.node) for one in said}
    own = {one.name for one in tree.find_all(nodes.Name) if one.ctx == "store"}
    for node in sorted(said, key=lambda one: one.lineno):
        steps = _steps(node)
        if id(node) in inner or not steps or steps[0] in own or steps[0] not in sample:
            continue
        missing = _missing(steps, sample)
        if missing:
            yield Lack(missing, node.lineno)


def _steps(said: nodes.Node) -> list[str]:
    """``request``, ``number``, ``x``; nothing for what does not begin with a variable. What is
    taken by a number or by another variable ends the path, since nobody knows what it is."""
    found: list[str] = []
    node: nodes.Node = said
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        name = _name(node)
        found = [_ANY] if name is None else [name, *found]
        node = node.node
    return [node.name, *found] if isinstance(node, nodes.Name) else []


_ANY = "[…]"
"""A step by a number or by another variable."""


def _name(node: nodes.Getattr | nodes.Getitem) -> str | None:
    if isinstance(node, nodes.Getattr):
        return node.attr
    said = node.arg.value if isinstance(node.arg, nodes.Const) else None
    return said if isinstance(said, str) else None


def _missing(steps: list[str], sample: Mapping[str, Any]) -> str:
    """The path as far as it leads out of the sample; nothing when it stays inside."""
    value: Any = sample
    for at, step in enumerate(steps):
        if step is _ANY:
            return (
                "" if isinstance(value, Mapping | list | tuple) else f"{'.'.join(steps[:at])}{_ANY}"
            )
        if not isinstance(value, Mapping) or step not in value:
            return ".".join(steps[: at + 1])
        value = value[step]
    return ""
