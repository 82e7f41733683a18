"""Texts that people send."""

from __future__ import annotations

import pytest

from app.services.texts import is_blank, tidy


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b", "\u202e\u200c", "\u00a0\x07"])
def test_what_shows_nothing_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", "۰", "می‌شود", "🚰"])
def test_what_shows_something_is_not(text: str) -> None:
    assert not is_blank(text)


def test_what_people_write_stays_as_they_wrote_it() -> None:
    text = "می‌شود\u00a0۱۲ \u200f(a\u200e) 👩‍🔧\n\tpeace"
    assert tidy(f"  {text}\n") == text


def test_what_nobody_can_see_goes() -> None:
    assert tidy("a\r\nb\x0bc\x07d") == "a\nb\ncd"
