"""A syntax tree to closures: ``code(frame)`` gives the value.

Nothing here ever sees Python code from outside; a closure only calls the operations of this
package. An ``Undefined`` stops at the nearest operator or call, where it becomes null and a
warning with its position; a limit passes to the top.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from bpmn.feel import nodes as n
from bpmn.feel.builtins import BUILTINS
from bpmn.feel.calls import invoke
from bpmn.feel.conform import is_instance
from bpmn.feel.errors import Undefined
from bpmn.feel.limits import Run, check_list
from bpmn.feel.members import member
from bpmn.feel.numbers import ARITHMETIC
from bpmn.feel.operators import compare, equal, holds, in_range, negate, operate
from bpmn.feel.python import from_callable
from bpmn.feel.ranges import each, steps
from bpmn.feel.texts import read_any
from bpmn.feel.values import NATIVE, Function, Range, Value, kind_of, receive

_MISSING = object()


class Frame:
    """One layer of names; the outermost is backed by the caller's context."""

    __slots__ = ("names", "parent", "run")

    def __init__(self, names: dict[str, Value], parent: Frame | None, run: Run) -> None:
        self.names = names
        self.parent = parent
        self.run = run


Code = Callable[[Frame], Value]


def compile_node(node: n.Node) -> Code:
    """The closure of one expression."""
    return _COMPILERS[type(node)](node)


# -- names ------------------------------------------------------------------------------------


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
        return _MISSING
    read[name] = value
    return value


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
        return read(frame) if value is _MISSING else value

    return code


def _plain_name(node: n.Name) -> Code:
    name, at = node.name, node.at
    builtin = BUILTINS.get(name)

    def code(frame: Frame) -> Value:
        value = find(frame, name)
        if value is not _MISSING:
            return value
        if builtin is not None:
            return builtin
        frame.run.warn("NO_VARIABLE", at, f"There is no variable '{name}'")
        return None

    return code


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
            frame.run.warn("NULL_PATH", at, f"'{name}' is asked of null")
            return None
        try:
            return member(value, name)
        except Undefined as error:
            frame.run.warn(error.code, at, error.message)
            return None

    return code


# -- operators --------------------------------------------------------------------------------


def _literal(node: n.Literal) -> Code:
    value = node.value
    return lambda frame: value


def _at_literal(node: n.AtLiteral) -> Code:
    text, at = node.text, node.at

    def code(frame: Frame) -> Value:
        try:
            return read_any(text)
        except Undefined as error:
            frame.run.warn(error.code, at, error.message)
            return None

    return code


def _negate(node: n.Negate) -> Code:
    if isinstance(node.operand, n.Literal) and isinstance(node.operand.value, Decimal):
        return _literal(n.Literal(node.at, ARITHMETIC.minus(node.operand.value)))
    operand, at = compile_node(node.operand), node.at

    def code(frame: Frame) -> Value:
        try:
            return negate(operand(frame))
        except Undefined as error:
            frame.run.warn(error.code, at, error.message)
            return None

    return code


def _binary(node: n.Binary) -> Code:
    left, right = compile_node(node.left), compile_node(node.right)
    if node.operator in ("=", "!="):
        return _equality(left, right, node.operator == "=", node.at)
    operation = holds if node.operator in ("<", "<=", ">", ">=") else operate
    sign, at = node.operator, node.at

    def code(frame: Frame) -> Value:
        one, other = left(frame), right(frame)
        try:
            return operation(sign, one, other)
        except Undefined as error:
            frame.run.warn(error.code, at, error.message)
            return None

    return code


def _equality(left: Code, right: Code, positive: bool, at: int) -> Code:
    def code(frame: Frame) -> Value:
        one, other = left(frame), right(frame)
        same = equal(one, other)
        if same is None:
            frame.run.warn(
                "COMPARED_KINDS", at, f"{kind_of(one)} and {kind_of(other)} are never equal"
            )
            return None
        return same is positive

    return code


def _logic(node: n.Logic) -> Code:
    left, right = compile_node(node.left), compile_node(node.right)
    decisive = node.operator == "or"
    at = node.at

    def code(frame: Frame) -> Value:
        one = left(frame)
        if one is decisive:
            return decisive
        other = right(frame)
        if other is decisive:
            return decisive
        if isinstance(one, bool) and isinstance(other, bool):
            return not decisive
        frame.run.warn("NOT_BOOLEAN", at, f"'{node.operator}' met a value that is no boolean")
        return None

    return code


def _between(node: n.Between) -> Code:
    operand, low, high = (compile_node(part) for part in (node.operand, node.low, node.high))
    at = node.at

    def code(frame: Frame) -> Value:
        value, least, most = operand(frame), low(frame), high(frame)
        try:
            return compare(value, least) >= 0 and compare(value, most) <= 0
        except Undefined as error:
            frame.run.warn(error.code, at, error.message)
            return None

    return code


def _instance_of(node: n.InstanceOf) -> Code:
    operand, kind = compile_node(node.operand), node.type
    return lambda frame: is_instance(operand(frame), kind)


def _if(node: n.If) -> Code:
    condition, then, otherwise = (
        compile_node(part) for part in (node.condition, node.then, node.otherwise)
    )
    at = node.at

    def code(frame: Frame) -> Value:
        chosen = condition(frame)
        if chosen is True:
            return then(frame)
        if chosen is not False:
            frame.run.warn("NOT_BOOLEAN", at, "The condition of 'if' is no boolean")
        return otherwise(frame)

    return code


# -- tests ------------------------------------------------------------------------------------

Test = Callable[[Frame, Value], Value]
"""Whether a value passes, in a frame: True, False or None."""


def compile_test(node: n.Node, *, unary: bool) -> Test:
    """The closure of one test; in a unary test ``?`` is the value and truth alone passes too."""
    if isinstance(node, n.Anything):
        return lambda frame, value: True
    if isinstance(node, n.Compared):
        return _compared_test(node)
    code = compile_node(node)
    if not unary:
        return lambda frame, value: _passes(value, code(frame))
    asks = any(isinstance(part, n.Name) and part.name == "?" for part in n.walk(node))
    return _asking_test(code) if asks else _giving_test(code)


def _asking_test(code: Code) -> Test:
    def test(frame: Frame, value: Value) -> Value:
        return code(Frame({"?": value}, frame, frame.run)) is True

    return test


def _giving_test(code: Code) -> Test:
    def test(frame: Frame, value: Value) -> Value:
        expected = code(frame)
        # A condition on other variables passes by being true, unless booleans are compared.
        if expected is True and not isinstance(value, bool):
            return True
        return _passes(value, expected)

    return test


def _compared_test(node: n.Compared) -> Test:
    sign, operand = node.operator, compile_node(node.operand)
    if sign in ("=", "!="):
        positive = sign == "="
        return lambda frame, value: (equal(value, operand(frame)) is True) is positive
    at = node.at

    def test(frame: Frame, value: Value) -> Value:
        end = operand(frame)
        try:
            return holds(sign, value, end)
        except Undefined as error:
            frame.run.warn(error.code, at, error.message)
            return None

    return test


def _passes(value: Value, expected: Value) -> Value:
    try:
        if isinstance(expected, Range):
            return value == expected if isinstance(value, Range) else in_range(value, expected)
        if isinstance(expected, list):
            return equal(value, expected) is True or any(
                _passes(value, item) is True for item in expected
            )
        return equal(value, expected)
    except Undefined:
        return None


def _in(node: n.In) -> Code:
    operand = compile_node(node.operand)
    tests = tuple(compile_test(test, unary=False) for test in node.tests)

    def code(frame: Frame) -> Value:
        value = operand(frame)
        answers = [test(frame, value) for test in tests]
        if True in answers:
            return True
        return None if None in answers else False

    return code


def _tests(node: n.Tests) -> Code:
    tests = tuple(compile_test(test, unary=True) for test in node.tests)
    negated = node.negated

    def code(frame: Frame) -> Value:
        value = find(frame, "?")
        return any(test(frame, value) is True for test in tests) is not negated

    return code


# -- contexts, lists, ranges ------------------------------------------------------------------


def _list(node: n.ListOf) -> Code:
    items = tuple(compile_node(item) for item in node.items)
    return lambda frame: [item(frame) for item in items]


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


def _range(node: n.RangeOf) -> Code:
    low, high = compile_node(node.low), compile_node(node.high)
    at = node.at

    def code(frame: Frame) -> Value:
        start, end = low(frame), high(frame)
        try:
            if start is not None and end is not None:
                compare(start, end)
        except Undefined as error:
            frame.run.warn(error.code, at, error.message)
            return None
        return Range(start, end, node.low_closed, node.high_closed)

    return code


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


def _filter(node: n.Filter) -> Code:
    base, at = compile_node(node.base), node.at
    if isinstance(node.test, n.Compared):
        return _select(base, compile_test(node.test, unary=False), at)
    index = node.test
    if isinstance(index, n.Negate | n.Literal) and not _is_boolean(index):
        return _index(base, compile_node(index), at)
    code = compile_node(node.test)
    dynamic = _select(base, lambda frame, value: code(frame), at)
    return dynamic


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
        run.warn("NO_ITEM", at, f"The list has no item {index}")
        return None
    run.warn("INDEX", at, f"An index must be a whole number, not {kind_of(index)}")
    return None


def _select(base: Code, test: Test, at: int) -> Code:
    def code(frame: Frame) -> Value:
        run = frame.run
        items = _as_list(base(frame))
        kept: list[Value] = []
        for place, item in enumerate(items):
            run.spend(1)
            answer = test(_item_frame(frame, item), item)
            if isinstance(answer, Decimal) and place == 0:
                return _item_at(run, items, answer, at)
            if answer is True or (isinstance(answer, Range) and _passes(item, answer) is True):
                kept.append(item)
        return kept

    return code


def _item_frame(frame: Frame, item: Value) -> Frame:
    inner = Frame({"item": item}, frame, frame.run)
    return Frame(item, inner, frame.run) if isinstance(item, dict) else inner


# -- iterations -------------------------------------------------------------------------------


class _Domain:
    """One ``x in domain``, compiled."""

    __slots__ = ("at", "domain", "end", "name")

    def __init__(self, iterator: n.Iterator) -> None:
        self.name = iterator.name
        self.at = iterator.domain.at
        self.domain = compile_node(iterator.domain)
        self.end = compile_node(iterator.end) if iterator.end is not None else None

    def values(self, frame: Frame) -> Iterator[Value]:
        """The values, one by one; raises ``Undefined`` when there are none to be had."""
        start = self.domain(frame)
        if self.end is not None:
            return steps(Range(start, self.end(frame), True, True))
        return each(start)


def _combinations(domains: tuple[_Domain, ...], frame: Frame) -> Iterator[Frame]:
    if not domains:
        yield frame
        return
    for value in domains[0].values(frame):
        frame.run.spend(1)
        yield from _combinations(domains[1:], Frame({domains[0].name: value}, frame, frame.run))


def _for(node: n.For) -> Code:
    domains = tuple(_Domain(iterator) for iterator in node.iterators)
    body, at = compile_node(node.body), node.at

    def code(frame: Frame) -> Value:
        results: list[Value] = []
        outer = Frame({"partial": results}, frame, frame.run)
        try:
            for inner in _combinations(domains, outer):
                results.append(body(inner))
                check_list(len(results))
        except Undefined as error:
            frame.run.warn(error.code, at, error.message)
            return None
        return results

    return code


def _quantified(node: n.Quantified) -> Code:
    domains = tuple(_Domain(iterator) for iterator in node.iterators)
    body, at = compile_node(node.body), node.at
    decisive = not node.every

    def code(frame: Frame) -> Value:
        unknown = False
        try:
            for inner in _combinations(domains, frame):
                answer = body(inner)
                if answer is decisive:
                    return decisive
                unknown = unknown or not isinstance(answer, bool)
        except Undefined as error:
            frame.run.warn(error.code, at, error.message)
            return None
        return None if unknown else not decisive

    return code


# -- functions --------------------------------------------------------------------------------


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


def _call(node: n.Call) -> Code:
    callee = _callee(node.function)
    arguments = tuple(compile_node(argument) for argument in node.arguments)
    names, at = node.names, node.at

    def code(frame: Frame) -> Value:
        function = callee(frame)
        values = [argument(frame) for argument in arguments]
        run = frame.run
        try:
            if not isinstance(function, Function):
                raise Undefined("NO_FUNCTION", f"{kind_of(function)} cannot be called")
            return invoke(run, function, values, names)
        except Undefined as error:
            run.warn(error.code, at, error.message)
            return None

    return code


def _callee(node: n.Node) -> Code:
    if not isinstance(node, n.Name):
        return compile_node(node)
    name, at = node.name, node.at
    builtin = BUILTINS.get(name)

    def code(frame: Frame) -> Value:
        value = find(frame, name)
        if isinstance(value, Function):
            return value
        # A variable called "date" or "count" does not hide the function of that name.
        if builtin is not None:
            return builtin
        if value is _MISSING:
            frame.run.warn("NO_FUNCTION", at, f"There is no function '{name}'")
            return None
        return value

    return code


_COMPILERS: dict[type, Callable[[Any], Code]] = {
    n.Literal: _literal,
    n.AtLiteral: _at_literal,
    n.Name: _name,
    n.Path: _path,
    n.Filter: _filter,
    n.Call: _call,
    n.Negate: _negate,
    n.Binary: _binary,
    n.Logic: _logic,
    n.Between: _between,
    n.In: _in,
    n.InstanceOf: _instance_of,
    n.If: _if,
    n.For: _for,
    n.Quantified: _quantified,
    n.ListOf: _list,
    n.ContextOf: _context,
    n.FunctionOf: _function,
    n.RangeOf: _range,
    n.Compared: _compared,
    n.Tests: _tests,
}
