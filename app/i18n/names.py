"""A person's name as the two letters and the colour of the round mark beside it."""

from __future__ import annotations

_HALF_SPACE = "\u200c"
TINTS = 6


def initials(name: str) -> str:
    """``NA`` for Narges Ahmadi; Persian letters are kept apart by a half-space."""
    words = [word for word in name.replace(_HALF_SPACE, " ").split() if word[0].isalpha()]
    letters = [word[0].upper() for word in (words[0], words[-1])] if len(words) > 1 else []
    letters = letters or [word[:2].upper() for word in words[:1]]
    text = "".join(letters)
    return text if text.isascii() else _HALF_SPACE.join(text)


def tint(name: str) -> int:
    """One of the six colours, always the same one for the same name."""
    return sum(map(ord, name)) % TINTS + 1
