"""What is remembered to be undone costs little, however often a loop turned."""

from __future__ import annotations

import json
import random
import zlib
from typing import Any

import pytest

import bpmn
import bpmn.cold
from bpmn.cold import Frame
from bpmn.records import Records, unfold
from tests.bpmn.build import (
    compensate,
    end,
    flows,
    gateway,
    io,
    node,
    process,
    script,
    start,
    sub,
    throw,
    undo,
    user,
)
from tests.bpmn.story import NOON, Story

HELD = {"isForCompensation": "true"}
KILOBYTE = "abcdefghij" * 100


def elsewhere(records: Records) -> Records:
    """The same records after they were stored and read."""
    frames: list[Frame] = []

    def add(frame: Frame) -> int:
        frames.append(frame)
        return len(frames) - 1

    return Records.load(json.loads(json.dumps(records.kept(add))), frames)


def some(dice: random.Random, at: int) -> dict[str, Any]:
    """A record as they occur: of a task, or of a subprocess with data."""
    record: dict[str, Any] = {"of": dice.choice("ab")}
    if dice.random() < 0.3:
        record["at"] = at
    if dice.random() < 0.8:
        names = dice.sample(["x", "y", "z", "since"], dice.randrange(4))
        record["values"] = {n: dice.choice([1, True, 1.0, None, "t", [1], {"k": 1}]) for n in names}
        record["keeps"] = dice.choice([False, [], ["x"]])
        record["done"] = [{"of": "c"}] * dice.randrange(2)
    return record


@pytest.mark.parametrize("seed", range(20))
def test_records_come_out_as_they_went_in_however_they_are_kept(seed: int) -> None:
    dice, model, records = random.Random(seed), list[str](), Records([])
    for at in range(3_000):
        if dice.random() < (0.9 if at < 2_000 else 0.1):
            record = some(dice, at)
            model.append(json.dumps(record, sort_keys=True))
            records.append(record)
        elif model:
            assert json.dumps(records.pop(), sort_keys=True) == model.pop()
        if dice.random() < 0.05:
            records = elsewhere(records)
    assert [json.dumps(record, sort_keys=True) for record in records] == model
    assert bool(records) == bool(model)


def test_the_same_again_is_counted_and_comes_out_as_often() -> None:
    records = Records([])
    first = {"of": "s", "at": 1, "values": {"x": 1}}
    records.append(first)
    assert records.count({"of": "s", "at": 2, "values": {"x": 1}})
    assert not records.count({"of": "s", "at": 3, "values": {"x": True}})
    assert not records.count({"of": "t", "at": 3, "values": {"x": 1}})
    assert records.folded() == [{"of": "s", "at": 2, "values": {"x": 1}, "times": 2}]
    assert [records.pop()["values"] for _ in range(2)] == [{"x": 1}] * 2
    assert not records
    assert "times" not in first


def test_a_difference_is_whole_again_only_with_the_next() -> None:
    folded = Records.of({"of": "s", "values": {"a": KILOBYTE, "n": n}} for n in range(3)).folded()
    assert folded[0] == {"since": [], "values": {"n": 0}}
    assert unfold(folded)[0] == {"of": "s", "values": {"a": KILOBYTE, "n": 0}}


def review(handler: str, **inputs: str) -> bytes:
    """A loop of a subprocess that can be undone and a review, before a throw."""
    inner = sub(
        "s", start("s1"), script("w", "=1", "g"), end("s2"), undo("w", "uw"), handler,
        flows("s1 > w > s2"), extension=io(inputs=inputs),
    )  # fmt: skip
    return process(
        start(), gateway("exclusive", "m"), inner, user("review"), gateway("exclusive", "g"),
        throw("t", compensate()), user("z"), end(),
        flows("start > m > s > review > g >[=over] t > z > end", "g >! m"),
    )  # fmt: skip


def turned(source: bytes, rounds: int, **variables: Any) -> tuple[bpmn.Definition, bpmn.Outcome]:
    """The review after so many rounds; the variable ``n`` counts them."""
    definition = bpmn.parse(source)
    begin = {"text": KILOBYTE, "n": 0, "over": False, **variables}
    outcome = bpmn.start(definition, begin, NOON)
    for n in range(1, rounds):
        given = bpmn.CompleteTask(outcome.user_tasks[0].key, {"n": n})
        outcome = bpmn.step(definition, outcome.state, given, NOON)
    return definition, outcome


MANUAL = node("manualTask", "uw", **HELD)
PERSON = user("uw", **HELD)


def test_rounds_with_the_same_data_are_a_number() -> None:
    source = review(MANUAL, data="=text")
    _, few = turned(source, 10)
    _, many = turned(source, 500)
    assert len(many.state) <= len(few.state) + 10


def test_rounds_that_differ_in_a_counter_cost_that_counter() -> None:
    _, outcome = turned(review(MANUAL, data="=text", round="=n"), 1_500)
    # At this rate ten thousand rounds of 1 kB each stay far below 64 kB.
    assert len(outcome.state) < 6_400


def test_undoing_one_costs_the_same_however_many_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    unpack = bpmn.cold.unpack

    def counted(frame: Frame) -> Any:
        looked.append(frame.size)
        return unpack(frame)

    monkeypatch.setattr(bpmn.cold, "unpack", counted)
    sizes = []
    for rounds in (300, 1_500):
        definition, outcome = turned(review(PERSON, data="=text", round="=n"), rounds)
        over = bpmn.CompleteTask(outcome.user_tasks[0].key, {"over": True})
        outcome = bpmn.step(definition, outcome.state, over, NOON)
        looked.clear()
        seen = []
        for n in range(rounds - 1, -1, -1):
            (task,) = outcome.user_tasks
            assert (task.element, task.variables["round"]) == ("uw", n)
            outcome = bpmn.step(definition, outcome.state, bpmn.CompleteTask(task.key, {}), NOON)
            seen.append(len(zlib.decompressobj().decompress(outcome.state)))
        assert outcome.user_tasks[0].element == "z"
        sizes.append(max(seen[100:]))
        # Each block is unpacked once; a large one is split into small ones on its way.
        assert len(looked) <= 2 * rounds // bpmn.cold.BLOCK
    assert sizes[1] <= 1.5 * sizes[0]


def test_what_differs_and_must_be_kept_has_a_limit() -> None:
    source = review(PERSON, data="=text + string(n)")
    definition = bpmn.parse(source)
    begin = {"text": "x" * 500_000, "n": 0, "over": False}
    outcome, rounds = bpmn.start(definition, begin, NOON), 1
    while not outcome.faults:
        given = bpmn.CompleteTask(outcome.user_tasks[0].key, {"n": rounds})
        outcome, rounds = bpmn.step(definition, outcome.state, given, NOON), rounds + 1
    (fault,) = outcome.faults
    assert (fault.element, fault.code, rounds) == ("s", "size", 15)
    assert "undone" in fault.texts["en"]
    assert "برگردانده" in fault.texts["fa"]
    small = bpmn.RetryFault(fault.key, {"text": ""})
    assert not bpmn.step(definition, outcome.state, small, NOON).faults


def test_a_state_that_names_each_record_with_its_scope_is_still_undone() -> None:
    story = Story(review(PERSON, data="=n"), {"n": 0, "over": False})
    for n in (1, 2):
        story.complete("review", n=n)
    story.complete("review", over=True)
    plain = json.loads(zlib.decompress(story.outcome.state))
    thrower = next(token for token in plain["tokens"] if token[1] == "t")
    kept = thrower[5].pop("undoing")
    thrower[5]["undoing"] = [["0", record] for record in unfold(kept["recent"])]
    thrower[5].pop("undoing_in", None)
    state = zlib.compress(json.dumps(plain).encode())
    outcome = story.outcome
    for n in (2, 1, 0):
        assert outcome.user_tasks[0].variables["data"] == n
        given = bpmn.CompleteTask(outcome.user_tasks[0].key, {})
        outcome = bpmn.step(story.definition, state, given, NOON)
        state = outcome.state
    assert outcome.user_tasks[0].element == "z"
