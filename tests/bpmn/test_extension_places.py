"""Extension elements stand where they have an effect; elsewhere they are refused or told."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    call,
    declare,
    declare_signal,
    end,
    flows,
    message,
    node,
    process,
    script,
    service,
    signal,
    start,
    throw,
    user,
)

JOB = '<zeebe:taskDefinition type="work"/>'
HEADERS = '<zeebe:taskHeaders><zeebe:header key="a" value="b"/></zeebe:taskHeaders>'
FORM = '<zeebe:formDefinition formId="f"/>'
SCRIPT = '<zeebe:script expression="=1" resultVariable="r"/>'
DECISION = '<zeebe:calledDecision decisionId="d" resultVariable="r"/>'
PEOPLE = '<zeebe:assignmentDefinition candidateGroups="desk"/>'
DUE = '<zeebe:taskSchedule dueDate="=d"/>'
LOOP = '<zeebe:loopCharacteristics inputCollection="=a"/>'


def found(*parts: str) -> set[tuple[str, str, str]]:
    """The (rule, element, severity) of each finding of a process with ``x`` in its midst."""
    source = process(start(), *parts, end(), flows("start > x > end"))
    try:
        told = bpmn.parse(source, "x.bpmn").warnings
    except bpmn.Refused as refused:
        told = refused.findings
    return {(one.rule, one.element, one.severity) for one in told
            if one.rule.startswith("extension.")}  # fmt: skip


@pytest.mark.parametrize(
    "element",
    [
        user("x", JOB), user("x", SCRIPT),
        user("x", DECISION), user("x", LOOP),
        service("x", SCRIPT), service("x", FORM), service("x", DECISION), service("x", PEOPLE),
        service("x", DUE),
        node("scriptTask", "x", "", SCRIPT + JOB),
        node("businessRuleTask", "x", "", DECISION + JOB),
        node("manualTask", "x", "", FORM), node("task", "x", "", JOB),
        call("x", "other", extension=FORM),
        node("exclusiveGateway", "x", "", JOB),
    ],
)  # fmt: skip
def test_what_would_be_ignored_is_refused(element: str) -> None:
    assert found(element) == {("extension.here", "x", "error")}


def test_events_that_are_no_jobs() -> None:
    thrown = throw("x", signal("s"), JOB)
    assert found(thrown, declare_signal("s")) == {("extension.here", "x", "error")}
    assert not found(throw("x", message("paid"), JOB + HEADERS), declare("paid"))


@pytest.mark.parametrize(
    "element",
    [
        user("x", HEADERS), user("x", '<zeebe:versionTag value="1"/>'),
        service("x", '<zeebe:priorityDefinition priority="9"/>'), service("x", "<zeebe:userTask/>"),
        user("x", '<zeebe:subscription correlationKey="=a"/>'),
    ],
)  # fmt: skip
def test_what_does_no_harm_is_told(element: str) -> None:
    assert found(element) == {("extension.idle", "x", "warning")}


@pytest.mark.parametrize(
    "element",
    [user("x", FORM + DUE + "<zeebe:userTask/>"), service("x", HEADERS), script("x", "=1", "r"),
     node("businessRuleTask", "x", "", DECISION)],
)  # fmt: skip
def test_what_stands_right_is_left(element: str) -> None:
    assert not found(element)


def test_a_start_event_of_a_subprocess_asks_nobody() -> None:
    inside = (node("startEvent", "s", "", FORM), end("e"), flows("s > e"))
    assert found(node("subProcess", "x", "".join(inside))) == {("extension.here", "s", "error")}
    source = process(
        node("startEvent", "start", "", FORM), user("x"), end(), flows("start > x > end")
    )
    assert not [w for w in bpmn.parse(source).warnings if w.rule.startswith("extension.")]


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("<zeebe:executionListeners/>", "extension.unknown"),
        (JOB, "extension.here"),
        ('<zeebe:userTaskForm id="f">{}</zeebe:userTaskForm>', "extension.idle"),
    ],
)
def test_what_stands_on_the_process_itself(said: str, rule: str) -> None:
    source = process(
        start(), user("a"), end(), flows("start > a > end"), properties=said, key="whole"
    )
    try:
        told = bpmn.parse(source).warnings
    except bpmn.Refused as refused:
        told = refused.findings
    assert (rule, "whole") in {(one.rule, one.element) for one in told}
