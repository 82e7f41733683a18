"""The ``decisionTable`` element to a table, with findings for what would run wrongly."""

from __future__ import annotations

from lxml import etree

from bpmn.decision.checks import (
    Written,
    WrittenColumn,
    WrittenRule,
    WrittenTable,
    check_table,
)
from bpmn.decision.checks.cells import SCALARS
from bpmn.decision.reading import Reading, attribute, child, children, text_of
from bpmn.decision.table import Input, Output, Rule, Table, evaluate
from bpmn.decision.types import Types
from bpmn.feel.compile_tests import anything
from bpmn.feel.compiler import Code
from bpmn.feel.types import Type

_POLICIES = {
    "U": "UNIQUE", "A": "ANY", "P": "PRIORITY", "F": "FIRST", "R": "RULE ORDER",
    "O": "OUTPUT ORDER", "C": "COLLECT",
}  # fmt: skip
_AGGREGATIONS = {"SUM": "sum", "MIN": "min", "MAX": "max", "COUNT": "count"}


def read_table(reading: Reading, types: Types, element: etree._Element) -> Code:
    """The closure of a ``decisionTable`` element."""
    inputs = tuple(_input(reading, types, part) for part in children(element, "input"))
    outputs = tuple(_output(reading, types, part) for part in children(element, "output"))
    table = Table(
        id=attribute(element, "id"),
        owner=reading.owner,
        policy=_policy(reading, element),
        aggregation=_aggregation(reading, element),
        inputs=inputs,
        outputs=outputs,
        rules=tuple(
            _rule(reading, part, number, len(inputs), len(outputs))
            for number, part in enumerate(children(element, "rule"), 1)
        ),
    )
    before = len(reading.findings)
    _check(reading, element, table)
    if reading.judges and len(reading.findings) == before and _is_whole(element, table):
        check_table(reading, table, _written(reading, types, element))
    return lambda frame: evaluate(table, frame)


def _is_whole(element: etree._Element, table: Table) -> bool:
    """Whether every rule has a cell for every column."""
    return all(
        len(rule.tests) == len(table.inputs) and len(rule.outputs) == len(table.outputs)
        for rule in table.rules
    )


def _written(reading: Reading, types: Types, element: etree._Element) -> WrittenTable:
    inputs = []
    for part in children(element, "input"):
        expression = child(part, "inputExpression")
        inputs.append(_column(reading, part, types.of(expression), expression, "inputValues"))
    outputs = [
        _column(reading, part, types.of(part), None, "outputValues")
        for part in children(element, "output")
    ]
    rules = [
        WrittenRule(
            part,
            number,
            tuple(_text(reading, cell) for cell in children(part, "inputEntry")),
            tuple(_text(reading, cell) for cell in children(part, "outputEntry")),
        )
        for number, part in enumerate(children(element, "rule"), 1)
    ]
    return WrittenTable(element, tuple(inputs), tuple(outputs), tuple(rules))


def _column(
    reading: Reading,
    element: etree._Element,
    kind: Type,
    expression: etree._Element | None,
    values: str,
) -> WrittenColumn:
    listed = child(element, values)
    allowed = reading.trees.get(listed) if listed is not None else None
    label = attribute(element, "label") or attribute(element, "name") or text_of(expression)
    return WrittenColumn(
        label,
        kind,
        reading.trees.get(expression) if expression is not None else None,
        kind.tests + (() if allowed is None else (allowed,)),
    )


def _text(reading: Reading, element: etree._Element) -> Written:
    return Written(element, text_of(element) or "-", reading.trees.get(element))


def _policy(reading: Reading, element: etree._Element) -> str:
    written = attribute(element, "hitPolicy") or "UNIQUE"
    policy = _POLICIES.get(written, written)
    if policy not in _POLICIES.values():
        reading.report(element, "dmn.hit-policy", name=written)
        return "UNIQUE"
    return policy


def _aggregation(reading: Reading, element: etree._Element) -> str:
    written = attribute(element, "aggregation")
    if written and written not in _AGGREGATIONS:
        reading.report(element, "dmn.aggregation", name=written)
    return _AGGREGATIONS.get(written, "")


def _input(reading: Reading, types: Types, element: etree._Element) -> Input:
    expression = child(element, "inputExpression")
    text = text_of(expression)
    label = attribute(element, "label") or text
    if expression is None or not text:
        reading.report(element, "dmn.input")
    return Input(
        reading.expression(expression if expression is not None else element, text or "null"),
        types.of(expression),
        _allowed(reading, child(element, "inputValues")),
        label,
    )


def _output(reading: Reading, types: Types, element: etree._Element) -> Output:
    values = child(element, "outputValues")
    default = child(element, "defaultOutputEntry")
    text = text_of(default)
    return Output(
        attribute(element, "name"),
        types.of(element),
        _allowed(reading, values),
        _order(reading, values),
        reading.expression(default, text) if default is not None and text else None,
    )


def _allowed(reading: Reading, element: etree._Element | None) -> Code | None:
    text = text_of(element)
    return reading.tests(element, text) if element is not None and text else None


def _order(reading: Reading, element: etree._Element | None) -> tuple[Code, ...]:
    text = text_of(element)
    if element is None or not text:
        return ()
    before = len(reading.findings)
    code = reading.expression(element, f"[{text}]")
    # What cannot be listed one by one was reported as tests already, or is a range.
    del reading.findings[before:]
    return (code,)


def _rule(
    reading: Reading, element: etree._Element, number: int, inputs: int, outputs: int
) -> Rule:
    tests = list(children(element, "inputEntry"))
    results = list(children(element, "outputEntry"))
    if len(tests) != inputs or len(results) != outputs:
        reading.report(element, "dmn.rule", number=number)
    cells = tuple(_cell(reading, cell) for cell in tests)
    return Rule(
        number,
        attribute(element, "id"),
        cells,
        tuple(reading.expression(cell, _result_text(cell)) for cell in results),
        tuple(text_of(note) for note in children(element, "annotationEntry")),
        tuple(pair for pair in enumerate(cells[:inputs]) if pair[1] is not anything),
    )


def _cell(reading: Reading, element: etree._Element) -> Code:
    return reading.tests(element, text_of(element) or "-")


def _result_text(element: etree._Element) -> str:
    text = text_of(element)
    return "null" if text in ("", "-") else text


def _check(reading: Reading, element: etree._Element, table: Table) -> None:
    for rule, is_wrong in {**_output_rules(table), **_policy_rules(table)}.items():
        if is_wrong:
            reading.report(element, rule, policy=table.policy)


def _output_rules(table: Table) -> dict[str, bool]:
    """By rule whether the outputs break it."""
    names = [output.name for output in table.outputs]
    nameless = len(names) > 1 and (not all(names) or len(set(names)) < len(names))
    return {"dmn.output": not names, "dmn.output-name": nameless}


def _policy_rules(table: Table) -> dict[str, bool]:
    """By rule whether the hit policy breaks it."""
    is_ordered = any(output.order for output in table.outputs)
    wants_order = table.policy in ("PRIORITY", "OUTPUT ORDER")
    adds_up = table.aggregation not in ("", "count")
    return {
        "dmn.aggregation-several": adds_up and len(table.outputs) > 1,
        "dmn.aggregation-type": table.aggregation == "sum" and _is_no_number(table),
        "dmn.aggregation-policy": bool(table.aggregation) and table.policy != "COLLECT",
        "dmn.output-values": wants_order and not is_ordered,
    }


def _is_no_number(table: Table) -> bool:
    """Whether the output is said to be of a kind that cannot be added up."""
    return bool(table.outputs) and table.outputs[0].type.name in SCALARS - {"number"}
