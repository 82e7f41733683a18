"""Transactions: cancelled as a whole and undone, or left by an error without undoing."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    CANCEL,
    boundary,
    compensate,
    declare_error,
    end,
    error,
    flows,
    gateway,
    multi,
    process,
    service,
    start,
    sub,
    throw,
    timer,
    transaction,
    undo,
    user,
)
from tests.bpmn.story import Story

HELD = {"isForCompensation": "true"}


def booking(*more: str, lines: tuple[str, ...] = (), outside: str = "", marks: str = "") -> bytes:
    """Two bookings at once; the judge may cancel both."""
    inner = transaction(
        "t", start("t1"), gateway("parallel", "g"), user("hotel"), user("judge"), user("car"),
        gateway("exclusive", "x"), end("no", CANCEL), end("yes"), end("e2"), *more, marks,
        undo("hotel", "uh"), user("uh", **HELD), undo("car", "uc"), user("uc", **HELD),
        flows("t1 > g > hotel > judge > x >[=bad] no", "x >! yes", "g > car > e2", *lines),
    )  # fmt: skip
    return process(
        start(), inner, boundary("c", "t", CANCEL), boundary("e", "t", error("E")),
        boundary("late", "t", timer("duration", "P9D")), user("z"), end(), end("ce"), end("ee"),
        outside, flows("start > t > z > end", "c > ce", "e > ee", "late > ee"),
        before=declare_error("E"),
    )  # fmt: skip


def test_a_transaction_that_is_not_cancelled_is_a_subprocess() -> None:
    story = Story(booking())
    for task in ("hotel", "car"):
        story.complete(task)
    story.complete("judge", bad=False)
    assert story.tasks == ["z"]


def test_cancelling_ends_all_else_undoes_and_goes_on_at_the_boundary() -> None:
    story = Story(booking())
    story.complete("hotel")
    story.complete("judge", bad=True)
    assert story.outcome.tokens == ("t", "no", "uh")
    assert not story.outcome.timers
    assert story.happened == [
        "left judge", "entered x", "left x", "entered no", "cancelled car", "entered uh",
    ]  # fmt: skip
    story.complete("uh")
    assert story.happened == [
        "left uh", "compensated hotel", "left no", "cancelled t", "entered c", "left c",
        "entered ce", "left ce", "completed",
    ]  # fmt: skip
    assert story.is_over


def test_nothing_to_undo_goes_on_at_once() -> None:
    inner = transaction("t", start("t1"), end("no", CANCEL), flows("t1 > no"))
    source = process(
        start(), inner, boundary("c", "t", CANCEL), end(), end("ce"), flows("start > t > end",
                                                                            "c > ce"),
    )  # fmt: skip
    story = Story(source)
    assert story.is_over
    assert story.outcome.end_elements == ("ce",)


def test_an_error_leaves_without_undoing() -> None:
    inner = service("risk")
    source = booking(inner, end("e3"), lines=("g > risk > e3",))
    story = Story(source)
    story.complete("hotel")
    story.tell(bpmn.ThrowError(story.job("risk").key, "E", ""))
    assert story.is_over
    assert "compensated" not in {t.kind for t in story.trace}


def test_an_error_while_undoing_leaves_by_the_error_boundary() -> None:
    source = booking().replace(
        b'<bpmn:userTask id="uh" isForCompensation="true" name="uh">',
        b'<bpmn:serviceTask id="uh" isForCompensation="true" name="uh">',
    )
    source = source.replace(
        b'<bpmn:serviceTask id="uh" isForCompensation="true" name="uh"><bpmn:extensionElements>'
        b'<zeebe:assignmentDefinition candidateGroups="desk"/></bpmn:extensionElements>'
        b"</bpmn:userTask>",
        service("uh", **HELD).encode(),
    )
    story = Story(source)
    story.complete("hotel")
    story.complete("judge", bad=True)
    story.tell(bpmn.ThrowError(story.job("uh").key, "E", ""))
    assert story.is_over
    assert story.outcome.end_elements == ("ee",)


def test_a_subprocess_that_is_cut_short_is_undone_as_far_as_it_came() -> None:
    inner = sub(
        "s", start("s1"), user("u"), user("v"), end("s2"), undo("u", "uu"), user("uu", **HELD),
        flows("s1 > u > v > s2"),
    )  # fmt: skip
    story = Story(booking(inner, end("e3"), lines=("g > s > e3",)))
    story.complete("hotel")
    story.complete("u", mine=1)
    story.complete("judge", bad=True)
    assert story.tasks == ["uu"]
    story.complete("uu")
    story.complete("uh")
    assert story.is_over
    assert [t.element for t in story.trace if t.kind == "compensated"] == ["u", "hotel"]


def test_a_subprocess_inside_cancels_the_transaction_around_it() -> None:
    inner = sub("s", start("s1"), user("u"), end("s2", CANCEL), flows("s1 > u > s2"))
    story = Story(booking(inner, end("e3"), lines=("g > s > e3",)))
    story.complete("hotel")
    story.complete("u")
    assert story.outcome.tokens == ("t", "s2", "uh")
    story.complete("uh")
    assert story.is_over
    assert story.outcome.end_elements == ("ce",)


@pytest.mark.parametrize("sequential", [False, True])
def test_one_turn_cancels_all_turns(sequential: bool) -> None:
    story = Story(booking(marks=multi("=[1, 2]", sequential=sequential)))
    if sequential:
        story.complete("car")
        story.complete("hotel")
        story.complete("judge", bad=False)
        story.complete("hotel")
        story.complete("judge", bad=True)
        expected = ["uh", "uh", "uc"]
    else:
        for task in [t for t in story.outcome.user_tasks if t.element == "hotel"]:
            story.tell(bpmn.CompleteTask(task.key, {}))
        story.complete("judge", bad=True)
        expected = ["uh", "uh"]
    for task_name in expected:
        assert story.tasks == [task_name]
        story.complete(task_name)
    assert story.is_over
    assert story.outcome.end_elements == ("ce",)


def test_a_complete_transaction_can_be_undone_from_outside() -> None:
    inner = transaction(
        "t", start("t1"), user("u"), end("t2"), undo("u", "uu"), user("uu", **HELD),
        flows("t1 > u > t2"),
    )  # fmt: skip
    source = process(
        start(), inner, throw("x", compensate("t")), end(), flows("start > t > x > end")
    )
    story = Story(source)
    story.complete("u")
    story.complete("uu")
    assert story.is_over


def rules(*parts: str, line: str = "start > a > end") -> set[tuple[str, str]]:
    """The rules that refuse a diagram, with their elements."""
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.parse(process(start(), user("a"), *parts, flows(line)))
    return {(one.rule, one.element) for one in caught.value.findings}


def test_cancelling_without_a_transaction_or_a_boundary_is_refused() -> None:
    assert ("cancel.outside", "end") in rules(end("end", CANCEL))
    assert ("cancel.boundary", "b") in rules(end(), boundary("b", "a", CANCEL), flows("b > end"))
    inner = transaction("t", start("t1"), end("t2", CANCEL), flows("t1 > t2"))
    assert ("cancel.uncaught", "t2") in rules(inner, end(), line="start > a > t > end")
    odd = inner.replace('id="t"', 'id="t" method="##Store"')
    assert ("element.attribute", "t") in rules(odd, end(), line="start > a > t > end")
