"""What people did with something that belongs to no request, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask_babel import gettext as _

from app.models import Event
from app.services import history
from app.web import account_words


class Deed(NamedTuple):
    """One entry: what happened, and with what reason."""

    event: Event
    words: str
    reason: str


def told_of(element: str) -> list[Deed]:
    """The deeds, the newest first."""
    return [
        Deed(one, _words(one.kind, one.data), str(one.data.get("reason") or ""))
        for one in history.deeds_of(element)
    ]


def _words(kind: str, data: Mapping[str, Any]) -> str:
    if kind == "user_reached":
        return _places(data.get("after") or {})
    told: dict[str, str] = {
        "message_dropped": _("dropped it"),
        "message_released": _("released it from quarantine"),
        "message_placed": _("placed it on a request"),
        "call_dismissed": _("dropped it"),
    }
    return told.get(kind) or account_words.told(kind, data) or kind


def _places(after: Mapping[str, str | None]) -> str:
    places = [f"\u2068{one}\u2069" for one in (after.get("email"), after.get("phone")) if one]
    if not places:
        return str(_("letters go nowhere"))
    return str(_("letters go to %(places)s", places=" · ".join(places)))
