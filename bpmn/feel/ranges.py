"""The values of a range one by one, and how two ranges lie to one another (DMN 1.5, 10.3.4.7)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from bpmn.feel.calendar import from_days
from bpmn.feel.comparison import compare
from bpmn.feel.errors import Undefined
from bpmn.feel.limits import check_list
from bpmn.feel.numbers import whole
from bpmn.feel.temporal import Date
from bpmn.feel.values import Range, Value, kind_of


def each(value: Value) -> Iterator[Value]:
    """The values to iterate over: items, whole numbers or days; raises ``Undefined``."""
    if isinstance(value, list):
        return iter(value)
    if isinstance(value, Range):
        if compare(value.low, value.high) > 0:
            raise Undefined("RANGE", "The range ends before it starts")
        return steps(value)
    if value is None:
        raise Undefined("NULL_DOMAIN", "There is nothing to iterate over: null")
    return iter([value])


def steps(span: Range) -> Iterator[Value]:
    """The whole numbers or days from one end to the other, downwards too."""
    low, high = span.low, span.high
    if isinstance(low, Decimal) and isinstance(high, Decimal):
        places = _places(whole(low, "The start"), whole(high, "The end"), span)
        return (Decimal(place) for place in places)
    if type(low) is Date and type(high) is Date:
        return (Date(*from_days(place)) for place in _places(low.days, high.days, span))
    raise Undefined("RANGE", "{0} to {1} cannot be iterated over", kind_of(low), kind_of(high))


def _places(low: int, high: int, span: Range) -> range:
    step = 1 if low <= high else -1
    start = low if span.low_closed else low + step
    stop = high + step if span.high_closed else high
    if abs(stop - start) > 10**9:
        check_list(abs(stop - start))
    return range(start, stop, step)
