"""Call activities: another process inside the instance, with variables and errors of its own."""

from __future__ import annotations

from typing import Any

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
    multi,
    node,
    process,
    properties,
    script,
    service,
    start,
    sub,
    timer,
    user,
)
from tests.bpmn.story import Story

TAG = '<zeebe:versionTag value="{}"/>'


def caller(*parts: str, **said: str) -> bytes:
    """A process that calls ``called`` once, and ends."""
    return process(start(), call("c", "called", **said), end(), *parts, flows("start > c > end"))


def simple(*parts: str, before: str = "", properties: str = "") -> bytes:
    """A called process with one user task."""
    return process(
        start("s"), user("a"), end("e"), *parts, flows("s > a > e"), key="called",
        before=before, properties=properties,
    )  # fmt: skip


def shelf(*sources: bytes) -> bpmn.DeployedTogether:
    return bpmn.DeployedTogether([bpmn.parse(source) for source in sources])


def story(source: bytes, *called: bytes, **variables: Any) -> Story:
    return Story(source, variables, deployed=shelf(*called))


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


def test_a_call_that_finds_nothing_is_a_fault_until_it_is_there() -> None:
    told = story(caller())
    (fault,) = told.outcome.faults
    assert (fault.element, fault.code) == ("c", "call")
    assert fault.texts["en"].endswith("There is no process “called”.")
    assert fault.texts["fa"].endswith("فرایند «called» منتشر نشده است.")
    told.deployed = shelf(simple())
    told.retry("c")
    assert told.tasks == ["a"]


def test_the_process_may_be_named_by_an_expression() -> None:
    source = process(start(), call("c", '="cal" + part'), end(), flows("start > c > end"))
    assert story(source, simple(), part="led").tasks == ["a"]
    told = story(source, simple())
    assert [fault.code for fault in told.outcome.faults] == ["call"]


def test_only_a_plain_start_event_is_for_callers() -> None:
    called = process(
        start("s", message("go")), user("a"), end("e"), flows("s > a > e"), key="called",
        before=declare("go", ""),
    )  # fmt: skip
    assert [fault.code for fault in story(caller(), called).outcome.faults] == ["call"]


def test_the_newest_of_a_version_tag_is_called() -> None:
    old, new = (simple(properties=TAG.format(tag)) for tag in ("1.0", "2.0"))
    source = caller(bindingType="versionTag", versionTag="1.0")
    assert bpmn.parse(old).version_tag == "1.0"
    told = story(source, old, new)
    assert told.task("a").definition == bpmn.parse(old).sha256
    assert [f.code for f in story(source, new).outcome.faults] == ["call"]


def test_a_running_call_keeps_its_version() -> None:
    second = simple(user("b"), flows("a > b > e"))
    told = story(caller(), simple())
    told.deployed = shelf(simple(), second)
    told.complete("a")
    assert told.is_over


def test_without_the_called_process_the_state_cannot_be_read() -> None:
    told = story(caller(), simple())
    with pytest.raises(bpmn.WrongState, match="not there"):
        bpmn.inspect(told.definition, told.outcome.state)


@pytest.mark.parametrize("sequential", [False, True])
def test_one_call_for_each_item(sequential: bool) -> None:
    marks = multi("=units", "unit", sequential=sequential, output=("answers", "=unit + said"))
    source = process(start(), call("c", "called", inner=marks), end(), flows("start > c > end"))
    told = story(source, simple(), units=["x", "y"])
    if not sequential:
        assert told.outcome.tokens == ("c", "c", "a", "a")
    first = told.task("a")
    assert (first.variables["unit"], first.variables["loopCounter"]) == ("x", 1)
    told.complete("a", said=1 * "!", other=1)
    assert told.task("a").variables["unit"] == "y"
    told.complete("a", said="?")
    assert told.is_over
    assert told.outcome.variables == {"units": ["x", "y"], "answers": ["x!", "y?"], "other": 1}


def test_calls_lie_within_each_other() -> None:
    middle = process(
        start("m1"), call("m", "called"), end("m2"), flows("m1 > m > m2"), key="middle"
    )
    source = process(start(), call("c", "middle"), end(), flows("start > c > end"))
    told = story(source, middle, simple())
    assert told.outcome.tokens == ("c", "m", "a")
    told.complete("a", n=1)
    assert told.is_over
    assert told.outcome.variables == {"n": 1}


def countdown() -> bytes:
    """A process that calls itself as often as ``n`` says."""
    return process(
        start(), script("less", "=n - 1", "n"), gateway("exclusive", "g"), call("again", "p"),
        user("a"), end(), flows("start > less > g", "g >[=n > 0] again > end", "g >! a > end"),
    )  # fmt: skip


def test_a_process_may_call_itself() -> None:
    told = story(countdown(), countdown(), n=3)
    assert told.outcome.tokens == ("again", "again", "a")
    assert told.task("a").definition is None
    told.complete("a")
    assert told.is_over


def test_a_process_that_calls_itself_without_end_is_stopped() -> None:
    told = story(countdown(), countdown(), n=1000)
    (fault,) = told.outcome.faults
    assert (fault.element, fault.code) == ("again", "depth")
    told.tell(bpmn.Terminate("enough"))
    assert told.outcome.status == "terminated"


def test_many_levels_end_at_once() -> None:
    deep = process(*nested(40), key="p")
    told = story(deep, deep)
    assert [fault.code for fault in told.outcome.faults] == ["depth"]
    told.tell(bpmn.Terminate("enough"))
    assert told.outcome.tokens == ()


def nested(levels: int) -> tuple[str, ...]:
    """A call of ``p`` within so many subprocesses."""
    inner: tuple[str, ...] = (
        start("s0"), call("c", "p"), end("e0"), flows("s0 > c > e0"),
    )  # fmt: skip
    for at in range(1, levels + 1):
        held = sub(f"n{at}", *inner)
        inner = (start(f"s{at}"), held, end(f"e{at}"), flows(f"s{at} > n{at} > e{at}"))
    return inner


def test_decisions_of_the_called_process_are_its_own() -> None:
    said = '<zeebe:calledDecision decisionId="d" resultVariable="r"/>'
    called = process(
        start("s"), node("businessRuleTask", "rule", "", said), end("e"), flows("s > rule > e"),
        key="called",
    )  # fmt: skip
    table = bpmn.parse_decision(TABLE.encode())
    deployed = bpmn.DeployedTogether([bpmn.parse(called)], {"d": table})
    told = Story(caller(), deployed=deployed)
    assert told.outcome.variables == {"r": "called"}
    assert [f.code for f in story(caller(), called).outcome.faults] == ["decision"]


TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m"
 namespace="n"><decision id="d" name="d"><variable name="d"/>
<literalExpression><text>"called"</text>
</literalExpression></decision></definitions>"""


def found(source: bytes) -> set[tuple[str, str]]:
    """The rules that a diagram breaks, and where."""
    try:
        return {(one.rule, one.element) for one in bpmn.parse(source).warnings}
    except bpmn.Refused as refused:
        return {(one.rule, one.element) for one in refused.findings}


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"bindingType": "version"}, "call.binding"),
        ({"bindingType": "versionTag"}, "call.tag-missing"),
        ({"versionTag": "1.0"}, "call.tag-unused"),
        ({"bindingType": "versionTag", "versionTag": "=tag"}, "call.tag-feel"),
        ({"bindingType": "versionTag", "versionTag": "x" * 81}, "text.too-long"),
        ({"propagateAllChildVariables": "maybe"}, "element.attribute"),
        ({"processIdExpression": "p"}, "element.attribute"),
    ],
)
def test_what_cannot_be_called_as_it_is_written(said: dict[str, str], rule: str) -> None:
    assert (rule, "c") in found(caller(**said))


def test_a_call_activity_names_its_process() -> None:
    source = process(start(), node("callActivity", "c"), end(), flows("start > c > end"))
    assert found(source) == {("call.process", "c")}
    assert ("feel.syntax", "c") in found(
        process(start(), call("c", "=1 +"), end(), flows("start > c > end"))
    )


def test_only_call_activities_call() -> None:
    source = process(
        start(), user("u", '<zeebe:calledElement processId="p"/>'), end(),
        flows("start > u > end"),
    )  # fmt: skip
    assert found(source) == {("call.here", "u")}


def test_calls_at_the_same_time_should_not_write_over_each_other() -> None:
    source = process(
        start(), call("c", "called", inner=multi("=units")), end(), flows("start > c > end")
    )
    assert ("call.race", "c") in found(source)


KEEPS = {"propagateAllChildVariables": "false"}
APART = io(outputs={"r": "=r"})
SPLIT, MEET = gateway("parallel", "g"), gateway("parallel", "j")


def side_by_side(*parts: str, ways: tuple[str, ...] = ()) -> bytes:
    """Two branches of a parallel gateway, as drawn or else a call in each."""
    drawn = ways or ("start > g > c > j > end", "g > d > j")
    return process(start(), SPLIT, *parts, MEET, end(), flows(*drawn))


@pytest.mark.parametrize(
    ("source", "racing"),
    [
        (side_by_side(call("c", "called"), call("d", "called")), {"c", "d"}),
        (side_by_side(call("c", "called"), call("d", "called", **KEEPS)), set()),
        (side_by_side(call("c", "called"), call("d", "called", extension=APART)), set()),
        (side_by_side(call("c", "called"), user("d")), set()),
        (  # One after the other in a branch is no race.
            side_by_side(call("c", "called"), call("d", "called"), user("u"),
                         ways=("start > g > c > d > j > end", "g > u > j")),
            set(),
        ),
        (  # The second waits for the first, although it has a branch of its own.
            side_by_side(call("c", "called"), gateway("parallel", "h"), gateway("parallel", "k"),
                         call("d", "called"),
                         ways=("start > g > c > h > j > end", "g > k > d > j", "h > k")),
            set(),
        ),
        (  # Two flows out of a task are taken together, like those of a gateway.
            process(start(), user("u"), call("c", "called"), call("d", "called"), end(),
                    end("end2"), flows("start > u > c > end", "u > d > end2")),
            {"c", "d"},
        ),
        (  # Only one of the two branches is taken.
            process(start(), gateway("exclusive", "x"), call("c", "called"), call("d", "called"),
                    end(), end("end2"), flows("start > x >[=a] c > end", "x >! d > end2")),
            set(),
        ),
        (  # Inside a subprocess, and no others.
            process(start(), sub("s", start("s1"), gateway("parallel", "g"), call("c", "called"),
                                 call("d", "called"), end("e1"), end("e2"),
                                 flows("s1 > g > c > e1", "g > d > e2")),
                    call("e", "called"), end(), flows("start > s > e > end")),
            {"c", "d"},
        ),
    ],
)  # fmt: skip
def test_calls_in_parallel_branches_should_not_write_over_each_other(
    source: bytes, racing: set[str]
) -> None:
    assert {element for rule, element in found(source) if rule == "call.race"} == racing


def test_the_definition_says_what_it_calls() -> None:
    source = caller(bindingType="versionTag", versionTag="1.0", extension=properties(stage=""))
    told = bpmn.parse(source).elements["c"].calls
    assert told == bpmn.Call("called", "versionTag", "1.0")
