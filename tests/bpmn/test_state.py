"""States: small, versioned, refused when they are not what they should be."""

from __future__ import annotations

import json
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import bpmn
from tests.bpmn.build import end, flows, gateway, process, service, start, user
from tests.bpmn.story import NOON, Story

SOURCE = process(
    start(), gateway("parallel", "g"), user("a"), user("b"), gateway("parallel", "j"), end(),
    flows("start > g > a > j > end", "g > b > j"),
)  # fmt: skip


def changed(state: bytes, **parts: Any) -> bytes:
    kept = json.loads(zlib.decompress(state))
    return zlib.compress(json.dumps({**kept, **parts}).encode())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: b"", lambda s: b"junk", lambda s: s[:-5], lambda s: zlib.compress(b"[]"),
        lambda s: zlib.compress(b"not json"), lambda s: changed(s, version="0"),
        lambda s: changed(s, version=None), lambda s: changed(s, process="other"),
        lambda s: changed(s, tokens=[["1", "gone", 8, "0", None, {}]]),
        lambda s: changed(s, tokens=7), lambda s: changed(s, scopes=None),
    ],
)  # fmt: skip
def test_what_is_no_state_is_refused(spoil: Any) -> None:
    story = Story(SOURCE)
    with pytest.raises(bpmn.WrongState) as caught:
        bpmn.inspect(story.definition, spoil(story.outcome.state))
    assert "وضعیت" in caught.value.texts["fa"] and str(caught.value) == caught.value.texts["en"]


def test_a_reading_shows_what_a_task_sees_and_takes_one_step() -> None:
    story = Story(SOURCE, {"x": 1})
    state, key = story.outcome.state, story.task("a").key
    reading = bpmn.read(story.definition, state)
    assert reading.variables_at(key) == story.task("a").variables == {"x": 1}
    assert reading.variables_at("999") == {}
    command = bpmn.CompleteTask(key, {"y": 2})
    taken = bpmn.step(story.definition, reading, command, NOON)
    assert taken == bpmn.step(story.definition, state, command, NOON)
    with pytest.raises(ValueError, match="already"):
        bpmn.step(story.definition, reading, command, NOON)


def test_a_reading_shows_what_a_service_task_sees() -> None:
    steps = flows("start > a > end")
    story = Story(process(start(), service("a"), end(), steps), {"x": 1})
    [job] = story.outcome.jobs
    reading = bpmn.read(story.definition, story.outcome.state)
    assert reading.inputs_at(job.key) == job.inputs == {"x": 1}
    assert reading.inputs_at("999") == reading.variables_at(job.key) == {}
    command = bpmn.CompleteJob(job.key, {"y": 2})
    taken = bpmn.step(story.definition, reading, command, NOON)
    assert taken == bpmn.step(story.definition, story.outcome.state, command, NOON)


def test_keys_stay_the_same_over_other_steps() -> None:
    story = Story(SOURCE)
    key = story.task("b").key
    story.complete("a")
    assert story.task("b").key == key


def test_the_state_does_not_hold_the_definition_or_the_past() -> None:
    story = Story(SOURCE, {"x": 1})
    kept = json.loads(zlib.decompress(story.outcome.state))
    assert kept["version"] == bpmn.ENGINE_VERSION
    assert [token[1] for token in kept["tokens"]] == ["a", "b"]


def test_the_same_state_gives_the_same_step_and_is_not_changed() -> None:
    story = Story(SOURCE, {"list": [1, {"x": [2]}]})
    state, command = story.outcome.state, bpmn.CompleteTask(story.task("a").key, {"y": [1]})
    outcomes = [bpmn.step(story.definition, state, command, NOON) for _ in range(2)]
    assert outcomes[0] == outcomes[1]


def test_many_threads_share_one_definition() -> None:
    definition = bpmn.parse(SOURCE)

    def run(number: int) -> Any:
        outcome = bpmn.start(definition, {"n": number}, NOON)
        for element in ("b", "a"):
            key = next(t.key for t in outcome.user_tasks if t.element == element)
            said = bpmn.CompleteTask(key, {element: number})
            outcome = bpmn.step(definition, outcome.state, said, NOON)
        return outcome.status, outcome.variables

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(run, range(200)))
    assert results == [("completed", {"n": n, "a": n, "b": n}) for n in range(200)]


def test_a_finished_instance_can_still_be_read() -> None:
    story = Story(process(start(), end(), flows("start > end")), {"x": 1})
    seen = bpmn.inspect(story.definition, story.outcome.state)
    assert (seen.status, seen.variables, seen.trace) == ("completed", {"x": 1}, ())


NUMBERS = [2**53 + 1, 2**63, -(2**64) - 1, 10**33, 0.1, -0.0, 5e-324, 1e300]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_number_comes_back_as_it_was(number: float) -> None:
    story = Story(process(start(), user("a"), end(), flows("start > a > end")), {"n": number})
    kept = bpmn.inspect(story.definition, story.outcome.state).variables["n"]
    assert (repr(kept), type(kept)) == (repr(number), type(number))
    story.complete("a", more=[1, number])
    assert story.outcome.variables["more"] == [1, number]
