"""The pages about FEEL say what is true: each example is evaluated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bpmn.feel.builtins.signature import BUILTINS
from bpmn.feel.reference import FUNCTIONS
from tools import feel_reference

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROW = re.compile(r"^\| `((?:[^`\\]|\\.)+)` \| `((?:[^`\\]|\\.)+)` \|", re.MULTILINE)


def rows(name: str) -> list[tuple[str, str]]:
    found = ROW.findall((DOCS / name).read_text("utf-8"))
    return [(text.replace("\\|", "|"), gives.replace("\\|", "|")) for text, gives in found]


@pytest.mark.parametrize(("name", "least"), [("feel.md", 30), ("feel-reference.md", 200)])
def test_every_example_gives_what_the_page_says(name: str, least: int) -> None:
    found = rows(name)
    assert len(found) > least
    assert [(text, gives) for text, gives in found if feel_reference.shown(text) != gives] == []


def test_every_function_stands_on_the_page_with_an_example_of_it() -> None:
    told = {name: entry for family in FUNCTIONS.values() for name, entry in family.items()}
    assert sorted(told) == sorted(BUILTINS)
    for name, entry in told.items():
        assert any(f"{name}(" in example for example in entry.examples), name
        assert re.search("[\u0600-\u06ff]", entry.fa), name


def test_the_reference_is_up_to_date() -> None:
    current = (DOCS / "feel-reference.md").read_text("utf-8")
    assert current == feel_reference.page(), "Run make feel-reference."
