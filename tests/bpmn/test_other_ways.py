"""What the standard or another tool says in a way of its own: followed, or told what to write."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    compensate,
    end,
    flows,
    node,
    process,
    service,
    signal,
    start,
    throw,
    user,
)

CALL = node("callActivity", "c", calledElement="other")
LINE = flows("start > a > end")


def around(part: str, *, before: str = "") -> bytes:
    """A process with one node ``c`` between start and end."""
    return process(start(), part, end(), flows("start > c > end"), before=before)


def told(source: bytes) -> list[bpmn.Finding]:
    """What is found, style aside."""
    try:
        found = bpmn.parse(source, "x.bpmn").warnings
    except bpmn.Refused as refused:
        found = refused.findings
    return [one for one in found if not one.rule.startswith("style.")]


def rules(source: bytes) -> list[tuple[str, str]]:
    return sorted((one.rule, one.element) for one in told(source))


def test_the_called_element_of_the_standard_names_the_process() -> None:
    shape = bpmn.parse(around(CALL)).elements["c"]
    assert shape.calls == bpmn.Call("other")


def test_a_prefix_of_the_called_element_is_none_of_its_name() -> None:
    source = around(CALL.replace('"other"', '"t:other"')).replace(
        b"<bpmn:definitions", b'<bpmn:definitions xmlns:t="urn:t"', 1
    )
    assert bpmn.parse(source).elements["c"].calls == bpmn.Call("other")


def test_both_ways_may_name_one_process() -> None:
    same = node("callActivity", "c", "", '<zeebe:calledElement processId="other"/>',
                calledElement="other")  # fmt: skip
    assert rules(around(same)) == []
    assert rules(around(same.replace('processId="other"', 'processId="that"'))) == [
        ("call.element-differs", "c")
    ]


def test_an_expression_of_another_language_names_no_process() -> None:
    assert rules(around(CALL.replace("other", "${x}"))) == [("call.element-odd", "c")]
    assert rules(around(node("callActivity", "c"))) == [("call.process", "c")]


OWNER = (
    "<bpmn:{0}><bpmn:resourceAssignmentExpression><bpmn:formalExpression>group(x)"
    "</bpmn:formalExpression></bpmn:resourceAssignmentExpression></bpmn:{0}>"
)


@pytest.mark.parametrize("role", ["potentialOwner", "humanPerformer", "performer"])
def test_who_does_a_user_task_is_not_read_from_the_standards_roles(role: str) -> None:
    for groups in ("", "desk"):
        task = user("c", groups=groups, inner=OWNER.format(role))
        assert rules(around(task)) == [("task.performer", "c")]
    (one,) = told(around(user("c", inner=OWNER.format(role))))
    assert "zeebe:assignmentDefinition" in one.remedy["en"]
    assert role in one.message["fa"]


def test_a_role_that_names_nobody_is_no_matter() -> None:
    assert rules(around(user("c", inner='<bpmn:potentialOwner name="Clerk"/>'))) == []


def test_a_role_of_another_task_has_no_effect_and_is_told() -> None:
    task = service("c", inner=OWNER.format("performer"))
    definition = bpmn.parse(around(task))
    assert ("task.performer-idle", "c") in {(w.rule, w.element) for w in definition.warnings}


@pytest.mark.parametrize(
    ("attribute", "word"),
    [
        ('asyncBefore="true"', "always kept"),
        ('asyncAfter="true"', "always kept"),
        ('exclusive="false"', "never worked out at the same time"),
        ('jobPriority="7"', "no priority"),
        ('historyTimeToLive="P30D"', "installation"),
    ],
)
def test_what_an_engine_setting_means_here_is_told(attribute: str, word: str) -> None:
    source = around(user("c").replace("<bpmn:userTask", f"<bpmn:userTask camunda:{attribute}"))
    (one,) = told(source)
    assert (one.rule, one.severity, one.element) == ("extension.meant", "warning", "c")
    assert word in one.remedy["en"]
    assert attribute.partition("=")[0] in one.message["fa"]


def test_a_setting_is_told_once() -> None:
    both = [user(name).replace("<bpmn:userTask", '<bpmn:userTask camunda:asyncBefore="true"')
            for name in ("a", "b")]  # fmt: skip
    source = process(start(), *both, end(), flows("start > a > b > end"))
    assert rules(source) == [("extension.meant", "a")]


@pytest.mark.parametrize(
    ("kind", "attribute"),
    [
        ("userTask", 'assignee="me"'),
        ("serviceTask", 'class="x.Y"'),
        ("businessRuleTask", 'decisionRef="d"'),
    ],
)
def test_what_is_said_in_another_tools_way_is_not_missed_as_well(kind: str, attribute: str) -> None:
    task = node(kind, "c").replace(f"<bpmn:{kind}", f"<bpmn:{kind} camunda:{attribute}")
    assert rules(around(task)) == [("extension.vendor", "c")]


def test_a_flow_to_what_undoes_is_one_mistake_and_a_wrong_name_another() -> None:
    event = node("boundaryEvent", "cb", compensate(), attachedToRef="a")
    source = process(
        start(), user("a"), event, user("undo"), throw("t", compensate("nowhere")), end(),
        flows("start > a > t > end", "cb > undo"),
    )  # fmt: skip
    assert rules(source) == [("compensation.activity", "t"), ("compensation.handler", "cb")]


def test_a_reference_to_nothing_is_told_once() -> None:
    source = process(start(), user("a"), end("x", signal("none")), flows("start > a > x"))
    assert rules(source) == [("reference.missing", "x")]


def test_an_unsupported_element_is_not_unreached_as_well() -> None:
    alone = node("choreographyTask", "x")
    assert rules(process(start(), user("a"), end(), alone, LINE)) == [("element.unsupported", "x")]


def test_a_link_that_leads_nowhere_is_no_dead_end_as_well() -> None:
    link = throw("x", '<bpmn:linkEventDefinition name="L"/>')
    assert rules(process(start(), user("a"), link, flows("start > a > x"))) == [
        ("event.link-target", "x")
    ]


@pytest.mark.parametrize("place", ["</bpmn:extensionElements>", "</bpmn:userTask>"])
def test_a_step_inside_of_what_is_no_process_is_found(place: str) -> None:
    source = process(start(), user("a"), user("b"), LINE, flows("b > end")).replace(
        place.encode(), b'<bpmn:endEvent id="end"/>' + place.encode(), 1
    )
    assert ("element.misplaced", "end") in rules(source)
