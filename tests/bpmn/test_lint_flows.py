"""Elements, flows, gateways and subprocesses that would run wrongly are refused."""

from __future__ import annotations

import pytest

from tests.bpmn.build import (
    ad_hoc,
    catch,
    end,
    flows,
    gateway,
    message,
    node,
    process,
    start,
    sub,
    timer,
    transaction,
    user,
)
from tests.bpmn.judged import LINE, OK, held, rules


@pytest.mark.parametrize("kind", ["complexGateway", "choreographyTask"])
def test_elements_that_are_not_run(kind: str) -> None:
    assert ("element.unsupported", "x") in rules(held(node(kind, "x")))


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
    "link alone": (
        process(*OK, node("intermediateThrowEvent", "x", '<bpmn:linkEventDefinition name="L"/>'),
                LINE, flows("a > x")),
        ("event.link-target", "x"),
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
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused(case: str) -> None:
    source, expected = CASES[case]
    assert expected in rules(source)
