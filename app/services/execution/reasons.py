"""Why somebody lays hands on a process, as the history keeps it."""

from __future__ import annotations

from app.access import Actor
from app.errors import Invalid
from app.services import texts

LONGEST_REASON = 1_000


def read_reason(text: str, actor: Actor) -> str:
    """The reason without what cannot be kept; raises Invalid for one that is too long."""
    said = texts.tidy(text).strip()
    if len(said) > LONGEST_REASON:
        raise Invalid({"reason": [_too_long(actor)]})
    return said


def why(text: str, actor: Actor) -> dict[str, str]:
    """The reason as a part of a cause; nothing where none is given. Raises Invalid."""
    said = read_reason(text, actor)
    return {"reason": said} if said else {}


def _too_long(actor: Actor) -> str:
    if actor.language == "fa":
        return "دلیل را به کمتر از ۱٬۰۰۰ نویسه کوتاه کنید."
    return "Shorten the reason to at most 1,000 characters."
