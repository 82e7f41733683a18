"""Tasks, their mappings and expressions that would run wrongly are refused."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    catch,
    end,
    flows,
    gateway,
    io,
    multi,
    node,
    process,
    properties,
    script,
    start,
    timer,
    user,
)
from tests.bpmn.judged import OK, held, rules

TWICE = (
    '<zeebe:ioMapping><zeebe:input source="=1" target="y"/>'
    '<zeebe:input source="{}" target="y"/></zeebe:ioMapping>'
)


def test_a_target_that_is_set_twice_is_warned_of() -> None:
    said = {
        source: bpmn.parse(held(user("x", TWICE.format(source)))) for source in ("=2", "=y + 1")
    }
    told = {source: [one.rule for one in made.warnings] for source, made in said.items()}
    assert "mapping.twice" in told["=2"]
    assert "mapping.twice" not in told["=y + 1"]


CASES: dict[str, tuple[bytes, tuple[str, str]]] = {
    "no such function": (held(script("x", "=nofunc(3)", "z")), ("feel.function", "x")),
    "no such function behind a dot": (
        held(script("x", "=[1][lenght(item) > 1].a", "z")), ("feel.function", "x"),
    ),
    "no such function in a condition": (
        process(*OK, gateway("exclusive", "g"), flows("start > g >[=cuont(x) > 1] a > end",
                "g >! end")),
        ("feel.function", "g_a"),
    ),
    "no such function in a mapping": (
        held(user("x", io(outputs={"y": "=sume(z)"}))), ("feel.function", "x"),
    ),
    "job": (held(node("serviceTask", "x")), ("task.job-type", "x")),
    "decision": (held(node("businessRuleTask", "x")), ("task.decision", "x")),
    "script": (held(script("x", "1 + 1", "r")), ("task.script", "x")),
    "script name": (held(script("x", "=1", "my result")), ("task.result-name", "x")),
    "script path": (held(script("x", "=1", "my.result")), ("task.result-name", "x")),
    "script without a name": (held(script("x", "=1", "")), ("task.script", "x")),
    "decision name": (
        held(node("businessRuleTask", "x", "",
                  '<zeebe:calledDecision decisionId="d" resultVariable="a b"/>')),
        ("task.result-name", "x"),
    ),
    "retries": (
        held(node("serviceTask", "x", "", '<zeebe:taskDefinition type="t" retries="many"/>')),
        ("task.retries", "x"),
    ),
    "priority": (
        held(user("x", '<zeebe:priorityDefinition priority="101"/>')), ("task.priority", "x"),
    ),
    "due": (held(user("x", '<zeebe:taskSchedule dueDate="tomorrow"/>')), ("task.due", "x")),
    "nobody": (held(user("x", groups="")), ("task.nobody", "x")),
    "sla": (held(user("x", properties(sla="4 hours"))), ("task.sla", "x")),
    "version of a form": (
        held(user("x", '<zeebe:formDefinition formId="f" bindingType="deployment"/>')),
        ("extension.unknown", "x"),
    ),
    "version of a decision": (
        held(node("businessRuleTask", "x", "", '<zeebe:calledDecision decisionId="d"'
                  ' resultVariable="r" bindingType="versionTag" versionTag="7"/>')),
        ("extension.unknown", "x"),
    ),
    "loop": (
        held(user("x", inner="<bpmn:standardLoopCharacteristics/>")), ("loop.endless", "x"),
    ),
    "collection": (held(user("x", inner=multi("units"))), ("loop.collection", "x")),
    "output": (held(user("x", inner=multi("=u", output=("", "=x")))), ("loop.output", "x")),
    "target": (held(user("x", io(inputs={"my name": "=1"}))), ("mapping.target", "x")),
    "mapping on a gateway": (
        held(node("exclusiveGateway", "x", "", io(inputs={"a": "=1"}))), ("mapping.here", "x"),
    ),
    "mapping on a start": (
        process(start("x"), user("a"), end(), flows("x > a > end")).replace(
            b'id="x">', b'id="x"><bpmn:extensionElements>'
            + io(outputs={"a": "=1"}).encode() + b"</bpmn:extensionElements>"
        ),
        ("mapping.here", "x"),
    ),
    "mapping feel": (held(user("x", io(inputs={"a": "plain"}))), ("feel.needed", "x")),
    "stage": (held(user("x", properties(stage="nowhere"))), ("stage.unknown", "x")),
    "waits": (held(user("x", properties(waits="anybody"))), ("waits.unknown", "x")),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused(case: str) -> None:
    source, expected = CASES[case]
    assert expected in rules(source)


FEEL = {
    "condition": (
        *OK, gateway("exclusive", "x"), flows("start > x >[=1 +] a > end", "x >! end"), "x_a",
    ),
    "input": (start(), user("x", io(inputs={"a": "=if"})), end(), flows("start > x > end"), "x"),
    "group": (start(), user("x", groups="=(("), end(), flows("start > x > end"), "x"),
    "excludes": (
        start(), user("x", properties(excludes="=[")), end(), flows("start > x > end"), "x",
    ),
    "timer": (start(), catch("x", timer("date", "=1 1")), end(), flows("start > x > end"), "x"),
    "collection": (start(), user("x", inner=multi("=[")), end(), flows("start > x > end"), "x"),
    "script": (start(), script("x", "=1 2", "r"), end(), flows("start > x > end"), "x"),
}  # fmt: skip


@pytest.mark.parametrize("case", FEEL)
def test_feel_that_cannot_be_read_is_found_before_anything_runs(case: str) -> None:
    *parts, element = FEEL[case]
    assert ("feel.syntax", element) in rules(process(*parts))


@pytest.mark.parametrize(
    "expression",
    [
        "={f: function(x) x + 1, y: f(2)}.y",
        "=(function(g) g(1))(function(x) x)",
        "=working_days_from_now(3)",
        '=string length("x") + count([1])',
        "=for f in [1] return f",
    ],
)
def test_functions_that_are_there_are_not_told(expression: str) -> None:
    assert not bpmn.parse(held(script("x", expression, "z"))).warnings
