"""Warnings: of style, and of what can be proved to go wrong; never of what is right."""

from __future__ import annotations

from pathlib import Path

import pytest

import bpmn
from tests.bpmn.build import (
    boundary,
    end,
    error,
    flows,
    gateway,
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

DIAGRAMS = Path(bpmn.__file__).parent / "diagrams"
ELEMENTS = Path(__file__).parent / "elements"
A, B = user("a", name="A"), user("b", name="B")
TERMINATE = "<bpmn:terminateEventDefinition/>"


def warned(source: bytes) -> set[tuple[str, str]]:
    return {(one.rule, one.element) for one in bpmn.parse(source, "x.bpmn").warnings}


def split(kind: str, join: str, *more: str, ends: str = "") -> bytes:
    """A split ``g`` into two tasks that meet at ``j``."""
    choice = "g >[=x] a > j > end" if kind in ("exclusive", "inclusive") else "g > a > j > end"
    other = "g >! b > j" if kind in ("exclusive", "inclusive") else "g > b > j"
    return process(
        start(), gateway(kind, "g", name="Which?"), A, B, gateway(join, "j"), end("end", ends),
        flows("start > g", choice, other), *more,
    )  # fmt: skip


STYLE: dict[str, tuple[bytes, tuple[str, str]]] = {
    "gateway without a question": (
        process(start(), gateway("exclusive", "g", name=""), A, B, end(),
                flows("start > g >[=x] a > end", "g >! b > end")),
        ("style.gateway-unnamed", "g"),
    ),
    "task without name": (
        process(start(), user("a", name=""), end(), flows("start > a > end")),
        ("style.task-unnamed", "a"),
    ),
    "subprocess without name": (
        process(start(), sub("s", start("s1"), A, end("s2"), flows("s1 > a > s2"), name=""), end(),
                flows("start > s > end")),
        ("style.task-unnamed", "s"),
    ),
    "one name twice": (
        process(start(), A, user("b", name=" a "), end(), flows("start > a > b > end")),
        ("style.name-duplicate", "b"),
    ),
    "Persian here but not there": (
        process(start(), user("a", properties(name_fa="بررسی"), name="A"), B, end(),
                flows("start > a > b > end")),
        ("style.name-persian", "b"),
    ),
    "process without Persian name": (
        process(start(), user("a", name="بررسی"), end(), flows("start > a > end")),
        ("style.name-persian", "p"),
    ),
    "gateway without use": (
        process(start(), gateway("parallel", "g"), A, end(), flows("start > g > a > end")),
        ("style.gateway-superfluous", "g"),
    ),
    "path without end": (
        process(start(), A, flows("start > a")), ("style.implicit-end", "a"),
    ),
    "no end at all": (
        process(start(), A, B, flows("start > a > b > a")), ("style.no-end", "start"),
    ),
    "message flow to a plain event": (
        process(start(), A, end(), flows("start > a > end"),
                before='<bpmn:collaboration id="c"><bpmn:participant id="ours" processRef="p"/>'
                '<bpmn:participant id="theirs"/><bpmn:messageFlow id="x" sourceRef="theirs"'
                ' targetRef="start"/></bpmn:collaboration>'),
        ("pool.message-event", "x"),
    ),
    "two flows to one place": (
        process(start(), A, B, end(), flows("start > a > b > end"),
                '<bpmn:sequenceFlow id="again" sourceRef="a" targetRef="b"/>'),
        ("style.flow-double", "a"),
    ),
    "no default": (
        process(start(), gateway("exclusive", "g"), A, B, end(),
                flows("start > g >[=x] a > end", "g >[=y] b > end")),
        ("flow.no-default", "g"),
    ),
}  # fmt: skip

DEADLOCKS: dict[str, tuple[bytes, str]] = {
    "exclusive split into parallel join": (split("exclusive", "parallel"), "j"),
    "with more between": (
        process(
            start(), gateway("exclusive", "g", name="Which?"), A, gateway("parallel", "f"), B,
            user("c", name="C"), gateway("parallel", "k"), gateway("parallel", "j"), end(),
            flows("start > g >[=x] a > j > end", "g >! f > b > k > j", "f > c > k"),
        ), "j",
    ),
    "after a block in parallel": (
        process(
            start(), gateway("parallel", "f"), A, B, gateway("parallel", "k"),
            gateway("exclusive", "g", name="Which?"), user("c", name="C"), user("d", name="D"),
            gateway("parallel", "j"), end(),
            flows("start > f > a > k > g >[=x] c > j > end", "f > b > k", "g >! d > j"),
        ), "j",
    ),
    "task or its boundary event": (
        process(start(), A, B, boundary("t", "a", timer("duration", "PT1H")),
                gateway("parallel", "j"), end(), flows("start > a > j > end", "t > b > j")),
        "j",
    ),
    "in a subprocess": (
        process(
            start(), sub("s", start("s1"), gateway("exclusive", "g", name="Which?"), A, B,
                         gateway("parallel", "j"), end("s2"),
                         flows("s1 > g >[=x] a > j > s2", "g >! b > j"), name="S"),
            end(), flows("start > s > end"),
        ), "j",
    ),
}  # fmt: skip

RIGHT: dict[str, bytes] = {
    "exclusive block": split("exclusive", "exclusive"),
    "parallel block": split("parallel", "parallel"),
    "inclusive block": split("inclusive", "inclusive"),
    "the first of two ends all": split("parallel", "exclusive", ends=TERMINATE),
    "join in a loop, fed by turns": process(
        start(), gateway("exclusive", "m"), gateway("parallel", "f"), A, B,
        gateway("exclusive", "g", name="Again?"), gateway("parallel", "j"), end(),
        flows("start > m > f > a > j > end", "f > b > g >[=x] j", "g >! m"),
    ),
    "beside a boundary event that does not interrupt": process(
        start(), A, B, boundary("t", "a", timer("duration", "PT1H"), interrupting=False),
        gateway("parallel", "j"), end(), flows("start > a > j > end", "t > b > j"),
    ),
    "error instead of result": process(
        start(), service("a", name="A"), B, boundary("t", "a", error()),
        gateway("exclusive", "j"), end(), flows("start > a > j > end", "t > b > j"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STYLE)
def test_it_is_warned_about(case: str) -> None:
    source, expected = STYLE[case]
    assert expected in warned(source)


@pytest.mark.parametrize("case", DEADLOCKS)
def test_a_join_that_waits_for_ever_is_proved(case: str) -> None:
    source, join = DEADLOCKS[case]
    assert ("proof.deadlock", join) in warned(source)


def test_a_join_that_does_not_join_is_proved() -> None:
    assert ("proof.unsynchronised", "j") in warned(split("parallel", "exclusive"))


@pytest.mark.parametrize("case", RIGHT)
def test_what_may_be_right_is_not_suspected(case: str) -> None:
    assert not {rule for rule, _ in warned(RIGHT[case]) if rule.startswith("proof.")}


def test_a_choice_that_several_tokens_make_may_feed_a_join() -> None:
    source = process(
        start(), gateway("parallel", "f"), A, B, gateway("exclusive", "m"),
        gateway("exclusive", "g", name="Which?"), user("c", name="C"), user("d", name="D"),
        gateway("parallel", "j"), end(),
        flows("start > f > a > m > g >[=x] c > j > end", "f > b > m", "g >! d > j"),
    )  # fmt: skip
    assert {rule for rule, _ in warned(source)} == {"proof.unsynchronised"}


@pytest.mark.parametrize("path", sorted(DIAGRAMS.glob("*.bpmn")), ids=lambda path: path.stem)
def test_the_shipped_diagrams_are_clean(path: Path) -> None:
    assert not warned(path.read_bytes())


def running() -> list[Path]:
    """The diagrams of the elements, but those that are there to be refused."""
    tests = {path: path.with_suffix(".test.json") for path in sorted(ELEMENTS.glob("*.bpmn"))}
    return [
        p for p, t in tests.items() if not t.exists() or '"refused"' not in t.read_text("utf-8")
    ]


@pytest.mark.parametrize("path", running(), ids=lambda path: path.stem)
def test_the_diagrams_of_the_elements_raise_no_alarm(path: Path) -> None:
    found = bpmn.parse(path.read_bytes()).warnings
    quiet = {
        "event.error-uncaught",
        "event.escalation-uncaught",
        "style.task-unnamed",
        "style.gateway-unnamed",
    }
    assert not {one.rule for one in found} - quiet


def test_a_deadlock_that_is_proved_happens() -> None:
    """What the proof says is what the engine meets: the join gets stuck."""
    from tests.bpmn.story import Story

    source = process(
        start(), gateway("exclusive", "g"), script("a", "=1", "r"), script("b", "=2", "r"),
        gateway("parallel", "j"), end(), flows("start > g >[=true] a > j > end", "g >! b > j"),
    )  # fmt: skip
    assert ("proof.deadlock", "j") in warned(source)
    assert [fault.code for fault in Story(source).outcome.faults] == ["deadlock"]


def test_a_compensation_handler_needs_no_way_in() -> None:
    kept = node("task", "c", name="C", isForCompensation="true")
    catcher = boundary("b", "a", "<bpmn:compensateEventDefinition/>")
    tie = '<bpmn:association id="tie" sourceRef="b" targetRef="c"/>'
    source = process(
        start(), service("a", name="A"), end(), catcher, kept, tie, flows("start > a > end")
    )
    assert not {rule for rule, _ in warned(source) if rule.startswith("style.implicit")}


def test_a_join_that_only_its_own_continuation_feeds_waits_for_ever() -> None:
    source = process(
        start(), gateway("parallel", "g"), user("a"), gateway("exclusive", "x"), end(),
        flows("start > g > a > x >[=again] g", "x >! end"),
    )  # fmt: skip
    assert ("proof.deadlock-ring", "g") in warned(source)


def test_a_join_behind_a_default_flow_and_the_one_other_waits_for_ever() -> None:
    source = process(
        start(), gateway("inclusive", "g"), user("a"), user("b"), gateway("parallel", "j"), end(),
        flows("start > g >[=x] a > j > end", "g >! b > j"),
    )  # fmt: skip
    assert ("proof.deadlock", "j") in warned(source)


def test_a_ring_with_another_way_in_and_two_conditions_are_not_suspected() -> None:
    source = process(
        start(), gateway("inclusive", "g"), user("a"), user("b"), user("c"),
        gateway("parallel", "j"), end(),
        flows("start > g >[=x] a > j > end", "g >[=y] b > j", "g >! c > end"),
    )  # fmt: skip
    assert not {rule for rule, _ in warned(source) if rule.startswith("proof.")}
