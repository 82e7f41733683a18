"""A finding about a text names it in Persian too."""

from __future__ import annotations

import pytest

import bpmn
from bpmn import lint_limits, lint_texts
from bpmn.diagram import Diagram
from bpmn.document import read_document
from bpmn.reading import read_diagram
from bpmn.what import in_persian
from tests.bpmn.build import catch, end, flows, io, message, multi, process, start, timer, user


def diagram() -> Diagram:
    source = process(
        start(), user("x", io(inputs={"a": "=1"}), inner=multi("=l", output=("o", "=1"))),
        catch("c", timer("date", "=d")), catch("m", message("n")), end(),
        flows("start > x > c > m > end"),
    )  # fmt: skip
    document = read_document(source)
    return read_diagram(document, document.judged[0])


def test_what_is_said_of_texts_has_persian_words() -> None:
    said = {
        what for shape in diagram().shapes.values()
        for texts in (lint_texts.texts, lint_limits._names, lint_limits._people)
        for what, _, _ in texts(shape)
    }  # fmt: skip
    assert len(said) > 15
    assert [what for what in said if in_persian(what) == what] == []


def test_a_finding_has_no_english_in_its_persian_sentence() -> None:
    source = process(
        start(), user("x", io(inputs={"a": "=1 +"})), end(), flows("start > x > end")
    )  # fmt: skip
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.parse(source)
    (found,) = [one for one in caught.value.findings if one.rule == "feel.syntax"]
    assert found.message["fa"].startswith("نگاشت به a: عبارت")
    assert "پایان عبارت" in found.message["fa"]
    assert found.message["en"].startswith("mapping to a: ")
