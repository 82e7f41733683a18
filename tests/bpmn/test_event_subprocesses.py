"""Event subprocesses: nested, several in a scope, before and after the scope's own flow ends."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    boundary,
    conditional,
    declare,
    declare_error,
    declare_escalation,
    declare_signal,
    end,
    error,
    escalation,
    flows,
    gateway,
    handler,
    io,
    message,
    multi,
    process,
    script,
    service,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
)
from tests.bpmn.story import Story

BEFORE = (
    declare("note") + declare_signal("go") + declare_error("no") + declare_escalation("late")
)  # fmt: skip
LISTENED = {
    "message": message("note"), "timer": timer("cycle", "R/PT1H"), "signal": signal("go"),
    "conditional": conditional("=n > 1"), "escalation": escalation("late"),
}  # fmt: skip
DATA = {"number": "1", "n": 0, "again": True}


def handled(key: str, trigger: str, *, interrupting: bool = True) -> str:
    """An event subprocess with one task ``<key>_x``."""
    inside = (user(f"{key}_x"), end(f"{key}_e"), flows(f"{key}_start > {key}_x > {key}_e"))
    return handler(key, trigger, *inside, interrupting=interrupting)


def around(*handlers: str) -> bytes:
    """A scope whose task ``a`` may be done again and again; behind it an escalation is thrown."""
    inner = sub(
        "s", start("s1"), gateway("exclusive", "more"), user("a"), throw("t", escalation("late")),
        gateway("exclusive", "enough"), end("s2"),
        flows("s1 > more > a > t > enough >[=again] more", "enough >! s2"), *handlers,
    )  # fmt: skip
    return process(start(), inner, user("z"), end(), flows("start > s > z > end"), before=BEFORE)


def trigger(story: Story, kind: str) -> None:
    """Let the event come to ``h``."""
    if kind == "message":
        story.deliver("h_start")
    elif kind == "timer":
        story.ring("h_start")
    elif kind == "signal":
        story.signal("h_start")
    else:
        story.complete("a", n=0)
        if kind == "conditional":
            story.complete("a", n=5)


@pytest.mark.parametrize("kind", LISTENED)
def test_not_interrupting_it_begins_as_often_as_its_event_comes(kind: str) -> None:
    story = Story(around(handled("h", LISTENED[kind], interrupting=False)), DATA)
    trigger(story, kind)
    once = story.tasks.count("h_x")
    trigger(story, kind)
    assert "a" in story.tasks
    assert story.tasks.count("h_x") > once > 0


@pytest.mark.parametrize("kind", sorted(set(LISTENED) - {"timer"}))
def test_interrupting_it_begins_once_and_nothing_listens_any_more(kind: str) -> None:
    beside = handled("m", message("note"), interrupting=False) if kind != "message" else ""
    story = Story(around(handled("h", LISTENED[kind]), beside), DATA)
    trigger(story, kind)
    assert story.tasks == ["h_x"]
    assert (story.waiting, story.signals) == (([], []), [])
    story.complete("h_x")
    assert story.tasks == ["z"]


def test_an_interrupting_timer_begins_once() -> None:
    story = Story(around(handled("h", timer("duration", "PT1H"))), DATA)
    story.ring("h_start")
    assert (story.tasks, story.waiting) == (["h_x"], ([], []))


def test_the_scope_stays_open_and_listens_while_one_runs_after_its_own_flow() -> None:
    story = Story(around(handled("h", signal("go"), interrupting=False)), {**DATA, "again": False})
    story.signal("h_start")
    story.complete("a")
    assert story.tasks == ["h_x"]
    assert story.outcome.tokens == ("s", "h", "h_x")
    story.signal("h_start")
    assert story.tasks == ["h_x", "h_x"]
    story.complete("h_x")
    story.complete("h_x")
    assert (story.tasks, story.signals) == (["z"], [])


def test_one_that_only_listens_does_not_hold_the_scope_open() -> None:
    handlers = [handled(f"h{n}", LISTENED[kind], interrupting=False)
                for n, kind in enumerate(LISTENED)]  # fmt: skip
    story = Story(around(*handlers, handled("err", error("no"))), {**DATA, "again": False})
    story.complete("a", n=0)
    story.complete("h4_x")
    assert story.tasks == ["z"]
    assert (story.waiting, story.signals) == (([], []), [])


def test_what_comes_in_the_moment_of_the_end_begins_nothing_more() -> None:
    inner = sub("s", start("s1"), end("s2"), flows("s1 > s2"),
                handled("h", signal("go"), interrupting=False))  # fmt: skip
    source = process(
        start(), gateway("parallel", "g"), inner, script("k", "=1", "k"), script("l", "=1", "k"),
        throw("t", signal("go")), end(), end("e2"),
        flows("start > g > s > end", "g > k > l > t > e2"), before=BEFORE,
    )  # fmt: skip
    story = Story(source)
    assert story.happened.index("left s2") < story.happened.index("thrown t")
    assert story.happened.index("thrown t") < story.happened.index("left s")
    assert "entered h" not in story.happened
    assert story.is_over


def test_a_nested_one_listens_while_the_outer_one_runs() -> None:
    nested = handler(
        "h", signal("go"), user("x"), end("he"), flows("h_start > x > he"),
        handler("deep", message("note"), user("y"), end("ye"), flows("deep_start > y > ye"),
                interrupting=False),
        handler("stop", error("no"), user("rescue"), end("re"),
                flows("stop_start > rescue > re")), service("job"), end("je"),
        flows("x > job > je"), interrupting=False,
    )  # fmt: skip
    source = process(start(), user("a"), end(), flows("start > a > end"), nested, before=BEFORE)
    story = Story(source, {"number": "1"})
    assert story.waiting == ([], [])
    story.signal("h_start")
    assert story.waiting == ([], ["deep_start"])
    story.deliver("deep_start")
    assert story.tasks == ["a", "x", "y"]
    story.complete("x")
    story.tell(bpmn.ThrowError(story.job("job").key, "no", ""))
    assert story.tasks == ["a", "rescue"]
    assert story.waiting == ([], [])
    story.complete("rescue")
    assert story.outcome.tokens == ("a",)


def test_each_turn_of_a_multi_instance_has_its_own() -> None:
    inner = sub(
        "s", multi("=[1, 2]", "n"), start("s1"), user("a"), end("s2"), flows("s1 > a > s2"),
        handled("h", signal("go")),
    )  # fmt: skip
    source = process(start(), inner, end(), flows("start > s > end"), before=BEFORE)
    story = Story(source)
    assert story.signals == ["h_start", "h_start"]
    story.signal("h_start")
    assert story.tasks == ["a", "h_x"]
    story.complete("a")
    story.complete("h_x")
    assert story.is_over


def test_what_the_event_brings_is_written_in_the_scope_by_the_mappings_of_the_start() -> None:
    begun = start("hs", signal("go"), isInterrupting="false").replace(
        'isInterrupting="false">',
        f'isInterrupting="false"><bpmn:extensionElements>{io(outputs={"seen": "=price + 1"})}'
        "</bpmn:extensionElements>",
    )  # fmt: skip
    caught = sub("h", begun, user("x"), end("he"), flows("hs > x > he"), triggeredByEvent="true")
    source = process(start(), user("a"), end(), flows("start > a > end"), caught, before=BEFORE)
    story = Story(source)
    story.signal("hs", price=1)
    assert story.outcome.variables == {"seen": 2}


def test_a_handler_whose_own_listeners_fail_stands_as_a_fault() -> None:
    broken = handler(
        "h", signal("go"), user("x"), end("he"), flows("h_start > x > he"),
        handled("deep", timer("duration", "=missing")), interrupting=False,
    )  # fmt: skip
    source = process(start(), user("a"), end(), flows("start > a > end"), broken, before=BEFORE)
    story = Story(source)
    story.signal("h_start")
    assert [(f.element, f.code) for f in story.outcome.faults] == [("h", "timer")]
    story.retry("h", missing="PT1H")
    assert story.tasks == ["a", "x"]


def test_a_boundary_of_the_scope_takes_its_event_subprocesses_away() -> None:
    inner = sub("s", start("s1"), user("a"), end("s2"), flows("s1 > a > s2"),
                handled("h", signal("go"), interrupting=False))  # fmt: skip
    source = process(
        start(), inner, boundary("b", "s", message("note")), user("y"), end(), end("e2"),
        flows("start > s > end", "b > y > e2"), before=BEFORE,
    )  # fmt: skip
    story = Story(source, {"number": "1"})
    story.signal("h_start")
    story.deliver("b")
    assert (story.tasks, story.signals) == (["y"], [])


def test_a_terminate_end_takes_them_away_too() -> None:
    inner = sub(
        "s", start("s1"), user("a"), end("s2", "<bpmn:terminateEventDefinition/>"),
        flows("s1 > a > s2"), handled("h", signal("go"), interrupting=False),
    )  # fmt: skip
    source = process(start(), inner, user("z"), end(), flows("start > s > z > end"), before=BEFORE)
    story = Story(source)
    story.signal("h_start")
    story.complete("a")
    assert (story.tasks, story.signals) == (["z"], [])


def test_an_event_subprocess_of_a_second_instance_is_untouched_by_the_first() -> None:
    source = process(start(), script("k", "=1", "k"), user("a"), end(),
                     flows("start > k > a > end"), handled("h", conditional("=n > 1")))  # fmt: skip
    first, second = Story(source, {"n": 5}), Story(source, {"n": 0})
    assert (first.tasks, second.tasks) == (["h_x"], ["a"])
