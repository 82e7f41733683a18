"""Processes that are called run too, in their own diagram and with coverage of their own."""

from __future__ import annotations

import bpmn
from bpmn import cases
from tests.bpmn.build import call, end, flows, process, start, user
from tests.bpmn.cases.play import play

CALLED = process(start("s2"), user("inside"), end("e2"), flows("s2 > inside > e2"), key="other")
CALLER = process(start(), call("c", "other"), end(), flows("start > c > end"))


def test_a_called_process_is_told_like_the_rest_and_counted_apart() -> None:
    world = cases.World(processes=(bpmn.parse(CALLED),))
    given = {"answers": {"inside": {"x": 1}}, "expect": {"path": ["c", "s2", "inside", "end"]}}
    result = play(CALLER, {"name": "calls", **given}, world=world)
    assert result.is_ok(100), cases.as_text([result])
    assert [(one.process, one.least) for one in result.coverage] == [("p", 100), ("other", 100)]


def test_only_the_diagram_itself_is_judged_by_the_threshold() -> None:
    world = cases.World(processes=(bpmn.parse(CALLED),))
    result = play(CALLER, {"name": "n", "expect": {"tokens": ["c", "inside"]}}, world=world)
    assert [one.of_flows for one in result.coverage] == [50, 50]
    assert result.is_ok(50)
    assert result.coverage[1].never_taken == ("inside_e2",)
