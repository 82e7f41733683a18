"""Subprocesses and multi-instance: scopes, boundaries, turns and what they collect."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    boundary,
    declare,
    end,
    flows,
    gateway,
    io,
    message,
    multi,
    process,
    service,
    start,
    sub,
    timer,
    user,
)
from tests.bpmn.story import Story


def test_a_subprocess_goes_on_when_its_last_token_ends() -> None:
    inner = sub(
        "s", start("s1"), gateway("parallel", "g"), user("a"), user("b"), end("e1"), end("e2"),
        flows("s1 > g > a > e1", "g > b > e2"),
    )  # fmt: skip
    source = process(start(), inner, user("z"), end(), flows("start > s > z > end"))
    story = Story(source)
    assert story.outcome.tokens == ("s", "a", "b")
    story.complete("b", fact=1)
    assert story.tasks == ["a"]
    story.complete("a")
    assert story.tasks == ["z"]
    assert story.outcome.variables == {"fact": 1}
    assert story.outcome.end_elements == ()


def test_inputs_of_a_subprocess_are_its_own_and_outputs_leave() -> None:
    inner = sub(
        "s", start("s1"), user("a"), end("e1"), flows("s1 > a > e1"),
        extension=io(inputs={"n": "=m * 2"}, outputs={"total": "=n + extra"}),
    )  # fmt: skip
    story = Story(process(start(), inner, end(), flows("start > s > end")), {"m": 2, "n": 100})
    assert story.task("a").variables["n"] == 4
    story.complete("a", n=10, extra=1)
    assert story.outcome.variables == {"m": 2, "n": 100, "extra": 1, "total": 11}


def test_an_interrupting_boundary_ends_all_inside_before_anything_else_runs() -> None:
    deep = sub("d", start("d1"), user("a"), end("d2"), flows("d1 > a > d2"))
    inner = sub(
        "s", start("s1"), gateway("parallel", "g"), deep, service("job"), end("e"),
        flows("s1 > g > d > e", "g > job > e"),
    )  # fmt: skip
    source = process(
        start(), inner, boundary("m", "s", message("stop")), user("z"), end(),
        flows("start > s > end", "m > z > end"), before=declare("stop"),
    )  # fmt: skip
    story = Story(source, {"number": "1"})
    story.deliver("m")
    assert story.tasks == ["z"]
    assert not story.outcome.jobs
    assert [h for h in story.happened if h.startswith("cancelled")] == [
        "cancelled a", "cancelled d", "cancelled job", "cancelled s",
    ]  # fmt: skip


def test_what_a_non_interrupting_boundary_started_outlives_the_subprocess() -> None:
    inner = sub("s", start("s1"), user("a"), end("e"), flows("s1 > a > e"))
    source = process(
        start(), inner, boundary("t", "s", timer("duration", "PT1H"), interrupting=False),
        user("x"), end(), end("end2"), flows("start > s > end", "t > x > end2"),
    )  # fmt: skip
    story = Story(source)
    story.ring("t")
    story.complete("a")
    assert story.tasks == ["x"]
    story.complete("x")
    assert story.is_over


@pytest.mark.parametrize("sequential", [False, True])
def test_one_turn_for_each_item_collected_in_order(sequential: bool) -> None:
    loop = multi("=units", "unit", sequential=sequential, output=("answers", "={u: unit, a: said}"))
    source = process(
        start(), user("a", inner=loop, groups="=[unit]"), user("z"), end(),
        flows("start > a > z > end"),
    )  # fmt: skip
    story = Story(source, {"units": ["x", "y", "z"], "said": "untouched"})
    seen = []
    while story.tasks != ["z"]:
        task = story.outcome.user_tasks[-1]
        seen.append((task.variables["unit"], task.variables["loopCounter"], task.multi_instance))
        assert task.candidate_groups == (task.variables["unit"],)
        assert len(story.outcome.user_tasks) == (1 if sequential else 3 - len(seen) + 1)
        assert story.outcome.tokens == ("a",) * len(story.outcome.user_tasks)
        story.tell(bpmn.CompleteTask(task.key, {"said": "by " + task.variables["unit"]}))
    order = [("x", 1, (1, 3)), ("y", 2, (2, 3)), ("z", 3, (3, 3))]
    assert seen == (order if sequential else order[::-1])
    assert story.outcome.variables == {
        "units": ["x", "y", "z"], "said": "untouched",
        "answers": [{"u": u, "a": f"by {u}"} for u in "xyz"],
    }  # fmt: skip
    assert [t for t in story.happened if "a" in t.split()] == ["left a", "left a"]


def test_no_items_means_no_turns() -> None:
    loop = multi("=units", output=("answers", "=x"))
    source = process(start(), user("a", inner=loop), end(), flows("start > a > end"))
    story = Story(source, {"units": []})
    assert story.is_over
    assert story.outcome.variables["answers"] == []


def test_anything_but_a_list_is_a_fault() -> None:
    source = process(start(), user("a", inner=multi("=units")), end(), flows("start > a > end"))
    story = Story(source)
    assert story.outcome.faults[0].code == "collection"
    story.retry("a", units=[1, 2])
    assert story.tasks == ["a", "a"]


def test_a_subprocess_for_each_item_keeps_its_data_apart() -> None:
    inner = sub(
        "s", start("s1"), user("a"), user("b"), end("e"), flows("s1 > a > b > e"),
        multi("=units", "unit", output=("notes", "=note")),
    )  # fmt: skip
    source = process(start(), inner, end(), flows("start > s > end"))
    story = Story(source, {"units": ["x", "y"]})
    assert story.tasks == ["a", "a"]
    for task in story.outcome.user_tasks:
        story.tell(bpmn.CompleteTask(task.key, {"note": "n-" + task.variables["unit"]}))
    assert [t.variables["note"] for t in story.outcome.user_tasks] == ["n-x", "n-y"]
    for task in story.outcome.user_tasks:
        story.tell(bpmn.CompleteTask(task.key, {}))
    assert story.is_over
    assert story.outcome.variables == {"units": ["x", "y"], "notes": ["n-x", "n-y"]}


def test_a_boundary_belongs_to_all_turns_together() -> None:
    source = process(
        start(), user("a", inner=multi("=[1, 2]")), boundary("t", "a", timer("duration", "PT1H")),
        user("z"), end(), flows("start > a > end", "t > z > end"),
    )  # fmt: skip
    story = Story(source)
    assert len(story.outcome.timers) == 1
    story.ring("t")
    assert story.tasks == ["z"]


def test_enough_turns_cancel_the_rest() -> None:
    loop = multi("=[1, 2, 3]", condition="=numberOfCompletedInstances >= 2")
    source = process(start(), user("a", inner=loop), end(), flows("start > a > end"))
    story = Story(source)
    story.complete("a")
    assert story.tasks == ["a", "a"]
    story.complete("a")
    assert story.is_over


def test_jobs_for_each_item_and_an_error_of_one() -> None:
    from tests.bpmn.build import error

    source = process(
        start(), service("a", inner=multi("=[1, 2]", "n")), boundary("b", "a", error()),
        user("z"), end(), flows("start > a > end", "b > z > end"),
    )  # fmt: skip
    story = Story(source)
    assert [job.inputs["n"] for job in story.outcome.jobs] == [1, 2]
    story.tell(bpmn.ThrowError(story.outcome.jobs[1].key, "x", ""))
    assert story.tasks == ["z"]
    assert not story.outcome.jobs
