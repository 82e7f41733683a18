"""What is wrong with a template is told in plain words of either language."""

from __future__ import annotations

import re

import pytest

from connectors import BadTemplate, template_wording
from connectors.messages import said_in

WRONG = {
    "{{ request.number": ("“}}” is still missing", "«}}» هنوز لازم است"),
    "{{ request.number }": ("“}” cannot stand", "«}» نمی‌تواند"),
    "{% if request.number %}x": ("“endif” is missing", "«endif» کم است"),
    "{% iff x %}": ("“iff” has no meaning", "«iff» در اینجا معنایی ندارد"),
    "{{ request.number|foo }}": ("nothing is called “foo”", "چیزی به نام «foo» نیست"),
    "{{ request number }}": ("“}}” is needed in place of “number”", "به جای «number» باید «}}»"),
    "{{ }}": ("before “}}”", "پیش از «}}»"),
    "{# x": ("“{#” is not closed", "«{#» آغاز شده، بسته نشده"),
    "{{ 'abc }}": ("“'” cannot stand", "«'» نمی‌تواند"),
    "{{ a[1 }}": ("“]” is needed in place of “}”", "به جای «}» باید «]»"),
    "{% include 'x' %}": ("“include” is not allowed", "«include» در نامه مجاز نیست"),
}


@pytest.mark.parametrize("text", WRONG)
def test_it_is_said_in_words_of_the_letter(text: str) -> None:
    with pytest.raises(BadTemplate) as bad:
        said_in(f"Subject: a\n\n{text}\n", "x.en.txt")
    for language, words in zip(("en", "fa"), WRONG[text], strict=True):
        assert words in plain(template_wording.say(bad.value.problem, language))


def test_what_has_no_words_is_quoted_in_persian() -> None:
    assert template_wording.say("odd", "en") == "odd"
    assert plain(template_wording.say("odd", "fa")) == "الگو درست نیست: «odd»"


def plain(told: str) -> str:
    return re.sub("[\u2068\u2069]", "", told)
