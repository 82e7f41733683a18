"""Which process a call finds, in which version, and how deep calls may lie in each other."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    call,
    declare,
    end,
    flows,
    gateway,
    message,
    multi,
    node,
    process,
    script,
    start,
    sub,
    user,
)
from tests.bpmn.calling import caller, shelf, simple, story
from tests.bpmn.story import Story

TAG = '<zeebe:versionTag value="{}"/>'


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
