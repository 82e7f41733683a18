"""Compensation: what is complete is undone, the latest first (BPMN 2.0.2, 13.5.5)."""

from __future__ import annotations

import json
import zlib

import pytest

import bpmn
from tests.bpmn.build import (
    boundary,
    compensate,
    declare,
    declare_error,
    end,
    error,
    flows,
    gateway,
    io,
    loop,
    message,
    multi,
    node,
    process,
    script,
    service,
    start,
    sub,
    throw,
    undo,
    user,
)
from tests.bpmn.story import Story

HELD = {"isForCompensation": "true"}


def undone(story: Story) -> list[str]:
    """What was compensated so far, in order."""
    return [t.element or "" for t in story.trace if t.kind == "compensated"]


def two(thrown: str, line: str = "start > a > b > t > z > end") -> bytes:
    """Two user tasks with a handler each, before a throw."""
    return process(
        start(), user("a"), user("b"), thrown, user("z"), end(), undo("a", "ua"), undo("b", "ub"),
        user("ua", **HELD), service("ub", **HELD), flows(line),
    )  # fmt: skip


def test_all_that_is_complete_is_undone_the_latest_first() -> None:
    story = Story(two(throw("t", compensate())))
    story.complete("a")
    story.complete("b")
    assert story.happened == ["left b", "entered t", "entered ub"]
    assert story.outcome.tokens == ("t", "ub")
    story.done("ub", ticket="back")
    assert story.happened == ["left ub", "compensated b", "entered ua"]
    story.complete("ua")
    assert story.happened == ["left ua", "compensated a", "left t", "entered z"]
    assert story.outcome.variables == {"ticket": "back"}


def test_one_activity_is_undone_by_name_and_only_once() -> None:
    source = process(
        start(), user("a"), user("b"), throw("t", compensate("a")), throw("again", compensate("a")),
        throw("rest", compensate()), end(), undo("a", "ua"), undo("b", "ub"),
        user("ua", **HELD), user("ub", **HELD), flows("start > a > b > t > again > rest > end"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    story.complete("b")
    assert story.tasks == ["ua"]
    story.complete("ua")
    assert story.tasks == ["ub"]
    story.complete("ub")
    assert story.is_over
    assert undone(story) == ["a", "b"]


def test_what_is_not_complete_is_not_undone() -> None:
    source = process(
        start(), gateway("parallel", "g"), user("a"), user("b"), throw("t", compensate()),
        end(), end("e2"), undo("a", "ua"), undo("b", "ub"), user("ua", **HELD),
        user("ub", **HELD), flows("start > g > a > end", "g > b > t > e2"),
    )  # fmt: skip
    story = Story(source)
    story.complete("b")
    assert story.tasks == ["a", "ub"]


def test_what_ran_twice_is_undone_twice() -> None:
    source = process(
        start(), gateway("exclusive", "m"), user("a"), gateway("exclusive", "g"),
        throw("t", compensate()), end(), undo("a", "ua"), user("ua", **HELD),
        flows("start > m > a > g >[=again] m", "g >! t > end"),
    )  # fmt: skip
    story = Story(source)
    for again in (True, True, False):
        story.complete("a", again=again)
    for _ in range(3):
        assert story.tasks == ["ua"]
        story.complete("ua")
    assert story.is_over
    assert undone(story) == ["a"] * 3


def test_a_loop_of_many_rounds_is_remembered_as_a_number() -> None:
    source = process(
        start(), gateway("exclusive", "m"), script("a", "=n + 1", "n"), gateway("exclusive", "g"),
        user("wait"), throw("t", compensate()), end(), undo("a", "ua"), user("ua", **HELD),
        flows("start > m > a > g >[=n < 1000] m", "g >! wait > t > end"),
    )  # fmt: skip
    story = Story(source, {"n": 0})
    assert json.loads(zlib.decompress(story.outcome.state))["scopes"]["0"][4]["recent"] == [
        {"of": "a", "times": 1_000}
    ]
    assert len(story.outcome.state) < 500


def test_many_different_records_are_packed_and_come_out_in_order() -> None:
    source = process(
        start(), gateway("exclusive", "m"), script("a", "=n + 1", "n"), script("b", "=n", "k"),
        gateway("exclusive", "g"), user("wait"), throw("t", compensate()), end(),
        undo("a", "ua"), undo("b", "ub"), flows("start > m > a > b > g >[=n < 200] m"),
        node("manualTask", "ua", **HELD), node("manualTask", "ub", **HELD),
        flows("g >! wait > t > end"),
    )  # fmt: skip
    story = Story(source, {"n": 0})
    kept = json.loads(zlib.decompress(story.outcome.state))["scopes"]["0"][4]
    assert len(kept["older"]) == 5
    assert len(story.outcome.state) < 2_000
    story.complete("wait")
    assert undone(story) == ["b", "a"] * 200
    assert story.is_over


def test_nothing_is_remembered_that_no_throw_can_reach() -> None:
    inner = sub("s", start("s1"), user("u"), end("s2"), flows("s1 > u > s2"), undo("u", "uu"),
                user("uu", **HELD))  # fmt: skip
    source = process(
        start(), user("a"), inner, throw("t", compensate("a")), user("z"), end(), undo("a", "ua"),
        user("ua", **HELD), flows("start > a > s > z > t > end"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    story.complete("u")
    kept = json.loads(zlib.decompress(story.outcome.state))["scopes"]["0"]
    assert [record["of"] for record in kept[4]["recent"]] == ["a"]
    assert [w.rule for w in story.definition.warnings] == ["compensation.never"]


def inside(*more: str, extension: str = "", marks: str = "") -> str:
    """A subprocess with a task that can be undone."""
    return sub(
        "s", start("s1"), user("u"), end("s2"), undo("u", "uu"), user("uu", **HELD), *more,
        marks, flows("s1 > u > s2"), extension=extension,
    )  # fmt: skip


def around(inner: str, *more: str, **said: str) -> bytes:
    """The subprocess before a throw."""
    return process(
        start(), inner, throw("t", compensate()), user("z"), end(), *more,
        flows("start > s > t > z > end"), **said,
    )  # fmt: skip


def test_a_subprocess_is_undone_from_inside_with_the_data_it_had() -> None:
    story = Story(around(inside(extension=io(inputs={"mine": "=1"}, outputs={"out": "=mine"}))))
    story.complete("u", mine=7)
    assert story.outcome.variables == {"out": 7}
    assert story.outcome.tokens == ("t", "s", "uu")
    assert story.task("uu").variables == {"out": 7, "mine": 7}
    story.complete("uu", mine=8, out=9)
    assert undone(story) == ["u", "s"]
    assert story.outcome.variables == {"out": 9}
    assert story.tasks == ["z"]


def test_a_subprocess_with_a_handler_of_its_own_is_undone_by_it() -> None:
    story = Story(around(inside(), undo("s", "us"), user("us", **HELD)))
    story.complete("u")
    assert story.tasks == ["us"]
    story.complete("us")
    assert undone(story) == ["s"]


@pytest.mark.parametrize("sequential", [False, True])
def test_turns_are_undone_in_reverse_each_with_its_item(sequential: bool) -> None:
    story = Story(around(inside(marks=multi('=["x", "y"]', sequential=sequential))))
    while story.tasks[0] == "u":
        story.complete("u")
    for item in ("y", "x"):
        assert [t.variables["item"] for t in story.outcome.user_tasks] == [item]
        story.complete("uu")
    assert undone(story) == ["u", "s", "u", "s", "s"]
    assert story.tasks == ["z"]


def test_a_repeated_task_is_undone_once_by_its_handler() -> None:
    for marks in (multi("=[1, 2]"), loop("=false")):
        source = process(
            start(), user("s", inner=marks), throw("t", compensate()), user("z"), end(),
            undo("s", "us"), user("us", **HELD), flows("start > s > t > z > end"),
        )  # fmt: skip
        story = Story(source)
        while story.tasks[0] == "s":
            story.complete("s")
        story.complete("us")
        assert undone(story) == ["s"]
        assert story.tasks == ["z"]


def undoing(*parts: str, line: str) -> str:
    """A compensation event subprocess."""
    return sub(
        "h", start("h1", compensate()), *parts, end("h2"), flows(line), triggeredByEvent="true"
    )


def test_a_compensation_event_subprocess_undoes_its_subprocess_as_it_says() -> None:
    handler = undoing(user("first"), throw("ht", compensate()), user("last"),
                      line="h1 > first > ht > last > h2")  # fmt: skip
    story = Story(around(inside(handler, extension=io(inputs={"mine": "=5"}))))
    story.complete("u")
    assert story.task("first").variables["mine"] == 5
    for task in ("first", "uu", "last"):
        assert story.tasks == [task]
        story.complete(task)
    assert undone(story) == ["u", "s"]
    assert story.tasks == ["z"]


def test_an_event_subprocess_undoes_what_lies_around_it() -> None:
    handler = sub(
        "h", start("h1", message("stop")), throw("ht", compensate()), end("h2"),
        flows("h1 > ht > h2"), triggeredByEvent="true",
    )  # fmt: skip
    source = process(
        start(), user("a"), user("b"), end(), undo("a", "ua"), user("ua", **HELD), handler,
        flows("start > a > b > end"), before=declare("stop", "=1"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    story.deliver("h1")
    assert story.outcome.tokens == ("h", "ht", "ua")
    story.complete("ua")
    assert story.is_over


def test_a_throw_in_a_subprocess_reaches_only_its_own_level() -> None:
    inner = sub(
        "s", start("s1"), user("u"), throw("st", compensate()), end("s2"), undo("u", "uu"),
        user("uu", **HELD), flows("s1 > u > st > s2"),
    )  # fmt: skip
    source = process(
        start(), user("a"), inner, end(), undo("a", "ua"), user("ua", **HELD),
        flows("start > a > s > end"),
    )  # fmt: skip
    story = Story(source)
    for task in ("a", "u", "uu"):
        story.complete(task)
    assert story.is_over
    assert undone(story) == ["u"]


def test_an_end_event_undoes_before_it_ends() -> None:
    source = process(
        start(), user("a"), end("end", compensate()), undo("a", "ua"), user("ua", **HELD),
        flows("start > a > end"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    assert not story.outcome.end_elements
    story.complete("ua")
    assert story.outcome.end_elements == ("end",)
    assert story.is_over


def test_a_fault_in_a_handler_stands_and_is_tried_again() -> None:
    story = Story(two(throw("t", compensate())))
    story.complete("a")
    story.complete("b")
    story.tell(bpmn.FailJob(story.job("ub").key, "smtp", "down"))
    assert [f.element for f in story.outcome.faults] == ["ub"]
    story.retry("ub")
    story.done("ub")
    story.complete("ua")
    assert undone(story) == ["b", "a"]
    assert story.tasks == ["z"]


def test_a_fault_before_a_handler_stands_and_is_tried_again() -> None:
    source = process(
        start(), user("a"), throw("t", compensate()), user("z"), end(), undo("a", "ua"),
        user("ua", groups="=[who]", **HELD), flows("start > a > t > z > end"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    assert [f.element for f in story.outcome.faults] == ["ua"]
    story.retry("ua", who="desk")
    story.complete("ua")
    assert story.tasks == ["z"]


def test_a_handler_that_is_skipped_counts_as_done() -> None:
    story = Story(two(throw("t", compensate())))
    story.complete("a")
    story.complete("b")
    story.tell(bpmn.FailJob(story.job("ub").key, "smtp", "down"))
    story.tell(bpmn.SkipFault(story.outcome.faults[0].key))
    assert story.tasks == ["ua"]


def test_an_error_of_a_handler_is_caught_around_it() -> None:
    inner = sub(
        "s", start("s1"), user("u"), throw("st", compensate()), end("s2"), undo("u", "uu"),
        service("uu", **HELD), flows("s1 > u > st > s2"),
    )  # fmt: skip
    source = process(
        start(), inner, boundary("b", "s", error("E")), user("z"), end(), end("e2"),
        flows("start > s > end", "b > z > e2"), before=declare_error("E"),
    )  # fmt: skip
    story = Story(source)
    story.complete("u")
    story.tell(bpmn.ThrowError(story.job("uu").key, "E", "no"))
    assert story.tasks == ["z"]
    assert story.outcome.tokens == ("z",)


def test_handlers_may_be_subprocesses_and_run_in_turns() -> None:
    handlers = (
        sub("ua", start("s1"), user("u"), end("s2"), flows("s1 > u > s2"), **HELD),
        user("ub", inner=multi("=[1, 2]"), **HELD),
    )
    source = process(
        start(), user("a"), user("b"), throw("t", compensate()), user("z"), end(),
        undo("a", "ua"), undo("b", "ub"), *handlers, flows("start > a > b > t > z > end"),
    )  # fmt: skip
    story = Story(source)
    for task in ("a", "b", "ub", "ub"):
        story.complete(task)
    assert story.outcome.tokens == ("t", "ua", "u")
    story.complete("u")
    assert undone(story) == ["b", "a"]
    assert story.tasks == ["z"]


def test_a_script_can_be_undone() -> None:
    source = process(
        start(), script("a", "=1", "n"), throw("t", compensate()), end(), undo("a", "ua"),
        node("scriptTask", "ua", "", '<zeebe:script expression="=n - 1" resultVariable="n"/>',
             **HELD),
        flows("start > a > t > end"),
    )  # fmt: skip
    story = Story(source)
    assert story.is_over
    assert story.outcome.variables == {"n": 0}


def rules(*parts: str, line: str = "start > a > t > end", **said: str) -> set[tuple[str, str]]:
    """The rules that refuse a diagram, with their elements."""
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.parse(process(start(), user("a"), end(), *parts, flows(line), **said))
    return {(one.rule, one.element) for one in caught.value.findings if one.severity == "error"}


T = throw("t", compensate())
UA = user("ua", **HELD)


def test_compensation_that_is_not_tied_is_refused() -> None:
    event = node("boundaryEvent", "on_a", compensate(), attachedToRef="a")
    assert ("compensation.handler", "on_a") in rules(T, event)
    assert ("compensation.untied", "ua") in rules(T, event, UA)
    assert ("compensation.handler", "on_a") in rules(T, undo("a", "ua"), user("ua"))
    assert ("compensation.twice", "x") in rules(
        T,
        undo("a", "ua"),
        UA,
        event.replace("on_a", "x"),
        '<bpmn:association id="y" sourceRef="x" targetRef="ua"/>',
    )


def test_a_flow_to_what_only_compensation_starts_is_refused() -> None:
    found = rules(T, undo("a", "ua"), UA, flows("ua > end", "on_a > end"))
    assert {("compensation.flows", "ua"), ("compensation.flows", "on_a")} <= found
    bounded = boundary("b", "ua", message("m"))
    more = rules(T, undo("a", "ua"), UA, bounded, flows("b > end"), before=declare("m", "=1"))
    assert ("compensation.boundary", "ua") in more


def test_a_throw_that_cannot_be_followed_is_refused() -> None:
    for named in ("nothing", "z", "t"):
        thrown = throw("t", compensate(named))
        assert ("compensation.activity", "t") in rules(
            thrown, user("z"), undo("a", "ua"), UA, line="start > a > t > z > end"
        )
    late = throw("t", '<bpmn:compensateEventDefinition waitForCompletion="false"/>')
    assert ("compensation.wait", "t") in rules(late, undo("a", "ua"), UA)


def test_a_compensation_event_subprocess_lies_in_a_subprocess() -> None:
    handler = undoing(line="h1 > h2")
    assert ("compensation.start", "h1") in rules(handler, line="start > a > end")
    inner = inside(handler)
    assert ("compensation.both", "h1") in rules(
        T, inner, undo("s", "us"), user("us", **HELD), line="start > a > s > t > end"
    )


def test_a_throw_without_anything_to_undo_is_warned_about() -> None:
    definition = bpmn.parse(process(start(), T, end(), flows("start > t > end")))
    assert [w.rule for w in definition.warnings] == ["compensation.nothing"]
