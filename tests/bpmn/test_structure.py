"""What the standard forbids is found where it stands: one tiny diagram for each rule.

Each case is made from a right diagram, and must give its rule at its element, in its line.
"""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    boundary,
    catch,
    declare,
    end,
    flows,
    gateway,
    message,
    node,
    process,
    start,
    sub,
    timer,
    user,
)

LINE = flows("start > a > end")
OK = (start(), user("a"), end(), LINE)
POOLS = (
    '<bpmn:collaboration id="c"><bpmn:participant id="ours" processRef="p"/>'
    '<bpmn:participant id="theirs"/>{}</bpmn:collaboration>'
)


def messages(source: str, target: str, more: str = "") -> str:
    """Two pools and a message flow ``x``."""
    flow = f'<bpmn:messageFlow id="x" sourceRef="{source}" targetRef="{target}" {more}/>'
    return POOLS.format(flow)


def lanes(*held: str, level: str = "laneSet") -> str:
    """A lane ``x0``, ``x1`` ... for each list of nodes."""
    inner = "".join(
        f'<bpmn:lane id="x{number}">'
        + "".join(f"<bpmn:flowNodeRef>{name}</bpmn:flowNodeRef>" for name in names.split())
        + "</bpmn:lane>"
        for number, names in enumerate(held)
    )
    return f'<bpmn:{level} id="lanes">{inner}</bpmn:{level}>'


def linked(kind: str, key: str) -> str:
    """A link event of the name L."""
    return node(f"intermediate{kind}Event", key, '<bpmn:linkEventDefinition name="L"/>')


def marked(key: str, *marks: str) -> str:
    """A user task that lists its flows itself."""
    held = "".join(
        f"<bpmn:{kind}>{flow}</bpmn:{kind}>" for kind, flow in (m.split(":") for m in marks)
    )
    return user(key, inner=held)


def undeclared(kind: str, attribute: str) -> str:
    """An event definition that refers to what is not there."""
    return f'<bpmn:{kind}EventDefinition {attribute}="none"/>'


OTHER_POOL = '<bpmn:process id="q"><bpmn:userTask id="b"/></bpmn:process>'


def pool(*parts: str) -> str:
    """Another process of the file, with more in it."""
    return OTHER_POOL.replace("</bpmn:process>", "".join(parts) + "</bpmn:process>")


ERRORS: dict[str, tuple[bytes, tuple[str, str]]] = {
    "flow to nothing": (process(*OK, flows("a > x")), ("flow.dangling", "a_x")),
    "flow from nothing": (process(*OK, flows("x > a")), ("flow.dangling", "x_a")),
    "flow without ends": (
        process(*OK, '<bpmn:sequenceFlow id="x"/>'), ("flow.dangling", "x"),
    ),
    "flow to a data object": (
        process(*OK, '<bpmn:dataObject id="d"/>', flows("a > d")), ("flow.end-wrong", "a_d"),
    ),
    "flow to a flow": (process(*OK, flows("a > a_end")), ("flow.end-wrong", "a_a_end")),
    "flow to the process": (process(*OK, flows("a > p")), ("flow.end-wrong", "a_p")),
    "flow into another pool": (
        process(*OK, flows("a > b"), before=OTHER_POOL), ("flow.crosses-pool", "a_b"),
    ),
    "flow out of another pool": (
        process(*OK, before=pool(flows("b > a"))), ("flow.crosses-pool", "b_a"),
    ),
    "flow to nothing in another pool": (
        process(*OK, before=pool(flows("b > gone"))), ("flow.dangling", "b_gone"),
    ),
    "flow out of a subprocess": (
        process(start(), sub("s", start("s1"), user("b"), end("s2"), flows("s1 > b > s2")),
                end(), flows("start > s > end", "b > end")),
        ("flow.crosses", "b_end"),
    ),
    "incoming that leads elsewhere": (
        process(start(), marked("a", "incoming:a_end"), end(), LINE), ("flow.disagrees", "a"),
    ),
    "outgoing of another": (
        process(start(), marked("a", "outgoing:start_a"), end(), LINE), ("flow.disagrees", "a"),
    ),
    "incoming that is not there": (
        process(start(), marked("a", "incoming:gone"), end(), LINE), ("flow.disagrees", "a"),
    ),
    "default of a parallel gateway": (
        process(start(), gateway("parallel", "g", default="g_a"), user("a"), user("b"), end(),
                flows("start > g > a > end", "g > b > end")),
        ("flow.default-here", "g"),
    ),
    "default of another's flow": (
        process(start(), gateway("exclusive", "g", default="a_end"), user("a"), end(),
                flows("start > g >[=x] a > end", "g > end")),
        ("flow.default-wrong", "g"),
    ),
    "default that does not exist": (
        process(start(), user("a", default="gone"), end(), LINE), ("flow.default-wrong", "a"),
    ),
    "default with a condition": (
        process(start(), gateway("exclusive", "g", default="g_end"), user("a"), end(),
                flows("start > g >[=x] a > end", "g >[=y] end")),
        ("flow.default-condition", "g"),
    ),
    "condition behind an event-based gateway": (
        process(start(), gateway("eventBased", "g"), catch("b", timer("duration", "PT1H")),
                catch("c", timer("duration", "PT2H")), end(),
                flows("start > g >[=x] b > end", "g > c > end")),
        ("flow.condition-ignored", "g"),
    ),
    "condition behind a catching event": (
        process(start(), catch("b", timer("duration", "PT1H")), end(),
                flows("start > b >[=x] end")),
        ("flow.condition-ignored", "b"),
    ),
    "converging with two ways out": (
        process(start(), gateway("parallel", "g", gatewayDirection="Converging"), user("a"),
                user("b"), end(), flows("start > g > a > end", "g > b > end")),
        ("gateway.direction", "g"),
    ),
    "diverging with two ways in": (
        process(start(), user("a"), user("b"),
                gateway("exclusive", "g", gatewayDirection="Diverging"), end(),
                flows("start > a > g > end", "start > b > g")),
        ("gateway.direction", "g"),
    ),
    "direction that is none": (
        process(start(), gateway("exclusive", "g", gatewayDirection="Left"), end(),
                flows("start > g > end")),
        ("gateway.direction", "g"),
    ),
    "task behind an event-based gateway": (
        process(start(), gateway("eventBased", "g"), catch("b", timer("duration", "PT1H")),
                user("a"), end(), flows("start > g > b > end", "g > a > end")),
        ("gateway.event-target", "g"),
    ),
    "event with another flow behind an event-based gateway": (
        process(start(), gateway("eventBased", "g"), catch("b", timer("duration", "PT1H")),
                catch("c", timer("duration", "PT2H")), end(),
                flows("start > g > b > end", "g > c > end", "start > b")),
        ("gateway.event-shared", "g"),
    ),
    "messages and receive tasks in one race": (
        process(start(), gateway("eventBased", "g"), catch("b", message("m")),
                node("receiveTask", "c", messageRef="m_n"), end(),
                flows("start > g > b > end", "g > c > end"), before=declare("m") + declare("n")),
        ("gateway.event-mixed", "g"),
    ),
    "start with a way in": (process(*OK, flows("a > start")), ("flow.into-start", "a_start")),
    "boundary with a way in": (
        process(*OK, boundary("b", "a", timer("duration", "PT1H")), flows("b > end", "a > b")),
        ("flow.into-start", "a_b"),
    ),
    "end with a way out": (process(*OK, flows("end > a")), ("flow.from-end", "end_a")),
    "boundary without host": (
        process(*OK, node("boundaryEvent", "x", timer("duration", "PT1H")), flows("x > end")),
        ("boundary.host", "x"),
    ),
    "boundary on what is not there": (
        process(*OK, boundary("x", "gone", timer("duration", "PT1H")), flows("x > end")),
        ("boundary.host", "x"),
    ),
    "boundary on an event": (
        process(*OK, boundary("x", "end", timer("duration", "PT1H")), flows("x > end")),
        ("boundary.host", "x"),
    ),
    "boundary on another level": (
        process(start(), sub("s", start("s1"), user("b"), end("s2"), flows("s1 > b > s2")),
                end(), boundary("x", "b", timer("duration", "PT1H")),
                flows("start > s > end", "x > end")),
        ("boundary.host", "x"),
    ),
    "link with a way out": (
        process(*OK, linked("Throw", "x"), linked("Catch", "y"), user("b"),
                flows("start > x > b > end", "y > end")),
        ("event.link-flows", "x"),
    ),
    "link with a way in": (
        process(*OK, linked("Throw", "x"), linked("Catch", "y"),
                flows("start > x", "a > y > end")),
        ("event.link-flows", "y"),
    ),
    "two links that catch": (
        process(*OK, linked("Throw", "x"), linked("Catch", "y"), linked("Catch", "z"),
                flows("start > x", "y > end", "z > end")),
        ("event.link-target", "x"),
    ),
    "link without name": (
        process(*OK, node("intermediateThrowEvent", "x", "<bpmn:linkEventDefinition/>"),
                flows("start > x")),
        ("event.link-name", "x"),
    ),
    "signal not declared": (
        process(*OK, end("x", undeclared("signal", "signalRef")), flows("a > x")),
        ("reference.missing", "x"),
    ),
    "escalation not declared": (
        process(*OK, end("x", undeclared("escalation", "escalationRef")), flows("a > x")),
        ("reference.missing", "x"),
    ),
    "thrown message not declared": (
        process(*OK, end("x", undeclared("message", "messageRef")), flows("a > x")),
        ("reference.missing", "x"),
    ),
    "awaited message not declared": (
        process(start(), catch("x", undeclared("message", "messageRef")), end(),
                flows("start > x > end")),
        ("event.message-missing", "x"),
    ),
    "error not declared": (
        process(*OK, end("x", undeclared("error", "errorRef")), flows("a > x")),
        ("event.error-missing", "x"),
    ),
    "message declared as something else": (
        process(start(), node("sendTask", "x", messageRef="start"), end(),
                flows("start > x > end")),
        ("reference.missing", "x"),
    ),
    "data object not declared": (
        process(*OK, '<bpmn:dataObjectReference id="x" dataObjectRef="gone"/>'),
        ("reference.missing", "x"),
    ),
    "data store not declared": (
        process(*OK, '<bpmn:dataStoreReference id="x" dataStoreRef="gone"/>'),
        ("reference.missing", "x"),
    ),
    "association to nothing": (
        process(*OK, '<bpmn:association id="x" sourceRef="a" targetRef="gone"/>'),
        ("association.dangling", "x"),
    ),
    "lane of what is not there": (process(*OK, lanes("start gone")), ("lane.unknown", "x0")),
    "lane of another process": (
        process(*OK, lanes("b"), before=OTHER_POOL), ("lane.unknown", "x0"),
    ),
    "node in two lanes": (process(*OK, lanes("start a", "a end")), ("lane.twice", "x1")),
    "pool of no process": (
        process(*OK, before='<bpmn:collaboration id="c"><bpmn:participant id="x"'
                ' processRef="gone"/></bpmn:collaboration>'),
        ("pool.process", "x"),
    ),
    "two pools of one process": (
        process(*OK, before=POOLS.format('<bpmn:participant id="x" processRef="p"/>')),
        ("pool.shared", "x"),
    ),
    "message within a pool": (
        process(*OK, user("b"), flows("start > b > end"), before=messages("a", "b")),
        ("pool.message-inside", "x"),
    ),
    "message from a pool to its own task": (
        process(*OK, before=messages("ours", "a")), ("pool.message-inside", "x"),
    ),
    "message to nothing": (
        process(*OK, before=messages("a", "gone")), ("pool.message-dangling", "x"),
    ),
    "message from a start": (
        process(*OK, before=messages("start", "theirs")), ("pool.message-end", "x"),
    ),
    "message into an end": (
        process(*OK, before=messages("theirs", "end")), ("pool.message-end", "x"),
    ),
    "message flow of an unknown message": (
        process(*OK, before=messages("a", "theirs", 'messageRef="gone"')),
        ("reference.missing", "x"),
    ),
    "subprocess with a triggered start": (
        process(start(), sub("s", start("x", timer("duration", "PT1H")), end("s2"),
                             flows("x > s2")), end(), flows("start > s > end")),
        ("subprocess.trigger", "x"),
    ),
    "event subprocess with a flow": (
        process(*OK, sub("x", start("s1", timer("duration", "PT1H")), end("s2"),
                         flows("s1 > s2"), triggeredByEvent="true"), flows("a > x > end")),
        ("subprocess.event-flows", "x"),
    ),
    "event subprocess without trigger": (
        process(*OK, sub("x", start("s1"), end("s2"), flows("s1 > s2"), triggeredByEvent="true")),
        ("subprocess.event-start", "x"),
    ),
    "catching event without definition": (
        process(start(), catch("x", ""), end(), flows("start > x > end")),
        ("event.no-trigger", "x"),
    ),
    "boundary event without definition": (
        process(*OK, boundary("x", "a", ""), flows("x > end")), ("event.no-trigger", "x"),
    ),
    "attribute of another kind of element": (
        process(start("start", attachedToRef="a"), user("a"), end(), LINE),
        ("element.attribute", "start"),
    ),
    "task that is triggered": (
        process(*OK, user("x", triggeredByEvent="true")), ("element.attribute", "x"),
    ),
    "id of a flow taken by a task": (
        process(start(), user("a"), user("start_a"), end(), LINE), ("id.duplicate", "start_a"),
    ),
}  # fmt: skip

RIGHT: dict[str, bytes] = {
    "nested lanes": process(*OK, lanes("start a end").replace(
        "</bpmn:lane>",
        lanes("a", "end", level="childLaneSet").replace("x", "y").replace("lanes", "l2")
        + "</bpmn:lane>",
    )),
    "two sets of lanes": process(
        *OK, lanes("start a"), lanes("a end").replace("lanes", "l2").replace("x", "y"),
    ),
    "message between pools": process(*OK, before=messages("a", "theirs")),
    "lists of flows": process(
        start(), marked("a", "incoming:start_a", "outgoing:a_end"), end(), LINE,
    ),
    "directions": process(
        start(), gateway("parallel", "g", gatewayDirection="Diverging"), user("a"), user("b"),
        gateway("parallel", "j", gatewayDirection="Converging"), end(),
        flows("start > g > a > j > end", "g > b > j"),
    ),
    "data without declaration": process(
        *OK, '<bpmn:dataObject id="o"/><bpmn:dataObjectReference id="d" dataObjectRef="o"/>',
        '<bpmn:dataStoreReference id="s"/><bpmn:group id="g"/>',
        '<bpmn:textAnnotation id="t"><bpmn:text>Mind this.</bpmn:text></bpmn:textAnnotation>',
        '<bpmn:association id="as" sourceRef="a" targetRef="t"/>',
    ),
}  # fmt: skip


def found(source: bytes) -> tuple[bpmn.Finding, ...]:
    try:
        return bpmn.parse(source, "x.bpmn").warnings
    except bpmn.Refused as refused:
        return refused.findings


@pytest.mark.parametrize("case", ERRORS)
def test_it_is_found_at_its_element_and_line(case: str) -> None:
    source, (rule, element) = ERRORS[case]
    hits = [one for one in found(source) if one.rule == rule and one.severity == "error"]
    named = [one for one in hits if one.element == element]
    assert named, [(one.rule, one.element) for one in found(source)]
    # The line is the element's, or that of the flow which is wrong there.
    assert f'"{element.partition(":")[0]}"' in source.decode().splitlines()[named[0].line - 1]


@pytest.mark.parametrize("case", RIGHT)
def test_what_is_right_is_left_alone(case: str) -> None:
    assert not [one.rule for one in found(RIGHT[case]) if one.severity == "error"]


def test_a_flow_that_stands_on_another_level_is_told() -> None:
    inner = sub("s", start("s1"), user("b"), end("s2"))
    source = process(start(), inner, end(), flows("start > s > end", "s1 > b > s2"))
    assert {one.element for one in found(source) if one.rule == "flow.misplaced"} == {
        "s1_b", "b_s2",
    }  # fmt: skip


def test_a_default_that_is_never_taken_is_told() -> None:
    source = process(
        start(), user("a", default="a_end"), user("b"), end(), LINE, flows("a > b > end")
    )
    assert ("flow.default-never", "a") in {(one.rule, one.element) for one in found(source)}


def test_all_of_it_comes_in_one_pass() -> None:
    """Every mistake that can stand beside the others is found beside them."""
    source = process(
        start(), user("a"), user("a"), node("serviceTask", "b"), end(), flows("start > a > end"),
        flows("a > gone", "end > b", "b > d"), '<bpmn:dataObject id="d"/>', lanes("a", "a nobody"),
        before=messages("start", "theirs") + '<bpmn:process id="r" isExecutable="true"/>',
    )  # fmt: skip
    assert {one.rule for one in found(source) if one.severity == "error"} >= {
        "id.duplicate", "process.several", "process.no-start", "flow.dangling", "flow.from-end",
        "flow.end-wrong", "lane.twice", "lane.unknown", "pool.message-end", "task.job-type",
    }  # fmt: skip
