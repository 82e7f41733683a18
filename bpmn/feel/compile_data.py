"""Lists, contexts, ranges and filters to closures."""

from __future__ import annotations

from decimal import Decimal

from bpmn.feel import nodes as n
from bpmn.feel.comparison import compare
from bpmn.feel.compile_tests import Test, compile_test, passes
from bpmn.feel.errors import Undefined
from bpmn.feel.frames import Code, Frame, compile_node, compiles
from bpmn.feel.limits import Run
from bpmn.feel.values import Range, Value, kind_of


@compiles(n.ListOf)
def _list(node: n.ListOf) -> Code:
    items = tuple(compile_node(item) for item in node.items)
    return lambda frame: [item(frame) for item in items]


@compiles(n.ContextOf)
def _context(node: n.ContextOf) -> Code:
    entries = tuple((key, compile_node(value)) for key, value in node.entries)
    repeated = len({key for key, _ in entries}) < len(entries)
    at = node.at

    def code(frame: Frame) -> Value:
        if repeated:
            frame.run.warn("REPEATED_KEY", at, "A key stands twice in the context")
            return None
        names: dict[str, Value] = {}
        inner = Frame(names, frame, frame.run)
        for key, value in entries:
            names[key] = value(inner)
        return names

    return code


@compiles(n.RangeOf)
def _range(node: n.RangeOf) -> Code:
    low, high = compile_node(node.low), compile_node(node.high)
    at = node.at

    def code(frame: Frame) -> Value:
        start, end = low(frame), high(frame)
        try:
            if start is not None and end is not None:
                compare(start, end)
        except Undefined as error:
            frame.run.explain(error, at)
            return None
        return Range(start, end, node.low_closed, node.high_closed)

    return code


@compiles(n.Compared)
def _compared(node: n.Compared) -> Code:
    operand, sign = compile_node(node.operand), node.operator

    def code(frame: Frame) -> Value:
        end = operand(frame)
        if sign in ("<", "<="):
            return Range(None, end, False, sign == "<=", sign)
        if sign in (">", ">="):
            return Range(end, None, sign == ">=", False, sign)
        return Range(end, end, sign == "=", sign == "=", sign)

    return code


@compiles(n.Filter)
def _filter(node: n.Filter) -> Code:
    base, at = compile_node(node.base), node.at
    if isinstance(node.test, n.Compared):
        return _select(base, compile_test(node.test, unary=False), at)
    index = node.test
    if isinstance(index, n.Negate | n.Literal) and not _is_boolean(index):
        return _index(base, compile_node(index), at)
    code = compile_node(node.test)
    return _select(base, lambda frame, value: code(frame), at)


def _is_boolean(node: n.Node) -> bool:
    return isinstance(node, n.Literal) and not isinstance(node.value, Decimal)


def _index(base: Code, index: Code, at: int) -> Code:
    def code(frame: Frame) -> Value:
        return _item_at(frame.run, _as_list(base(frame)), index(frame), at)

    return code


def _as_list(value: Value) -> list[Value]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _item_at(run: Run, items: list[Value], index: Value, at: int) -> Value:
    if isinstance(index, Decimal) and index == index.to_integral_value():
        if 1 <= index <= len(items):
            return items[int(index) - 1]
        if -len(items) <= index <= -1:
            return items[int(index)]
        run.warn("NO_ITEM", at, "The list has no item {0}", index)
        return None
    run.warn("INDEX", at, "An index must be a whole number, not {0}", kind_of(index))
    return None


def _select(base: Code, test: Test, at: int) -> Code:
    def code(frame: Frame) -> Value:
        run = frame.run
        items = _as_list(base(frame))
        if not items:
            return _none_kept(test, frame, at)
        kept: list[Value] = []
        for place, item in enumerate(items):
            run.spend(1)
            answer = test(_item_frame(frame, item), item)
            if isinstance(answer, Decimal) and place == 0:
                return _item_at(run, items, answer, at)
            if answer is True or (isinstance(answer, Range) and passes(item, answer) is True):
                kept.append(item)
        return kept

    return code


def _none_kept(test: Test, frame: Frame, at: int) -> Value:
    # An index into an empty list gives null, a condition on it gives an empty list.
    said = len(frame.run.warnings)
    answer = test(_item_frame(frame, None), None)
    del frame.run.warnings[said:]
    return _item_at(frame.run, [], answer, at) if isinstance(answer, Decimal) else []


def _item_frame(frame: Frame, item: Value) -> Frame:
    inner = Frame({"item": item}, frame, frame.run)
    return Frame(item, inner, frame.run) if isinstance(item, dict) else inner
