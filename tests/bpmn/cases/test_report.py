"""Coverage names what was never walked through; reports are for people and for programs."""

from __future__ import annotations

import json
from typing import Any

from lxml import etree

import bpmn
from bpmn import cases
from tests.bpmn.build import compensate, end, flows, gateway, process, start, throw, undo, user
from tests.bpmn.cases.play import play, read

CHOICE = process(
    start(), gateway("exclusive", "g"), user("a"), end(), end("no"),
    flows("start > g", "g >[=n = 1] a", "g >! no", "a > end"),
)  # fmt: skip
LEFT: dict[str, Any] = {
    "name": "left", "start": {"data": {"n": 1}}, "answers": {"a": {}},
    "expect": {"ends": ["end"]},
}  # fmt: skip
RIGHT: dict[str, Any] = {"name": "right", "start": {"data": {"n": 2}}, "expect": {"ends": ["no"]}}
WRONG: dict[str, Any] = {**LEFT, "name": "wr\x01ng", "expect": {"ends": ["no"]}}


def test_elements_and_flows_never_taken_are_named() -> None:
    (one,) = play(CHOICE, LEFT).coverage
    assert (one.elements, one.never_entered, one.of_elements) == (5, ("no",), 80.0)
    assert (one.flows, one.never_taken, one.of_flows) == (4, ("g_no",), 75.0)
    assert one.least == 75.0


def test_cases_cover_together() -> None:
    result = play(CHOICE, LEFT, RIGHT)
    assert result.coverage[0].least == 100.0
    assert result.is_ok(100)
    assert play(CHOICE, LEFT).is_ok(75)
    assert not play(CHOICE, LEFT).is_ok(75.1)


def test_only_the_cases_that_are_wanted_run() -> None:
    file = read(LEFT, RIGHT)
    definition = bpmn.parse(CHOICE)
    result = cases.run_cases(definition, file, cases.World(), lambda name: "rig" in name)
    assert [case.name for case in result.cases] == ["right"]


def test_the_text_tells_where_a_case_failed_and_what_was_never_taken() -> None:
    text = cases.as_text([play(CHOICE, LEFT, WRONG)], 90)
    assert " ms  left\n" in text
    assert "  failed" in text
    assert "at the end, 2026-03-21T12:00:00+00:00" in text
    assert 'ends: expected ["no"], was ["end"].' in text
    assert "tokens stand at: nowhere" in text
    assert "  p: elements 80.0 % (4 of 5), flows 75.0 % (3 of 4); less than 90 %" in text
    assert "    never entered: no\n    never taken: g_no\n" in text
    assert text.splitlines()[-1].startswith("2 cases, 1 failed, ")


def test_json_holds_the_same() -> None:
    said = json.loads(cases.as_json([play(CHOICE, LEFT, WRONG)], 50))
    assert said["ok"] is False
    (file,) = said["files"]
    assert [case["ok"] for case in file["cases"]] == [True, False]
    assert file["cases"][1]["trace"][-1] == "completed"
    assert file["coverage"][0]["flows"] == {"total": 4, "percent": 75.0, "never_taken": ["g_no"]}


def test_junit_has_a_failure_for_each_case_and_for_the_threshold() -> None:
    broken = cases.FileResult("broken", errors=("it is not JSON",))
    root = etree.fromstring(cases.as_junit([play(CHOICE, LEFT, WRONG), broken], 90))
    first, second = root.findall("testsuite")
    assert (first.get("tests"), first.get("failures"), first.get("errors")) == ("3", "2", "0")
    names = [test.get("name") for test in first.findall("testcase")]
    assert names == ["left", "wr\ufffdng", "coverage of p"]
    assert "expected" in (first.findall("testcase/failure")[0].text or "")
    assert (second.get("tests"), second.get("errors")) == ("1", "1")


def test_a_compensation_boundary_is_not_counted_since_no_token_enters_it() -> None:
    source = process(
        start(), user("book"), undo("book", "unbook"), user("unbook", isForCompensation="true"),
        throw("back", compensate("book")), end(), flows("start > book > back > end"),
    )  # fmt: skip
    over = {"answers": {"book": {}, "unbook": {}}, "expect": {"status": "completed"}}
    (one,) = play(source, {"name": "n", **over}).coverage
    assert (one.elements, one.never_entered, one.least) == (5, (), 100.0)
