"""SARIF 2.1.0 as its schema wants it, whatever is found."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner

from app.cli import main
from tests.bpmn.build import end, flows, node, process, start, user

SCHEMA = json.loads((Path(__file__).parent / "sarif-2.1.0-parts.json").read_text("utf-8"))
LINE = flows("start > a > end")
CASES = {
    "x.bpmn": process(start(), user("a", groups="ours"), node("serviceTask", "b"), end(), LINE),
    "nameless.bpmn": process(start(), user("a"), end(), LINE).replace(b' id="a"', b""),
    "no.bpmn": b"<nothing",
    "empty.dmn": b"",
    "mine.form": b"[]",
    "با فاصله.bpmn": process(start(), user("a"), end(), LINE),
    os.fsdecode(b"odd\xff%.bpmn"): b"",
}


def lint(style: str, language: str, *paths: str) -> Any:
    words = ["lint", "--format", style, "--language", language, *paths]
    return json.loads(CliRunner().invoke(main, words, catch_exceptions=False).output)


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    for name, content in CASES.items():
        (tmp_path / name).write_bytes(content)
    return [*CASES, "gone.bpmn", "/dev/null", str(tmp_path / "x.bpmn")]


@pytest.mark.parametrize("language", ["en", "fa"])
def test_it_is_of_the_schema(paths: list[str], language: str) -> None:
    whole = lint("sarif", language, *paths)
    validator = jsonschema_rs.Draft7Validator(SCHEMA, validate_formats=True)
    assert [str(error) for error in validator.iter_errors(whole)] == []
    assert len(whole["runs"][0]["results"]) > len(paths)


def test_the_schema_refuses_what_is_none() -> None:
    validator = jsonschema_rs.Draft7Validator(SCHEMA, validate_formats=True)
    assert not validator.is_valid({"version": "2.1.0"})
    region = {"artifactLocation": {"uri": "a b"}, "region": {"startLine": 0}}
    result = {"message": {"text": ""}, "locations": [{"physicalLocation": region}]}
    run = {"tool": {"driver": {"name": "p"}}, "results": [result]}
    assert len(list(validator.iter_errors({"version": "2.1.0", "runs": [run]}))) == 2


def test_a_finding_about_a_whole_file_names_no_element(paths: list[str]) -> None:
    about = {one["rule"]: one for one in lint("json", "en", *paths)["findings"]}
    assert about["xml.malformed"]["element"] == ""
    assert about["id.missing"]["element"] == ""
    for one in lint("sarif", "en", *paths)["runs"][0]["results"]:
        if one["ruleId"] in ("xml.malformed", "id.missing", "file.unreadable"):
            assert "logicalLocations" not in one["locations"][0]
