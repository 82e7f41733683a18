"""The words for states, outcomes, reasons and acts of mailings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import pgettext

from app.models import Event
from app.services.bulk_sending.mailing_audience import BARRED, NO_ADDRESS, REFUSED, SAME_ADDRESS
from app.services.bulk_sending.mailing_sending import UNWRITTEN
from app.web import deeds
from app.web.shell import digits


def states() -> Mapping[str, str]:
    """How a mailing may stand."""
    return {
        "draft": _("draft"),
        "scheduled": _("scheduled"),
        "running": _("under way"),
        "stopped": _("stopped"),
        "done": _("done"),
        "cancelled": _("cancelled"),
    }


def outcomes() -> Mapping[str, tuple[str, str]]:
    """What may have become of a recipient: an icon and the words."""
    return {
        "waiting": ("clock", _("not yet begun")),
        "queued": ("mail", _("on its way")),
        "sent": ("check", pgettext("letter", "sent")),
        "delivered": ("ok", pgettext("letter", "delivered")),
        "failed": ("bad", _("did not arrive")),
        "unknown": ("warn", _("nobody knows whether it arrived")),
        "skipped": ("minus", _("left out")),
        "cancelled": ("x", _("cancelled before it went out")),
    }


def reason(code: str | None) -> str:
    """Why somebody was left out, or what the partner said."""
    known = {
        NO_ADDRESS: _("no address of this kind on record"),
        SAME_ADDRESS: _("shares an address with somebody above"),
        BARRED: _("wants nothing sent there"),
        REFUSED: _("wants no mailings"),
        UNWRITTEN: _("the text cannot be written with these values"),
    }
    return str(known.get(code or "", code or ""))


def act(event: Event) -> str:
    """What somebody did with a mailing."""
    data: Mapping[str, Any] = event.data
    known = {
        "created": _("wrote it"),
        "changed": _("changed it"),
        "scheduled": _("let it go out"),
        "recalled": _("called it back"),
        "started": _("it began, with %(count)s recipients", count=digits(data.get("recipients"))),
        "stopped": _("stopped it; %(count)s had gone out", count=digits(data.get("went"))),
        "resumed": _("let it go on"),
        "cancelled": _("cancelled it; %(count)s had gone out", count=digits(data.get("went"))),
        "tried": _("sent a trial"),
        "done": _("all is done"),
        "unsubscribed": _("a customer ended mailings by the link in it"),
        "subscribed": _("a customer wants mailings again"),
    }
    if data.get("why") == "rights":
        return str(_("it did not begin: who let it go out may not do so any more"))
    if data["act"] == "decided":
        address = f"\u2066{data['to']}\u2069"
        return f"{address}: {deeds.decided(data['decision'])}"
    return str(known.get(data["act"], data["act"]))
