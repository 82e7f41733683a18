"""Required decisions, functions, services, boxed expressions and imports."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import feel
from bpmn.decision import UnknownDecision, decide, parse_decision
from bpmn.errors import BpmnError
from tests.bpmn.decision.models import decided, literal, model, table

BKM = (
    '<businessKnowledgeModel id="twice" name="twice"><variable name="twice"/><encapsulatedLogic>'
    '<formalParameter name="n" typeRef="number"/><literalExpression><text>n * 2</text>'
    "</literalExpression></encapsulatedLogic></businessKnowledgeModel>"
)
NEEDS_BKM = '<knowledgeRequirement><requiredKnowledge href="#twice"/></knowledgeRequirement>'


def text(expression: str) -> str:
    return f"<literalExpression><text>{expression}</text></literalExpression>"


def boxed(body: str) -> str:
    return f'<decision id="d" name="d"><variable name="d"/>{NEEDS_BKM}{body}</decision>{BKM}'


def test_a_decision_sees_what_it_requires() -> None:
    body = literal("d", "base + 1", requires="base") + literal("base", "x * 10")
    assert decided(body, x=2).value == 21


def test_a_required_decision_is_evaluated_once() -> None:
    calls: list[int] = []

    def tick() -> int:
        calls.append(1)
        return len(calls)

    body = literal("d", "a + b", requires="a").replace(
        "<literalExpression>",
        '<informationRequirement><requiredDecision href="#b"/></informationRequirement>'
        "<literalExpression>",
        1,
    )
    body += literal("a", "base", requires="base") + literal("b", "base", requires="base")
    body += literal("base", "working_days_from_now()")
    found = decide(parse_decision(model(body)), "d", {}, functions={"working_days_from_now": tick})
    assert (found.value, len(calls)) == (2, 1)


def test_a_table_uses_the_value_of_another_table() -> None:
    first = table([((">= 10",), ('"big"',)), (("< 10",), ('"small"',))])
    second = literal("verdict", 'if d = "big" then 1 else 2', requires="d")
    found = decided(first + second, "verdict", x=12)
    assert found.value == 1
    assert [match.decision for match in found.matches] == ["d"]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (text("twice(x)"), 6),
        (text("twice(n: x)"), 6),
        (
            f'<invocation>{text("twice")}<binding><parameter name="n"/>{text("x + 1")}</binding>'
            "</invocation>",
            8,
        ),
        (
            f'<context><contextEntry><variable name="a b"/>{text("x")}</contextEntry>'
            f"<contextEntry>{text('a b + 1')}</contextEntry></context>",
            4,
        ),
        (
            f'<context><contextEntry><variable name="a"/>{text("x")}</contextEntry></context>',
            {"a": 3},
        ),
        (f"<list>{text('x')}{text('1')}</list>", [3, 1]),
        (
            f'<relation><column name="a"/><column name="b"/><row>{text("1")}{text("x")}</row>'
            "</relation>",
            [{"a": 1, "b": 3}],
        ),
        (
            f"<conditional><if>{text('x = 3')}</if><then>{text('1')}</then>"
            f"<else>{text('2')}</else></conditional>",
            1,
        ),
        (f"<filter><in>{text('[1, x]')}</in><match>{text('item = 3')}</match></filter>", [3]),
        (
            f'<for iteratorVariable="i"><in>{text("[1, 2]")}</in><return>{text("i * i")}</return>'
            "</for>",
            [1, 4],
        ),
        (
            f'<some iteratorVariable="i"><in>{text("[1, 2]")}</in>'
            f"<satisfies>{text('i = 2')}</satisfies></some>",
            True,
        ),
        (
            f'<every iteratorVariable="i"><in>{text("[1, 2]")}</in>'
            f"<satisfies>{text('i = 2')}</satisfies></every>",
            False,
        ),
    ],
)
def test_boxed_expressions(body: str, value: Any) -> None:
    assert feel.to_json(decided(boxed(body), x=3).value) == value


def test_a_service_is_a_function_of_its_inputs() -> None:
    body = (
        '<inputData id="x" name="x"><variable name="x" typeRef="number"/></inputData>'
        '<decisionService id="s" name="s"><variable name="s"/><outputDecision href="#out"/>'
        '<inputData href="#x"/></decisionService>'
        '<decision id="out" name="out"><variable name="out"/><informationRequirement>'
        f'<requiredInput href="#x"/></informationRequirement>{text("x + 1")}</decision>'
        '<decision id="d" name="d"><variable name="d"/><knowledgeRequirement>'
        f'<requiredKnowledge href="#s"/></knowledgeRequirement>{text("s(10)")}</decision>'
    )
    assert decided(body, x=1).value == 11
    assert decided(body, "s", x=1).value == 2


def test_an_input_of_the_wrong_type_is_null_with_a_warning() -> None:
    body = (
        '<inputData id="x" name="x"><variable name="x" typeRef="number"/></inputData>'
        '<decision id="d" name="d"><variable name="d"/><informationRequirement>'
        f'<requiredInput href="#x"/></informationRequirement>{text("x")}</decision>'
    )
    found = decided(body, x="seven")
    assert found.value is None
    assert [warning.code for warning in found.warnings] == ["INPUT_TYPE"]


def test_the_clock_is_given() -> None:
    found = decide(
        parse_decision(model(literal("d", "today()"))),
        "d",
        {},
        now=datetime(2026, 3, 21, tzinfo=UTC),
    )
    assert feel.to_json(found.value) == "2026-03-21"


def test_an_imported_model_is_used_by_its_name() -> None:
    inner = parse_decision(model(BKM).replace(b"urn:test", b"urn:inner"))
    body = (
        '<import name="lib" namespace="urn:inner" importType="dmn"/>'
        '<decision id="d" name="d"><variable name="d"/><knowledgeRequirement>'
        '<requiredKnowledge href="urn:inner#twice"/></knowledgeRequirement>'
        f"{text('lib.twice(x)')}</decision>"
    )
    found = parse_decision(model(body), imports=[inner])
    assert decide(found, "d", {"x": 4}).value == 8


def test_a_decision_is_found_by_its_id_or_its_name() -> None:
    body = literal("d", "1").replace('name="d"', 'name="فوریت"', 1)
    assert decided(body, "فوریت").value == 1
    with pytest.raises(UnknownDecision):
        decided(body, "other")


def test_a_function_may_call_itself() -> None:
    body = (
        boxed(text("twice(4)"))
        .replace("n * 2", "if n = 0 then 1 else n * twice(n - 1)")
        .replace("</businessKnowledgeModel>", f"{NEEDS_BKM}</businessKnowledgeModel>")
    )
    assert decided(body).value == 24


def test_a_function_that_never_ends_meets_a_limit() -> None:
    body = boxed(text("twice(4)")).replace("n * 2", "twice(n)")
    body = body.replace("</businessKnowledgeModel>", f"{NEEDS_BKM}</businessKnowledgeModel>")
    with pytest.raises(feel.FeelLimitError):
        decided(body)


CELLS = st.text(max_size=12) | st.sampled_from(
    ("-", "< 5", "[1..3]", "not(1)", "x", "null", "1/0", "function(a) a", "for i in 1..9 return i")
)


@settings(deadline=None, max_examples=60)
@given(CELLS, CELLS, CELLS, st.sampled_from(("UNIQUE", "ANY", "PRIORITY", "COLLECT")))
def test_any_cell_is_read_or_refused(test: str, result: str, other: str, policy: str) -> None:
    printable = [cell for cell in (test, result, other) if cell.isprintable()]
    body = table([((cell,), (cell,)) for cell in printable], policy=policy, values="1, 2")
    with suppress(BpmnError):
        decided(body, x=2)


def test_a_decision_has_a_name_in_each_language() -> None:
    extension = (
        '<extensionElements><z:properties xmlns:z="http://camunda.org/schema/zeebe/1.0">'
        '<z:property name="name_fa" value="فوریت"/></z:properties></extensionElements>'
    )
    body = literal("d", "1").replace("<variable", f"{extension}<variable", 1)
    read = parse_decision(model(extension + body))
    assert read.decisions["d"].names == {"fa": "فوریت", "en": "d"}
    assert read.labels == {"fa": "فوریت", "en": "m"}
    assert parse_decision(model(literal("d", "1"))).labels == {"fa": "m", "en": "m"}
