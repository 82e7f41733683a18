"""Decision tables: which rules match, and what the hit policy makes of them (DMN 1.5, 8.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bpmn.decision.errors import AnyViolated, UniqueViolated, ValueNotAllowed
from bpmn.decision.model import Match
from bpmn.decision.run import DecisionRun
from bpmn.feel.builtins import BUILTINS
from bpmn.feel.comparison import equal
from bpmn.feel.compiler import Code, Frame
from bpmn.feel.conform import coerce
from bpmn.feel.types import Type
from bpmn.feel.values import Value, to_json

_LISTS = ("RULE ORDER", "OUTPUT ORDER", "COLLECT")


@dataclass(frozen=True)
class Input:
    """One input column."""

    value: Code
    type: Type
    allowed: Code | None
    label: str


@dataclass(frozen=True)
class Output:
    """One output column."""

    name: str
    type: Type
    allowed: Code | None
    order: tuple[Code, ...]
    """The listed values one by one, the most important first."""
    default: Code | None


@dataclass(frozen=True)
class Rule:
    """One rule, with its number counted from one."""

    number: int
    id: str
    tests: tuple[Code, ...]
    outputs: tuple[Code, ...]
    annotations: tuple[str, ...]
    asked: tuple[tuple[int, Code], ...] = ()
    """The tests that do not let everything pass, each with the place of its column."""


@dataclass(frozen=True)
class Table:
    """One decision table."""

    id: str
    owner: str
    policy: str
    aggregation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]


Hits = list[tuple[Rule, list[Value]]]


def evaluate(table: Table, frame: Frame) -> Value:
    """The result of a table; raises ``DecisionError`` when it has no lawful one."""
    since = len(frame.run.warnings)
    values = [_input_value(table, column, frame) for column in table.inputs]
    asking = [_asking(value, frame) for value in values]
    matching = list(_matching(table, asking, frame))
    frame.run.has_chosen(since)
    hits: Hits = [(rule, _results(table, rule, frame)) for rule in matching]
    hits = _POLICY[table.policy](table, hits, frame)
    _note(table, [rule for rule, _ in hits], values, frame)
    if not hits:
        return _without_match(table, frame)
    return _result(table, hits, frame)


def _input_value(table: Table, column: Input, frame: Frame) -> Value:
    value = column.value(frame)
    fits, value = coerce(value, column.type)
    if not fits:
        frame.run.warn(
            "INPUT_TYPE", -1, "The input '{0}' is no {1}", column.label, column.type.name
        )
        return None
    if (
        value is not None
        and column.allowed is not None
        and not _holds(column.allowed, value, frame)
    ):
        raise ValueNotAllowed(
            f"The value of the input '{column.label}' is not among those listed.",
            decision=table.owner,
        )
    return value


def _holds(tests: Code, value: Value, frame: Frame) -> bool:
    return tests(_asking(value, frame)) is True


def _asking(value: Value, frame: Frame) -> Frame:
    """Where a cell is asked about a value."""
    return Frame({"?": value}, frame, frame.run)


def _matching(table: Table, asking: list[Frame], frame: Frame) -> Iterator[Rule]:
    """The rules that match, of FIRST the first alone."""
    frame.run.spend(len(table.rules))
    for rule in table.rules:
        for place, tests in rule.asked:
            if tests(asking[place]) is not True:
                break
        else:
            frame.run.spend(len(asking))
            yield rule
            if table.policy == "FIRST":
                return


def _results(table: Table, rule: Rule, frame: Frame) -> list[Value]:
    pairs = zip(table.outputs, rule.outputs, strict=False)
    return [_output_value(table, rule, column, code(frame), frame) for column, code in pairs]


def _output_value(table: Table, rule: Rule, column: Output, value: Value, frame: Frame) -> Value:
    fits, value = coerce(value, column.type)
    if not fits:
        frame.run.warn("OUTPUT_TYPE", -1, "The output of rule {0} has the wrong type", rule.number)
        return None
    if (
        value is not None
        and column.allowed is not None
        and not _holds(column.allowed, value, frame)
    ):
        raise ValueNotAllowed(
            f"The output of rule {rule.number} is not among the values listed.",
            decision=table.owner,
            rules=(rule.number,),
        )
    return value


def _note(table: Table, rules: list[Rule], values: list[Value], frame: Frame) -> None:
    run = frame.run
    if isinstance(run, DecisionRun):
        run.matches.append(
            Match(
                table.owner,
                table.id,
                table.policy,
                tuple(rule.number for rule in rules),
                tuple(rule.id for rule in rules),
                tuple(rule.annotations for rule in rules),
                tuple(to_json(value) for value in values),
            )
        )


def _without_match(table: Table, frame: Frame) -> Value:
    if any(output.default is not None for output in table.outputs):
        values = [output.default(frame) if output.default else None for output in table.outputs]
        return _composed(table, values)
    if table.aggregation == "count":
        return BUILTINS["count"].call(frame.run, [[]])
    return [] if table.policy in _LISTS and not table.aggregation else None


def _composed(table: Table, values: list[Value]) -> Value:
    if len(table.outputs) == 1:
        return values[0] if values else None
    return {output.name: value for output, value in zip(table.outputs, values, strict=False)}


def _result(table: Table, hits: Hits, frame: Frame) -> Value:
    results = [_composed(table, values) for _, values in hits]
    if table.policy not in _LISTS:
        return results[0]
    if table.aggregation:
        return BUILTINS[table.aggregation].call(frame.run, [results])
    return results


def _unique(table: Table, hits: Hits, frame: Frame) -> Hits:
    if len(hits) > 1:
        numbers = tuple(rule.number for rule, _ in hits)
        raise UniqueViolated(
            f"Rules {', '.join(map(str, numbers))} match together, and one at most may.",
            decision=table.owner,
            rules=numbers,
        )
    return hits


def _any(table: Table, hits: Hits, frame: Frame) -> Hits:
    if any(equal(values, hits[0][1]) is not True for _, values in hits):
        numbers = tuple(rule.number for rule, _ in hits)
        raise AnyViolated(
            f"Rules {', '.join(map(str, numbers))} match together and give different outputs.",
            decision=table.owner,
            rules=numbers,
        )
    return hits


def _priority(table: Table, hits: Hits, frame: Frame) -> Hits:
    return _output_order(table, hits, frame)[:1]


def _output_order(table: Table, hits: Hits, frame: Frame) -> Hits:
    orders = [_listed(output, frame) for output in table.outputs]

    def rank(hit: tuple[Rule, list[Value]]) -> list[int]:
        return [_place(order, value) for order, value in zip(orders, hit[1], strict=False)]

    return sorted(hits, key=rank)


def _listed(output: Output, frame: Frame) -> list[Value]:
    return list(output.order[0](frame) or []) if output.order else []


def _place(order: list[Value], value: Value) -> int:
    places = (place for place, listed in enumerate(order) if equal(listed, value) is True)
    return next(places, len(order))


def _all(table: Table, hits: Hits, frame: Frame) -> Hits:
    return hits


_POLICY: dict[str, Callable[[Table, Hits, Frame], Hits]] = {
    "UNIQUE": _unique,
    "ANY": _any,
    "PRIORITY": _priority,
    "FIRST": _all,
    "RULE ORDER": _all,
    "OUTPUT ORDER": _output_order,
    "COLLECT": _all,
}
