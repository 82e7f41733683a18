"""Texts that people send, whether they say anything and what of them is kept; and the engine's
own to them."""

from __future__ import annotations

import unicodedata

import bpmn
from app.access import Actor

KEPT_CONTROLS = "\n\t"


def is_blank(text: str) -> bool:
    """Whether nothing of the text can be seen: blanks, marks of direction, joiners."""
    return all(c.isspace() or unicodedata.category(c) in ("Cc", "Cf") for c in text)


def tidy(text: str) -> str:
    """The text without blanks at its ends and without control characters but line breaks and
    tabs; everything else stays as it was written."""
    plain = text.replace("\r\n", "\n").replace("\x0b", "\n").strip()
    return "".join(c for c in plain if c in KEPT_CONTROLS or unicodedata.category(c) != "Cc")


def choose(texts: tuple[str, str], language: str | None) -> str:
    """The Persian or the English one of two texts; the Persian one for who has chosen none."""
    fa, en = texts
    return en if language == "en" else fa


def told_to(actor: Actor, error: bpmn.Told) -> str:
    """What the engine has to say about somebody's input, in his language."""
    return error.texts["fa" if actor.language == "fa" else "en"]
