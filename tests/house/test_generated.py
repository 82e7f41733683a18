"""What is generated from other files is what they say now."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

from tests.bpmn.test_elements import FOLDER
from tests.house.sources import ROOT
from tools import case_schema, support

CASES = sorted((*FOLDER.glob("*.test.json"), *(ROOT / "bpmn" / "diagrams").glob("*.test.json")))


def test_the_page_of_what_runs_is_current() -> None:
    said = support.PAGE.read_text(encoding="utf-8")
    assert said == support.page(), "run `make support`"


def test_the_page_holds_a_row_for_every_element_file(tmp_path: Path) -> None:
    page = support.page()
    for path in FOLDER.glob("*.test.json"):
        assert f"/{path.name.removesuffix('.test.json')}.bpmn)" in page
    assert "0 diagrams run, 0 are refused." in support.page(tmp_path)


def test_the_schema_of_test_cases_is_current() -> None:
    said = case_schema.PAGE.read_text(encoding="utf-8")
    assert said == case_schema.page(), "run `make support`"


@pytest.mark.parametrize(
    ("file", "fits"),
    [
        ({"cases": [{"name": "n", "expect": {"status": "completed"}}]}, True),
        ({"refused": "flow.none-in"}, True),
        ({"cases": [{"name": "n", "expect": {}}]}, False),
        ({"cases": [{"name": "n", "expect": {"ends": []}, "steps": [{"go": 1}]}]}, False),
        ({"cases": [{"name": "n", "expect": {"ends": []}, "answers": {"a": [1]}}]}, False),
        ({"case": []}, False),
    ],
)
def test_the_schema_tells_what_a_file_may_hold(file: object, fits: bool) -> None:
    assert jsonschema_rs.is_valid(json.loads(case_schema.page()), file) is fits


def test_our_own_files_of_cases_follow_the_schema() -> None:
    schema = jsonschema_rs.validator_for(json.loads(case_schema.page()))
    for path in CASES:
        schema.validate(json.loads(path.read_text(encoding="utf-8")))
