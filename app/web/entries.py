"""The lines of a history, as every teller makes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _

from app.i18n import current_language, pick_text, to_digits
from app.models import Event


class Entry(NamedTuple):
    """One line of the list; the body is what was said, the facts small print."""

    at: datetime
    icon: str
    words: str
    who: str = ""
    dot: str = ""
    about: str = ""
    body: str = ""
    bubble: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    folded: str = ""
    """The subject under which a long automatic letter is folded away."""
    link: str = ""
    """Where more of it is, such as a recording."""
    whole: str = ""
    """The whole text of a mail whose quotations are folded away."""
    formatted: int | None = None
    """The id of the message, where its sender formatted it."""


def entry(event: Event, icon: str, words: str, dot: str = "", body: str = "") -> Entry:
    """What somebody did."""
    return Entry(event.at, icon, words, named(event.actor_names), dot, body=body)


def automatic(event: Event, icon: str, words: str, dot: str = "", body: str = "") -> Entry:
    """What happened by itself."""
    return Entry(event.at, icon, words, body=body, dot=dot, about=_("automatic"))


def named(texts: Any) -> str:
    """The text in the reader's language; nothing for what is no text."""
    return pick_text(texts, current_language()) if isinstance(texts, (Mapping, str)) else ""


def digits_of(value: object) -> str:
    """A number in the reader's digits."""
    return to_digits(value, current_language())
