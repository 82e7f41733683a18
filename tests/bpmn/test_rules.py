"""The tables of rules: complete, in both languages, and each with its remedy."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from app.services.deployment.rules import TEXTS as ALL
from app.services.deployment.rules import WARNINGS

PERSIAN = re.compile("[\u0600-\u06ff]")


def places(text: str) -> set[str]:
    """The names that are filled in; ``_en`` and ``_fa`` say the same in two languages."""
    named = {name for _, name, _, _ in Formatter().parse(text) if name}
    return {re.sub("_(en|fa)$", "", name) for name in named}


@pytest.mark.parametrize("rule", ALL)
def test_a_rule_says_what_is_wrong_and_what_to_do_in_both_languages(rule: str) -> None:
    en, remedy_en, fa, remedy_fa = ALL[rule]
    for text in (en, remedy_en, fa, remedy_fa):
        assert text
        assert text.startswith("{") or text.endswith((".", "}", "?")), text
    assert not PERSIAN.search(en + remedy_en)
    assert PERSIAN.search(fa)
    assert PERSIAN.search(remedy_fa) or places(remedy_fa)
    assert places(en + remedy_en) - {"kind"} == places(fa + remedy_fa) - {"kind"}


def test_every_warning_is_a_rule() -> None:
    assert set(ALL) >= WARNINGS
