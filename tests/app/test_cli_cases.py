"""``peygir test``: cases beside diagrams, their forms and working time, reports and exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from tests.bpmn.build import catch, end, flows, process, start, timer, user
from tests.bpmn.cases.play import ONE_TASK

FORM = """{
  "type": "default", "id": "desk",
  "components": [{"type": "textfield", "key": "said", "id": "f", "label": "Said",
                  "validate": {"required": true}}]
}"""
OVER = {"status": "completed"}


def peygir_test(*arguments: object) -> Result:
    words = ["test", *map(str, arguments)]
    return CliRunner().invoke(main, words, catch_exceptions=False)


def put(folder: Path, name: str, source: bytes, *cases: Any, **file: Any) -> Path:
    (folder / f"{name}.bpmn").write_bytes(source)
    if cases or file:
        said = {**file, **({"cases": cases} if cases else {})}
        (folder / f"{name}.test.json").write_text(json.dumps(said), encoding="utf-8")
    return folder / f"{name}.bpmn"


DONE = {"name": "done", "answers": {"a": {}}, "expect": OVER}
OPEN = {"name": "open", "expect": OVER}


def test_cases_run_by_diagram_by_file_and_by_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = put(tmp_path, "p", ONE_TASK, DONE)
    for said in (path, tmp_path / "p.test.json", tmp_path):
        result = peygir_test(said)
        assert result.exit_code == 0, result.output
        assert "1 case, 0 failed" in result.output
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_dir()] == []


def test_a_failed_case_is_told_and_is_exit_code_1(tmp_path: Path) -> None:
    result = peygir_test(put(tmp_path, "p", ONE_TASK, DONE, OPEN))
    assert result.exit_code == 1
    assert "status: expected completed, was active." in result.output
    assert "tokens stand at: a\n" in result.output
    assert peygir_test("-k", "DONE", tmp_path).exit_code == 0
    none = peygir_test("-k", "nothing", tmp_path)
    assert none.exit_code == 1
    assert "No case was run." in none.output


def test_the_threshold_fails_a_diagram_that_is_hardly_walked_through(tmp_path: Path) -> None:
    put(tmp_path, "p", ONE_TASK, {**OPEN, "expect": {"status": "active"}})
    assert peygir_test(tmp_path).exit_code == 0
    result = peygir_test("--min-coverage", "60", tmp_path)
    assert result.exit_code == 1
    assert "flows 50.0 % (1 of 2); less than 60 %" in result.output
    assert "never taken: a_end" in result.output
    put(tmp_path, "untested", ONE_TASK)
    (tmp_path / "p.test.json").unlink()
    untested = peygir_test(tmp_path).output
    assert "No case was run." in untested
    assert f"{tmp_path / 'untested.bpmn'}: no cases" in untested
    assert "untested.test.json" not in untested


def test_json_and_junit_are_for_programs(tmp_path: Path) -> None:
    put(tmp_path, "p", ONE_TASK, DONE)
    assert json.loads(peygir_test("--format", "json", tmp_path).output)["ok"] is True
    assert peygir_test("--format", "junit", tmp_path).output.startswith("<testsuites>")


def test_a_file_that_cannot_be_read_is_told_beside_the_others(tmp_path: Path) -> None:
    put(tmp_path, "p", ONE_TASK, DONE)
    put(tmp_path, "bad", ONE_TASK, {"name": "x", "expect": {}})
    put(tmp_path, "odd", process(start(), flows("start > gone")), DONE)
    (tmp_path / "alone.test.json").write_text("{}", encoding="utf-8")
    result = peygir_test(tmp_path)
    assert result.exit_code == 1
    assert "            expect: Expect at least one thing." in result.output
    assert "start_gone The sequence flow leads from" in result.output
    assert "alone.bpmn: No such file or directory" in result.output
    assert "2 cases, 1 failed" in result.output


def test_a_case_cannot_answer_what_a_person_could_not(tmp_path: Path) -> None:
    asked = user("a", '<zeebe:formDefinition formId="desk"/>')
    source = process(start(), asked, end(), flows("start > a > end"))
    (tmp_path / "desk.form").write_text(FORM, encoding="utf-8")
    right = {"name": "right", "answers": {"a": {"said": "yes"}}, "expect": OVER}
    wrong = {"name": "wrong", "answers": {"a": {"sad": "yes"}}, "expect": OVER}
    result = peygir_test(put(tmp_path, "p", source, right, wrong))
    assert "“a” cannot be answered like this, by its form desk:" in result.output
    assert "2 cases, 1 failed" in result.output


def test_working_days_are_those_of_the_calendar_that_the_file_names(tmp_path: Path) -> None:
    late = catch("c", timer("date", "=working_days_from_now(1)"))
    source = process(start(), late, end(), flows("start > c > end"))
    friday = "2026-03-27T12:00:00Z"
    weekend = {"name": "weekend", "steps": [{"wait": "P2D"}], "expect": {"tokens": ["c"]}}
    monday = {"name": "monday", "steps": [{"wait": "P3DT12H"}], "expect": OVER}
    path = put(tmp_path, "p", source, weekend, monday, calendar="england", now=friday)
    assert peygir_test(path).exit_code == 0, peygir_test(path).output
    unknown = put(tmp_path, "q", source, monday, calendar="mars")
    assert "calendar: “mars” is not one of always, england, iran." in peygir_test(unknown).output


def test_a_refused_diagram_may_be_what_is_tested(tmp_path: Path) -> None:
    source = process(
        start(), user("a"), user("b"), end(), flows("start > end", "start > b")
    )  # fmt: skip
    path = put(tmp_path, "p", source, refused=["flow.none-in", "flow.none-out"])
    assert peygir_test(path).exit_code == 0


def test_a_form_with_a_condition_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    source = process(
        start(), user("a", '<zeebe:formDefinition formId="desk"/>'), end(), flows("start > a > end")
    )
    put(tmp_path, "p", source, {"name": "done", "answers": {"a": {"said": "x"}}, "expect": OVER})
    hidden = FORM.replace('"key": "said"', '"key": "said", "conditional": {"hide": "=1 +"}')
    (tmp_path / "desk.form").write_text(hidden, encoding="utf-8")
    result = peygir_test(tmp_path)
    assert result.exit_code == 1
    assert "cannot be read" in result.output
