"""Coverage names what was never walked through; reports are for people and for programs."""

from __future__ import annotations

import json
from typing import Any

from lxml import etree

import bpmn
from bpmn import cases
from tests.bpmn.build import (
    compensate,
    end,
    flows,
    gateway,
    node,
    process,
    script,
    start,
    throw,
    undo,
    user,
)
from tests.bpmn.cases.play import play, read
from tests.bpmn.decision.models import literal
from tests.bpmn.decision.models import model as model_of

CALL = '<zeebe:calledDecision decisionId="d" resultVariable="x"/>'
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


def test_where_a_token_stands_in_a_fault_is_covered_with_the_flow_that_led_there() -> None:
    source = process(start(), script("s", "=a.b + 1", "n"), end(), flows("start > s > end"))
    (one,) = play(source, {"name": "stuck", "expect": {"faults": ["s"]}}).coverage
    assert (one.never_entered, one.never_taken) == (("end",), ("s_end",))


def test_versions_of_a_called_process_are_told_apart() -> None:
    old, new = (
        bpmn.parse(process(start(), user(task), end(), flows(f"start > {task} > end"), key="check"))
        for task in ("a", "b")
    )
    other = bpmn.parse(process(start(), user("c"), end(), flows("start > c > end"), key="other"))
    world = cases.World(processes=(old, other, new))
    result = play(CHOICE, LEFT, world=world)
    titles = [one.title for one in result.coverage]
    assert titles == ["p", "check (version 1)", "other", "check (version 2)"]
    said = json.loads(cases.as_json([result]))["files"][0]["coverage"]
    assert [(one["process"], one["version"]) for one in said[1:3]] == [
        ("check", "version 1"), ("other", ""),
    ]  # fmt: skip


def test_a_diagram_without_cases_stands_under_its_own_name() -> None:
    text = cases.as_text([cases.untested(bpmn.parse(CHOICE), "p.bpmn")])
    assert text.startswith("p.bpmn: no cases\n  p: elements 0.0 % (0 of 5)")


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


def test_what_a_decision_could_not_work_out_is_told_also_of_a_case_that_is_right() -> None:
    source = process(
        start(), node("businessRuleTask", "rule", "", CALL), end(), flows("start > rule > end")
    )
    model = bpmn.parse_decision(model_of(literal("d", "if absent > 1 then 1 else 2")))
    case = {"name": "one", "expect": {"variables": {"x": 2}}}
    result = play(source, case, world=cases.World(decisions={"d": model}))
    (told,) = json.loads(cases.as_json([result]))["files"][0]["cases"][0]["warnings"][:1]
    assert told.startswith("rule: ") and "absent" in told
    assert f"          warning: {told}\n" in cases.as_text([result])


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
