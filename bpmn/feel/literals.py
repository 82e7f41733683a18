"""Ranges written in a string, as ``range("[1..5)")`` takes them: literals alone, no names."""

from __future__ import annotations

from bpmn.feel import nodes as n
from bpmn.feel.comparison import compare
from bpmn.feel.compiler import Frame, compile_node
from bpmn.feel.errors import FeelSyntaxError, Undefined
from bpmn.feel.limits import Run
from bpmn.feel.parser import parse
from bpmn.feel.values import Range

_CONSTRUCTORS = frozenset(("date", "time", "date and time", "duration"))


def read_range(text: str) -> Range:
    """The range of a text; raises ``Undefined`` when it is none."""
    try:
        node = parse(text, (), {})
    except FeelSyntaxError as error:
        raise Undefined("RANGE", "Not a range: {0!r}", text[:60]) from error
    if not isinstance(node, n.RangeOf | n.Compared) or not _plain(node):
        raise Undefined("RANGE", "Not a range: {0!r}", text[:60])
    value = compile_node(node)(Frame({}, None, Run({}, None, {})))
    if not isinstance(value, Range) or not _is_ordered(value):
        raise Undefined("RANGE", "Not a range: {0!r}", text[:60])
    return value


def _is_ordered(span: Range) -> bool:
    if span.low is None or span.high is None:
        return span.low is not span.high
    return type(span.low) is type(span.high) and compare(span.low, span.high) <= 0


def _plain(node: n.Node) -> bool:
    allowed = (n.RangeOf, n.Compared, n.Literal, n.AtLiteral, n.Negate, n.Call, n.Name)
    return all(
        isinstance(part, allowed) and (not isinstance(part, n.Name) or part.name in _CONSTRUCTORS)
        for part in n.walk(node)
    )
