"""Business rule tasks: a table decides, the trace says by which rule."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import end, flows, io, node, process, start
from tests.bpmn.story import Story

TABLE = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="Triage"
             namespace="peygir">
  <decision id="triage" name="Triage">
    <decisionTable id="table" hitPolicy="UNIQUE">
      <input id="i1"><inputExpression id="ie1" typeRef="string"><text>severity</text>
      </inputExpression></input>
      <output id="o1" name="priority" typeRef="string"/>
      <output id="o2" name="hours" typeRef="number"/>
      <rule id="r1"><inputEntry id="r1i"><text>"high"</text></inputEntry>
        <outputEntry id="r1a"><text>"urgent"</text></outputEntry>
        <outputEntry id="r1b"><text>4</text></outputEntry></rule>
      <rule id="r2"><inputEntry id="r2i"><text>-</text></inputEntry>
        <outputEntry id="r2a"><text>"normal"</text></outputEntry>
        <outputEntry id="r2b"><text>40</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""

FIRST = TABLE.replace(b"UNIQUE", b"FIRST")
CALL = '<zeebe:calledDecision decisionId="triage" resultVariable="t"/>'


def diagram(extension: str = "") -> bytes:
    return process(
        start(), node("businessRuleTask", "a", "", CALL + extension), end(),
        flows("start > a > end"),
    )  # fmt: skip


def test_the_result_becomes_a_variable_and_the_rule_stands_in_the_trace() -> None:
    decisions = {"triage": bpmn.parse_decision(FIRST)}
    story = Story(diagram(), {"severity": "high"}, decisions=decisions)
    assert story.outcome.variables["t"] == {"priority": "urgent", "hours": 4}
    decided = next(t for t in story.trace if t.kind == "decided")
    assert decided.element == "a"
    assert decided.data["decision"] == "triage"
    assert decided.data["rules"][0]["rules"] == [1]
    assert story.definition.decisions == ("triage",)


def test_outputs_choose_from_the_result_and_inputs_feed_the_table() -> None:
    mapping = io(inputs={"severity": "=how"}, outputs={"priority": "=t.priority"})
    decisions = {"triage": bpmn.parse_decision(FIRST)}
    story = Story(diagram(mapping), {"how": "low"}, decisions=decisions)
    assert story.outcome.variables == {"how": "low", "priority": "normal"}


LITERAL = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" namespace="n">'
    '<decision id="triage" name="Triage"><variable name="Triage" typeRef="number"/>'
    "<literalExpression><text>{}</text></literalExpression></decision></definitions>"
)


def asked(text: str, **variables: object) -> Story:
    model = bpmn.load_decision(LITERAL.format(text).encode())
    return Story(diagram(), variables, decisions={"triage": model})


@pytest.mark.parametrize("text", ["tax(5)", '"text"', "days * 2", "string join(1, 2)"])
def test_null_since_it_could_not_be_worked_out_is_a_fault(text: str) -> None:
    (fault,) = asked(text, days="x").outcome.faults
    assert (fault.element, fault.code, fault.expression) == ("a", "decision", "triage")
    assert fault.texts["en"] != fault.texts["fa"] != ""


@pytest.mark.parametrize("text", ["null", "absent", "if absent then 1 else null"])
def test_null_as_a_value_is_a_result(text: str) -> None:
    story = asked(text)
    assert story.is_over
    assert story.outcome.variables["t"] is None


def test_what_could_not_be_worked_out_stands_in_the_trace() -> None:
    decided = next(t for t in asked("if absent &gt; 1 then 1 else 2").trace if t.kind == "decided")
    said = decided.data["warnings"]
    assert "absent" in said[0]["en"]
    assert all(one["fa"] for one in said)
    assert "warnings" not in next(t for t in asked("1").trace if t.kind == "decided").data


def test_a_table_without_a_match_gives_null_and_says_what_was_missing() -> None:
    decisions = {"triage": bpmn.load_decision(FIRST.replace(b"<text>-</text>", b"<text>1</text>"))}
    story = Story(diagram(), decisions=decisions)
    assert story.is_over
    assert story.outcome.variables["t"] is None
    decided = next(t for t in story.trace if t.kind == "decided")
    assert "severity" in decided.data["warnings"][0]["en"]


def test_a_table_that_contradicts_itself_is_a_fault_until_it_is_mended() -> None:
    # Today it would be refused; it may have been deployed before that was so.
    story = Story(diagram(), {"severity": "high"}, decisions={"triage": bpmn.load_decision(TABLE)})
    assert [(f.element, f.code) for f in story.outcome.faults] == [("a", "decision")]
    story.retry("a", severity="low")
    assert story.is_over
