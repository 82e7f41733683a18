"""What was said on a request, each word as the bubble that a page shows."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from app.models import InboundMessage, Interaction
from app.models.inbound import BOUNCE
from app.services.casework import contacts
from app.web import inbound_words
from app.web.entries import Entry, named


def bubble(said: Interaction, mail: InboundMessage | None = None) -> Entry:
    """A message or a note as its bubble."""
    looks = {"inbound": ("msg", ""), "outbound": ("mail", "us"), "internal": ("lock", "note")}
    icon, shape = looks[said.direction]
    icon = "phone" if said.channel in ("phone", "voicemail") else icon
    return Entry(
        said.at, icon, "", named(said.author_names), about=_about(said, mail),
        body=_returned(said, mail) if mail and mail.state == BOUNCE else _body(said),
        bubble=shape, folded=_folded(said), link=said.link or "",
        whole=(mail.whole or "") if mail else "",
        formatted=mail.id if mail and mail.has_html else None,
    )  # fmt: skip


def _returned(said: Interaction, mail: InboundMessage) -> str:
    """The note of a letter that came back, in the reader's language; what the server said is as
    it is, and the entry beside it names the address."""
    subject = f"\u2068{said.subject or ''}\u2069"
    why = inbound_words.why(mail)
    return str(_("The letter “%(subject)s” did not arrive: %(why)s", subject=subject, why=why))


def _folded(said: Interaction) -> str:
    return (said.subject or "") if said.author_kind == "system" else ""


def _body(said: Interaction) -> str:
    titled = said.subject and said.author_kind != "system"
    return f"{said.subject}\n{said.body}" if titled else said.body


def _about(said: Interaction, mail: InboundMessage | None) -> str:
    if mail is not None and mail.proof == "fail":
        return str(_("its sender may be forged, says our mail server"))
    if said.channel in contacts.CHANNELS:
        return _ways()[said.channel, said.direction]
    told: dict[tuple[str, bool], str] = {
        ("internal", False): _("internal note, hidden from the customer"),
        ("outbound", False): _("to the customer"),
        ("outbound", True): _("to the customer, automatic"),
    }
    return told.get((said.direction, said.author_kind == "system"), "")


def _ways() -> Mapping[tuple[str, str], str]:
    """How something was said by a way that staff or a telephone system tell of."""
    return {
        ("phone", "inbound"): _("the customer called"),
        ("phone", "outbound"): _("we called"),
        ("voicemail", "inbound"): _("the customer’s voice mail"),
        ("voicemail", "outbound"): _("our voice mail"),
        ("fax", "inbound"): _("the customer’s fax"),
        ("fax", "outbound"): _("our fax"),
        ("letter", "inbound"): _("the customer’s letter"),
        ("letter", "outbound"): _("our letter"),
        ("in_person", "inbound"): _("the customer came in person"),
        ("in_person", "outbound"): _("we went in person"),
    }
