"""Why a person lets nothing come of what came in."""

from __future__ import annotations

from app.access import Actor
from app.errors import Invalid
from app.services import texts

LONGEST = 300
_WHY = ("بنویسید چرا کنار گذاشته می‌شود.", "Write why it is dropped.")


def read_reason(text: str, actor: Actor) -> str:
    """The reason on one line, as it is kept with what was dropped; raises Invalid without one."""
    tidy = " ".join(texts.tidy(text).split())[:LONGEST]
    if not tidy:
        raise Invalid({"reason": [texts.choose(_WHY, actor.language)]})
    return tidy
