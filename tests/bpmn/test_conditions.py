"""Conditional events: judged when they begin to wait and when what they read changes."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    boundary,
    catch,
    conditional,
    end,
    flows,
    gateway,
    handler,
    io,
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


def beside(*parts: str) -> bytes:
    """A task ``set`` that can be done again and again, beside some parts behind ``g``."""
    return process(
        start(), gateway("parallel", "g"), user("set"), gateway("exclusive", "more"), end(),
        flows("start > g > more > set >[=again] more", "set >! end"), *parts,
    )  # fmt: skip


def test_a_condition_that_holds_lets_the_token_pass_at_once() -> None:
    source = process(start(), catch("c", conditional("=n > 1")), end(), flows("start > c > end"))
    story = Story(source, {"n": 2})
    assert story.is_over
    assert story.happened[3:6] == ["entered c", "condition c", "left c"]


def test_else_it_waits_until_a_variable_changes() -> None:
    source = beside(
        catch("c", conditional("=ready")), user("z"), end("e2"), flows("g > c > z > e2")
    )
    story = Story(source, {"again": True})
    assert sorted(story.outcome.tokens) == ["c", "set"]
    story.complete("set", other=1)
    assert story.tasks == ["set"]
    story.complete("set", ready=True)
    assert story.tasks == ["set", "z"]


def test_null_is_not_true_yet() -> None:
    source = process(start(), catch("c", conditional("=n > 1")), end(), flows("start > c > end"))
    story = Story(source)
    assert not story.outcome.faults
    assert story.outcome.tokens == ("c",)


def test_an_interrupting_boundary_fires_before_anything_else_runs() -> None:
    source = beside(
        user("a"), boundary("b", "a", conditional("=n > 1")), user("late"), end("e2"), end("e3"),
        flows("g > a > e2", "b > late > e3"),
    )  # fmt: skip
    story = Story(source, {"again": False})
    assert story.tasks == ["a", "set"]
    story.complete("set", n=2)
    assert story.happened[:4] == ["left set", "condition b", "cancelled a", "entered b"]
    assert story.tasks == ["late"]


def test_one_that_holds_when_the_activity_begins_interrupts_it_at_once() -> None:
    source = process(
        start(), service("a"), boundary("b", "a", conditional("=n > 1")), user("z"), end(),
        end("e2"), flows("start > a > end", "b > z > e2"),
    )  # fmt: skip
    story = Story(source, {"n": 2})
    assert (story.tasks, story.outcome.jobs) == (["z"], ())


def test_it_sees_what_the_input_mappings_of_its_activity_set() -> None:
    source = process(
        start(), user("a", io(inputs={"n": "=m * 2"})), boundary("b", "a", conditional("=n > 5")),
        user("z"), end(), end("e2"), flows("start > a > end", "b > z > e2"),
    )  # fmt: skip
    assert Story(source, {"m": 3}).tasks == ["z"]
    assert Story(source, {"m": 1}).tasks == ["a"]


def test_what_the_activity_writes_when_it_ends_is_too_late_for_its_border() -> None:
    source = process(
        start(), user("a"), boundary("b", "a", conditional("=n > 5")), user("y"), user("z"), end(),
        end("e2"), flows("start > a > y > end", "b > z > e2"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a", n=9)
    assert story.tasks == ["y"]


def test_not_interrupting_it_fires_on_each_change_from_false_to_true() -> None:
    source = beside(
        user("a"), boundary("b", "a", conditional("=n > 5"), interrupting=False), user("x"),
        end("e2"), end("e3"), flows("g > a > e2", "b > x > e3"),
    )  # fmt: skip
    story = Story(source, {"again": True, "n": 9})
    counts = []
    for n in (10, 1, 7, 8, 2, 6):
        counts.append(story.tasks.count("x"))
        story.complete("set", n=n)
    assert [*counts, story.tasks.count("x")] == [1, 1, 1, 2, 2, 2, 3]


def test_one_change_fires_once_and_the_outermost_first() -> None:
    inner = sub(
        "s", start("s1"), user("a"), end("e"), flows("s1 > a > e"),
        boundary("in", "a", conditional("=n > 1 or m > 1"), interrupting=False), user("x"),
        end("e4"), flows("in > x > e4"),
    )  # fmt: skip
    source = beside(
        inner, boundary("out", "s", conditional("=n > 1")), user("z"), end("e2"), end("e3"),
        flows("g > s > e2", "out > z > e3"),
    )  # fmt: skip
    story = Story(source, {"again": True})
    story.complete("set", m=3)
    assert story.tasks == ["a", "set", "x"]
    story.complete("set", n=2, m=3)
    assert story.tasks == ["set", "z"]
    assert [h for h in story.happened if h.startswith("condition")] == ["condition out"]


def test_a_variable_of_another_branch_is_not_its_business() -> None:
    inner = sub("s", multi("=[1, 9]", "n"), start("s1"), user("a"),
                boundary("b", "a", conditional("=n > 5")), user("big"), end("e"), end("e2"),
                flows("s1 > a > e", "b > big > e2"))  # fmt: skip
    story = Story(process(start(), inner, end(), flows("start > s > end")))
    assert story.tasks == ["a", "big"]


def test_an_event_subprocess_is_started_as_often_as_it_becomes_true() -> None:
    source = process(
        start(), user("a"), gateway("exclusive", "x"), end(),
        flows("start > x > a >[=again] x", "a >! end"),
        handler("h", conditional("=n > 5"), user("y"), end("he"), flows("h_start > y > he"),
                interrupting=False),
    )  # fmt: skip
    story = Story(source, {"again": True, "n": 6})
    assert story.tasks == ["a", "y"]
    story.complete("a", n=1)
    story.complete("a", n=6)
    assert story.tasks == ["a", "y", "y"]


def test_an_interrupting_event_subprocess_ends_the_rest() -> None:
    source = process(
        start(), script("k", "=9", "n"), user("a"), end(), flows("start > k > a > end"),
        handler("h", conditional("=n > 5"), user("y"), end("he"), flows("h_start > y > he")),
    )  # fmt: skip
    story = Story(source)
    assert story.tasks == ["y"]
    assert "entered a" not in story.happened
    story.complete("y")
    assert story.outcome.end_elements == ("he",)


def test_behind_an_event_based_gateway() -> None:
    source = beside(
        gateway("eventBased", "race"), catch("c", conditional("=n > 5")),
        catch("t", timer("duration", "P1D")), user("x"), user("y"), end("e2"), end("e3"),
        flows("g > race > c > x > e2", "race > t > y > e3"),
    )  # fmt: skip
    story = Story(source, {"again": True})
    story.complete("set", n=6)
    assert story.tasks == ["set", "x"]
    assert story.waiting == ([], [])


class TestAFailingCondition:
    SOURCE = beside(
        user("a"), boundary("b", "a", conditional("=n + 1"), interrupting=False), user("x"),
        end("e2"), end("e3"), flows("g > a > e2", "b > x > e3"),
    )  # fmt: skip

    def story(self) -> Story:
        story = Story(self.SOURCE, {"again": True, "n": 1})
        assert [(f.element, f.code) for f in story.outcome.faults] == [("b", "condition")]
        assert story.tasks == ["a", "set"]
        return story

    def test_it_stands_as_a_fault_while_all_else_goes_on(self) -> None:
        story = self.story()
        story.complete("set", n=2)
        assert "fault b" not in story.happened
        story.complete("a")
        assert not story.outcome.faults

    def test_a_change_that_mends_it_takes_the_fault_away(self) -> None:
        story = self.story()
        story.complete("set", n=None)
        assert not story.outcome.faults

    def test_somebody_tries_again_with_other_values(self) -> None:
        source = self.SOURCE.replace(b"=n + 1", b'=if n = 1 then "?" else n &gt; 1')
        story = Story(source, {"again": True, "n": 1})
        story.retry("b")
        assert [f.element for f in story.outcome.faults] == ["b"]
        story.retry("b", n=5)
        assert story.tasks == ["a", "set", "x"]
        assert not story.outcome.faults


def test_a_condition_that_feeds_itself_is_stopped() -> None:
    source = process(
        start(), user("a"), end(), flows("start > a > end"),
        handler("h", conditional("=odd(n)"), script("k", "=n + 1", "n"), script("l", "=n + 1", "n"),
                end("he"), flows("h_start > k > l > he"), interrupting=False),
    )  # fmt: skip
    story = Story(source, {"n": 1})
    assert {f.code for f in story.outcome.faults} == {"budget"}


REFUSED = {
    "nothing said": (conditional(""), "event.condition-missing"),
    "no FEEL": (conditional("n > 1"), "feel.needed"),
    "not readable": (conditional("=n >"), "feel.syntax"),
    "a filter": (
        conditional("=n > 1").replace(
            "</bpmn:conditionalEventDefinition>",
            '<bpmn:extensionElements><zeebe:conditionalFilter variableEvents="create"/>'
            "</bpmn:extensionElements></bpmn:conditionalEventDefinition>",
        ),
        "event.condition-filter",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_run_wrongly_is_refused(name: str) -> None:
    trigger, rule = REFUSED[name]
    source = process(start(), catch("c", trigger), end(), flows("start > c > end"))
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.parse(source)
    assert (rule, "c") in {(f.rule, f.element) for f in caught.value.findings}


def test_a_clock_in_a_condition_is_warned_of() -> None:
    source = process(start(), catch("c", conditional("=now() > due")), end(),
                     flows("start > c > end"))  # fmt: skip
    assert [w.rule for w in bpmn.parse(source).warnings] == ["event.condition-clock"]


def test_an_operator_who_changes_variables_wakes_a_condition() -> None:
    source = process(start(), catch("c", conditional("=n > 5")), user("z"), end(),
                     flows("start > c > z > end"))  # fmt: skip
    story = Story(source)
    story.tell(bpmn.SetVariables({"n": 6}))
    assert story.tasks == ["z"]


def test_a_condition_that_is_only_listened_for_cannot_be_skipped() -> None:
    source = process(start(), user("a"), boundary("b", "a", conditional("=n + 1")), end(),
                     end("e2"), flows("start > a > end", "b > e2"))  # fmt: skip
    story = Story(source, {"n": 1})
    with pytest.raises(bpmn.CannotOperate):
        story.tell(bpmn.SkipFault(story.outcome.faults[0].key))
    story.tell(bpmn.SetVariables({"n": None}))
    assert not story.outcome.faults


def test_conditions_that_take_too_long_stand_as_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bpmn.stepper.MAX_SECONDS", -1.0)
    source = process(start(), catch("c", conditional("=n > 5")), end(), flows("start > c > end"))
    story = Story(source, {"n": 6})
    assert {f.code for f in story.outcome.faults} == {"budget"}
    monkeypatch.undo()
    while story.outcome.faults:
        story.tell(bpmn.RetryFault(story.outcome.faults[0].key))
    assert story.is_over
