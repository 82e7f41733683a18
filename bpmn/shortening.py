"""Texts of a file as sentences about it quote them: whole when short, else their beginning."""

from __future__ import annotations

LONGEST = 80
"""Characters of a quoted text; more would bury the sentence around it."""


def shorten(text: str, longest: int = LONGEST) -> str:
    """The text, or its first ``longest`` characters with an ellipsis for the rest."""
    return text if len(text) <= longest else f"{text[:longest].rstrip()}…"
