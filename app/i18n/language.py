"""Which language a person reads, and which of a text's languages to show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from werkzeug.datastructures import LanguageAccept

LANGUAGES = ("fa", "en")
DIRECTIONS = {"fa": "rtl", "en": "ltr"}


def choose_language(wishes: Iterable[str | None], accepted: LanguageAccept, default: str) -> str:
    """The first wish that we speak (a setting, a cookie), else what the browser prefers."""
    for wish in wishes:
        if wish in LANGUAGES:
            return wish
    return accepted.best_match(LANGUAGES) or default


def other_language(language: str) -> str:
    """The language that the switch offers."""
    return "en" if language == "fa" else "fa"


def pick_text(texts: Mapping[str, str] | str | None, language: str) -> str:
    """A text of ``{"fa": ..., "en": ...}`` in the language, else in any language it has."""
    if not texts:
        return ""
    if isinstance(texts, str):
        return texts
    return texts.get(language) or next((text for text in texts.values() if text), "")
