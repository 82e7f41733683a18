"""Signals: thrown to all who wait, in this instance at once and in others by the outcome."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    boundary,
    catch,
    declare_signal,
    end,
    flows,
    gateway,
    handler,
    io,
    multi,
    process,
    script,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
)
from tests.bpmn.story import Story

GO = declare_signal("go")


def test_it_reaches_all_who_wait_at_that_moment_and_nobody_later() -> None:
    source = process(
        start(), gateway("parallel", "g"), catch("early", signal("go")), user("u"), user("x"),
        throw("t", signal("go")), catch("late", signal("go")), end(), end("e2"), end("e3"),
        user("a"), boundary("b", "a", signal("go"), interrupting=False), end("e4"), user("y"),
        flows("start > g > early > x > end", "g > u > t > late > e2", "g > a > e4",
              "b > y > e3"), before=GO,
    )  # fmt: skip
    story = Story(source)
    assert story.signals == ["b", "early"]
    story.complete("u")
    assert story.tasks == ["a", "x", "y"]
    assert story.signals == ["b", "late"]
    assert [(t.signal, t.element, t.variables) for t in story.outcome.thrown] == [("go", "t", {})]
    assert story.happened == [
        "left u", "entered t", "thrown t", "signal early", "signal b", "entered b", "left t",
        "left early", "left b", "entered late", "entered x", "entered y",
    ]  # fmt: skip


def test_what_was_thrown_belongs_to_its_step_alone() -> None:
    source = process(
        start(), throw("t", signal("go")), user("a"), user("b"), end(),
        flows("start > t > a > b > end"), before=GO,
    )  # fmt: skip
    story = Story(source)
    assert len(story.outcome.thrown) == 1
    assert not story.complete("a").thrown


def test_the_input_mappings_travel_along_and_nothing_else() -> None:
    source = process(
        start(), gateway("parallel", "g"), catch("c", signal("go")), user("u"),
        throw("t", signal("go"), io(inputs={"sum": "=n * 2", "twice": "=sum * 2"})), end(),
        end("e2"), flows("start > g > c > end", "g > u > t > e2"), before=GO,
    )  # fmt: skip
    story = Story(source, {"n": 3, "secret": 1})
    story.complete("u")
    assert story.outcome.thrown[0].variables == {"sum": 6, "twice": 12}
    assert story.outcome.variables == {"n": 3, "secret": 1, "sum": 6, "twice": 12}
    assert story.is_over


def test_the_output_mappings_of_the_catching_event_choose() -> None:
    caught = catch("c", signal("go"))
    mapped = caught.replace(
        'id="c">', f'id="c"><bpmn:extensionElements>{io(outputs={"kept": "=price"})}'
        "</bpmn:extensionElements>", 1,
    )  # fmt: skip
    story = Story(process(start(), mapped, end(), flows("start > c > end"), before=GO))
    story.signal("c", price=7, other=8)
    assert story.outcome.variables == {"kept": 7}


def test_a_name_may_be_worked_out_on_both_sides() -> None:
    source = process(
        start(), catch("c", signal("dyn")), end(), flows("start > c > end"),
        before=declare_signal("dyn", '="closed " + branch'),
    )  # fmt: skip
    story = Story(source, {"branch": "شمال"})
    assert [s.signal for s in story.outcome.signals] == ["closed شمال"]
    source = process(
        start(), throw("t", signal("dyn"), io(inputs={"branch": "=here"})), end(),
        flows("start > t > end"), before=declare_signal("dyn", '="closed " + branch'),
    )  # fmt: skip
    assert Story(source, {"here": "south"}).outcome.thrown[0].signal == "closed south"


@pytest.mark.parametrize("part", [catch("x", signal("dyn")), throw("x", signal("dyn"))])
def test_a_name_that_comes_to_nothing_is_a_fault(part: str) -> None:
    source = process(start(), part, end(), flows("start > x > end"),
                     before=declare_signal("dyn", "=name"))  # fmt: skip
    story = Story(source)
    assert [(f.element, f.code) for f in story.outcome.faults] == [("x", "signal")]
    assert not story.outcome.thrown
    story.retry("x", name="go")
    assert story.signals == ["x"] or story.outcome.thrown[0].signal == "go"


def test_an_interrupting_boundary_ends_its_activity() -> None:
    source = process(
        start(), user("a"), boundary("b", "a", signal("go")), user("z"), end(), end("e2"),
        flows("start > a > end", "b > z > e2"), before=GO,
    )  # fmt: skip
    story = Story(source)
    story.signal("b", why="flood")
    assert story.tasks == ["z"]
    assert story.happened == ["signal b", "cancelled a", "entered b", "left b", "entered z"]
    assert story.last[0].data == {"signal": "go"}
    assert story.outcome.variables == {"why": "flood"}
    assert story.signals == []


def test_another_boundary_fires_as_often_as_it_comes() -> None:
    source = process(
        start(), user("a"), boundary("b", "a", signal("go"), interrupting=False), user("x"),
        end(), end("e2"), flows("start > a > end", "b > x > e2"), before=GO,
    )  # fmt: skip
    story = Story(source)
    key = story.outcome.signals[0].key
    for times in range(1, 4):
        story.signal("b")
        assert story.tasks == ["a", *["x"] * times]
    story.complete("a")
    with pytest.raises(bpmn.UnknownKey):
        story.tell(bpmn.DeliverSignal(key, {}))


def test_the_first_of_several_events_behind_a_gateway_wins() -> None:
    source = process(
        start(), gateway("eventBased", "g"), catch("s", signal("go")),
        catch("t", timer("duration", "P1D")), catch("t2", timer("duration", "P2D")), user("x"),
        user("y"), user("z"), end(),
        flows("start > g > s > x > end", "g > t > y > end", "g > t2 > z > end"), before=GO,
    )  # fmt: skip
    story = Story(source)
    story.signal("s")
    assert story.tasks == ["x"]
    assert (story.waiting, story.signals) == (([], []), [])
    other = Story(source)
    other.ring("t2")
    assert (other.tasks, other.signals) == (["z"], [])


def test_a_throw_that_interrupts_its_own_scope_ends_there() -> None:
    inner = sub("s", start("s1"), throw("t", signal("go")), user("never"), end("e"),
                flows("s1 > t > never > e"))  # fmt: skip
    source = process(
        start(), inner, boundary("b", "s", signal("go")), user("z"), end(), end("e2"),
        flows("start > s > end", "b > z > e2"), before=GO,
    )  # fmt: skip
    story = Story(source)
    assert story.tasks == ["z"]
    assert story.happened[-8:] == [
        "entered t", "thrown t", "signal b", "cancelled t", "cancelled s", "entered b",
        "left b", "entered z",
    ]  # fmt: skip


def test_of_an_outer_and_an_inner_catcher_the_outer_takes_effect_first() -> None:
    inner = sub(
        "s", start("s1"), gateway("parallel", "g"), user("a"), throw("t", signal("go")),
        end("e"), end("f"), boundary("in", "a", signal("go"), interrupting=False), user("x"),
        end("h"), flows("s1 > g > a > e", "g > t > f", "in > x > h"),
    )  # fmt: skip
    source = process(
        start(), inner, boundary("out", "s", signal("go")), user("z"), end(), end("e2"),
        flows("start > s > end", "out > z > e2"), before=GO,
    )  # fmt: skip
    story = Story(source)
    assert story.tasks == ["z"]
    assert "signal in" not in story.happened


def test_a_signal_end_event_ends_its_path_and_tells_the_others() -> None:
    source = process(
        start(), gateway("parallel", "g"), catch("c", signal("go")), user("x"),
        end("e", signal("go")), end(), user("u"), flows("start > g > c > x > end", "g > u > e"),
        before=GO,
    )  # fmt: skip
    story = Story(source)
    story.complete("u")
    assert story.tasks == ["x"]
    assert story.outcome.end_elements == ("e",)
    story.complete("x")
    assert story.is_over


def test_an_event_subprocess_hears_its_own_instance_throw() -> None:
    source = process(
        start(), throw("t", signal("go")), user("a"), end(), flows("start > t > a > end"),
        handler("h", signal("go"), user("x"), end("he"), flows("h_start > x > he"),
                interrupting=False), before=GO,
    )  # fmt: skip
    story = Story(source)
    assert story.tasks == ["a", "x"]
    story.signal("h_start", n=2)
    assert story.tasks == ["a", "x", "x"]
    assert story.outcome.variables == {"n": 2}


def test_every_turn_of_a_multi_instance_hears_it() -> None:
    inner = sub("s", multi("=[1, 2, 3]"), start("s1"), catch("c", signal("go")), user("a"),
                end("e"), flows("s1 > c > a > e"))  # fmt: skip
    source = process(
        start(), gateway("parallel", "g"), inner, user("u"), throw("t", signal("go")), end(),
        end("e2"), flows("start > g > s > end", "g > u > t > e2"), before=GO,
    )  # fmt: skip
    story = Story(source)
    assert story.signals == ["c", "c", "c"]
    story.complete("u")
    assert story.tasks == ["a", "a", "a"]


def test_a_loop_of_signals_is_stopped_as_a_fault() -> None:
    source = process(
        start(), throw("t", signal("go")), user("a"), end(), flows("start > t > a > end"),
        handler("h", signal("go"), script("k", "=1", "k"), end("he", signal("go")),
                flows("h_start > k > he"), interrupting=False), before=GO,
    )  # fmt: skip
    story = Story(source)
    assert {f.code for f in story.outcome.faults} == {"budget"}
