"""Words of a diagram stand in Persian sentences in their own order."""

from __future__ import annotations

import pytest

import bpmn
from bpmn import feel
from bpmn.bidi import set_apart, set_code_apart, set_examples_apart
from bpmn.fault_texts import fault_texts
from bpmn.feel import FeelSyntaxError
from bpmn.findings import RULES, finding
from tests.bpmn.build import end, flows, process, script, start

FSI, LRI, PDI = "\u2068", "\u2066", "\u2069"


@pytest.mark.parametrize("word", ["a", "zeebe:script", "a, b", "x > 1", "بررسی شکایت", "", "شرط"])
def test_what_reads_rightly_stays_as_it_is(word: str) -> None:
    assert set_apart(word) == word


@pytest.mark.parametrize("word", ["1 / x", "f(x)", '"yes"', "-5", "a.", "_a", "گام-a"])
def test_other_words_are_set_apart(word: str) -> None:
    assert set_apart(word) == f"{FSI}{word}{PDI}"


@pytest.mark.parametrize("word", ["=1 / x", "=مبلغ > 1"])
def test_expressions_are_read_from_the_left(word: str) -> None:
    assert set_apart(word) == set_code_apart(word) == f"{LRI}{word}{PDI}"


def test_numbers_have_persian_digits() -> None:
    assert set_apart(1203) == "۱۲۰۳"
    assert set_apart(True) == "True"


def test_a_word_cannot_turn_the_sentence_around() -> None:
    assert set_apart("a\u202eb\u2069c") == "abc"
    assert set_apart("=\u2069\u2067x") == f"{LRI}=x{PDI}"


def test_examples_of_code_within_a_rule_are_set_apart() -> None:
    said = set_examples_apart("عبارتی بنویسید، مانند =amount > 100.")
    assert said == f"عبارتی بنویسید، مانند {LRI}=amount > 100{PDI}."
    said = finding("ad-hoc.elements", 1, "a").remedy["fa"]
    assert f'{LRI}=["call", "visit"]{PDI}' in said


def test_a_finding_about_an_expression() -> None:
    source = process(start(), script("s", "=1 +", "r"), end(), flows("start > s > end"))
    with pytest.raises(bpmn.Refused) as caught:
        bpmn.parse(source)
    (one,) = (one for one in caught.value.findings if one.rule == "feel.syntax")
    assert f"«{LRI}=1 +{PDI}»" in one.message["fa"]
    assert "(نویسهٔ ۴)" in one.message["fa"]
    assert not set(one.message["en"] + one.remedy["en"]) & {FSI, LRI, PDI}


def test_what_feel_says() -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        feel.compile("(1")
    said = caught.value.messages
    assert f"{FSI}){PDI}" in said["fa"]
    assert said["en"].startswith("Expected )")


def test_a_fault_about_an_expression() -> None:
    assert f"«{LRI}=1 / x{PDI}»" in fault_texts("expression", "no", "=1 / x")["fa"]


def test_every_rule_closes_what_it_sets_apart() -> None:
    for rule, texts in RULES.items():
        for text in map(set_examples_apart, texts[2:]):
            assert text.count(LRI) == text.count(PDI), rule
