"""Repeated activities: the standard loop, and what a multi-instance activity counts."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    boundary,
    cardinality,
    declare,
    end,
    flows,
    io,
    loop,
    message,
    multi,
    node,
    process,
    service,
    start,
    sub,
    timer,
    user,
)
from tests.bpmn.story import Story

LINE = flows("start > a > z > end")


def around(activity: str, *more: str, **said: str) -> bytes:
    """A process with the activity ``a`` before a user task ``z``."""
    return process(start(), activity, user("z"), end(), *more, LINE, **said)


def scripted(expression: str, result: str, marks: str) -> str:
    """A repeated script task."""
    said = f'<zeebe:script expression="{expression}" resultVariable="{result}"/>'
    return node("scriptTask", "a", marks, said)


def test_a_loop_goes_on_as_long_as_its_condition_holds() -> None:
    story = Story(around(scripted("=n + loopCounter", "n", loop("=n < 6"))), {"n": 0})
    assert story.outcome.variables == {"n": 6}
    turns = [t.data.get("turn") for t in story.trace if t.kind == "entered" and t.element == "a"]
    assert turns == [None, 1, 2, 3]


def test_a_condition_asked_before_may_let_it_never_run() -> None:
    for before, rounds in ((True, 0), (False, 1)):
        story = Story(around(user("a", inner=loop("=false", before=before))))
        done = 0
        while story.tasks == ["a"]:
            story.complete("a")
            done += 1
        assert (done, story.tasks) == (rounds, ["z"])


@pytest.mark.parametrize("before", [True, False])
def test_the_counter_tells_the_rounds_done_to_the_condition(before: bool) -> None:
    story = Story(around(scripted("=loopCounter", "n", loop("=loopCounter < 3", before=before))))
    assert story.outcome.variables == {"n": 3}


@pytest.mark.parametrize("condition", ["", "=true"])
def test_the_maximum_ends_a_loop(condition: str) -> None:
    story = Story(around(user("a", inner=loop(condition, most=2))))
    assert story.task("a").multi_instance is None
    story.complete("a")
    assert story.task("a").variables["loopCounter"] == 2
    story.complete("a")
    assert story.tasks == ["z"]


def test_what_a_round_keeps_to_itself_is_seen_by_the_condition() -> None:
    task = user("a", io(inputs={"mine": "=loopCounter * 10"}), inner=loop("=mine < 20"))
    story = Story(around(task))
    story.complete("a")
    story.complete("a")
    assert story.tasks == ["z"]


def test_a_loop_condition_that_is_no_boolean_stands_as_a_fault() -> None:
    story = Story(around(user("a", inner=loop("=again"))))
    story.complete("a")
    assert [f.code for f in story.outcome.faults] == ["condition"]
    story.retry("a", again=True)
    assert story.tasks == ["a"]
    story.complete("a", again=False)
    assert story.tasks == ["z"]


def test_a_boundary_event_ends_the_whole_loop() -> None:
    source = around(
        user("a", inner=loop("=true")), boundary("t", "a", timer("duration", "P1D")), end("late"),
        flows("t > late"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    story.ring("t")
    assert story.is_over


def test_a_subprocess_loops() -> None:
    inner = sub("a", start("s1"), user("u"), end("e1"), flows("s1 > u > e1"), loop("=again"))
    story = Story(around(inner))
    story.complete("u", again=True)
    assert story.outcome.tokens == ("a", "u")
    story.complete("u", again=False)
    assert story.tasks == ["z"]


def test_a_number_of_turns_in_the_form_of_the_standard() -> None:
    story = Story(around(user("a", inner=cardinality("=n"))), {"n": 3})
    assert [t.multi_instance for t in story.outcome.user_tasks] == [(1, 3), (2, 3), (3, 3)]
    assert "item" not in story.outcome.user_tasks[0].variables
    assert Story(around(user("a", inner=cardinality("0")))).tasks == ["z"]


@pytest.mark.parametrize("count", ["=-1", "=1.5", '="many"', "=null", "=10001", "=[1]"])
def test_a_number_of_turns_that_is_none_is_a_fault(count: str) -> None:
    story = Story(around(user("a", inner=cardinality(count))))
    assert story.outcome.faults[0].code in ("collection", "text")


COUNTS = (
    "[numberOfInstances, numberOfActiveInstances, numberOfCompletedInstances,"
    " numberOfTerminatedInstances]"
)


@pytest.mark.parametrize(("sequential", "expected"), [(False, [3, 1, 2, 0]), (True, [3, 0, 2, 0])])
@pytest.mark.parametrize("waits", [True, False])
def test_the_counters_are_right_at_every_moment(
    sequential: bool, expected: list[int], waits: bool
) -> None:
    marks = multi("=[1, 2, 3]", sequential=sequential, condition=f"={COUNTS} = {expected}")
    task = user("a", inner=marks) if waits else scripted("=1", "r", marks)
    story = Story(around(task))
    for _ in range(2 if waits else 0):
        story.complete("a")
    assert story.tasks == ["z"]
    assert sum(t.kind == "left" and t.element == "a" for t in story.trace) == 3


def test_a_condition_sees_what_only_the_turn_knows() -> None:
    marks = multi("=[1, 2, 3]", sequential=True, output=("o", "=said"), condition='=said = "no"')
    story = Story(around(user("a", inner=marks)))
    story.complete("a", said="yes")
    story.complete("a", said="no")
    assert story.tasks == ["z"]
    assert story.outcome.variables["o"] == ["yes", "no", None]


@pytest.mark.parametrize("sequential", [False, True])
@pytest.mark.parametrize("kind", ["user", "job", "message", "manual", "event", "sub"])
def test_every_kind_of_activity_runs_in_turns(kind: str, sequential: bool) -> None:
    marks = multi("=[1, 2]", sequential=sequential)
    parts = {
        "user": user("a", inner=marks),
        "job": service("a", inner=marks),
        "message": node("receiveTask", "a", marks, messageRef="m_go"),
        "manual": node("manualTask", "a", marks),
        "event": node("sendTask", "a", marks, '<zeebe:taskDefinition type="mail"/>'),
        "sub": sub("a", marks, start("s"), user("u"), end("e"), flows("s > u > e")),
    }
    story = Story(around(parts[kind], before=declare("go", "=loopCounter")))
    for _ in range(2):
        for task in story.outcome.user_tasks[:1]:
            if task.element != "z":
                story.tell(bpmn.CompleteTask(task.key, {}))
        for job in story.outcome.jobs[:1]:
            story.tell(bpmn.CompleteJob(job.key, {}))
        for waiting in story.outcome.messages[:1]:
            story.tell(bpmn.DeliverMessage(waiting.key, {}))
    assert story.tasks == ["z"]
    left = [t.data.get("turn") for t in story.trace if t.kind == "left" and t.element == "a"]
    assert left == [1, 2, None]


def found(part: str) -> set[str]:
    """The rules that refuse a repeated task."""
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.parse(around(part))
    return {one.rule for one in caught.value.findings if one.severity == "error"}


@pytest.mark.parametrize(
    ("marks", "rule"),
    [
        (loop(), "loop.endless"),
        (loop("=x", most=0), "loop.maximum"),
        (loop("x < 1"), "feel.needed"),
        (loop("=x <"), "feel.syntax"),
        (cardinality("some"), "loop.cardinality"),
        (cardinality(""), "loop.cardinality"),
        (multi("=l").replace("><bpmn:ext", " behavior=\"One\"><bpmn:ext"), "loop.form"),
        (multi("=l").replace("><bpmn:ext", "><bpmn:complexBehaviorDefinition/><bpmn:ext"),
         "loop.form"),
        (multi("=l").replace("><bpmn:ext", "><bpmn:loopCardinality>3</bpmn:loopCardinality>"
                             "<bpmn:ext"), "loop.both"),
        (multi("=l") + loop("=x"), "loop.two-markers"),
    ],
)  # fmt: skip
def test_a_loop_that_cannot_be_followed_is_refused(marks: str, rule: str) -> None:
    assert rule in found(user("a", inner=marks))


def test_only_activities_are_repeated() -> None:
    gate = node("exclusiveGateway", "a", multi("=l"))
    assert "loop.here" in found(gate)


def test_a_message_ends_all_turns() -> None:
    source = around(
        user("a", inner=multi("=[1, 2, 3]")), boundary("m", "a", message("stop")), end("e2"),
        flows("m > e2"), before=declare("stop", "=1"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    story.deliver("m")
    assert story.is_over
