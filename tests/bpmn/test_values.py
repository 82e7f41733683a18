"""What the engine says of variables that it cannot keep, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

import bpmn


@pytest.mark.parametrize(
    ("value", "en", "fa"),
    [
        (float("nan"), "is not a finite number", "عدد متناهی نیست"),
        (b"x", "holds a bytes", "مقداری از نوع bytes دارد"),
        (10**40, "digits", "رقم دارد"),
        ("a\x00b", "NUL", "نویسهٔ NUL دارد"),
        ("\ud800", "half a character", "نیمهٔ یک نویسه"),
    ],
)
def test_a_bad_variable_is_told_in_both_languages(value: Any, en: str, fa: str) -> None:
    with pytest.raises(bpmn.BadVariables) as caught:
        bpmn.plain_variables({"order": {"sum": value}})
    texts = caught.value.texts
    assert texts["en"].startswith("The variable “order.sum”") and en in texts["en"]
    assert texts["fa"].startswith("متغیر «order.sum»") and fa in texts["fa"]
    assert str(caught.value) == texts["en"]


def test_a_very_long_name_is_told_by_its_beginning() -> None:
    with pytest.raises(bpmn.BadVariables) as caught:
        bpmn.plain_variables({"n" * 9_000: b""})
    assert all("nnn…" in text and len(text) < 200 for text in caught.value.texts.values())


def test_a_name_that_is_half_a_character_can_be_sent_to_a_person() -> None:
    with pytest.raises(bpmn.BadVariables) as caught:
        bpmn.plain_variables({"\ud800": 1})
    assert all(text.encode("utf-8") for text in caught.value.texts.values())
