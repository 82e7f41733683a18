"""Constructs inside one another: where engines usually go wrong."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
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
    process,
    script,
    service,
    start,
    sub,
    timer,
    user,
)
from tests.bpmn.story import Story


def broken() -> None:
    raise LookupError("not today")


def test_a_task_that_stands_at_its_outputs_is_taken_away_by_its_timer() -> None:
    source = process(
        start(), user("a", io(outputs={"x": "=working_days_from_now()"})), user("late"), end(),
        boundary("t", "a", timer("duration", "P1D")), flows("start > a > end", "t > late > end"),
    )  # fmt: skip
    story = Story(source, functions={"working_days_from_now": broken})
    key = story.task("a").key
    story.complete("a")
    assert story.outcome.faults[0].element == "a"
    with pytest.raises(bpmn.UnknownKey):
        story.tell(bpmn.CompleteTask(key, {}))
    story.ring("t")
    assert story.tasks == ["late"]
    assert not story.outcome.faults


def test_an_error_in_one_turn_of_a_subprocess_ends_all_turns() -> None:
    inner = sub(
        "s", start("s1"), user("a"), gateway("exclusive", "g"), end("bad", error("no")),
        end("good"), flows("s1 > a > g >[=ok] good", "g >! bad"), multi("=[1, 2, 3]", "n"),
    )  # fmt: skip
    source = process(
        start(), inner, boundary("b", "s", error("no")), user("fix"), end(),
        flows("start > s > end", "b > fix > end"), before=declare_error("no"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a", ok=True)
    assert story.tasks == ["a", "a"]
    story.complete("a", ok=False)
    assert story.tasks == ["fix"]
    assert story.outcome.tokens == ("fix",)


def test_each_turn_of_a_subprocess_has_an_event_subprocess_of_its_own() -> None:
    handler = sub(
        "h", start("hs", message("stop"), isInterrupting="true"), end("he"), flows("hs > he"),
        triggeredByEvent="true",
    )  # fmt: skip
    inner = sub(
        "s", start("s1"), user("a"), end("e1"), handler, flows("s1 > a > e1"),
        multi("=[1, 2]", "n"),
    )  # fmt: skip
    source = process(
        start(), inner, end(), flows("start > s > end"), before=declare("stop", "=string(n)")
    )
    story = Story(source)
    assert [m.correlation for m in story.outcome.messages] == ["1", "2"]
    second = story.outcome.messages[1]
    story.tell(bpmn.DeliverMessage(second.key, {}))
    assert [t.variables["n"] for t in story.outcome.user_tasks] == [1]
    story.complete("a")
    assert story.is_over


def test_a_race_inside_a_subprocess_goes_with_it() -> None:
    inner = sub(
        "s", start("s1"), gateway("eventBased", "g"), catch("m", message("reply")),
        catch("t", timer("duration", "P1D")), end("e1"), flows("s1 > g > m > e1", "g > t > e1"),
    )  # fmt: skip
    source = process(
        start(), inner, boundary("b", "s", message("stop")), user("z"), end(),
        flows("start > s > end", "b > z > end"),
        before=declare("reply") + declare("stop"),
    )  # fmt: skip
    story = Story(source, {"number": "1"})
    assert story.waiting == (["t"], ["b", "m"])
    story.deliver("b")
    assert story.tasks == ["z"]
    assert story.waiting == ([], [])


def test_terminate_inside_a_subprocess_ends_that_one_only() -> None:
    inner = sub(
        "s", start("s1"), gateway("parallel", "g"), user("a"), user("b"),
        end("stop", "<bpmn:terminateEventDefinition/>"), end("e"),
        flows("s1 > g > a > stop", "g > b > e"),
    )  # fmt: skip
    source = process(
        start(), gateway("parallel", "f"), inner, user("c"), user("z"), end(), end("e2"),
        flows("start > f > s > z > end", "f > c > e2"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    assert story.tasks == ["c", "z"]


def test_a_turn_that_faults_is_tried_again_alone() -> None:
    loop = multi("=items", "item", output=("out", "=r"))
    source = process(
        start(), service("a", io(inputs={"x": "=item.n + working_days_from_now()"}), inner=loop),
        end(),
        flows("start > a > end"),
    )  # fmt: skip
    functions = {"working_days_from_now": broken}
    story = Story(source, {"items": [{"n": 1}, {"n": 2}]}, functions=functions)
    assert len(story.outcome.faults) == 2
    story.functions = {"working_days_from_now": lambda: 10}
    story.retry("a")
    assert [job.inputs["x"] for job in story.outcome.jobs] == [11]
    story.retry("a")
    assert [job.inputs["x"] for job in story.outcome.jobs] == [11, 12]
    story.tell(bpmn.FailJob(story.outcome.jobs[0].key, "smtp", "?"))
    story.retry("a")
    assert [job.inputs["x"] for job in story.outcome.jobs] == [12, 11]
    for job in story.outcome.jobs:
        story.tell(bpmn.CompleteJob(job.key, {"r": job.inputs["loopCounter"]}))
    assert story.is_over
    assert story.outcome.variables["out"] == [1, 2]


def test_scripts_in_a_row_of_turns_collect_their_values() -> None:
    loop = multi("=[3, 4]", "n", sequential=True, output=("squares", "=sq"))
    said = script("a", "=n * n", "sq").replace("</bpmn:scriptTask>", loop + "</bpmn:scriptTask>")
    source = process(start(), said, end(), flows("start > a > end"))
    story = Story(source)
    assert story.is_over
    assert story.outcome.variables == {"squares": [9, 16]}


def test_a_second_round_through_a_subprocess_begins_afresh() -> None:
    inner = sub(
        "s", start("s1"), user("a"), end("e1"), flows("s1 > a > e1"),
        extension=io(inputs={"local": "=n"}, outputs={"n": "=n + 1"}),
    )  # fmt: skip
    source = process(
        start(), gateway("exclusive", "m"), inner,
        boundary("t", "s", timer("duration", "PT1H"), interrupting=False), user("x"), end("xe"),
        gateway("exclusive", "g"), end(),
        flows("start > m > s > g >[=n < 3] m", "g >! end", "t > x > xe"),
    )  # fmt: skip
    story = Story(source, {"n": 1})
    assert story.task("a").variables["local"] == 1
    story.ring("t")
    story.complete("a")
    assert story.task("a").variables["local"] == 2
    assert story.waiting == (["t"], [])
    story.complete("x")
    story.complete("a")
    assert story.is_over


def test_an_interrupting_event_that_comes_with_the_last_token_wins_the_moment() -> None:
    handler = sub(
        "h", start("hs", timer("duration", "PT0S"), isInterrupting="true"), user("x"), end("he"),
        flows("hs > x > he"), triggeredByEvent="true",
    )  # fmt: skip
    source = process(start(), user("a"), end(), handler, flows("start > a > end"))
    story = Story(source)
    assert story.tasks == ["x"]
    assert "entered a" not in story.happened
