"""What lies beside a diagram is found: tables, called processes and what those need in turn."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import bpmn
from bpmn import cases
from tests.bpmn.build import call, end, flows, node, process, start
from tests.bpmn.test_decisions import FIRST

RULE = node("businessRuleTask", "r", "", '<zeebe:calledDecision decisionId="triage"'
            ' resultVariable="t"/>')  # fmt: skip
CALLER = process(start(), call("c", "middle"), end(), flows("start > c > end"))
MIDDLE = process(start("s2"), call("d", "inner"), end("e2"), flows("s2 > d > e2"), key="middle")
INNER = process(start("s3"), RULE, end("e3"), flows("s3 > r > e3"), key="inner")
CASE = {"name": "n", "start": {"data": {"severity": "low"}}, "expect": {"path": ["r", "end"]}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A caller with its cases, what it calls through another, a table, and a stranger."""
    for name, source in {"main": CALLER, "one": MIDDLE, "two": INNER}.items():
        (tmp_path / f"{name}.bpmn").write_bytes(source)
    (tmp_path / "stranger.bpmn").write_text("no diagram at all", encoding="utf-8")
    (tmp_path / "triage.dmn").write_bytes(FIRST)
    (tmp_path / "main.test.json").write_text(json.dumps({"cases": [CASE]}), encoding="utf-8")
    return tmp_path


def test_called_processes_and_their_tables_are_found_by_name(folder: Path) -> None:
    suite = cases.open_suite(folder / "main.test.json")
    assert [one.key for one in suite.processes] == ["middle", "inner"]
    assert set(suite.decisions) == {"triage"}
    assert suite.file is not None
    assert suite.definition is not None
    world = cases.World(decisions=suite.decisions, processes=suite.processes)
    result = cases.run_cases(suite.definition, suite.file, world)
    assert result.is_ok(100), cases.as_text([result])


def test_what_the_file_lists_is_all_there_is(folder: Path) -> None:
    said = {"cases": [CASE], "processes": ["one.bpmn"], "decisions": []}
    (folder / "main.test.json").write_text(json.dumps(said), encoding="utf-8")
    suite = cases.open_suite(folder / "main.test.json")
    assert [one.key for one in suite.processes] == ["middle"]
    assert suite.decisions == {}


def test_a_called_process_that_would_run_wrongly_is_refused(folder: Path) -> None:
    (folder / "two.bpmn").write_bytes(INNER.replace(b'targetRef="e3"', b'targetRef="gone"'))
    with pytest.raises(bpmn.Refused) as caught:
        cases.open_suite(folder / "main.test.json")
    assert {finding.file for finding in caught.value.findings} == {"two.bpmn"}


def test_a_diagram_without_cases_opens_all_the_same(folder: Path) -> None:
    suite = cases.open_suite(folder / "two.test.json")
    assert suite.file is None
    assert suite.definition is not None
    result = cases.untested(suite.definition, "two.test.json")
    assert result.is_ok()
    assert not result.is_ok(1)
