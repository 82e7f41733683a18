"""Call activities: another process inside the instance, with variables and errors of its own."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    boundary,
    call,
    declare,
    declare_error,
    end,
    error,
    flows,
    gateway,
    io,
    message,
    process,
    service,
    start,
    sub,
    timer,
    user,
)
from tests.bpmn.calling import caller, simple, story


def test_the_called_process_runs_and_the_caller_goes_on() -> None:
    told = story(caller(), simple(), n=1)
    called = bpmn.parse(simple()).sha256
    assert told.happened == [
        "started start", "entered start", "left start", "entered c", "entered s", "left s",
        "entered a",
    ]  # fmt: skip
    assert told.outcome.tokens == ("c", "a")
    assert [place.definition for place in told.outcome.places] == [None, called]
    assert told.task("a").definition == called
    assert told.task("a").variables == {"n": 1}
    told.complete("a", m=2)
    assert told.happened == [
        "left a", "entered e", "left e", "left c", "entered end", "left end", "completed",
    ]  # fmt: skip
    assert [item.definition for item in told.last][:4] == [called, called, called, None]
    assert told.is_over
    assert told.outcome.variables == {"n": 1, "m": 2}
    assert told.outcome.end_elements == ("end",)


def test_elements_of_the_same_id_are_told_apart() -> None:
    source = process(start(), user("a"), call("c", "called"), end(), flows("start > a > c > end"))
    told = story(source, simple())
    assert told.task("a").definition is None
    told.complete("a")
    assert told.task("a").definition is not None


def test_the_called_process_sees_only_what_it_is_given() -> None:
    mapped = io(inputs={"given": "=n + 1"})
    told = story(
        caller(extension=mapped, propagateAllParentVariables="false"), simple(), n=1, secret=2
    )
    assert told.task("a").variables == {"given": 2}
    told.complete("a", answer=3)
    assert told.outcome.variables == {"n": 1, "secret": 2, "answer": 3}


def test_changes_in_the_caller_do_not_reach_a_called_process() -> None:
    source = process(
        start(), gateway("parallel", "g"), call("c", "called"), user("b"), end(), end("end2"),
        flows("start > g > c > end", "g > b > end2"),
    )  # fmt: skip
    told = story(source, simple(), n=1)
    told.complete("b", n=5)
    assert told.task("a").variables["n"] == 1


def test_nothing_comes_back_when_that_is_switched_off() -> None:
    told = story(caller(propagateAllChildVariables="false"), simple(), n=1)
    told.complete("a", n=7, answer=3)
    assert told.outcome.variables == {"n": 1}


@pytest.mark.parametrize("back", ["true", "false"])
def test_output_mappings_choose_what_comes_back(back: str) -> None:
    mapped = io(outputs={"total": "=n + answer", "who.name": "=name"})
    told = story(caller(extension=mapped, propagateAllChildVariables=back), simple(), n=1)
    told.complete("a", answer=3, name="Sara")
    assert told.outcome.variables == {"n": 1, "total": 4, "who": {"name": "Sara"}}


def test_what_an_input_mapping_made_stays_with_the_call() -> None:
    told = story(caller(extension=io(inputs={"x": "=n"})), simple(), n=1)
    told.complete("a", x=9, y=2)
    assert told.outcome.variables == {"n": 1, "y": 2}


def test_an_output_that_fails_is_a_fault_and_can_be_tried_again() -> None:
    mapped = io(outputs={"total": "=date(answer).year", "x.y": "=1"})
    told = story(caller(extension=mapped), simple(), x=[1])
    told.complete("a", answer="2026-01-01")
    assert [fault.element for fault in told.outcome.faults] == ["c"]
    told.retry("c", x={})
    assert told.is_over
    assert told.outcome.variables["total"] == 2026


def test_an_uncaught_error_reaches_the_boundary_of_the_call() -> None:
    thrown = process(
        start("s"), gateway("parallel", "g"), user("a"), user("other"), end("e", error("E")),
        end("f"), flows("s > g > a > e", "g > other > f"), key="called",
        before=declare_error("E"),
    )  # fmt: skip
    source = process(
        start(), call("c", "called"), boundary("b", "c", error("E")), user("mend"), end(),
        flows("start > c > end", "b > mend > end"), before=declare_error("E"),
    )  # fmt: skip
    told = story(source, thrown)
    told.complete("a", cause="late")
    assert told.happened == [
        "left a", "entered e", "left e", "error b", "cancelled other", "cancelled c", "entered b",
        "left b", "entered mend",
    ]  # fmt: skip
    assert told.tasks == ["mend"]
    assert "cause" not in told.outcome.variables


def test_an_error_that_is_caught_inside_goes_no_further() -> None:
    inner = sub("t", start("t1"), end("t2", error("E")), flows("t1 > t2"))
    called = process(
        start("s"), inner, boundary("caught", "t", error("E")), user("a"), end("e"),
        flows("s > t > e", "caught > a > e"), key="called", before=declare_error("E"),
    )  # fmt: skip
    source = process(
        start(), call("c", "called"), boundary("b", "c", error("E")), end(),
        flows("start > c > end", "b > end"), before=declare_error("E"),
    )  # fmt: skip
    assert story(source, called).tasks == ["a"]


def test_a_job_of_the_called_process_may_throw_to_the_caller() -> None:
    called = process(start("s"), service("job"), end("e"), flows("s > job > e"), key="called")
    source = process(
        start(), call("c", "called"), boundary("b", "c", error()), user("mend"), end(),
        flows("start > c > end", "b > mend > end"),
    )  # fmt: skip
    told = story(source, called)
    assert told.job("job").definition == bpmn.parse(called).sha256
    told.tell(bpmn.ThrowError(told.job("job").key, "X", "broken", {"why": 1}))
    assert told.tasks == ["mend"]
    assert told.outcome.variables == {"why": 1}


def test_an_error_that_nothing_catches_stands_in_the_called_process() -> None:
    called = process(
        start("s"), end("e", error("E")), flows("s > e"), key="called",
        before=declare_error("E"),
    )  # fmt: skip
    told = story(caller(), called)
    (fault,) = told.outcome.faults
    assert (fault.element, fault.code, fault.definition) == ("e", "E", bpmn.parse(called).sha256)


def test_an_interrupting_boundary_ends_the_called_process() -> None:
    source = process(
        start(), call("c", "called"), boundary("t", "c", timer("duration", "P1D")), user("late"),
        end(), flows("start > c > end", "t > late > end"),
    )  # fmt: skip
    told = story(source, simple())
    told.ring("t")
    assert told.happened[:3] == ["timer t", "cancelled a", "cancelled c"]
    assert told.tasks == ["late"]
    told.complete("late")
    assert told.is_over


def test_a_non_interrupting_boundary_leaves_it_running() -> None:
    source = process(
        start(), call("c", "called"),
        boundary("m", "c", message("hurry"), interrupting=False), user("look"), end(),
        flows("start > c > end", "m > look > end"), before=declare("hurry"),
    )  # fmt: skip
    told = story(source, simple(), number="7")
    told.deliver("m")
    assert told.tasks == ["a", "look"]


def test_a_terminate_end_event_ends_only_the_called_process() -> None:
    called = process(
        start("s"), gateway("parallel", "g"), user("a"), user("x"),
        end("e", "<bpmn:terminateEventDefinition/>"), end("f"),
        flows("s > g > a > e", "g > x > f"), key="called",
    )  # fmt: skip
    source = process(start(), call("c", "called"), user("z"), end(), flows("start > c > z > end"))
    told = story(source, called)
    told.complete("a")
    assert told.tasks == ["z"]
    assert told.outcome.end_elements == ()


def test_event_subprocesses_of_the_called_process_listen_while_it_runs() -> None:
    handler = sub(
        "h", start("h1", message("stop")), user("stopped"), end("h2"), flows("h1 > stopped > h2"),
        triggeredByEvent="true",
    )  # fmt: skip
    source = process(start(), call("c", "called"), user("z"), end(), flows("start > c > z > end"))
    told = story(source, simple(handler, before=declare("stop")), number="7")
    (waiting,) = told.outcome.messages
    assert (waiting.element, waiting.correlation) == ("h1", "7")
    assert waiting.definition is not None
    told.deliver("h1")
    assert told.tasks == ["stopped"]
    told.complete("stopped")
    assert told.tasks == ["z"]
    assert not told.outcome.messages
