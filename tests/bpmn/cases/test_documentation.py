"""What the designer's page shows is so: its cases run, and it names every step and expectation."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import bpmn
from bpmn import cases
from bpmn.cases.step_shapes import STEPS

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "how-to" / "designer.md").read_text(encoding="utf-8")
SECTION = PAGE[PAGE.index("## Test a process") :]


def test_the_cases_of_the_page_run_and_walk_through_the_whole_process() -> None:
    (source,) = re.findall(r"```json\n(.*?)```", SECTION, re.DOTALL)
    diagram = ROOT / "bpmn" / "diagrams" / "example-approval.bpmn"
    definition = bpmn.parse(diagram.read_bytes(), diagram.name)
    file = cases.read_cases(source.encode(), "page")
    result = cases.run_cases(definition, file, cases.World())
    assert result.is_ok(100), cases.as_text([result], 100)


def test_the_page_names_every_step_and_everything_that_may_be_expected() -> None:
    assert [kind for kind in STEPS if f'`{{"{kind}": ' not in SECTION] == []
    told = [field.name for field in fields(cases.Expect)]
    assert [name for name in told if f"\n| `{name}` |" not in SECTION] == []
    told = [field.name for field in fields(cases.Case) if field.name not in ("name", "expect")]
    assert [name for name in told if f"\n| `{name}` |" not in SECTION] == []
