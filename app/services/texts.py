"""Texts that people send: whether they say anything, and what of them is kept."""

from __future__ import annotations

import unicodedata

KEPT_CONTROLS = "\n\t"


def is_blank(text: str) -> bool:
    """Whether nothing of the text can be seen: blanks, marks of direction, joiners."""
    return all(c.isspace() or unicodedata.category(c) in ("Cc", "Cf") for c in text)


def tidy(text: str) -> str:
    """The text without blanks at its ends and without control characters but line breaks and
    tabs; everything else stays as it was written."""
    plain = text.replace("\r\n", "\n").replace("\x0b", "\n").strip()
    return "".join(c for c in plain if c in KEPT_CONTROLS or unicodedata.category(c) != "Cc")
