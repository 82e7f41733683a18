"""Events that would wait for nothing, or for the wrong thing, are refused."""

from __future__ import annotations

import pytest

from tests.bpmn.build import (
    boundary,
    catch,
    declare,
    declare_error,
    end,
    error,
    flows,
    gateway,
    message,
    node,
    process,
    script,
    service,
    start,
    sub,
    timer,
    user,
)
from tests.bpmn.judged import LINE, OK, found, held, rules


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
    "uncoded error": (
        process(*OK, end("bad", error("no")), LINE, flows("a > bad"),
                before=declare_error("no").replace(' errorCode="no"', "")),
        ("event.error-uncoded", "bad"),
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
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused(case: str) -> None:
    source, expected = CASES[case]
    assert expected in rules(source)


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


def test_nothing_is_said_to_lead_into_a_boundary_event_without_activity() -> None:
    source = process(*OK, boundary("b", "gone", timer("duration", "PT1H")), LINE, flows("b > end"))
    assert set(found(source)) == {("boundary.host", "b")}
