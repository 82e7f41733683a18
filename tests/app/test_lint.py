"""``peygir lint``: all findings of all files, as text, JSON and SARIF, without a database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.services.deployment.rules import catalogue
from app.services.deployment.shipped import DIAGRAMS
from tests.bpmn.build import end, flows, node, process, properties, start, user
from tests.bpmn.decision.models import literal
from tests.bpmn.decision.models import model as decision_model

LINE = flows("start > a > end")
RIGHT = process(
    start(), user("a", properties(name_fa="بررسی"), name="Check"), end(), LINE,
    properties=properties(name_fa="آزمون"),
)  # fmt: skip
BROKEN = process(start(), user("a", groups=""), node("serviceTask", "b"), end(), LINE)
FORM = """{"type": "default", "id": "mine", "properties": {"title": "M", "title_fa": "م"},
 "components": [{"type": "textfield", "id": "t", "key": "t", "label": "T",
                 "properties": {"label_fa": "ت"}}]}"""


def lint(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["lint", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path, **contents: bytes | str) -> list[Path]:
    """Files in a folder; ``_`` before the suffix stands for the dot."""
    paths = []
    for name, content in contents.items():
        path = folder / name.replace("_", ".", 1)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        paths.append(path.relative_to(folder))
    return paths


def test_each_finding_has_file_line_element_rule_and_remedy(write: Path) -> None:
    (path,) = files(write, x_bpmn=BROKEN)
    answer = lint(path)
    assert answer.exit_code == 1
    lines = answer.output.splitlines()
    assert lines[0] == (
        "x.bpmn:6 a error [task.nobody] Nobody is named for this task."
        " Give candidate groups, an assignee or a lane."
    )
    assert lines[-1].startswith("errors: 3, warnings: ")


def test_in_persian(write: Path) -> None:
    (path,) = files(write, x_bpmn=BROKEN)
    answer = lint("--language", "fa", path)
    assert "x.bpmn:6 a خطا [task.nobody] برای این کار کسی معین نشده است." in answer.output


def test_a_broken_file_does_not_stop_the_others(write: Path) -> None:
    paths = files(write, a_bpmn=b"<nothing", b_dmn=b"", c_form="[]", d_bpmn=BROKEN, e_bpmn=RIGHT)
    answer = lint(*paths, "gone.bpmn", "--format", "json")
    found = {(one["file"], one["rule"]) for one in json.loads(answer.output)["findings"]}
    assert found >= {
        ("a.bpmn", "xml.malformed"), ("b.dmn", "xml.malformed"), ("c.form", "form.json-object"),
        ("d.bpmn", "task.nobody"), ("gone.bpmn", "file.unreadable"),
    }  # fmt: skip
    assert "e.bpmn" not in {file for file, _ in found}
    assert answer.exit_code == 1


def test_files_are_looked_at_beside_each_other(write: Path) -> None:
    asks = '<zeebe:formDefinition formId="mine"/>'
    source = process(start(), user("a", asks, groups="intake", name="A"), end(), LINE)
    diagram, form = files(write, x_bpmn=source, mine_form=FORM)
    alone, beside = lint(diagram), lint(form, diagram)
    assert "x.bpmn:6 a error [reference.form] There is no form “mine”." in alone.output
    assert (alone.exit_code, beside.exit_code) == (1, 0)


def test_a_name_that_leads_nowhere_is_told_beside_what_is_wrong_in_the_file(write: Path) -> None:
    asks = '<zeebe:formDefinition formId="mine"/>'
    (path,) = files(write, x_bpmn=process(start(), user("a", asks, groups=""), end(), LINE))
    assert {"reference.form", "task.nobody"} <= rules(lint(path, "--format", "json"))


def test_what_only_an_installation_knows_is_said_not_to_be_looked_at(write: Path) -> None:
    decide = node(
        "businessRuleTask", "d", "",
        '<zeebe:calledDecision decisionId="theirs" resultVariable="r"/>', name="Decide",
    )  # fmt: skip
    call = node("callActivity", "c", "", '<zeebe:calledElement processId="other"/>', name="Call")
    tell = node(
        "serviceTask", "t", "", '<zeebe:taskDefinition type="notify"/><zeebe:taskHeaders>'
        '<zeebe:header key="template" value="ours"/></zeebe:taskHeaders>', name="Tell",
    )  # fmt: skip
    source = process(
        start(), user("a", groups="elsewhere", name="A"), decide, call, tell, end(),
        flows("start > a > d > c > t > end"),
    )  # fmt: skip
    (path,) = files(write, x_bpmn=source)
    answer = lint(path)
    assert answer.exit_code == 0
    said = [line for line in answer.output.splitlines() if line.startswith("Not looked at")]
    assert [line.rpartition(": ")[2] for line in said] == ["theirs", "elsewhere", "other", "ours"]
    told = json.loads(lint(path, "--format", "json").output)
    assert told["unchecked"] == {
        "decision": ["theirs"], "group": ["elsewhere"], "process": ["other"],
        "template": ["ours"],
    }  # fmt: skip


def test_a_function_or_a_service_of_a_file_beside_it_is_no_decision(write: Path) -> None:
    model = decision_model(
        literal("d", "1") + '<decisionService id="s" name="s"><variable name="s"/>'
        '<outputDecision href="#d"/></decisionService>'
    )
    ask = '<zeebe:calledDecision decisionId="{}" resultVariable="r"/>'
    for wanted, told in (("s", True), ("d", False)):
        task = node("businessRuleTask", "a", "", ask.format(wanted), name="A")
        paths = files(write, x_bpmn=process(start(), task, end(), LINE), y_dmn=model)
        answer = lint(*paths, "--format", "json")
        assert ("reference.decision-kind" in rules(answer)) is told
        assert answer.exit_code == told
        assert not json.loads(answer.output)["unchecked"]


def test_warnings_count_when_asked_to(write: Path) -> None:
    late = user("a", '<zeebe:taskSchedule followUpDate="2026-03-21T08:00:00Z"/>', name="A")
    (path,) = files(write, x_bpmn=process(start(), late, end(), LINE))
    assert "task.follow-up" in rules(lint(path, "--format", "json"))
    assert (lint(path).exit_code, lint("--strict", path).exit_code) == (0, 1)


def test_sarif_holds_what_its_schema_requires(write: Path) -> None:
    paths = files(write, x_bpmn=BROKEN)
    whole = json.loads(lint(*paths, write / "x.bpmn", "--format", "sarif").output)
    assert (whole["version"], "sarif-2.1.0" in whole["$schema"]) == ("2.1.0", True)
    (run,) = whole["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "Peygir"
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids))
    assert set(ids) >= {rule.id for rule in catalogue("en")}
    assert all(rule["help"]["text"] for rule in driver["rules"])
    assert run["results"]
    for result in run["results"]:
        check_result(result, ids)
    assert [one["location"]["uri"] for one in run["artifacts"]] == [
        "x.bpmn", (write / "x.bpmn").as_uri(),
    ]  # fmt: skip


def check_result(result: dict[str, Any], ids: list[str]) -> None:
    assert ids[result["ruleIndex"]] == result["ruleId"]
    assert result["level"] in ("error", "warning")
    assert result["message"]["text"]
    (place,) = result["locations"]
    assert place["physicalLocation"]["region"]["startLine"] >= 1
    assert place["physicalLocation"]["artifactLocation"]["uri"]


def test_every_shipped_file_is_right() -> None:
    shipped = [*DIAGRAMS.glob("*.bpmn"), *DIAGRAMS.glob("*.dmn")]
    answer = lint("--strict", *sorted(shipped))
    assert answer.exit_code == 0, answer.output


def rules(answer: Result) -> set[str]:
    return {one["rule"] for one in json.loads(answer.output)["findings"]}


ASKED = '<zeebe:formDefinition formId="mine"/>'


def reading(text: str, *, task: str = ASKED) -> bytes:
    """A process that asks a form at its start and a task, and then works something out."""
    begin = node("startEvent", "start", "", ASKED)
    work = node(
        "scriptTask", "s", "", f'<zeebe:script expression="{text}" resultVariable="r"/>', name="S"
    )
    return process(
        begin, user("a", task, groups="intake", name="A"), work, end(),
        flows("start > a > s > end"),
    )  # fmt: skip


@pytest.mark.parametrize("text", ["=tt + 1", "=t + total", "=if wrong = 1 then t else r"])
def test_a_variable_that_nothing_writes_is_told(write: Path, text: str) -> None:
    diagram, form = files(write, x_bpmn=reading(text), mine_form=FORM)
    answer = lint(diagram, form, "--format", "json")
    assert [one["element"] for one in json.loads(answer.output)["findings"]] == ["s"]
    assert rules(answer) == {"data.unwritten"}
    assert answer.exit_code == 0


@pytest.mark.parametrize(
    "source",
    [
        reading("=t + r"),
        reading("=request.number + t"),
        reading("=sum(for one in [t] return one + 1)"),
        reading("=[{q: 1}][q = 1]"),
        reading("=working_days_from_now(2)"),
        reading("=anything", task=""),
    ],
)
def test_a_variable_that_something_may_write_is_left(write: Path, source: bytes) -> None:
    diagram, form = files(write, x_bpmn=source, mine_form=FORM)
    assert not rules(lint(diagram, form, "--format", "json"))


@pytest.mark.parametrize(
    ("condition", "rule"),
    [("=1 +", "form.condition-unreadable"), ("=nofunc(t)", "form.condition-function")],
)
def test_the_condition_of_a_form_is_judged_as_those_of_diagrams(
    write: Path, condition: str, rule: str
) -> None:
    hidden = FORM.replace('"key": "t"', f'"key": "t", "conditional": {{"hide": "{condition}"}}')
    (path,) = files(write, mine_form=hidden)
    answer = lint("--format", "json", path)
    assert answer.exit_code == 1
    assert [one["line"] for one in json.loads(answer.output)["findings"]] == [2]
    assert rules(answer) == {rule}
