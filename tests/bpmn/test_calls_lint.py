"""What a diagram with calls is refused or warned for."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    call,
    end,
    flows,
    gateway,
    io,
    multi,
    node,
    process,
    properties,
    start,
    sub,
    user,
)
from tests.bpmn.calling import caller


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


def test_a_process_that_only_calls_itself_is_warned_of() -> None:
    straight = process(start(), call("c", "p"), end(), flows("start > c > end"))
    assert ("call.endless", "c") in found(straight)
    around = process(
        start(), gateway("exclusive", "g"), call("c", "p"), end(),
        flows("start > g", "g >[=again] c > end", "g >! end"),
    )  # fmt: skip
    assert "call.endless" not in {rule for rule, _ in found(around)}
    assert "call.endless" not in {rule for rule, _ in found(caller())}
