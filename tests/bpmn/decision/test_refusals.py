"""Models that would run wrongly are refused, with the place and the reason in both languages."""

from __future__ import annotations

import time

import pytest

from bpmn.decision import parse_decision
from bpmn.errors import Refused
from bpmn.model import Finding
from tests.bpmn.decision.models import literal, model, table

ROW = ((("1",), ("2",)),)


def findings(source: bytes) -> tuple[Finding, ...]:
    with pytest.raises(Refused) as caught:
        parse_decision(source, "urgency.dmn")
    return caught.value.findings


def test_a_cell_that_cannot_be_read_is_named_with_its_line() -> None:
    [finding] = findings(model(table([(("1",), ("2",)), (("< ",), ("3",))])))
    assert (finding.file, finding.line, finding.element) == ("urgency.dmn", 4, "r2i1")
    assert finding.rule == "dmn.feel"
    assert "at character 2" in finding.message["en"]
    assert "نویسهٔ ۲" in finding.message["fa"]
    assert finding.message["en"].startswith("Rule 2, column “")
    assert finding.message["fa"].startswith("قاعدهٔ ۲، ستون «")


def test_many_cells_that_cannot_be_read_are_told_in_time() -> None:
    begun = time.process_time()
    found = findings(model(table([(("(",), ("(",))] * 3_000)))
    assert len(found) == 6_000
    assert "Rule 3000, output “" in found[-1].message["en"]
    assert time.process_time() - begun < 10


def test_a_type_that_is_missing_is_told_once() -> None:
    source = model(table(ROW, types=("strin",), result="numbr"))
    told = [one.element for one in parse_decision(source).warnings if one.rule == "dmn.type"]
    assert told
    assert len(told) == len(set(told))


def test_every_finding_is_told_at_once() -> None:
    found = findings(model(table([(("< ",), ("(",)), ((")",), ("3",))])))
    assert [finding.element for finding in found] == ["r1i1", "r1o1", "r2i1"]


@pytest.mark.parametrize(
    ("body", "rule", "element"),
    [
        (table(ROW, policy="BEST"), "dmn.hit-policy", "t"),
        (table(ROW, policy="COLLECT", extra='aggregation="AVG"'), "dmn.aggregation", "t"),
        (table(ROW, policy="FIRST", extra='aggregation="SUM"'), "dmn.aggregation-policy", "t"),
        (table(ROW, policy="PRIORITY"), "dmn.output-values", "t"),
        (table([(("1", "2"), ("3",))]), "dmn.rule", "r1"),
        (table([(("1",), ("2", "3"))], outputs=("a", "a")), "dmn.output-name", "t"),
        (table(ROW, inputs=("",)), "dmn.input", "i1"),
        (table([(("1",), ())], outputs=()), "dmn.output", "t"),
        (literal("d", "1") * 2, "dmn.id", "d"),
        (literal("d", "1", requires="nowhere"), "dmn.reference", "d"),
        (literal("a", "b", requires="b") + literal("b", "a", requires="a"), "dmn.circle", "a"),
        (literal("a", "a", requires="a"), "dmn.circle", "a"),
        ('<import name="x" namespace="urn:x" importType="dmn"/>', "dmn.import", "m"),
        ("", "dmn.empty", "m"),
    ],
)
def test_what_would_run_wrongly_is_refused(body: str, rule: str, element: str) -> None:
    found = findings(model(body))
    assert (rule, element) in [(finding.rule, finding.element) for finding in found]
    assert all(finding.message["fa"] and finding.message["en"] for finding in found)
    assert all(finding.remedy["fa"] and finding.remedy["en"] for finding in found)


def test_another_language_is_refused() -> None:
    body = literal("d", "1").replace(
        "<literalExpression>", '<literalExpression expressionLanguage="javascript">'
    )
    assert [finding.rule for finding in findings(model(body))] == ["dmn.language"]


def test_a_java_function_is_refused() -> None:
    body = (
        '<businessKnowledgeModel id="b" name="b"><encapsulatedLogic kind="Java">'
        "<literalExpression><text>1</text></literalExpression></encapsulatedLogic>"
        "</businessKnowledgeModel>"
    )
    told = findings(model(body + literal("d", "1")))
    assert [finding.rule for finding in told] == ["dmn.external"]


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (b"<a/>", "dmn.root"),
        (b"<a>", "xml.malformed"),
        (b"<!DOCTYPE a><a/>", "xml.dtd"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "xml.dtd"),
        (b"<a/>" + b" " * 2_000_000, "xml.too-large"),
        (b'<?xml version="1.0" encoding="windows-1256"?><a/>', "xml.encoding"),
        (b"<a>\xff</a>", "xml.malformed"),
        (b"", "xml.malformed"),
        (b"<a>" * 220 + b"</a>" * 220, "xml.too-deep"),
    ],
)
def test_hostile_xml_is_refused(source: bytes, rule: str) -> None:
    assert [finding.rule for finding in findings(source)] == [rule]


def test_a_function_that_nobody_knows_is_refused() -> None:
    found = findings(model(literal("d", 'string lenght("x") + twice(2)')))
    assert [finding.rule for finding in found] == ["dmn.unknown-function"] * 2
    assert {finding.severity for finding in found} == {"error"}
    assert "string lenght" in found[0].message["en"]


def test_a_function_that_nobody_knows_is_refused_in_the_cell_of_a_table() -> None:
    found = findings(model(table([(("1",), ("2",)), (("> twice(2)",), ("half(4)",))])))
    assert [(one.rule, one.element) for one in found] == [
        ("dmn.unknown-function", "r2i1"),
        ("dmn.unknown-function", "r2o1"),
    ]
    assert "twice" in found[0].message["fa"]


@pytest.mark.parametrize("call", ['working_time_from_now("PT4H")', "working_days_from_now(2)"])
def test_a_table_may_call_the_functions_of_the_product(call: str) -> None:
    assert parse_decision(model(table([(("-",), (call,))]))).warnings == ()
