"""The page of the lint's rules is made from the rules."""

from __future__ import annotations

from pathlib import Path

from tests.support.processes import ROOT
from tools import lint_rules

PAGE = Path(ROOT) / "docs" / "lint.md"


def test_the_page_of_rules_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == lint_rules.page(), "Run make lint-rules."
