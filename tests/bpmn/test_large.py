"""Large diagrams: many elements, deep levels and long chains are read, judged, run and stored."""

from __future__ import annotations

import gc
import time

import bpmn
from bench.large import large_diagram
from tests.bpmn.build import end, flows, gateway, process, script, start, sub, user
from tests.bpmn.story import NOON, Story

FEW = 10


def test_five_hundred_elements_are_read_run_and_stored() -> None:
    source = large_diagram(504)
    definition = bpmn.parse(source, "large.bpmn")
    assert len(definition.elements) >= 500
    assert not definition.warnings
    variables = {f"amount{number}": 1 for number in range(1, 100)}
    story = Story(source, {**variables, "amount71": 500, "status": "open"})
    assert story.tasks == ["check71"]
    story.complete("check71", result="done")
    assert story.is_over
    assert story.outcome.variables["result71"] == "done"


def test_twelve_levels_of_subprocess_are_read_run_and_stored() -> None:
    inner = "\n".join([start("s"), user("deep"), end("e"), flows("s > deep > e")])
    for level in range(12):
        held = sub(f"sub{level}", inner)
        around = (start(f"s{level}"), end(f"e{level}"))
        inner = "\n".join([*around, held, flows(f"s{level} > sub{level} > e{level}")])
    story = Story(process(inner))
    assert story.tasks == ["deep"]
    story.complete("deep", found=1)
    assert story.is_over


def test_a_chain_of_two_thousand_is_judged_without_recursion() -> None:
    names = [f"s{number}" for number in range(1_990)]
    source = process(
        start(), *(script(name, "=n + 1", "n") for name in names), end(),
        flows(" > ".join(["start", *names, "end"])),
    )  # fmt: skip
    begun = time.process_time()
    assert len(bpmn.parse(source).elements) == 1_992
    assert time.process_time() - begun < 5


def test_many_joins_in_one_diagram_are_proved_quickly() -> None:
    """Blocks in blocks and a way back: the worst that a proof has to go through."""
    source = large_diagram(1_500).replace(
        b'targetRef="end"/>',
        b'targetRef="again"/><bpmn:exclusiveGateway id="again" name="Again?" default="leave"/>'
        b'<bpmn:sequenceFlow id="leave" sourceRef="again" targetRef="end"/>'
        b'<bpmn:sequenceFlow id="back" sourceRef="again" targetRef="meet1">'
        b"<bpmn:conditionExpression>=status = 1</bpmn:conditionExpression></bpmn:sequenceFlow>",
    )
    begun = time.process_time()
    assert not bpmn.parse(source).warnings
    assert time.process_time() - begun < 5


STUCK = flows("choice >[=q] x > join > end", "choice >! y > join")
WRONG = (gateway("exclusive", "choice"), user("x"), user("y"), gateway("parallel", "join"))


def test_a_deadlock_far_down_a_chain_is_proved_without_recursion() -> None:
    names = [f"s{number}" for number in range(600)]
    chain = flows("start > " + " > ".join(names) + " > choice")
    source = process(start(), *map(user, names), *WRONG, end(), chain, STUCK)
    assert "proof.deadlock" in {one.rule for one in bpmn.parse(source).warnings}


def test_a_choice_of_hundreds_is_judged_in_time() -> None:
    ways = [user(f"w{number}") for number in range(300)]
    begin = flows("start > split", *(f"split >[=n = {at}] w{at} > merge" for at in range(300)))
    gates = (gateway("exclusive", "split"), gateway("exclusive", "merge"))
    source = process(start(), *gates, *ways, *WRONG, end(), begin, flows("merge > choice"), STUCK)
    until = time.thread_time() + 5
    bpmn.parse(source)
    assert time.thread_time() < until


def test_a_step_leaves_nothing_to_the_garbage_collector() -> None:
    inner = "\n".join([start("s"), user("one"), user("two"), end("e")])
    definition = bpmn.parse(process(inner + flows("s > one > two > e")), "step.bpmn")
    outcome = bpmn.start(definition, {}, NOON)
    key = outcome.user_tasks[0].key
    for _ in range(2):
        # The second time nothing is read for the first time any more.
        gc.collect()
        after = bpmn.step(definition, outcome.state, bpmn.CompleteTask(key, {}), NOON)
        assert bpmn.inspect(definition, after.state).tokens == ("two",)
        left = gc.collect()
    # Other threads may leave something meanwhile.
    assert left < FEW
