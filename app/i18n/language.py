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
    return wanted_language(accepted) or default


def wanted_language(accepted: LanguageAccept) -> str | None:
    """The first of the accepted languages that we speak, whatever its region.

    ``fa-IR, en;q=0.5`` asks for Persian, though only ``en`` is named as we name it.
    """
    wishes = (tag.partition("-")[0].lower() for tag, quality in accepted if quality > 0)
    return next((wish for wish in wishes if wish in LANGUAGES), None)


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
