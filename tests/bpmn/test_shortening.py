"""Findings quote the beginning of a long text, not all of it."""

from __future__ import annotations

import pytest

import bpmn
from bpmn.findings import finding
from bpmn.shortening import LONGEST, shorten
from tests.bpmn.build import end, flows, process, script, start


def test_a_short_text_stays_whole() -> None:
    assert shorten("a" * LONGEST) == "a" * LONGEST
    assert shorten("a" * (LONGEST + 1)) == "a" * LONGEST + "…"


def test_a_finding_about_a_very_long_expression_is_short_in_both_languages() -> None:
    text = "=" + "number + " * 2_500
    source = process(start(), script("s", text, "r"), end(), flows("start > s > end"))
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.parse(source)
    said = [one for one in caught.value.findings if one.rule == "feel.syntax"]
    assert said
    for one in said:
        for told in (*one.message.values(), *one.remedy.values()):
            assert len(told) < 400
        assert all("+ number…" in told for told in one.message.values())


def test_reasons_and_hints_stay_sentences() -> None:
    why = "This reason is a whole sentence that is longer than a quoted text may be, and it stays."
    one = finding("xml.malformed", 1, "", why=why)
    assert why in one.message["en"]
    endless = finding("xml.malformed", 1, "", why=why * 100)
    assert len(endless.message["en"]) < 800 and endless.message["en"].rstrip(".").endswith("…")
