"""What would run wrongly is refused, with the place and a word on what to draw instead."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    ad_hoc,
    boundary,
    catch,
    declare,
    declare_error,
    end,
    error,
    flows,
    gateway,
    io,
    message,
    multi,
    node,
    process,
    properties,
    script,
    service,
    start,
    sub,
    timer,
    transaction,
    user,
)

OK = (start(), user("a"), end())
LINE = flows("start > a > end")


def rules(source: bytes) -> set[tuple[str, str]]:
    """Rule and element of each finding that refuses."""
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.parse(source, "x.bpmn")
    found = caught.value.findings
    for one in found:
        assert one.line > 0
        assert one.file == "x.bpmn"
        assert one.message["fa"]
        assert one.message["en"]
        assert one.remedy["fa"]
        assert one.remedy["en"]
        assert "{" not in one.message["fa"].replace("={", "")
    return {(one.rule, one.element) for one in found if one.severity == "error"}


def held(*parts: str) -> bytes:
    """A process with one node ``x`` between start and end."""
    return process(start(), *parts, end(), flows("start > x > end"))


@pytest.mark.parametrize("kind", ["complexGateway", "choreographyTask"])
def test_elements_that_are_not_run(kind: str) -> None:
    assert ("element.unsupported", "x") in rules(held(node(kind, "x")))


@pytest.mark.parametrize(
    ("definition", "places"),
    [
        ("escalation", {"startEvent", "intermediateCatchEvent"}),
        ("conditional", {"endEvent", "intermediateThrowEvent"}),
        ("compensate", {"startEvent", "intermediateCatchEvent"}),
        ("cancel", {"startEvent", "intermediateThrowEvent"}),
        ("error", {"startEvent", "intermediateThrowEvent"}),
    ],
)
def test_triggers_that_are_not_waited_for(definition: str, places: set[str]) -> None:
    for place in places:
        event = node(place, "x", f"<bpmn:{definition}EventDefinition/>")
        source = process(*OK, event, LINE)
        assert ("event.unsupported", "x") in rules(source), place


CASES: dict[str, tuple[bytes, tuple[str, str]]] = {
    "attribute": (held(user("x", startQuantity="2")), ("element.attribute", "x")),
    "compensation": (held(user("x", isForCompensation="true")), ("compensation.flows", "x")),
    "camunda 7": (
        held(user("x").replace("<bpmn:userTask", '<bpmn:userTask camunda:assignee="me"')),
        ("extension.vendor", "x"),
    ),
    "listener": (
        held(user("x", "<zeebe:executionListeners/>")), ("extension.unknown", "x"),
    ),
    "dangling": (process(*OK, LINE, flows("a > nowhere")), ("flow.dangling", "a_nowhere")),
    "crossing": (
        process(*OK, sub("s", start("s1"), user("b"), end("s2"), flows("s1 > b > s2")),
                LINE, flows("a > s > end", "a > b")),
        ("flow.crosses", "a_b"),
    ),
    "into start": (process(*OK, LINE, flows("a > start")), ("flow.into-start", "a_start")),
    "from end": (process(*OK, LINE, flows("end > a")), ("flow.from-end", "end_a")),
    "unreached": (process(*OK, user("b"), LINE, flows("b > end")), ("flow.none-in", "b")),
    "island": (
        process(*OK, user("b"), user("c"), LINE, flows("b > c > b")), ("flow.unreached", "b"),
    ),
    "dead end": (
        process(start(), user("a"), end(), user("b"), flows("start > a", "start > b > end")),
        ("flow.none-out", "a"),
    ),
    "no start": (process(user("a"), user("b"), flows("a > b > a")), ("process.no-start", "p")),
    "two starts": (
        process(*OK, start("again"), LINE, flows("again > a")), ("process.several-starts", "again"),
    ),
    "no condition": (
        process(*OK, gateway("exclusive", "g"), flows("start > g > a > end", "g > end")),
        ("flow.condition-missing", "g"),
    ),
    "not feel": (
        process(*OK, gateway("exclusive", "g"), flows("start > g >[x > 1] a > end", "g >! end")),
        ("flow.condition-not-feel", "g"),
    ),
    "condition behind parallel": (
        process(*OK, gateway("parallel", "g"), flows("start > g >[=x] a > end", "g > end")),
        ("flow.condition-ignored", "g"),
    ),
    "condition behind start": (
        process(*OK, flows("start >[=x] a > end")), ("flow.condition-ignored", "start"),
    ),
    "two triggers": (
        held(catch("x", timer("duration", "PT1H") + timer("duration", "PT2H"))),
        ("event.several-triggers", "x"),
    ),
    "timer set twice": (
        held(catch("x", timer("duration", "P-1D").replace(
            "</bpmn:timerEventDefinition>",
            "<bpmn:timeDate>2026-01-01T00:00:00Z</bpmn:timeDate></bpmn:timerEventDefinition>"))),
        ("event.timer-several", "x"),
    ),
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
    "uncoded error": (
        process(*OK, end("bad", error("no")), LINE, flows("a > bad"),
                before=declare_error("no").replace(' errorCode="no"', "")),
        ("event.error-uncoded", "bad"),
    ),
    "nothing but a ring inside": (
        held(sub("x", user("b"), user("c"), flows("b > c > b"))), ("subprocess.no-start", "x"),
    ),
    "empty subprocess": (held(sub("x")), ("subprocess.no-start", "x")),
    "two starts inside": (
        held(sub("x", start("s1"), start("s2"), end("s3"), flows("s1 > s3", "s2 > s3"))),
        ("subprocess.start", "x"),
    ),
    "two flows into a racing event": (
        process(*OK, gateway("eventBased", "g"), catch("t", timer("duration", "PT1H")),
                catch("u", timer("duration", "PT2H")), LINE,
                flows("start > g > t > end", "g > u > end", "a > t")),
        ("gateway.event-shared", "g"),
    ),
    "no trigger": (held(catch("x", "")), ("event.no-trigger", "x")),
    "message unknown": (held(catch("x", message("none"))), ("event.message-missing", "x")),
    "error unknown": (
        process(*OK, end("bad", error("no")), LINE, flows("a > bad")),
        ("event.error-missing", "bad"),
    ),
    "error without code": (
        process(*OK, end("bad", error()), LINE, flows("a > bad")),
        ("event.error-code-missing", "bad"),
    ),
    "no correlation key": (
        process(start(), catch("x", message("m")), end(), flows("start > x > end"),
                before=declare("m", "")),
        ("event.correlation-missing", "x"),
    ),
    "start worked out": (
        process(start("x", message("m")), user("a"), end(), flows("x > a > end"),
                before=declare("m", "").replace('name="m"', 'name="=m"')),
        ("event.start-feel", "x"),
    ),
    "code worked out": (
        process(*OK, end("x", error("no")), LINE, flows("a > x"),
                before=declare_error("no").replace('errorCode="no"', 'errorCode="=no"')),
        ("event.error-feel", "x"),
    ),
    "one message twice on a task": (
        process(*OK, boundary("b", "a", message("m")), boundary("x", "a", message("m")), LINE,
                flows("b > end", "x > end"), before=declare("m")),
        ("event.ambiguous", "x"),
    ),
    "one error twice on a task": (
        process(start(), service("a"), end(), boundary("b", "a", error("e")),
                boundary("x", "a", error("e")), LINE, flows("b > end", "x > end"),
                before=declare_error("e")),
        ("event.ambiguous", "x"),
    ),
    "any error twice on a task": (
        process(start(), service("a"), end(), boundary("b", "a", error()),
                boundary("x", "a", error()), LINE, flows("b > end", "x > end")),
        ("event.ambiguous", "x"),
    ),
    "one message twice in a scope": (
        process(*OK, *(sub(f"h{n}", start(n, message("m")), end(f"e{n}"), flows(f"{n} > e{n}"),
                           triggeredByEvent="true") for n in ("b", "x")), LINE,
                before=declare("m")),
        ("event.ambiguous", "x"),
    ),
    "one message twice in a race": (
        process(start(), gateway("eventBased", "g"), catch("b", message("m")),
                catch("x", message("m")), end(), flows("start > g > b > end", "g > x > end"),
                before=declare("m")),
        ("event.ambiguous", "x"),
    ),
    "error beside": (
        process(start(), service("a"), end(), boundary("b", "a", error("e"), interrupting=False),
                LINE, flows("b > end"), before=declare_error("e")),
        ("event.error-not-interrupting", "b"),
    ),
    "timer empty": (held(catch("x", "<bpmn:timerEventDefinition/>")), ("event.timer-empty", "x")),
    "timer wrong": (held(catch("x", timer("duration", "1 day"))), ("event.timer-wrong", "x")),
    "timer of no zone": (
        held(catch("x", timer("date", "2026-01-01T10:00:00"))), ("event.timer-wrong", "x"),
    ),
    "cycle that stands still": (
        process(*OK, boundary("x", "a", timer("cycle", "R/PT0S"), interrupting=False), LINE,
                flows("x > end")),
        ("event.timer-wrong", "x"),
    ),
    "cron": (
        process(*OK, boundary("x", "a", timer("cycle", "0 0 9 * * *"), interrupting=False), LINE,
                flows("x > end")),
        ("event.timer-wrong", "x"),
    ),
    "cycle here": (held(catch("x", timer("cycle", "R/PT1H"))), ("event.cycle-here", "x")),
    "cycle interrupting": (
        process(*OK, boundary("x", "a", timer("cycle", "R/PT1H")), LINE, flows("x > end")),
        ("event.cycle-here", "x"),
    ),
    "link alone": (
        process(*OK, node("intermediateThrowEvent", "x", '<bpmn:linkEventDefinition name="L"/>'),
                LINE, flows("a > x")),
        ("event.link-target", "x"),
    ),
    "throws nothing": (
        held(node("intermediateThrowEvent", "x", message("m"))), ("event.throws-nothing", "x"),
    ),
    "boundary host": (
        process(*OK, gateway("exclusive", "g"), boundary("x", "g", timer("duration", "PT1H")),
                flows("start > g > a > end", "x > end")),
        ("boundary.host", "x"),
    ),
    "boundary of an instant": (
        process(start(), script("a", "=1", "r"), end(),
                boundary("x", "a", timer("duration", "PT1H")), LINE, flows("x > end")),
        ("boundary.never", "x"),
    ),
    "event gateway": (
        process(*OK, gateway("eventBased", "x"), catch("t", timer("duration", "PT1H")),
                flows("start > x > t > end", "x > a > end")),
        ("gateway.event-target", "x"),
    ),
    "event gateway of one": (
        process(*OK, gateway("eventBased", "x"), catch("t", timer("duration", "PT1H")),
                flows("start > x > t > a > end")),
        ("gateway.event-few", "x"),
    ),
    "subprocess start": (
        held(sub("x", user("e"), user("f"), flows("e > f > e"))), ("subprocess.no-start", "x"),
    ),
    "subprocess trigger": (
        held(sub("x", start("s", message("m")), end("e"), flows("s > e"))),
        ("subprocess.trigger", "s"),
    ),
    "event subprocess start": (
        process(*OK, sub("x", start("s"), end("e"), flows("s > e"), triggeredByEvent="true"),
                LINE),
        ("subprocess.event-start", "x"),
    ),
    "event subprocess flow": (
        process(*OK, sub("x", start("s", timer("duration", "PT1H")), end("e"), flows("s > e"),
                         triggeredByEvent="true"), LINE, flows("a > x")),
        ("subprocess.event-flows", "x"),
    ),
    "event subprocess that is a transaction": (
        process(*OK, transaction("x", start("s", timer("duration", "PT1H")), end("e"),
                                 flows("s > e"), triggeredByEvent="true"), LINE),
        ("subprocess.event-kind", "x"),
    ),
    "event subprocess that is ad-hoc": (
        process(*OK, ad_hoc("x", user("b"), elements='=["b"]', triggeredByEvent="true"), LINE),
        ("subprocess.event-kind", "x"),
    ),
    "job": (held(node("serviceTask", "x")), ("task.job-type", "x")),
    "decision": (held(node("businessRuleTask", "x")), ("task.decision", "x")),
    "script": (held(script("x", "1 + 1", "r")), ("task.script", "x")),
    "script name": (held(script("x", "=1", "my result")), ("task.script", "x")),
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


def test_all_findings_come_at_once_in_the_order_of_the_file() -> None:
    source = process(
        start(), user("a", groups="=(("), node("serviceTask", "b"), node("complexGateway", "c"),
        end(), flows("start > a > b > c > end", "c > nowhere"),
    )  # fmt: skip
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.parse(source, "many.bpmn")
    found = [one for one in caught.value.findings if one.severity == "error"]
    assert [f.rule for f in found] == [
        "feel.syntax", "task.job-type", "element.unsupported", "flow.dangling",
    ]  # fmt: skip
    assert [f.line for f in found] == [6, 7, 8, 14]


def test_what_follows_an_unreached_node_is_not_told_again() -> None:
    source = process(*OK, user("b"), user("c"), end("e2"), LINE, flows("b > c > e2"))
    assert rules(source) == {("flow.none-in", "b")}


def test_warnings_do_not_refuse() -> None:
    later = user("b", '<zeebe:taskSchedule followUpDate="2026-03-21T08:00:00Z"/>')
    source = process(
        *OK, gateway("exclusive", "g"), later,
        flows("start > g >[=x] a > end", "g >[=not(x)] b > end"),
    )  # fmt: skip
    definition = bpmn.parse(source)
    told = {w.rule for w in definition.warnings if not w.rule.startswith("style.")}
    assert told == {"flow.no-default", "task.follow-up"}


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


def found(source: bytes) -> dict[tuple[str, str], bpmn.Finding]:
    """Every finding of a diagram that is refused, by rule and element."""
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.parse(source, "x.bpmn")
    return {(one.rule, one.element): one for one in caught.value.findings}


def test_an_error_event_tells_both_of_its_mistakes_at_once() -> None:
    source = process(
        start(), sub("s", start("s1"), end("s2"), flows("s1 > s2")), end(), end("late"),
        boundary("b", "s", error("no"), interrupting=False), flows("start > s > end", "b > late"),
        before=declare_error("no").replace(' errorCode="no"', ""),
    )  # fmt: skip
    assert set(found(source)) == {
        ("event.error-uncoded", "b"),
        ("event.error-not-interrupting", "b"),
    }


@pytest.mark.parametrize(
    ("kind", "trigger", "hint"),
    [
        ("endEvent", "timer", "intermediate catch event before"),
        ("intermediateThrowEvent", "timer", "intermediate catch event before"),
        ("startEvent", "error", "event subprocess"),
        ("intermediateCatchEvent", "error", "boundary event"),
        ("intermediateThrowEvent", "error", "end event"),
        ("endEvent", "link", "intermediate throw event"),
    ],
)
def test_a_remedy_fits_the_event(kind: str, trigger: str, hint: str) -> None:
    event = node(kind, "x", f"<bpmn:{trigger}EventDefinition/>")
    told = found(process(*OK, event, LINE))["event.unsupported", "x"]
    assert hint in told.remedy["en"]
    assert f"trigger “{trigger}”" in told.message["en"]


def test_one_cause_is_told_once() -> None:
    lonely = found(process(*OK, user("b"), LINE))
    assert set(lonely) == {("flow.none-in", "b")}
    dead = found(process(start(), user("a"), end(), user("b"),
                         flows("start > a", "start > b > end")))  # fmt: skip
    assert set(dead) == {("flow.none-out", "a")}
    after_end = found(process(*OK, LINE, flows("end > a")))
    assert set(after_end) == {("flow.from-end", "end_a")}
    ring = found(process(user("a"), user("b"), flows("a > b > a")))
    assert set(ring) == {("process.no-start", "p")}


def test_nothing_is_said_to_lead_into_a_boundary_event_without_activity() -> None:
    source = process(*OK, boundary("b", "gone", timer("duration", "PT1H")), LINE, flows("b > end"))
    assert set(found(source)) == {("boundary.host", "b")}


def test_a_finding_names_what_stands_in_the_file() -> None:
    twice = found(process(*OK, user("a"), LINE))
    assert set(twice) == {("id.duplicate", "a")}


def test_two_loop_markers_are_told_as_such() -> None:
    both = "<bpmn:standardLoopCharacteristics/>" + multi("=units", "unit")
    assert set(found(held(user("x", inner=both)))) == {("loop.two-markers", "x")}


def test_the_version_tag_of_another_tool_is_not_dropped_in_silence() -> None:
    task = user("x").replace("<bpmn:userTask", '<bpmn:userTask camunda:versionTag="1"')
    assert "zeebe:versionTag" in found(held(task))["extension.vendor", "x"].remedy["en"]
