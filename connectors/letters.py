"""One outgoing e-mail: what it says, and its bytes.

The bytes depend on the letter alone, so a delivery that is tried again sends the same message
with the same Message-ID, and the receiving side can drop the second copy.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from connectors.addresses import Address, has_control_characters
from connectors.errors import BadAddress, BadHeader
from connectors.folding import fold_addresses, fold_list, fold_text
from connectors.html import page

_DELIVERY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,240}>")
_WEB_ADDRESS = re.compile(r"https?://[\x21-\x3b\x3d\x3f-\x7e]{1,500}")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
LONGEST = 78
"""Characters of one line that goes out as it stands, the line break not counted."""


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
    unsubscribe: str = ""
    """Of a letter to many: the web address that ends such letters by one POST (RFC 8058)."""

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


def wire_bytes(letter: Letter) -> bytes:
    """Return the letter as it goes over the wire: ASCII, lines ending in CR LF, a text part and
    an HTML part that says the same (RFC 5322, RFC 2046 5.1.4).

    It is put together here, since the standard library's message objects, which parse again
    whatever they are given, take ten times as long. Raises :class:`BadHeader` when a header
    would hold a line break, :class:`BadAddress` when nobody is addressed.
    """
    boundary = f"=_{check_delivery_id(letter.delivery_id)[:60]}_="
    language = "fa" if letter.language == "fa" else "en"
    lines = [
        *_address(letter),
        *_identify(letter),
        *_AUTOMATIC,
        f"Content-Language: {language}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative;\n boundary="{boundary}"',
        "",
        *_part(letter.body, "plain", boundary),
        *_part(page(letter.subject, letter.body, language), "html", boundary),
        f"--{boundary}--",
        "",
    ]
    return "\n".join(lines).replace("\n", "\r\n").encode("ascii")


def _address(letter: Letter) -> Iterator[str]:
    if not letter.to:
        raise BadAddress("no recipient")
    for one in (letter.sender, letter.bounces_to, letter.reply_to, *letter.to):
        if one and (not one.mailbox.isascii() or has_control_characters(one.mailbox)):
            raise BadAddress(ascii(one.mailbox)[:80])
    yield fold_addresses("From", (letter.sender,))
    yield fold_addresses("To", letter.to)
    if letter.reply_to:
        yield fold_addresses("Reply-To", (letter.reply_to,))
    yield fold_text("Subject", letter.subject)
    if letter.unsubscribe:
        if not _WEB_ADDRESS.fullmatch(letter.unsubscribe):
            raise BadHeader("List-Unsubscribe")
        yield f"List-Unsubscribe: <{letter.unsubscribe}>"
        yield "List-Unsubscribe-Post: List-Unsubscribe=One-Click"


def _identify(letter: Letter) -> Iterator[str]:
    for one in (*letter.references, *filter(None, [letter.in_reply_to])):
        if not _MESSAGE_ID.fullmatch(one):
            raise BadHeader("Message-ID")
    yield f"Date: {format_datetime(letter.written_at)}"
    yield f"Message-ID: {letter.message_id}"
    if letter.in_reply_to:
        yield f"In-Reply-To: {letter.in_reply_to}"
    if letter.references:
        yield fold_list("References", letter.references)


_AUTOMATIC = ("Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All", "Precedence: bulk")
"""What asks other machines not to answer: RFC 3834 and what mail servers honour besides it."""


def _part(text: str, subtype: str, boundary: str) -> Iterator[str]:
    whole = "\n".join(_LINE_BREAK.split(text.rstrip("\r\n"))) + "\n"
    encoding, encoded = _encode(whole)
    yield f"--{boundary}"
    yield f'Content-Type: text/{subtype}; charset="utf-8"'
    yield f"Content-Transfer-Encoding: {encoding}"
    yield ""
    yield encoded


def _encode(text: str) -> tuple[str, str]:
    """As it stands where lines are as short as RFC 5322 2.1.1 wishes them, else encoded."""
    if not text.isascii():
        # What is encoded are the line breaks that the text has on the wire (RFC 2045 6.8).
        return "base64", encodebytes(text.replace("\n", "\r\n").encode()).decode("ascii")
    if "\0" in text or max(map(len, text.split("\n"))) > LONGEST:
        return "quoted-printable", b2a_qp(text.encode()).decode("ascii")
    return "7bit", text
