"""What reaches into a called process and out of it: signals, conditions, escalations, undoing."""

from __future__ import annotations

import bpmn
from tests.bpmn.build import (
    boundary,
    call,
    catch,
    compensate,
    conditional,
    declare_escalation,
    declare_signal,
    end,
    escalation,
    flows,
    gateway,
    handler,
    multi,
    process,
    script,
    signal,
    start,
    throw,
    undo,
    user,
)
from tests.bpmn.calling import shelf, simple
from tests.bpmn.story import Story


def caller(*parts: str, line: str = "start > c > end", before: str = "") -> bytes:
    """A process that calls ``called``."""
    return process(start(), call("c", "called"), end(), *parts, flows(line), before=before)


def test_an_escalation_that_is_not_caught_inside_reaches_the_call() -> None:
    called = process(
        start("s"), throw("tell", escalation("SLOW")), user("a"), end("e"),
        flows("s > tell > a > e"), key="called", before=declare_escalation("SLOW"),
    )  # fmt: skip
    source = caller(
        boundary("b", "c", escalation("SLOW"), interrupting=False), user("look"), end("end2"),
        flows("b > look > end2"), before=declare_escalation("SLOW"),
    )  # fmt: skip
    told = Story(source, deployed=shelf(called))
    assert told.tasks == ["a", "look"]


def test_an_interrupting_escalation_ends_the_called_process() -> None:
    called = process(
        start("s"), throw("tell", escalation("SLOW")), user("a"), end("e"),
        flows("s > tell > a > e"), key="called", before=declare_escalation("SLOW"),
    )  # fmt: skip
    source = caller(
        boundary("b", "c", escalation()), user("look"), end("end2"), flows("b > look > end2")
    )
    told = Story(source, deployed=shelf(called))
    assert told.tasks == ["look"]


def test_a_condition_in_the_called_process_sees_its_own_variables_only() -> None:
    called = process(
        start("s"), gateway("parallel", "g"), catch("when", conditional("=n > 5")), user("a"),
        end("e"), flows("s > g > when > e", "g > a > e"), key="called",
    )  # fmt: skip
    source = process(
        start(), gateway("parallel", "h"), call("c", "called"), script("more", "=9", "n"), end(),
        flows("start > h > c > end", "h > more > end"),
    )  # fmt: skip
    told = Story(source, {"n": 1}, deployed=shelf(called))
    assert told.outcome.variables["n"] == 9
    assert "when" in told.outcome.tokens
    told.complete("a", n=6)
    assert told.is_over


def test_a_condition_at_the_call_sees_the_variables_of_the_caller() -> None:
    source = process(
        start(), gateway("parallel", "h"), call("c", "called"),
        boundary("b", "c", conditional("=stop")), user("other"), end(),
        flows("start > h > c > end", "h > other > end", "b > end"),
    )  # fmt: skip
    told = Story(source, {"stop": False}, deployed=shelf(simple()))
    told.complete("other", stop=True)
    assert told.is_over


def test_a_signal_reaches_into_a_called_process() -> None:
    called = process(
        start("s"), catch("heard", signal("alarm")), end("e"), flows("s > heard > e"),
        key="called", before=declare_signal("alarm"),
    )  # fmt: skip
    source = process(
        start(), gateway("parallel", "h"), call("c", "called"), user("other"),
        throw("shout", signal("alarm")), end(),
        flows("start > h > c > end", "h > other > shout > end"), before=declare_signal("alarm"),
    )  # fmt: skip
    told = Story(source, deployed=shelf(called))
    (waiting,) = told.outcome.signals
    assert waiting.definition == bpmn.parse(called).sha256
    told.complete("other")
    assert told.is_over


def test_what_was_done_in_the_called_process_is_undone_there() -> None:
    held = {"isForCompensation": "true"}
    called = process(
        start("s"), user("a"), throw("t", compensate()), user("b"), end("e"), undo("a", "ua"),
        user("ua", **held), flows("s > a > t > b > e"), key="called",
    )  # fmt: skip
    told = Story(caller(), deployed=shelf(called))
    told.complete("a")
    assert told.tasks == ["ua"]
    told.complete("ua")
    told.complete("b")
    assert told.is_over


def test_a_call_may_be_undone_as_a_whole() -> None:
    source = process(
        start(), call("c", "called"), throw("t", compensate()), end(), undo("c", "back"),
        user("back", isForCompensation="true"), flows("start > c > t > end"),
    )  # fmt: skip
    told = Story(source, deployed=shelf(simple()))
    told.complete("a")
    assert told.tasks == ["back"]
    told.complete("back")
    assert told.is_over


def test_a_condition_of_the_caller_is_judged_when_the_variables_come_back() -> None:
    inner = handler("h", conditional("=n > 5"), user("stopped"), end("e2"),
                    flows("h_start > stopped > e2"))  # fmt: skip
    told = Story(caller(inner), {"n": 1}, deployed=shelf(simple()))
    told.complete("a", n=7)
    assert told.tasks == ["stopped"]
    assert "entered end" not in told.happened


def test_a_token_moves_within_the_process_that_it_stands_in() -> None:
    source = process(
        start(), user("a"), call("c", "p"), user("z"), end(),
        flows("start > a > c > z > end"),
    )  # fmt: skip
    told = Story(source, deployed=shelf(source))
    told.complete("a")
    told.tell(bpmn.MoveToken(told.task("a").key, "z"))
    assert sorted(told.outcome.tokens) == ["c", "z"]
    told.complete("z")
    assert told.tasks == ["z"]
    assert len(told.outcome.tokens) == 1


def test_the_variables_of_a_called_process_are_changed_in_it() -> None:
    told = Story(caller(), {"n": 1}, deployed=shelf(simple()))
    told.tell(bpmn.SetVariables({"n": 2}, "c"))
    assert told.task("a").variables["n"] == 2
    assert told.outcome.variables == {"n": 1}


def test_five_hundred_calls_at_once_end() -> None:
    called = process(start("s"), script("x", "=i * 2", "d"), end("e"), flows("s > x > e"),
                     key="called")  # fmt: skip
    marks = multi("=items", "i", output=("out", "=d"))
    source = process(start(), call("c", "called", inner=marks), end(), flows("start > c > end"))
    told = Story(source, {"items": list(range(500))}, deployed=shelf(called))
    assert told.is_over
    assert told.outcome.variables["out"] == [2 * i for i in range(500)]
