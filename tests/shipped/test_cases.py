"""Every shipped process has test cases beside it, which hold and walk through all of it."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import bpmn
from app.services.deployment.case_world import world_of
from bpmn import cases

DIAGRAMS = sorted((Path(bpmn.__file__).parent / "diagrams").glob("*.bpmn"))


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_the_cases_of_a_shipped_process_hold_and_take_every_flow(path: Path) -> None:
    suite = cases.open_suite(path.with_suffix(cases.ENDING))
    assert suite.file is not None, f"{path.name} has no cases beside it"
    assert suite.definition is not None
    result = cases.run_cases(
        suite.definition, suite.file, world_of(suite, "iran", ZoneInfo("Asia/Tehran"))
    )
    assert result.is_ok(100), cases.as_text([result], 100)


def test_there_are_shipped_processes() -> None:
    assert {"complaint", "dispute", "example-approval"} <= {path.stem for path in DIAGRAMS}
