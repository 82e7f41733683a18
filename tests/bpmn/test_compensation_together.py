"""Compensation together with calls, errors, joins, other throws and the end of all."""

from __future__ import annotations

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
    handler,
    loop,
    message,
    multi,
    node,
    process,
    service,
    start,
    sub,
    throw,
    timer,
    undo,
    user,
)
from tests.bpmn.story import Story
from tests.bpmn.test_compensation import HELD, undone

TERMINATE = "<bpmn:terminateEventDefinition/>"


def test_two_throws_at_once_share_what_is_complete() -> None:
    source = process(
        start(), user("a"), user("b"), gateway("parallel", "g"), throw("t", compensate("a")),
        throw("u", compensate()), gateway("parallel", "j"), end(), undo("a", "ua"),
        undo("b", "ub"), user("ua", **HELD), user("ub", **HELD),
        flows("start > a > b > g > t > j > end", "g > u > j"),
    )  # fmt: skip
    story = Story(source)
    for task in ("a", "b"):
        story.complete(task)
    assert story.tasks == ["ua", "ub"]
    for task in ("ub", "ua"):
        story.complete(task)
    assert story.is_over
    assert undone(story) == ["b", "a"]


def test_a_terminate_end_event_ends_what_is_being_undone() -> None:
    source = process(
        start(), user("a"), gateway("parallel", "g"), throw("t", compensate()), user("b"),
        end(), end("all", TERMINATE), undo("a", "ua"), user("ua", **HELD),
        flows("start > a > g > t > end", "g > b > all"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    story.complete("b")
    assert story.is_over
    assert not undone(story)


def test_an_event_subprocess_that_does_not_interrupt_undoes_while_the_rest_goes_on() -> None:
    handler = sub(
        "h", start("h1", message("stop"), isInterrupting="false"), throw("ht", compensate()),
        end("h2"), flows("h1 > ht > h2"), triggeredByEvent="true",
    )  # fmt: skip
    source = process(
        start(), user("a"), user("b"), user("c"), end(), undo("a", "ua"), user("ua", **HELD),
        undo("b", "ub"), user("ub", **HELD), handler, flows("start > a > b > c > end"),
        before=declare("stop", "=1"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    story.deliver("h1")
    story.complete("b")
    assert story.tasks == ["c", "ua"]
    story.complete("c")
    assert story.tasks == ["ua"]
    story.complete("ua")
    assert story.is_over
    assert undone(story) == ["a"]


def test_an_error_of_a_handler_is_caught_by_an_event_subprocess_of_its_scope() -> None:
    catcher = sub(
        "h", start("h1", error("E")), user("mend"), end("h2"), flows("h1 > mend > h2"),
        triggeredByEvent="true",
    )  # fmt: skip
    source = process(
        start(), user("a"), throw("t", compensate()), end(), undo("a", "ua"),
        service("ua", **HELD), catcher, flows("start > a > t > end"), before=declare_error("E"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    story.tell(bpmn.ThrowError(story.job("ua").key, "E", ""))
    assert story.outcome.tokens == ("h", "mend")
    story.complete("mend")
    assert story.is_over


def test_an_error_while_a_complete_subprocess_is_undone_goes_outward() -> None:
    inner = sub(
        "s", start("s1"), user("u"), end("s2"), undo("u", "uu"), service("uu", **HELD),
        flows("s1 > u > s2"),
    )  # fmt: skip
    outer = sub("o", start("o1"), inner, throw("t", compensate()), end("o2"),
                flows("o1 > s > t > o2"))  # fmt: skip
    source = process(
        start(), outer, boundary("b", "o", error("E")), end(), end("e2"),
        flows("start > o > end", "b > e2"), before=declare_error("E"),
    )  # fmt: skip
    story = Story(source)
    story.complete("u")
    assert story.outcome.tokens == ("o", "t", "s", "uu")
    story.tell(bpmn.ThrowError(story.job("uu").key, "E", ""))
    assert story.is_over
    assert story.outcome.end_elements == ("e2",)


def test_a_boundary_ends_what_is_being_undone() -> None:
    inner = sub(
        "s", start("s1"), user("u"), throw("t", compensate()), end("s2"), undo("u", "uu"),
        user("uu", **HELD), flows("s1 > u > t > s2"),
    )  # fmt: skip
    source = process(
        start(), inner, boundary("b", "s", timer("duration", "P1D")), end(), end("e2"),
        flows("start > s > end", "b > e2"),
    )  # fmt: skip
    story = Story(source)
    story.complete("u")
    story.ring("b")
    assert story.is_over


def test_a_handler_that_is_a_subprocess_undoes_what_it_did_itself() -> None:
    handler = sub(
        "ua", start("s1"), user("u"), throw("st", compensate()), end("s2"), undo("u", "uu"),
        user("uu", **HELD), flows("s1 > u > st > s2"), **HELD,
    )  # fmt: skip
    source = process(
        start(), user("a"), throw("t", compensate()), end(), undo("a", "ua"), handler,
        flows("start > a > t > end"),
    )  # fmt: skip
    story = Story(source)
    for task in ("a", "u", "uu"):
        story.complete(task)
    assert story.is_over
    assert undone(story) == ["u", "a"]


def test_subprocesses_within_each_other_are_undone_from_the_inside() -> None:
    deep = sub("d", start("d1"), user("u"), end("d2"), undo("u", "uu"), user("uu", **HELD),
               flows("d1 > u > d2"))  # fmt: skip
    inner = sub(
        "s", start("s1"), user("first"), deep, end("s2"), undo("first", "uf"),
        user("uf", **HELD), multi("=[1, 2]", sequential=True), flows("s1 > first > d > s2"),
    )  # fmt: skip
    source = process(start(), inner, throw("t", compensate()), end(), flows("start > s > t > end"))
    story = Story(source)
    for task in ("first", "u", "first", "u", "uu", "uf", "uu", "uf"):
        story.complete(task)
    assert story.is_over
    assert undone(story) == ["u", "d", "first", "s"] * 2 + ["s"]


def test_a_handler_that_is_taken_away_does_not_stop_the_others() -> None:
    source = process(
        start(), user("a"), user("b"), throw("t", compensate()), user("z"), end(),
        undo("a", "ua"), undo("b", "ub"), user("ua", **HELD), user("ub", **HELD),
        flows("start > a > b > t > z > end"),
    )  # fmt: skip
    story = Story(source)
    for task in ("a", "b"):
        story.complete(task)
    story.tell(bpmn.MoveToken("ub", "z"))
    assert story.tasks == ["ua", "z"]
    story.complete("ua")
    assert story.tasks == ["z", "z"]
    assert undone(story) == ["a"]


def test_a_call_is_undone_by_its_handler_and_can_undo() -> None:
    said = '<zeebe:calledElement processId="inner"/>'
    called = bpmn.parse(process(start(), user("u"), end(), flows("start > u > end"), key="inner"))
    source = process(
        start(), node("callActivity", "c", "", said), throw("t", compensate()), end(),
        undo("c", "uc"), node("callActivity", "uc", "", said, **HELD),
        flows("start > c > t > end"),
    )  # fmt: skip
    story = Story(source, deployed=bpmn.DeployedTogether([called]))
    story.complete("u")
    assert story.outcome.tokens == ("t", "uc", "u")
    story.complete("u")
    assert story.is_over
    assert undone(story) == ["c"]


def test_what_is_complete_in_two_scopes_is_undone_in_its_order() -> None:
    beside = handler(
        "h", message("note"), user("b"), user("ub", **HELD), undo("b", "ub"), user("w"),
        throw("t", compensate()), end("he"), flows("h_start > b > w > t > he"), interrupting=False,
    )  # fmt: skip
    source = process(
        start(), gateway("exclusive", "m"), user("a"), user("ua", **HELD), undo("a", "ua"),
        gateway("exclusive", "g"), end(), beside,
        flows("start > m > a > g", "g >[=again] m", "g >! end"), before=declare("note"),
    )  # fmt: skip
    story = Story(source, {"again": True, "number": 1})
    story.complete("a")
    story.deliver("h_start")
    for task in ("b", "a", "w"):
        story.complete(task)
    for handler_of_next in ("ua", "ub", "ua"):
        assert [task for task in story.tasks if task.startswith("u")] == [handler_of_next]
        story.complete(handler_of_next)


@pytest.mark.parametrize("marks", [multi("=missing"), loop("=missing", before=True)])
def test_a_repeated_subprocess_that_is_skipped_has_nothing_to_undo(marks: str) -> None:
    inside = (start("s1"), user("a"), user("ua", **HELD), undo("a", "ua"), end("e1"))
    source = process(
        start(), sub("s", *inside, flows("s1 > a > e1"), marks), throw("t", compensate()), end(),
        flows("start > s > t > end"),
    )  # fmt: skip
    story = Story(source)
    story.tell(bpmn.SkipFault(story.outcome.faults[0].key, {}))
    assert story.is_over
