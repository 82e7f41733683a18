"""What rests in the state: large lists and many turns, as if they were always there."""

from __future__ import annotations

import copy
import json
import operator
import random
from collections.abc import Callable
from typing import Any

import pytest

import bpmn
from bpmn.cold import Blocks, ColdList, Frame, frame_of, pack
from tests.bpmn.build import (
    boundary,
    declare,
    declare_error,
    end,
    error,
    flows,
    message,
    multi,
    process,
    service,
    start,
    user,
)
from tests.bpmn.story import NOON, Story

MANY = 100
FOUR = [4]
PLAIN = [1, 2, 3]
EACH = f"=for i in 1..{MANY} return i"


def cold(*values: Any) -> ColdList:
    """A list that sleeps."""
    return ColdList(pack(list(values)))


@pytest.mark.parametrize(
    "look",
    [
        len, list, tuple, sorted, bool, repr, json.dumps, copy.copy, copy.deepcopy, reversed,
        lambda v: v[1], lambda v: v[1:], lambda v: [*v], lambda v: 2 in v, lambda v: v + FOUR,
        lambda v: FOUR + v, lambda v: v * 2, lambda v: v.index(2), lambda v: [x + 1 for x in v],
        lambda v: v == [1, 2, 3], lambda v: operator.eq(PLAIN, v), lambda v: v < [2],
        lambda v: v == cold(1, 2, 3), lambda v: v != [1],
        lambda v: json.JSONEncoder(ensure_ascii=False).encode({"a": v}), lambda v: v.copy(),
        lambda v: max(v), lambda v: dict(zip(v, v, strict=True)), lambda v: v.count(1),
    ],
)  # fmt: skip
def test_a_sleeping_list_is_like_any_other(look: Callable[[list[int]], Any]) -> None:
    expected = look([1, 2, 3])
    found = look(cold(1, 2, 3))
    if look is reversed:
        expected, found = list(expected), list(found)
    assert found == expected


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v.append(4), lambda v: v.extend([4]), lambda v: v.insert(0, 0),
        lambda v: v.pop(), lambda v: v.remove(2), lambda v: v.reverse(), lambda v: v.clear(),
        lambda v: v.__setitem__(0, 9), lambda v: v.__delitem__(0), lambda v: v.__iadd__([4]),
        lambda v: v.sort(reverse=True),
    ],
)  # fmt: skip
def test_a_sleeping_list_that_was_changed_is_packed_again(
    change: Callable[[list[int]], Any],
) -> None:
    plain, changed = [1, 2, 3], cold(1, 2, 3)
    change(plain)
    change(changed)
    assert changed == plain
    assert changed.frame is None


def test_a_large_list_is_packed_once() -> None:
    assert frame_of([0] * 10) is None
    frame = frame_of([0] * 300)
    assert frame is not None
    sleeping = ColdList(frame)
    assert frame_of(sleeping) is frame
    assert len(sleeping) == 300
    assert frame_of(sleeping) is frame


def elsewhere(blocks: Blocks) -> Blocks:
    """The same blocks after they were stored and read."""
    frames: list[Frame] = []

    def add(frame: Frame) -> int:
        frames.append(frame)
        return len(frames) - 1

    return Blocks.load(json.loads(json.dumps(blocks.kept(add))), frames)


def test_blocks_hold_what_a_list_holds() -> None:
    blocks = Blocks.empty(200)
    plain: list[int | None] = [None] * 200
    for number in (0, 63, 64, 199, 100):
        blocks[number] = plain[number] = number
        blocks = elsewhere(blocks)
        assert [blocks[at] for at in range(200)] == plain
    assert blocks.whole() == plain
    assert Blocks.of(list(range(130))).whole() == list(range(130))


def held(task: str, *more: str, **said: str) -> bytes:
    """A repeated task before another."""
    return process(start(), task, user("z"), end(), *more, flows("start > a > z > end"), **said)


@pytest.mark.parametrize("sequential", [True, False])
def test_many_turns_in_any_order_give_their_outputs_in_order(sequential: bool) -> None:
    loop = multi("=items", sequential=sequential, output=("o", "=r"))
    story = Story(held(user("a", inner=loop)), {"items": list(range(130))})
    dice = random.Random(7)
    while story.tasks[0] == "a":
        tasks = story.outcome.user_tasks
        assert len(tasks) == len(story.outcome.tokens) == len(story.outcome.places)
        task = tasks[dice.randrange(len(tasks))]
        assert task.variables["items"] == list(range(130))
        assert task.multi_instance == (task.variables["item"] + 1, 130)
        story.tell(bpmn.CompleteTask(task.key, {"r": task.variables["item"] * 2}))
    assert story.outcome.variables["o"] == [n * 2 for n in range(130)]
    assert story.tasks == ["z"]


def test_a_turn_that_fails_is_mended_among_many() -> None:
    story = Story(held(service("a", inner=multi(EACH, output=("o", "=r")))))
    job = story.outcome.jobs[70]
    story.tell(bpmn.FailJob(job.key, "smtp", "down"))
    assert len(story.outcome.jobs) == MANY - 1
    assert [f.key for f in story.outcome.faults] == [job.key]
    story.retry("a")
    for _ in range(MANY):
        story.tell(bpmn.CompleteJob(story.outcome.jobs[-1].key, {"r": 1}))
    assert story.outcome.variables["o"] == [1] * MANY


def test_an_error_or_a_message_ends_all_that_rest() -> None:
    source = held(
        service("a", inner=multi(EACH)), boundary("e", "a", error("E")), end("ee"),
        boundary("m", "a", message("stop")), flows("e > ee", "m > ee"),
        before=declare("stop", "=1") + declare_error("E"),
    )  # fmt: skip
    failed = Story(source)
    failed.tell(bpmn.ThrowError(failed.outcome.jobs[50].key, "E", ""))
    assert failed.is_over
    stopped = Story(source)
    stopped.deliver("m")
    assert stopped.is_over
    assert sum(t.kind == "cancelled" for t in stopped.last) == MANY + 1
    ended = Story(source)
    ended.tell(bpmn.Terminate("enough"))
    assert (ended.outcome.status, ended.outcome.tokens) == ("terminated", ())


def test_enough_turns_end_those_that_rest() -> None:
    loop = multi(EACH, output=("o", "=r"), condition="=count(o[item = 1]) = 2")
    story = Story(held(user("a", inner=loop)))
    for at, value in ((99, 1), (3, 2), (40, 1)):
        story.tell(bpmn.CompleteTask(story.outcome.user_tasks[at].key, {"r": value}))
    assert story.tasks == ["z"]


def test_an_operator_finds_what_rests() -> None:
    story = Story(held(user("a", inner=multi(EACH))))
    key = story.outcome.user_tasks[5].key
    story.tell(bpmn.SetVariables({"item": "x"}, key))
    assert next(t for t in story.outcome.user_tasks if t.key == key).variables["item"] == "x"
    with pytest.raises(bpmn.UnknownKey):
        story.tell(bpmn.CompleteTask("999999", {}))
    story.tell(bpmn.MoveToken("a", "z"))
    assert story.tasks == ["z"]


def test_a_large_list_among_the_variables_stays_what_it_is() -> None:
    numbers = list(range(1_000))
    story = Story(held(user("a")), {"numbers": numbers, "other": 1})
    assert story.task("a").variables["numbers"] == numbers
    story.complete("a", sum=1)
    assert story.outcome.variables == {"numbers": numbers, "other": 1, "sum": 1}
    story.tell(bpmn.SetVariables({"numbers": [1]}))
    assert story.outcome.variables["numbers"] == [1]


def test_a_state_that_is_cut_short_is_refused() -> None:
    source = held(user("a", inner=multi(EACH)))
    definition = bpmn.parse(source)
    state = bpmn.start(definition, {}, NOON).state
    for cut in (state[:-1], state[:-200], state + b"\x00"):
        with pytest.raises(bpmn.WrongState):
            bpmn.inspect(definition, cut)


def test_many_lists_are_compared_like_tuples() -> None:
    tasks = Story(held(user("a", inner=multi(EACH)))).outcome.user_tasks
    assert tasks == tuple(tasks)
    assert tasks != ()
    assert tasks[-1].key == tuple(tasks)[-1].key
    assert tasks[2:4] == tuple(tasks)[2:4]
    more = tuple(tasks[:1])
    assert len(tasks + more) == len(more + tasks) == MANY + 1
    with pytest.raises(IndexError):
        tasks[MANY]
