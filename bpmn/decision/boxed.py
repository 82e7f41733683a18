"""Boxed expressions to closures (DMN 1.5, 10.2.2)."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from bpmn import xml
from bpmn.decision.reading import EMPTY, Reading, attribute, broken, child, children, text_of
from bpmn.decision.table_reader import read_table
from bpmn.decision.types import Types
from bpmn.feel.calls import invoke
from bpmn.feel.compiler import Code, Frame
from bpmn.feel.conform import coerce
from bpmn.feel.errors import Undefined
from bpmn.feel.limits import Run
from bpmn.feel.ranges import each
from bpmn.feel.types import Type
from bpmn.feel.values import Function, Value


def is_boxed(element: etree._Element) -> bool:
    """Whether the element is one of the boxed expressions."""
    return xml.local(element) in _READERS


def read_boxed(reading: Reading, types: Types, element: etree._Element) -> Code:
    """The closure of a boxed expression; its result is converted to its declared type."""
    code = _READERS[xml.local(element)](reading, types, element)
    return typed(code, types.of(element))


def typed(code: Code, kind: Type) -> Code:
    """The closure whose value conforms to a type, or is null."""
    if kind.name == "Any":
        return code

    def checked(frame: Frame) -> Value:
        value = code(frame)
        fits, converted = coerce(value, kind)
        if not fits:
            frame.run.warn("RESULT_TYPE", -1, "The value is no {0}", kind.name)
        return converted

    return checked


def inner(reading: Reading, types: Types, element: etree._Element | None) -> Code:
    """The closure of the boxed expression inside an element; null when there is none."""
    found = (
        next((part for part in children(element) if is_boxed(part)), None)
        if (element is not None)
        else None
    )
    if found is None:
        return broken("There is no expression here", code=EMPTY)
    return read_boxed(reading, types, found)


def _literal(reading: Reading, types: Types, element: etree._Element) -> Code:
    language = attribute(element, "expressionLanguage").lower()
    if language and "feel" not in language:
        reading.report(element, "dmn.language", language=language)
        return broken("Only FEEL is supported")
    text = text_of(element)
    if not text:
        reading.report(element, "dmn.expression-empty")
        return broken("The expression is empty", code=EMPTY)
    return reading.expression(element, text)


def _context(reading: Reading, types: Types, element: etree._Element) -> Code:
    entries: list[tuple[str, Code]] = []
    for entry in children(element, "contextEntry"):
        variable = child(entry, "variable")
        name = attribute(variable, "name")
        if name and name in (earlier for earlier, _ in entries):
            reading.report(entry, "dmn.context-key", name=name)
        value = inner(reading, types, entry)
        entries.append((name, typed(value, types.of(variable)) if name else value))

    def code(frame: Frame) -> Value:
        names: dict[str, Value] = {}
        scope = Frame(names, frame, frame.run)
        for name, value in entries:
            if not name:
                return value(scope)
            names[name] = value(scope)
        return names

    return code


def _invocation(reading: Reading, types: Types, element: etree._Element) -> Code:
    callee = inner(reading, types, element)
    bindings = [
        (attribute(child(binding, "parameter"), "name"), inner(reading, types, binding))
        for binding in children(element, "binding")
    ]
    names = tuple(name for name, _ in bindings)

    def code(frame: Frame) -> Value:
        function = callee(frame)
        values = [value(frame) for _, value in bindings]
        if not isinstance(function, Function):
            frame.run.warn("NO_FUNCTION", -1, "What is invoked is no function")
            return None
        try:
            return invoke(frame.run, function, values, names)
        except Undefined as error:
            frame.run.explain(error)
            return None

    return code


def read_function(reading: Reading, types: Types, element: etree._Element) -> Code:
    """The closure that makes the function of a ``functionDefinition`` or encapsulated logic."""
    parameters = list(children(element, "formalParameter"))
    names = tuple(attribute(parameter, "name") for parameter in parameters)
    kinds = tuple(types.of(parameter) for parameter in parameters)
    external = attribute(element, "kind") not in ("", "FEEL")
    if external:
        reading.report(element, "dmn.external")
    body = (
        broken("External functions are never run") if external else inner(reading, types, element)
    )
    name = reading.owner

    def code(frame: Frame) -> Value:
        def call(run: Run, arguments: list[Value]) -> Value:
            return body(Frame(dict(zip(names, arguments, strict=True)), frame, run))

        return Function(name, names, call, kinds)

    return code


def _list(reading: Reading, types: Types, element: etree._Element) -> Code:
    items = [read_boxed(reading, types, part) for part in children(element) if is_boxed(part)]
    return lambda frame: [item(frame) for item in items]


def _relation(reading: Reading, types: Types, element: etree._Element) -> Code:
    columns = [attribute(column, "name") for column in children(element, "column")]
    rows = [_list(reading, types, row) for row in children(element, "row")]

    def code(frame: Frame) -> Value:
        return [dict(zip(columns, row(frame), strict=False)) for row in rows]

    return code


def _conditional(reading: Reading, types: Types, element: etree._Element) -> Code:
    test, then, otherwise = (
        inner(reading, types, child(element, part)) for part in ("if", "then", "else")
    )

    def code(frame: Frame) -> Value:
        chosen = test(frame)
        if not isinstance(chosen, bool):
            frame.run.warn("NOT_BOOLEAN", -1, "The condition is no boolean")
            return None
        return then(frame) if chosen else otherwise(frame)

    return code


def _filter(reading: Reading, types: Types, element: etree._Element) -> Code:
    domain = inner(reading, types, child(element, "in"))
    test = inner(reading, types, child(element, "match"))

    def code(frame: Frame) -> Value:
        kept: list[Value] = []
        for item in _items(frame, domain):
            scope = Frame({"item": item}, frame, frame.run)
            if isinstance(item, dict):
                scope = Frame(item, scope, frame.run)
            answer = test(scope)
            if not isinstance(answer, bool):
                frame.run.warn("NOT_BOOLEAN", -1, "The filter gives no boolean")
                return None
            if answer:
                kept.append(item)
        return kept

    return code


def _items(frame: Frame, domain: Code) -> list[Value]:
    try:
        found: list[Value] = []
        for item in each(domain(frame)):
            frame.run.spend(1)
            found.append(item)
        return found
    except Undefined as error:
        frame.run.explain(error)
        return []


def _for(reading: Reading, types: Types, element: etree._Element) -> Code:
    name = attribute(element, "iteratorVariable")
    domain = inner(reading, types, child(element, "in"))
    body = inner(reading, types, child(element, "return"))

    def code(frame: Frame) -> Value:
        results: list[Value] = []
        for item in _items(frame, domain):
            results.append(body(Frame({name: item, "partial": results}, frame, frame.run)))
        return results

    return code


def _quantified(reading: Reading, types: Types, element: etree._Element) -> Code:
    name = attribute(element, "iteratorVariable")
    domain = inner(reading, types, child(element, "in"))
    test = inner(reading, types, child(element, "satisfies"))
    decisive = xml.local(element) == "some"

    def code(frame: Frame) -> Value:
        for item in _items(frame, domain):
            answer = test(Frame({name: item}, frame, frame.run))
            if not isinstance(answer, bool):
                frame.run.warn("NOT_BOOLEAN", -1, "The test gives no boolean")
                return None
            if answer is decisive:
                return decisive
        return not decisive

    return code


_READERS: dict[str, Callable[[Reading, Types, etree._Element], Code]] = {
    "literalExpression": _literal,
    "decisionTable": read_table,
    "context": _context,
    "invocation": _invocation,
    "functionDefinition": read_function,
    "list": _list,
    "relation": _relation,
    "conditional": _conditional,
    "filter": _filter,
    "for": _for,
    "some": _quantified,
    "every": _quantified,
}
