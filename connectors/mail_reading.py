"""A mail as it came, read without trusting anything in it.

The standard library's parser is used with its oldest policy, whose objects only hold what was
read: newer ones fail on hostile mails and take minutes. What is too large is refused before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from itertools import islice

from connectors import mail_bounces, mail_html, mail_loops, mail_proof
from connectors.mail_parts import (
    BROKEN,
    LONGEST_HEADER,
    MESSAGE_ID,
    MESSAGE_ID_LINE,
    MOST_ADDRESSES,
    MOST_PARTS,
    File,
    Unreadable,
    content_of,
    leaves,
    or_else,
    returned_by,
)
from connectors.mail_words import decode_header, tidy

LARGEST = 25 * 1024 * 1024
MOST_LINES = 600_000
LONGEST_TEXT = 200_000
MOST_TRACE = 50

_CONTAINER = re.compile(rb"(?im)^content-type:\s*(multipart|message)/")
_BOUNDARY = re.compile(rb'(?i)boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))')
_RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


@dataclass(frozen=True)
class Person:
    """A mailbox in lower case with the name given beside it; either may be empty."""

    mailbox: str
    name: str = ""


@dataclass(frozen=True)
class Mail:
    """What one mail says. Texts have no control characters; nothing in it is checked further."""

    sender: Person
    """From, else Sender; empty when there is none."""
    reply_to: tuple[Person, ...]
    recipients: tuple[str, ...]
    """Every address it was sent to, the envelope's where the server wrote it down."""
    return_path: str | None
    """The envelope sender: empty for the null one, None when not written down."""
    subject: str
    text: str = field(repr=False)
    html: str | None = field(repr=False)
    """Safe HTML that still names remote images; None when there is none or it is too deep."""
    files: tuple[File, ...]
    message_id: str | None
    references: tuple[str, ...]
    """In-Reply-To and References, the nearest first."""
    sent_at: datetime | None
    automatic: str | None
    """Why a machine seems to have written it, see ``mail_loops.why_automatic``."""
    bounces: tuple[mail_bounces.Bounce, ...]
    returned: tuple[str, ...]
    """The Message-IDs of mails that it brings back or forwards."""
    is_failure: bool = False
    """Whether it seems to tell that something did not arrive, be it readable by machine or not."""
    trace: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """The headers ``received`` and ``authentication-results``, the topmost first, see
    ``mail_proof.judge``."""


def read(raw: bytes) -> Mail:
    """Read a mail from its bytes; raises :class:`Unreadable` and nothing else."""
    check(raw)
    try:
        message = message_from_bytes(raw, policy=policy.compat32)
        parts = list(leaves(message))
        return _mail(message, parts, raw)
    except BROKEN:
        raise Unreadable("broken") from None


def check(raw: bytes) -> None:
    """Raise :class:`Unreadable` for what would take long to parse, looking at bytes alone."""
    if len(raw) > LARGEST:
        raise Unreadable("too_large")
    if raw.count(b"\n") + raw.count(b"\r") > 2 * MOST_LINES:
        raise Unreadable("too_many_lines")
    if sum(1 for _ in _CONTAINER.finditer(raw)) > MOST_PARTS:
        raise Unreadable("too_many_parts")
    borders = {quoted or plain for quoted, plain in _BOUNDARY.findall(raw)}
    if len(borders) > 2 * MOST_PARTS:
        raise Unreadable("too_many_parts")
    if borders and _starts(raw, borders) > 2 * MOST_PARTS + len(borders):
        raise Unreadable("too_many_parts")


def _starts(raw: bytes, borders: set[bytes]) -> int:
    """How many lines begin a part, or end a row of them."""
    count = 0
    for line in re.finditer(rb"(?m)^--([^\r\n]{1,200})", raw):
        words = line[1].rstrip()
        count += words in borders or words.removesuffix(b"--") in borders
    return count


def _mail(message: Message, parts: list[Message], raw: bytes) -> Mail:
    headers = _headers(message)
    sender = (*_people(headers, "from"), *_people(headers, "sender"), Person(""))[0]
    texts, htmls, files = content_of(parts)
    html = mail_html.clean("\n".join(htmls), images=True) if htmls else None
    plain = "\n\n".join(texts).strip("\n")
    text = plain if plain.strip() else mail_html.read_text("\n".join(htmls))
    return_path = _return_path(headers)
    subject = decode_header(headers.get("subject", ""))[:300]
    mailbox, nothing = sender.mailbox, tuple[mail_bounces.Bounce, ...]()
    bounces = or_else(lambda: mail_bounces.read(message, mailbox, raw), nothing)
    return Mail(
        sender=sender,
        reply_to=_people(headers, "reply-to"),
        recipients=tuple(dict.fromkeys(one.mailbox for one in _people(headers, *_RECIPIENTS))),
        return_path=return_path,
        subject=subject,
        text=tidy(text)[:LONGEST_TEXT],
        html=tidy(html) if html else None,
        files=files,
        message_id=next(iter(_ids(headers.get("message-id", ""))), None),
        references=_references(headers),
        sent_at=or_else(lambda: _instant(headers.get("date", "")), None),
        automatic=mail_loops.why_automatic(headers, return_path, mailbox, subject),
        bounces=bounces,
        returned=returned_by(parts) or (_copied(plain) if bounces else ()),
        is_failure=or_else(lambda: mail_bounces.is_failure(message, mailbox, subject), False),
        trace=_trace(message),
    )


def _headers(message: Message) -> Mapping[str, str]:
    """Names in lower case, each with its first value as it was written, those of addresses with
    all."""
    found: dict[str, str] = {}
    for name, value in list(message.raw_items())[:2000]:
        key, text = name.casefold(), str(value)[:LONGEST_HEADER]
        if key not in found:
            found[key] = text
        elif key in _RECIPIENTS:
            found[key] = f"{found[key]}, {text}"[:LONGEST_HEADER]
    return found


def _trace(message: Message) -> tuple[tuple[str, str], ...]:
    wanted = (mail_proof.RESULTS, mail_proof.RECEIVED)
    items = ((name.casefold(), str(value)) for name, value in list(message.raw_items())[:2000])
    found = ((name, value[: mail_proof.LONGEST]) for name, value in items if name in wanted)
    return tuple(islice(found, MOST_TRACE))


def _people(headers: Mapping[str, str], *names: str) -> tuple[Person, ...]:
    values = [" ".join(headers[name].splitlines()) for name in names if name in headers]
    nobody: list[tuple[str, str]] = []
    pairs = or_else(lambda: getaddresses(values), nobody)
    return tuple(
        Person(decode_header(mailbox).casefold()[:254], decode_header(name)[:200])
        for name, mailbox in pairs[:MOST_ADDRESSES]
        if mailbox
    )


def _return_path(headers: Mapping[str, str]) -> str | None:
    if "return-path" not in headers:
        return None
    return headers["return-path"].strip().strip("<>").strip().casefold()[:254]


def _ids(value: str) -> list[str]:
    return MESSAGE_ID.findall(value)


def _references(headers: Mapping[str, str]) -> tuple[str, ...]:
    answered, before = (_ids(headers.get(name, "")) for name in ("in-reply-to", "references"))
    return tuple(dict.fromkeys([*answered, *reversed(before)]))[:MOST_ADDRESSES]


def _copied(text: str) -> tuple[str, ...]:
    """The Message-IDs of mails that a plain report copies into its text."""
    return tuple(one[1] for one in islice(MESSAGE_ID_LINE.finditer(text), MOST_ADDRESSES))


def _instant(value: str) -> datetime | None:
    """The moment in UTC; None for one that tables or calendars may not be able to hold."""
    moment = parsedate_to_datetime(value)
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if 1970 <= moment.year < 2200 else None
