"""Business rule tasks: a table decides, the trace says by which rule."""

from __future__ import annotations

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


def test_a_table_that_contradicts_itself_is_a_fault_until_it_is_mended() -> None:
    # Today it would be refused; it may have been deployed before that was so.
    story = Story(diagram(), {"severity": "high"}, decisions={"triage": bpmn.load_decision(TABLE)})
    assert [(f.element, f.code) for f in story.outcome.faults] == [("a", "decision")]
    story.retry("a", severity="low")
    assert story.is_over
