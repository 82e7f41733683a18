"""Gateways: how tokens part and come together."""

from __future__ import annotations

import pytest

from tests.bpmn.build import boundary, end, flows, gateway, process, start, timer, user
from tests.bpmn.story import Story


@pytest.mark.parametrize(("n", "task"), [(1, "a"), (2, "b"), (3, "b"), (9, "c")])
def test_exclusive_takes_the_first_that_holds_else_the_default(n: int, task: str) -> None:
    source = process(
        start(), gateway("exclusive", "g"), user("a"), user("b"), user("c"), end(),
        flows("start > g >[=n = 1] a > end", "g >[=n < 4] b > end", "g >! c > end"),
    )  # fmt: skip
    assert Story(source, {"n": n}).tasks == [task]


def test_parallel_branches_keep_each_others_data() -> None:
    source = process(
        start(), gateway("parallel", "split"), user("a"), user("b"), gateway("parallel", "join"),
        user("c"), end(),
        flows("start > split > a > join > c > end", "split > b > join"),
    )  # fmt: skip
    story = Story(source, {"shared": [1, 2]})
    assert story.tasks == ["a", "b"]
    story.complete("b", from_b=[1], shared=[3])
    assert story.tasks == ["a"]
    assert sorted(story.outcome.tokens) == ["a", "join"]
    story.complete("a", from_a=[2])
    assert story.tasks == ["c"]
    assert story.outcome.variables == {"shared": [3], "from_a": [2], "from_b": [1]}
    assert story.path.count("join_c") == 1
    assert {"a_join", "b_join"} < set(story.path)


def test_a_parallel_join_in_a_loop_joins_each_round_by_itself() -> None:
    source = process(
        start(), gateway("parallel", "split"), user("a"), user("b"), gateway("parallel", "join"),
        gateway("exclusive", "g"), gateway("exclusive", "m"), end(),
        flows("start > m > split > a > join > g >[=again] m", "split > b > join", "g >! end"),
    )  # fmt: skip
    story = Story(source)
    for _ in range(3):
        story.complete("a", again=True)
        story.complete("b")
        assert story.tasks == ["a", "b"]
    story.complete("b")
    story.complete("a", again=False)
    assert story.is_over


def test_inclusive_waits_for_those_that_were_started_only() -> None:
    source = process(
        start(), gateway("inclusive", "split"), user("a"), user("b"), user("c"),
        gateway("inclusive", "join"), user("z"), end(),
        flows(
            "start > split >[=x] a > join > z > end", "split >[=y] b > join", "split >! c > join"
        ),
    )  # fmt: skip
    story = Story(source, {"x": True, "y": True})
    assert story.tasks == ["a", "b"]
    story.complete("a")
    assert story.tasks == ["b"]
    story.complete("b")
    assert story.tasks == ["z"]
    assert Story(source, {"x": True, "y": False}).tasks == ["a"]
    neither = Story(source, {"x": False, "y": False})
    assert neither.tasks == ["c"]
    neither.complete("c")
    assert neither.tasks == ["z"]


def test_inclusive_join_knows_a_token_that_took_another_way() -> None:
    source = process(
        start(), gateway("inclusive", "split"), user("a"), user("b"), gateway("exclusive", "g"),
        gateway("inclusive", "join"), user("z"), end(), end("off"),
        flows(
            "start > split >[=true] a > join > z > end",
            "split >[=true] b > g >[=away] off", "g >! join",
        ),
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    assert story.tasks == ["b"]
    story.complete("b", away=True)
    assert story.tasks == ["z"]


def test_inclusive_join_waits_for_a_boundary_path() -> None:
    source = process(
        start(), gateway("parallel", "split"), user("a"), user("b"), user("late"),
        boundary("t", "b", timer("duration", "PT1H")), gateway("inclusive", "join"), end(),
        end("bend"), flows("start > split > a > join > end", "split > b > bend", "t > late > join"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    assert not story.is_over
    story.ring("t")
    assert story.tasks == ["late"]
    story.complete("late")
    assert story.is_over


def test_conditional_flows_out_of_a_task_act_as_a_gateway_behind_it() -> None:
    source = process(
        start(), user("a"), user("b"), user("c"), end(),
        flows("start > a >[=x > 1] b > end", "a >! c > end"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a", x=5)
    assert story.tasks == ["b"]
    assert story.path == ["start_a", "a_b"]
    assert {t.element for t in story.trace} <= {"start", "a", "b"}


def test_several_flows_out_of_a_task_run_together_and_into_one_run_each() -> None:
    source = process(
        start(), user("a"), user("b"), user("c"), user("d"), end(),
        flows("start > a > b > d > end", "a > c > d"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    assert story.tasks == ["b", "c"]
    story.complete("b")
    story.complete("c")
    assert story.tasks == ["d", "d"]
    assert len({t.key for t in story.outcome.user_tasks}) == 2


def test_a_join_that_can_never_be_complete_is_a_fault() -> None:
    source = process(
        start(), gateway("exclusive", "split"), user("a"), user("b"), gateway("parallel", "join"),
        end(), flows("start > split >[=x] a > join > end", "split >! b > join"),
    )  # fmt: skip
    story = Story(source, {"x": True})
    story.complete("a")
    fault = story.outcome.faults[0]
    assert (fault.element, fault.code) == ("join", "deadlock")
    story.retry("join")
    assert story.outcome.faults[0].code == "deadlock"


def test_a_loop_of_many_rounds_stays_small() -> None:
    source = process(
        start(), user("a"), gateway("exclusive", "g"), end(), gateway("exclusive", "m"),
        boundary("t", "a", timer("duration", "PT1H"), interrupting=False), end("tend"),
        flows("start > m > a > g >[=n < 1500] m", "g >! end", "t > tend"),
    )  # fmt: skip
    story = Story(source, {"n": 0})
    story.complete("a", n=1)
    size = len(story.outcome.state)
    for n in range(2, 1501):
        story.complete("a", n=n)
        assert len(story.outcome.state) <= size + 30
    assert story.is_over
