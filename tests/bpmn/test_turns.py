"""Turns of multi-instance activities: what they keep, what they give away, what goes wrong."""

from __future__ import annotations

import json
import time
import zlib
from dataclasses import replace

import pytest

import bpmn
from tests.bpmn.build import (
    boundary,
    catch,
    declare,
    end,
    flows,
    gateway,
    io,
    message,
    multi,
    node,
    process,
    script,
    start,
    sub,
    user,
)
from tests.bpmn.story import NOON, Story


def with_loop(task: str, loop: str) -> str:
    """A script task with multi-instance marks."""
    return task.replace("</bpmn:scriptTask>", loop + "</bpmn:scriptTask>")


def test_what_the_output_does_not_read_goes_out() -> None:
    inner = sub(
        "s", multi("=[1, 2]", output=("o", "=r")), start("s1"), script("a", "=item * 10", "r"),
        script("b", "=r", "total"), script("c", "=r", "new"), end("e"),
        flows("s1 > a > b > c > e"),
    )  # fmt: skip
    source = process(start(), inner, user("z"), end(), flows("start > s > z > end"))
    story = Story(source, {"total": 0})
    assert story.outcome.variables == {"total": 20, "new": 20, "o": [10, 20]}


def test_a_person_answers_for_the_output_and_for_the_rest() -> None:
    loop = multi("=[1, 2]", output=("o", "={said: said, by: completed_by}"))
    source = process(start(), user("a", inner=loop), user("z"), end(), flows("start > a > z > end"))
    story = Story(source, {"said": "before"})
    story.complete("a", "sara", said="one", seen=True)
    story.complete("a", "reza", said="two")
    assert story.outcome.variables == {
        "said": "before", "seen": True,
        "o": [{"said": "one", "by": "sara"}, {"said": "two", "by": "reza"}],
    }  # fmt: skip


def test_a_mapped_result_that_the_output_reads_stays_in_its_turn() -> None:
    task = user("a", io(outputs={"r": "=x", "rest": "=x"}), inner=multi("=[1]", output=("o", "=r")))
    story = Story(process(start(), task, user("z"), end(), flows("start > a > z > end")))
    story.complete("a", x=5)
    assert story.outcome.variables == {"o": [5], "rest": 5}


def test_a_state_of_before_keeps_all_results_of_a_turn() -> None:
    inner = sub(
        "s", multi("=[1, 2]", output=("o", "=r")), start("s1"), user("a"), end("e"),
        flows("s1 > a > e"),
    )  # fmt: skip
    story = Story(process(start(), inner, user("z"), end(), flows("start > s > z > end")))
    kept = json.loads(zlib.decompress(story.outcome.state))
    for scope in kept["scopes"].values():
        scope[2] = scope[2] == ["r"]
    story.outcome = replace(story.outcome, state=zlib.compress(json.dumps(kept).encode()))
    story.complete("a", r="one", rest=1)
    story.complete("a", r="two", rest=2)
    assert story.outcome.variables == {"o": ["one", "two"]}


def test_a_completion_condition_that_works_again_clears_the_fault() -> None:
    loop = multi("=[1, 2, 3]", condition="=flag")
    story = Story(process(start(), user("a", inner=loop), end(), flows("start > a > end")))
    story.complete("a")
    assert [found.code for found in story.outcome.faults] == ["condition"]
    story.complete("a", flag=False)
    assert story.outcome.faults == ()
    assert story.tasks == ["a"]


def test_an_operator_corrects_the_item_of_a_turn() -> None:
    task = user("a", groups="=[g]", inner=multi("=gs", "g"))
    story = Story(process(start(), task, end(), flows("start > a > end")), {"gs": [None, "b"]})
    story.retry("a", g="x", note="by hand")
    assert sorted(task.candidate_groups for task in story.outcome.user_tasks) == [("b",), ("x",)]
    assert story.outcome.variables == {"gs": [None, "b"], "note": "by hand"}


def test_an_operator_corrects_the_item_of_a_job_that_failed() -> None:
    job = node("serviceTask", "a", multi("=to", "to"), '<zeebe:taskDefinition type="email"/>')
    story = Story(process(start(), job, end(), flows("start > a > end")), {"to": ["old"]})
    story.tell(bpmn.FailJob(story.job("a").key, "smtp", "unknown address"))
    story.retry("a", to="new")
    assert story.job("a").inputs["to"] == "new"
    assert story.outcome.variables == {"to": ["old"]}


@pytest.mark.parametrize("side", ["inputs", "outputs"])
def test_a_path_does_not_lead_into_a_list(side: str) -> None:
    lines = {"c": "=[1, 2]", "c.phone": '="1"'}
    task = user("a", io(**{side: lines}))
    story = Story(process(start(), task, user("z"), end(), flows("start > a > z > end")))
    if side == "outputs":
        story.complete("a")
    (found,) = story.outcome.faults
    assert (found.element, found.code) == ("a", "path")
    assert story.outcome.variables == {}


@pytest.mark.parametrize(
    ("said", "key"), [("=true", "true"), ("=7.0", "7"), ("=0.0000001", "0.0000001")]
)
def test_a_correlation_key_is_written_as_feel_writes_it(said: str, key: str) -> None:
    source = process(
        start(), catch("c", message("n")), end(), flows("start > c > end"),
        before=declare("n", said),
    )  # fmt: skip
    assert Story(source).outcome.messages[0].correlation == key


def test_many_turns_cost_each_the_same() -> None:
    collection = "=for i in 1..4000 return i"
    task = with_loop(script("a", "=item", "r"), multi(collection, output=("o", "=r")))
    definition = bpmn.parse(process(start(), task, end(), flows("start > a > end")))
    begun = time.process_time()
    outcome = bpmn.start(definition, {}, NOON)
    assert time.process_time() - begun < 4
    assert (outcome.status, len(outcome.variables["o"])) == ("completed", 4_000)


def test_many_waiting_turns_are_cancelled_together() -> None:
    source = process(
        start(), user("a", inner=multi("=for i in 1..4000 return i")),
        boundary("b", "a", message("n")), end(), end("e2"), flows("start > a > end", "b > e2"),
        before=declare("n", "=1"),
    )  # fmt: skip
    definition = bpmn.parse(source)
    outcome = bpmn.start(definition, {}, NOON)
    begun = time.process_time()
    command = bpmn.DeliverMessage(outcome.messages[0].key, {})
    assert bpmn.step(definition, outcome.state, command, NOON).status == "completed"
    assert time.process_time() - begun < 3


def test_a_step_that_works_too_long_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    source = process(
        start(), gateway("exclusive", "m"), script("s", "=n + 1", "n"), gateway("exclusive", "g"),
        end(), flows("start > m > s > g >[=n > 50] end", "g >! m"),
    )  # fmt: skip
    ticks = iter(range(1_000))
    monkeypatch.setattr("bpmn.stepper.thread_time", lambda: next(ticks) / 10)
    story = Story(source, {"n": 0})
    assert story.outcome.faults[0].code == "budget"
    assert 0 < story.outcome.variables["n"] < 50
    while story.outcome.faults:
        story.retry(story.outcome.faults[0].element)
    assert story.is_over
