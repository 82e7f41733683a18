"""One outgoing e-mail: what it says, and its bytes.

The bytes depend on the letter alone, so a delivery that is tried again sends the same message
with the same Message-ID, and the receiving side can drop the second copy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from connectors.addresses import Address, has_control_characters
from connectors.errors import BadAddress, BadHeader
from connectors.folding import FoldedPolicy
from connectors.html import page

_DELIVERY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,240}>")

_POLICY = FoldedPolicy(linesep="\r\n", cte_type="7bit")


@dataclass(frozen=True)
class Letter:
    """One e-mail to send, in the words of the application."""

    delivery_id: str
    """Letters, digits, ``.``, ``_`` and ``-``; the same for every attempt."""
    sender: Address
    to: tuple[Address, ...]
    subject: str
    body: str
    """Plain text; the HTML part is made from it."""
    written_at: datetime
    """With a time zone; the ``Date`` of the message, the same for every attempt."""
    language: str = "fa"
    reply_to: Address | None = None
    in_reply_to: str | None = None
    """The Message-ID that this answers, with its angle brackets."""
    references: tuple[str, ...] = ()
    bounces_to: Address | None = None
    """The envelope sender, where delivery failures go; the sender when not given."""

    @property
    def message_id(self) -> str:
        return f"<{self.delivery_id}@{self.sender.domain}>"

    @property
    def envelope_from(self) -> str:
        return (self.bounces_to or self.sender).mailbox


@dataclass(frozen=True)
class Accepted:
    """The next server (or the outbox) took the message over."""

    reference: str
    """Our Message-ID."""
    detail: str = ""
    """What the server said, for the operator."""


def check_delivery_id(delivery_id: str) -> str:
    """Return the id when it is fit to be a file name and a Message-ID; ``ValueError`` if not."""
    if not _DELIVERY_ID.fullmatch(delivery_id):
        raise ValueError(f"not a delivery id: {delivery_id[:80]!r}")
    return delivery_id


def build(letter: Letter) -> EmailMessage:
    """Return the letter as a MIME message: a text part and an HTML part that says the same.

    Raises :class:`BadHeader` when a header would hold a line break, :class:`BadAddress` when
    nobody is addressed.
    """
    message = EmailMessage(policy=_POLICY)
    _address(message, letter)
    _identify(message, letter)
    _mark_as_automatic(message)
    message["Content-Language"] = "fa" if letter.language == "fa" else "en"
    message.set_content(letter.body, charset="utf-8")
    html = page(letter.subject, letter.body, letter.language)
    message.add_alternative(html, subtype="html", charset="utf-8")
    message.set_boundary(f"=_{letter.delivery_id[:60]}_=")
    return message


def wire_bytes(letter: Letter) -> bytes:
    """Return the message as it goes over the wire: ASCII, lines ending in CR LF."""
    return build(letter).as_bytes()


def _address(message: EmailMessage, letter: Letter) -> None:
    if not letter.to:
        raise BadAddress("no recipient")
    for one in (letter.sender, letter.bounces_to, letter.reply_to, *letter.to):
        if one and (not one.mailbox.isascii() or has_control_characters(one.mailbox)):
            raise BadAddress(ascii(one.mailbox)[:80])
    message["From"] = (letter.sender,)
    message["To"] = letter.to
    if letter.reply_to:
        message["Reply-To"] = (letter.reply_to,)
    message["Subject"] = letter.subject


def _identify(message: EmailMessage, letter: Letter) -> None:
    check_delivery_id(letter.delivery_id)
    message["Date"] = letter.written_at
    message["Message-ID"] = letter.message_id
    for one in (*letter.references, *filter(None, [letter.in_reply_to])):
        if not _MESSAGE_ID.fullmatch(one):
            raise BadHeader("Message-ID")
    if letter.in_reply_to:
        message["In-Reply-To"] = letter.in_reply_to
    if letter.references:
        message["References"] = " ".join(letter.references)


def _mark_as_automatic(message: EmailMessage) -> None:
    """Ask other machines not to answer: RFC 3834 and what mail servers honour besides it."""
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Precedence"] = "bulk"
