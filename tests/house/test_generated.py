"""What is generated from other files is what they say now."""

from __future__ import annotations

from pathlib import Path

from tests.bpmn.test_elements import FOLDER
from tools import support


def test_the_page_of_what_runs_is_current() -> None:
    said = support.PAGE.read_text(encoding="utf-8")
    assert said == support.page(), "run `make support`"


def test_the_page_holds_a_row_for_every_element_file(tmp_path: Path) -> None:
    page = support.page()
    for path in FOLDER.glob("*.test.json"):
        assert f"/{path.name.removesuffix('.test.json')}.bpmn)" in page
    assert "0 diagrams run, 0 are refused." in support.page(tmp_path)
