"""All findings come at once, each cause once, and warnings do not refuse."""

from __future__ import annotations

import pytest

import bpmn
from tests.bpmn.build import (
    end,
    flows,
    gateway,
    multi,
    node,
    process,
    start,
    user,
)
from tests.bpmn.judged import LINE, OK, found, held, rules


def test_all_findings_come_at_once_in_the_order_of_the_file() -> None:
    source = process(
        start(), user("a", groups="=(("), node("serviceTask", "b"), node("complexGateway", "c"),
        end(), flows("start > a > b > c > end", "c > nowhere"),
    )  # fmt: skip
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.parse(source, "many.bpmn")
    found = [one for one in caught.value.findings if one.severity == "error"]
    assert [f.rule for f in found] == [
        "feel.syntax", "task.job-type", "element.unsupported", "flow.dangling",
    ]  # fmt: skip
    assert [f.line for f in found] == [6, 7, 8, 14]


def test_what_follows_an_unreached_node_is_not_told_again() -> None:
    source = process(*OK, user("b"), user("c"), end("e2"), LINE, flows("b > c > e2"))
    assert rules(source) == {("flow.none-in", "b")}


def test_warnings_do_not_refuse() -> None:
    later = user("b", '<zeebe:taskSchedule followUpDate="2026-03-21T08:00:00Z"/>')
    source = process(
        *OK, gateway("exclusive", "g"), later,
        flows("start > g >[=x] a > end", "g >[=not(x)] b > end"),
    )  # fmt: skip
    definition = bpmn.parse(source)
    told = {w.rule for w in definition.warnings if not w.rule.startswith("style.")}
    assert told == {"flow.no-default", "task.follow-up"}


def test_one_cause_is_told_once() -> None:
    lonely = found(process(*OK, user("b"), LINE))
    assert set(lonely) == {("flow.none-in", "b")}
    dead = found(process(start(), user("a"), end(), user("b"),
                         flows("start > a", "start > b > end")))  # fmt: skip
    assert set(dead) == {("flow.none-out", "a")}
    after_end = found(process(*OK, LINE, flows("end > a")))
    assert set(after_end) == {("flow.from-end", "end_a")}
    ring = found(process(user("a"), user("b"), flows("a > b > a")))
    assert set(ring) == {("process.no-start", "p")}


def test_a_finding_names_what_stands_in_the_file() -> None:
    twice = found(process(*OK, user("a"), LINE))
    assert set(twice) == {("id.duplicate", "a")}


def test_two_loop_markers_are_told_as_such() -> None:
    both = "<bpmn:standardLoopCharacteristics/>" + multi("=units", "unit")
    assert set(found(held(user("x", inner=both)))) == {("loop.two-markers", "x")}


def test_the_version_tag_of_another_tool_is_not_dropped_in_silence() -> None:
    task = user("x").replace("<bpmn:userTask", '<bpmn:userTask camunda:versionTag="1"')
    assert "zeebe:versionTag" in found(held(task))["extension.vendor", "x"].remedy["en"]
