"""Functions on ranges (DMN 1.5, 10.3.4.7); a point is any value that has an order."""

from __future__ import annotations

from bpmn.feel.builtins.signature import builtin
from bpmn.feel.comparison import compare, equal, in_range
from bpmn.feel.errors import Undefined
from bpmn.feel.values import Range, Value


def _point(value: Value) -> Value:
    if value is None or isinstance(value, Range):
        raise Undefined("ARGUMENT_TYPE", "A point is needed here")
    return value


def _range(value: Value) -> Range:
    if not isinstance(value, Range):
        raise Undefined("ARGUMENT_TYPE", "A range is needed here")
    return value


@builtin("before(point1: any, point2: any)", "before(point: any, range: any)",
         "before(range: any, point: any)", "before(range1: any, range2: any)")  # fmt: skip
def before(one: Value, other: Value) -> Value:
    end, closed = (one.high, one.high_closed) if isinstance(one, Range) else (_point(one), True)
    start, opened = (
        (other.low, other.low_closed) if isinstance(other, Range) else (_point(other), True)
    )
    order = compare(end, start)
    return order < 0 or (order == 0 and not (closed and opened))


@builtin("after(point1: any, point2: any)", "after(point: any, range: any)",
         "after(range: any, point: any)", "after(range1: any, range2: any)")  # fmt: skip
def after(one: Value, other: Value) -> Value:
    return before(other, one)


@builtin("meets(range1: range, range2: range)")
def meets(one: Range, other: Range) -> Value:
    return one.high_closed and other.low_closed and compare(one.high, other.low) == 0


@builtin("met by(range1: range, range2: range)")
def met_by(one: Range, other: Range) -> Value:
    return meets(other, one)


@builtin("overlaps(range1: range, range2: range)")
def overlaps(one: Range, other: Range) -> Value:
    return not before(one, other) and not before(other, one)


@builtin("overlaps before(range1: range, range2: range)")
def overlaps_before(one: Range, other: Range) -> Value:
    if not overlaps(one, other):
        return False
    return _start(one, other) < 0 and _end(one, other) <= 0


@builtin("overlaps after(range1: range, range2: range)")
def overlaps_after(one: Range, other: Range) -> Value:
    return overlaps_before(other, one)


def _start(one: Range, other: Range) -> int:
    order = compare(one.low, other.low)
    return order or (other.low_closed - one.low_closed)


def _end(one: Range, other: Range) -> int:
    order = compare(one.high, other.high)
    return order or (one.high_closed - other.high_closed)


@builtin("finishes(point: any, range: any)", "finishes(range1: any, range2: any)")
def finishes(one: Value, other: Value) -> Value:
    span = _range(other)
    if isinstance(one, Range):
        return _end(one, span) == 0 and _start(one, span) >= 0
    return span.high_closed and compare(_point(one), span.high) == 0


@builtin("finished by(range: any, point: any)", "finished by(range1: any, range2: any)")
def finished_by(one: Value, other: Value) -> Value:
    return finishes(other, one)


@builtin("includes(range: any, point: any)", "includes(range1: any, range2: any)")
def includes(one: Value, other: Value) -> Value:
    span = _range(one)
    if isinstance(other, Range):
        return _start(span, other) <= 0 and _end(span, other) >= 0
    return in_range(_point(other), span)


@builtin("during(point: any, range: any)", "during(range1: any, range2: any)")
def during(one: Value, other: Value) -> Value:
    return includes(other, one)


@builtin("starts(point: any, range: any)", "starts(range1: any, range2: any)")
def starts(one: Value, other: Value) -> Value:
    span = _range(other)
    if isinstance(one, Range):
        return _start(one, span) == 0 and _end(one, span) <= 0
    return span.low_closed and compare(_point(one), span.low) == 0


@builtin("started by(range: any, point: any)", "started by(range1: any, range2: any)")
def started_by(one: Value, other: Value) -> Value:
    return starts(other, one)


@builtin("coincides(point1: any, point2: any)", "coincides(range1: any, range2: any)")
def coincides(one: Value, other: Value) -> Value:
    if isinstance(one, Range) != isinstance(other, Range):
        raise Undefined("ARGUMENT_TYPE", "Two points or two ranges are needed")
    return equal(one, other) is True


@builtin("range(from: string)")
def range_of(text: str) -> Value:
    from bpmn.feel.literals import read_range

    return read_range(text)
