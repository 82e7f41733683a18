"""Events: boundary and intermediate ones, races, links, ends, errors, event subprocesses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

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
    node,
    process,
    service,
    start,
    sub,
    timer,
    user,
)
from tests.bpmn.story import NOON, Story


def test_an_interrupting_timer_takes_the_task_away() -> None:
    source = process(
        start(), user("a"), user("late"), end(), boundary("t", "a", timer("duration", "P2D")),
        flows("start > a > end", "t > late > end"),
    )  # fmt: skip
    story = Story(source)
    assert story.outcome.timers[0].due_at == NOON + timedelta(days=2)
    assert story.outcome.tokens == ("a",)
    story.ring("t")
    assert story.tasks == ["late"]
    assert story.happened == ["timer t", "cancelled a", "entered t", "left t", "entered late"]
    assert not story.outcome.timers


def test_finishing_the_task_takes_its_timer_away() -> None:
    source = process(
        start(), user("a"), user("late"), end(), boundary("t", "a", timer("duration", "P2D")),
        flows("start > a > end", "t > late > end"),
    )  # fmt: skip
    story = Story(source)
    key = story.outcome.timers[0].key
    story.complete("a")
    assert story.is_over
    with pytest.raises(bpmn.UnknownKey):
        story.tell(bpmn.FireTimer(key))


def test_only_the_timer_that_is_named_fires() -> None:
    source = process(
        start(), user("a"), user("x"), user("y"), end(),
        boundary("t1", "a", timer("duration", "PT1H"), interrupting=False),
        boundary("t2", "a", timer("duration", "PT2H"), interrupting=False),
        flows("start > a > end", "t1 > x > end", "t2 > y > end"),
    )  # fmt: skip
    story = Story(source)
    story.wait(hours=5)
    story.ring("t2")
    assert story.tasks == ["a", "y"]
    assert story.waiting == (["t1"], [])


def test_a_cycle_comes_as_often_as_it_says_with_a_new_key_each_time() -> None:
    source = process(
        start(), user("a"), user("x"), end(),
        boundary("t", "a", timer("cycle", "R3/PT1H"), interrupting=False),
        flows("start > a > end", "t > x > end"),
    )  # fmt: skip
    story = Story(source)
    keys = []
    for n in range(1, 4):
        keys.append(story.outcome.timers[0].key)
        assert story.outcome.timers[0].due_at == NOON + timedelta(hours=n)
        story.ring("t")
        assert story.tasks == ["a", *["x"] * n]
    assert not story.outcome.timers
    assert len(set(keys)) == 3
    with pytest.raises(bpmn.UnknownKey):
        story.tell(bpmn.FireTimer(keys[0]))


def test_a_late_cycle_skips_what_was_missed() -> None:
    source = process(
        start(), user("a"), user("x"), end(),
        boundary("t", "a", timer("cycle", "R/PT1H"), interrupting=False),
        flows("start > a > end", "t > x > end"),
    )  # fmt: skip
    story = Story(source)
    story.wait(hours=5, minutes=10)
    story.ring("t")
    assert story.tasks == ["a", "x"]
    assert story.outcome.timers[0].due_at == NOON + timedelta(hours=6)


def test_a_zero_duration_fires_within_the_step() -> None:
    source = process(
        start(), user("a"), user("x"), end(),
        boundary("t", "a", timer("duration", "PT0S"), interrupting=False),
        flows("start > a > end", "t > x > end"),
    )  # fmt: skip
    assert Story(source).tasks == ["a", "x"]


def test_a_timer_asks_the_functions_it_is_given() -> None:
    given = datetime(2026, 3, 25, 8, tzinfo=UTC)
    source = process(
        start(), catch("c", timer("date", "=working_days_from_now(n)")), end(),
        flows("start > c > end"),
    )  # fmt: skip
    story = Story(
        source, {"n": 3}, functions={"working_days_from_now": lambda n: given if n == 3 else None}
    )
    assert story.outcome.timers[0].due_at == given
    story.ring("c")
    assert story.is_over


def test_a_message_boundary_comes_as_often_as_it_may() -> None:
    source = process(
        start(), user("a"), user("x"), end(), boundary("m", "a", message("note"),
                                                       interrupting=False),
        flows("start > a > end", "m > x > end"), before=declare("note"),
    )  # fmt: skip
    story = Story(source, {"number": "R-7"})
    assert story.outcome.messages[0].correlation == "R-7"
    for n in range(1, 4):
        story.deliver("m", text=str(n))
        assert story.tasks == ["a", *["x"] * n]
    assert story.outcome.variables["text"] == "3"


def test_the_first_event_behind_an_event_gateway_wins() -> None:
    source = process(
        start(), gateway("eventBased", "g"), catch("m", message("reply")),
        catch("t", timer("duration", "P10D")), user("x"), user("y"), end(),
        flows("start > g > m > x > end", "g > t > y > end"), before=declare("reply"),
    )  # fmt: skip
    story = Story(source, {"number": "1"})
    assert story.outcome.tokens == ("g",)
    assert story.waiting == (["t"], ["m"])
    story.deliver("m", answer="yes")
    assert story.tasks == ["x"]
    assert story.waiting == ([], [])
    assert story.happened == ["left g", "entered m", "message m", "left m", "entered x"]
    assert story.path == ["start_g", "g_m", "m_x"]
    other = Story(source, {"number": "1"})
    other.ring("t")
    assert other.tasks == ["y"]


def test_two_timers_behind_one_gateway_are_two() -> None:
    source = process(
        start(), gateway("eventBased", "g"), catch("s", timer("duration", "P1D")),
        catch("t", timer("duration", "P10D")), user("x"), user("y"), end(),
        flows("start > g > s > x > end", "g > t > y > end"),
    )  # fmt: skip
    story = Story(source)
    assert [t.due_at.day for t in story.outcome.timers] == [22, 31]
    story.ring("t")
    assert story.tasks == ["y"]


def test_a_link_leads_to_its_namesake() -> None:
    link = '<bpmn:linkEventDefinition name="L"/>'
    source = process(
        start(), node("intermediateThrowEvent", "there", link), catch("here", link), user("a"),
        end(), flows("start > there", "here > a > end"),
    )  # fmt: skip
    story = Story(source)
    assert story.tasks == ["a"]
    assert story.path == ["start_there", "here_a"]


def test_a_terminate_end_takes_the_other_branches_away() -> None:
    source = process(
        start(), gateway("parallel", "g"), user("a"), user("b"), end(),
        end("stop", "<bpmn:terminateEventDefinition/>"),
        flows("start > g > a > stop", "g > b > end"),
    )  # fmt: skip
    story = Story(source)
    story.complete("a")
    assert story.is_over
    assert story.outcome.end_elements == ("stop",)
    assert "cancelled b" in story.happened


def test_a_message_starts_a_process() -> None:
    source = process(
        start(), start("by_mail", message("mail")), user("a"), user("b"), end(),
        flows("start > a > end", "by_mail > b > end"), before=declare("mail", ""),
    )  # fmt: skip
    assert Story(source).tasks == ["a"]
    assert Story(source, message="mail").tasks == ["b"]
    with pytest.raises(bpmn.NoSuchStart):
        Story(source, message="other")


def test_a_thrown_message_is_a_job() -> None:
    job = '<zeebe:taskDefinition type="notify"/>'
    source = process(
        start(), node("intermediateThrowEvent", "t", message("m"), job),
        node("endEvent", "e", message("m"), job), flows("start > t > e"), before=declare("m", ""),
    )  # fmt: skip
    story = Story(source)
    story.done("t")
    story.done("e")
    assert story.is_over
    assert story.outcome.end_elements == ("e",)


class TestErrors:
    SOURCE = process(
        start(), service("a"), user("known"), user("any"), end(),
        boundary("b1", "a", error("no_stock")), boundary("b2", "a", error()),
        flows("start > a > end", "b1 > known > end", "b2 > any > end"),
        before=declare_error("no_stock"),
    )  # fmt: skip

    def test_the_boundary_of_the_code_catches(self) -> None:
        story = Story(self.SOURCE)
        story.tell(bpmn.ThrowError(story.job("a").key, "no_stock", "none left", {"left": 0}))
        assert story.tasks == ["known"]
        assert story.outcome.variables == {"left": 0}
        assert story.last[0].data == {"code": "no_stock", "message": "none left"}
        assert not story.outcome.jobs

    def test_else_the_one_for_all(self) -> None:
        story = Story(self.SOURCE)
        story.tell(bpmn.ThrowError(story.job("a").key, "other", "?"))
        assert story.tasks == ["any"]

    def test_an_event_for_a_wider_code_catches_where_none_is_for_the_code(self) -> None:
        told = bpmn.ThrowError("", "http_404", "gone", family=("no_stock",))
        story = Story(self.SOURCE)
        story.tell(replace(told, key=story.job("a").key))
        assert story.tasks == ["known"]
        assert story.last[0].data == {"code": "http_404", "message": "gone"}

    def test_the_very_code_comes_before_the_wider_one_and_both_before_any(self) -> None:
        source = process(
            start(), service("a"), user("wide"), user("known"), user("any"), end(),
            boundary("b2", "a", error()), boundary("b1", "a", error("no_stock")),
            boundary("b3", "a", error("http_404")),
            flows("start > a > end", "b1 > wide > end", "b2 > any > end", "b3 > known > end"),
            before=declare_error("no_stock") + declare_error("http_404"),
        )  # fmt: skip
        for code, caught in (("http_404", "known"), ("http_500", "wide")):
            story = Story(source)
            key = story.job("a").key
            story.tell(bpmn.ThrowError(key, code, "", family=("no_stock",)))
            assert story.tasks == [caught]

    def test_an_event_nearer_by_catches_though_it_is_only_for_the_wider_code(self) -> None:
        inner = sub("s", start("s1"), service("a"), end("s2"), user("near"),
                    boundary("b1", "a", error("no_stock")),
                    flows("s1 > a > s2", "b1 > near > s2"))  # fmt: skip
        source = process(
            start(), inner, user("far"), end(), boundary("b2", "s", error("http_404")),
            flows("start > s > end", "b2 > far > end"),
            before=declare_error("no_stock") + declare_error("http_404"),
        )  # fmt: skip
        story = Story(source)
        story.tell(bpmn.ThrowError(story.job("a").key, "http_404", "", family=("no_stock",)))
        assert story.tasks == ["near"]

    def test_uncaught_it_stands_as_a_fault_and_can_be_tried_again(self) -> None:
        story = Story(process(start(), service("a", io(inputs={"x": "=n"})), end(),
                              flows("start > a > end")), {"n": 1})  # fmt: skip
        old = story.job("a").key
        story.tell(bpmn.ThrowError(old, "boom", "why"))
        assert not story.outcome.jobs
        fault = story.outcome.faults[0]
        assert (fault.element, fault.code, fault.message) == ("a", "boom", "why")
        story.retry("a", n=2)
        assert story.job("a").inputs == {"n": 2, "x": 2}
        assert story.job("a").key != old
        story.done("a")
        assert story.is_over

    def test_an_error_end_is_caught_around_the_subprocess(self) -> None:
        inner = sub(
            "s", start("s1"), gateway("parallel", "g"), user("a"), user("w"),
            end("bad", error("no")), end("good"),
            flows("s1 > g > a > bad", "g > w > good"),
        )  # fmt: skip
        source = process(
            start(), inner, boundary("b", "s", error("no")), user("fix"), end(),
            flows("start > s > end", "b > fix > end"), before=declare_error("no"),
        )  # fmt: skip
        story = Story(source)
        story.complete("a")
        assert story.tasks == ["fix"]
        assert story.happened == [
            "left a", "entered bad", "left bad", "error b", "cancelled w", "cancelled s",
            "entered b", "left b", "entered fix",
        ]  # fmt: skip

    def test_an_uncaught_error_end_is_a_fault_and_not_a_quiet_end(self) -> None:
        source = process(
            start(), sub("s", start("s1"), end("bad", error("no")), flows("s1 > bad")), user("a"),
            end(), flows("start > s > a > end"), before=declare_error("no"),
        )  # fmt: skip
        story = Story(source)
        assert story.outcome.faults[0].code == "no"
        assert story.tasks == []
        assert [w.rule for w in story.definition.warnings] == ["event.error-uncaught"]


class TestEventSubprocesses:
    @staticmethod
    def source(interrupting: bool, trigger: str = message("stop")) -> bytes:
        handler = sub(
            "h", start("hs", trigger, isInterrupting=str(interrupting).lower()), user("x"),
            end("he"), flows("hs > x > he"), triggeredByEvent="true",
        )  # fmt: skip
        return process(
            start(), gateway("parallel", "g"), user("a"), user("b"), gateway("parallel", "j"),
            end(), handler, flows("start > g > a > j > end", "g > b > j"),
            before=declare("stop"),
        )  # fmt: skip

    def test_interrupting_ends_all_that_runs_around_it(self) -> None:
        story = Story(self.source(True), {"number": "1"})
        assert story.waiting == ([], ["hs"])
        story.complete("a")
        story.deliver("hs", reason="r")
        assert story.tasks == ["x"]
        assert story.outcome.tokens == ("h", "x")
        story.complete("x")
        assert story.is_over
        assert story.outcome.end_elements == ("he",)
        assert story.outcome.variables["reason"] == "r"

    def test_not_interrupting_runs_beside_as_often_as_it_comes(self) -> None:
        story = Story(self.source(False), {"number": "1"})
        story.deliver("hs", n=1)
        story.deliver("hs", n=2)
        assert story.tasks == ["a", "b", "x", "x"]
        story.complete("x")
        story.complete("a")
        story.complete("b")
        assert story.tasks == ["x"]
        assert story.outcome.status == "active"
        story.complete("x")
        assert story.is_over

    def test_a_waiting_one_does_not_hold_the_process_open(self) -> None:
        story = Story(self.source(False, timer("duration", "PT1H")))
        story.complete("a")
        story.complete("b")
        assert story.is_over

    def test_a_cycle_starts_it_again_and_again(self) -> None:
        story = Story(self.source(False, timer("cycle", "R/PT1H")))
        story.ring("hs")
        story.ring("hs")
        assert story.tasks == ["a", "b", "x", "x"]

    def test_a_later_instance_does_not_start_it_by_itself(self) -> None:
        first = Story(self.source(False), {"number": "1"})
        first.deliver("hs")
        second = Story(self.source(False), {"number": "2"})
        assert second.tasks == ["a", "b"]

    def test_inside_a_subprocess_it_ends_that_one_only(self) -> None:
        handler = sub(
            "h", start("hs", message("stop")), end("he"), flows("hs > he"),
            triggeredByEvent="true",
        )  # fmt: skip
        inner = sub("s", start("s1"), user("a"), end("e1"), handler, flows("s1 > a > e1"))
        source = process(
            start(), inner, user("z"), end(), flows("start > s > z > end"),
            before=declare("stop"),
        )  # fmt: skip
        story = Story(source, {"number": "1"})
        story.deliver("hs")
        assert story.tasks == ["z"]
        assert story.waiting == ([], [])
        assert story.outcome.end_elements == ()
