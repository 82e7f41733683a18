"""What people did with something that belongs to no request, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import ngettext

from app.models import Event
from app.services import history
from app.web import account_words
from app.web.shell import digits


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
        "partner_call_dropped": _("dropped it"),
        "channel_token_refused": _("Its server takes the refresh token no more"),
    }
    if kind == "delivery_decided":
        return decided(data["decision"])
    if kind == "partner_call_offered":
        return _offered(data["heard"])
    if kind == "partner_call_forgotten":
        return _forgotten(data)
    if kind == "partner_call_corrected":
        return _corrected(data)
    return told.get(kind) or account_words.told(kind, data) or kind


def decided(decision: str) -> str:
    """What somebody decided about a message in doubt."""
    told: dict[str, str] = {
        "arrived": _("said that it arrived"),
        "again": _("sent it again"),
        "given_up": _("gave it up"),
    }
    return told[decision]


def _offered(heard: int) -> str:
    if not heard:
        return str(_("offered it again; nothing waited for it"))
    words: str = ngettext(
        "offered it again; one process heard it", "offered it again; %(count)s processes heard it",
        heard, count=digits(heard),
    )  # fmt: skip
    return words


def _forgotten(data: Mapping[str, Any]) -> str:
    named = {name: f"\u2068{data[name]}\u2069" for name in ("message", "call", "channel")}
    return str(_("forgot %(message)s (%(call)s) of %(channel)s after a year", **named))


def _corrected(data: Mapping[str, Any]) -> str:
    before = data["before"]
    told = [
        _("the key was %(key)s", key=f"\u2068{before['key']}\u2069") if "key" in before else "",
        _("the values were %(values)s", values=_json(before["data"])) if "data" in before else "",
    ]
    said = _("corrected it")
    return f"{said}: {' · '.join(filter(None, told))}"


def _json(values: Mapping[str, Any]) -> str:
    return f"\u2068{json.dumps(values, ensure_ascii=False)}\u2069"


def _places(after: Mapping[str, str | None]) -> str:
    places = [f"\u2068{one}\u2069" for one in (after.get("email"), after.get("phone")) if one]
    if not places:
        return str(_("letters go nowhere"))
    return str(_("letters go to %(places)s", places=" · ".join(places)))
