"""Functions on lists (DMN 1.5, 10.3.4.4); positions count from one, negative ones from the end."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, DecimalException

from bpmn.feel.arithmetic import operate
from bpmn.feel.builtins.signature import builtin
from bpmn.feel.calls import invoke
from bpmn.feel.comparison import compare, equal
from bpmn.feel.errors import Undefined
from bpmn.feel.limits import MAX_NESTING, Run, check_list
from bpmn.feel.numbers import ARITHMETIC, truncated
from bpmn.feel.values import Function, Value


def same(left: Value, right: Value) -> bool:
    """Whether two items are equal; items of different kinds are not."""
    return equal(left, right) is True


def numbers_of(items: Iterable[Value]) -> list[Decimal]:
    """The items, all of them numbers; raises ``Undefined`` otherwise."""
    found = list(items)
    if not all(isinstance(item, Decimal) for item in found):
        raise Undefined("ARGUMENT_TYPE", "The list must hold numbers alone")
    return found


@builtin("list contains(list: list, element/match: any)")
def list_contains(run: Run, items: list[Value], element: Value) -> Value:
    run.spend(len(items))
    return any(same(item, element) for item in items)


@builtin("count(list: list)", "count(...list: any)")
def count(items: list[Value]) -> Value:
    return Decimal(len(items))


@builtin("min(list: list)", "min(...list: any)")
def min_(items: list[Value]) -> Value:
    return _extreme(items, -1)


@builtin("max(list: list)", "max(...list: any)")
def max_(items: list[Value]) -> Value:
    return _extreme(items, 1)


def _extreme(items: list[Value], sign: int) -> Value:
    if not items:
        return None
    best = items[0]
    for item in items:
        if compare(item, best) * sign > 0:
            best = item
    return best


@builtin("sum(list: list)", "sum(...list: any)")
def sum_(items: list[Value]) -> Value:
    if not items:
        return None
    total = items[0]
    if isinstance(total, str) or not isinstance(operate("+", total, total), type(total)):
        raise Undefined("ARGUMENT_TYPE", "The list must hold numbers alone")
    for item in items[1:]:
        total = operate("+", total, item)
    return total


@builtin("mean(list: list)", "mean(...list: any)")
def mean(items: list[Value]) -> Value:
    if not items:
        return None
    return operate("/", sum_(items), Decimal(len(items)))


@builtin("product(list: list)", "product(...list: any)")
def product(items: list[Value]) -> Value:
    if not items:
        return None
    total = Decimal(1)
    try:
        for item in numbers_of(items):
            total = ARITHMETIC.multiply(total, item)
    except DecimalException as error:
        raise Undefined("ARITHMETIC", "The number is out of range") from error
    return total


@builtin("median(list: list)", "median(...list: any)")
def median(items: list[Value]) -> Value:
    ordered = sorted(numbers_of(items))
    if not ordered:
        return None
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return operate("/", operate("+", ordered[middle - 1], ordered[middle]), Decimal(2))


@builtin("stddev(list: list)", "stddev(...list: any)")
def stddev(items: list[Value]) -> Value:
    values = numbers_of(items)
    if len(values) < 2:
        raise Undefined("ARGUMENTS", "A deviation needs two numbers or more")
    middle = mean(values)
    squares = [operate("**", operate("-", value, middle), Decimal(2)) for value in values]
    return ARITHMETIC.sqrt(operate("/", sum_(squares), Decimal(len(values) - 1)))


@builtin("mode(list: list)", "mode(...list: any)")
def mode(items: list[Value]) -> Value:
    counts: dict[Decimal, int] = {}
    for item in numbers_of(items):
        counts[item] = counts.get(item, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(item for item, times in counts.items() if times == most)


@builtin("all(list: list)", "all(...list: any)", "and(list: list)", "and(...list: any)")
def all_(items: list[Value]) -> Value:
    if False in (item for item in items if isinstance(item, bool)):
        return False
    return True if all(item is True for item in items) else _unknown(items)


@builtin("any(list: list)", "any(...list: any)", "or(list: list)", "or(...list: any)")
def any_(items: list[Value]) -> Value:
    if True in (item for item in items if isinstance(item, bool)):
        return True
    return False if all(item is False for item in items) else _unknown(items)


def _unknown(items: list[Value]) -> Value:
    if any(item is not None and not isinstance(item, bool) for item in items):
        raise Undefined("ARGUMENT_TYPE", "The list must hold booleans alone")
    return None


@builtin("sublist(list: list, start position: number, length?: number)")
def sublist(items: list[Value], start: Decimal, length: Decimal | None = None) -> Value:
    begin = _place(items, start)
    if length is None:
        return items[begin:]
    size = truncated(length, "The length")
    if size < 1 or begin + size > len(items):
        raise Undefined("OUT_OF_RANGE", "The list does not have so many items")
    return items[begin : begin + size]


def _place(items: list[Value], position: Decimal) -> int:
    place = truncated(position, "The position")
    if place == 0 or abs(place) > len(items):
        raise Undefined("OUT_OF_RANGE", "The list has no position {0}", place)
    return place - 1 if place > 0 else len(items) + place


@builtin("append(list: list, ...items: any)")
def append(items: list[Value], more: list[Value]) -> Value:
    return [*items, *more]


@builtin("concatenate(...lists: list)")
def concatenate(run: Run, lists: list[list[Value]]) -> Value:
    run.spend(sum(map(len, lists)))
    check_list(sum(map(len, lists)))
    return [item for items in lists for item in items]


@builtin("union(...lists: list)")
def union(run: Run, lists: list[list[Value]]) -> Value:
    return distinct_values(run, concatenate(run, lists))


@builtin("distinct values(list: list)")
def distinct_values(run: Run, items: list[Value]) -> Value:
    kept: list[Value] = []
    for item in items:
        run.spend(1 + len(kept) // 4)
        if not any(same(item, other) for other in kept):
            kept.append(item)
    return kept


@builtin("duplicate values(list: list)")
def duplicate_values(run: Run, items: list[Value]) -> Value:
    run.spend(len(items) * len(items) // 4)
    repeated = [item for item in items if sum(same(item, other) for other in items) > 1]
    return distinct_values(run, repeated)


@builtin("insert before(list: list, position: number, newItem/new item: any)")
def insert_before(items: list[Value], position: Decimal, item: Value) -> Value:
    place = _place(items, position)
    return [*items[:place], item, *items[place:]]


@builtin("remove(list: list, position: number)")
def remove(items: list[Value], position: Decimal) -> Value:
    place = _place(items, position)
    return [*items[:place], *items[place + 1 :]]


@builtin("list replace(list: list, position: number, newItem/new item: any)")
def replace_at(items: list[Value], position: Decimal, item: Value) -> Value:
    place = _place(items, position)
    return [*items[:place], item, *items[place + 1 :]]


@builtin("list replace(list: list, match: function, newItem/new item: any)")
def replace_where(run: Run, items: list[Value], match: Function, item: Value) -> Value:
    return [item if _chosen(run, match, old, item) else old for old in items]


def _chosen(run: Run, match: Function, old: Value, new: Value) -> bool:
    answer = invoke(run, match, [old, new])
    if not isinstance(answer, bool):
        raise Undefined("NOT_BOOLEAN", "The function must give a boolean")
    return answer


@builtin("reverse(list: list)")
def reverse(items: list[Value]) -> Value:
    return items[::-1]


@builtin("index of(list: list, match/element: any)")
def index_of(run: Run, items: list[Value], match: Value) -> Value:
    run.spend(len(items))
    return [Decimal(place + 1) for place, item in enumerate(items) if same(item, match)]


@builtin("flatten(list: list)")
def flatten(run: Run, items: list[Value]) -> Value:
    flat: list[Value] = []
    _flatten(run, items, flat, 0)
    return flat


def _flatten(run: Run, items: list[Value], flat: list[Value], depth: int) -> None:
    if depth > MAX_NESTING:
        raise Undefined("TOO_DEEP", "The list is nested too deep")
    for item in items:
        run.spend(1)
        if isinstance(item, list):
            _flatten(run, item, flat, depth + 1)
        else:
            flat.append(item)


@builtin("partition(list: list, size: number)")
def partition(items: list[Value], size: Decimal) -> Value:
    step = truncated(size, "The size")
    if step < 1:
        raise Undefined("OUT_OF_RANGE", "The size must be positive")
    return [items[start : start + step] for start in range(0, len(items), step)]


@builtin("is empty(list: list)")
def is_empty(items: list[Value]) -> Value:
    return not items
