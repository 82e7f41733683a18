"""docs/connectors.md is what the kinds say of themselves."""

from __future__ import annotations

from pathlib import Path

from tools import connectors

PAGE = Path(__file__).resolve().parents[2] / "docs" / "connectors.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == connectors.page(), "Run make connectors."
