"""A mail as it came, read without trusting anything in it.

The standard library's parser is used with its oldest policy, whose objects only hold what was
read: newer ones fail on hostile mails and take minutes. What is too large is refused before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from itertools import islice
from typing import TypeVar

from connectors import mail_bounces, mail_html, mail_loops, mail_proof
from connectors.mail_words import base64_bytes, decode, decode_header, tidy

LARGEST = 25 * 1024 * 1024
MOST_PARTS = 200
DEEPEST = 50
MOST_LINES = 600_000
LONGEST_HEADER = 16_000
LONGEST_TEXT = 200_000
MOST_ADDRESSES = 100
MOST_TRACE = 50

T = TypeVar("T")
_BROKEN = (
    ValueError, LookupError, RecursionError, TypeError, AttributeError, AssertionError,
    OverflowError,
)  # fmt: skip
"""What the standard library raises over broken mails, instead of saying that they are."""
_CONTAINER = re.compile(rb"(?im)^content-type:\s*(multipart|message)/")
_BOUNDARY = re.compile(rb'(?i)boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))')
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,240}>")
_MESSAGE_ID_LINE = re.compile(rf"(?im)^message-id:\s*({_MESSAGE_ID.pattern})")
_NAME = re.compile(r'(?i)name\s*=\s*"([^"\r\n]{1,1000})"')
_RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


class Unreadable(Exception):  # Named for what the mail is.
    """The mail is beyond what is read. ``code``: ``too_large``, ``too_many_parts``,
    ``too_deep``, ``too_many_lines`` or ``broken``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Person:
    """A mailbox in lower case with the name given beside it; either may be empty."""

    mailbox: str
    name: str = ""


@dataclass(frozen=True)
class File:
    """What is attached, under the name it claims."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


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
        parts = list(_leaves(message))
        return _mail(message, parts, raw)
    except _BROKEN:
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


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something, in order, without recursion; a forwarded mail is one."""
    waiting, seen = [(message, 0)], 0
    while waiting:
        part, depth = waiting.pop()
        seen += 1
        if seen > MOST_PARTS or depth > DEEPEST:
            raise Unreadable("too_many_parts" if seen > MOST_PARTS else "too_deep")
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            inner = [one for one in payload if isinstance(one, Message)]
            waiting += [(one, depth + 1) for one in reversed(inner)]
        else:
            yield part


def _mail(message: Message, parts: list[Message], raw: bytes) -> Mail:
    headers = _headers(message)
    sender = (*_people(headers, "from"), *_people(headers, "sender"), Person(""))[0]
    texts, htmls, files = _content(parts)
    html = mail_html.clean("\n".join(htmls), images=True) if htmls else None
    plain = "\n\n".join(texts).strip("\n")
    text = plain if plain.strip() else mail_html.read_text("\n".join(htmls))
    return_path = _return_path(headers)
    subject = decode_header(headers.get("subject", ""))[:300]
    mailbox, nothing = sender.mailbox, tuple[mail_bounces.Bounce, ...]()
    bounces = _or(lambda: mail_bounces.read(message, mailbox), nothing)
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
        sent_at=_or(lambda: _instant(headers.get("date", "")), None),
        automatic=mail_loops.why_automatic(headers, return_path, mailbox, subject),
        bounces=bounces,
        returned=_returned(parts) or (_copied(plain) if bounces else ()),
        is_failure=_or(lambda: mail_bounces.is_failure(message, mailbox, subject), False),
        trace=_trace(message),
    )


def _or(ask: Callable[[], T], otherwise: T) -> T:
    """What ``ask`` gives; the other where the standard library trips over what it reads."""
    try:
        return ask()
    except _BROKEN:
        return otherwise


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
    pairs = _or(lambda: getaddresses(values), nobody)
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
    return _MESSAGE_ID.findall(value)


def _references(headers: Mapping[str, str]) -> tuple[str, ...]:
    answered, before = (_ids(headers.get(name, "")) for name in ("in-reply-to", "references"))
    return tuple(dict.fromkeys([*answered, *reversed(before)]))[:MOST_ADDRESSES]


def _returned(parts: list[Message]) -> tuple[str, ...]:
    heads = [_bytes(one)[:LONGEST_HEADER] for one in parts if one.get_content_type() in _COPIES]
    found = (_MESSAGE_ID_LINE.search(one.decode("ascii", "replace")) for one in heads)
    return tuple(one[1] for one in found if one)[:MOST_ADDRESSES]


_HEADS = ("text/rfc822-headers", "message/global-headers")
_COPIES = ("message/rfc822", "message/global", *_HEADS)


def _copied(text: str) -> tuple[str, ...]:
    """The Message-IDs of mails that a plain report copies into its text."""
    return tuple(one[1] for one in islice(_MESSAGE_ID_LINE.finditer(text), MOST_ADDRESSES))


def _instant(value: str) -> datetime | None:
    """The moment in UTC; None for one that tables or calendars may not be able to hold."""
    moment = parsedate_to_datetime(value)
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if 1970 <= moment.year < 2200 else None


def _content(parts: list[Message]) -> tuple[list[str], list[str], tuple[File, ...]]:
    texts: list[str] = []
    htmls: list[str] = []
    files: list[File] = []
    for part in parts:
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and not _is_file(part):
            (texts if kind == "text/plain" else htmls).append(_text(part))
        elif kind not in (*mail_bounces.STATUS, *_HEADS):
            files.append(File(_file_name(part, len(files) + 1), kind, _bytes(part)))
    return texts, htmls, tuple(one for one in files if one.content)


def _is_file(part: Message) -> bool:
    disposition = str(part.get("content-disposition", "")).strip().casefold()
    return disposition.startswith("attachment") or bool(_or(part.get_filename, None))


def _text(part: Message) -> str:
    charset = _or(lambda: str(part.get_param("charset") or ""), "")
    return tidy(decode(_bytes(part), charset))


def _bytes(part: Message) -> bytes:
    """The content, its transfer encoding undone; a forwarded mail as its own bytes."""
    payload = part.get_payload()
    if isinstance(payload, list):
        inner = payload[0] if payload else None
        return _or(inner.as_bytes, b"") if isinstance(inner, Message) else b""
    if str(part.get("content-transfer-encoding", "")).strip().casefold() == "base64":
        return base64_bytes(str(payload).encode("utf-8", "surrogateescape"))
    found = _or(lambda: part.get_payload(decode=True), None)
    return found if isinstance(found, bytes) else b""


def _file_name(part: Message, number: int) -> str:
    claimed = _or(lambda: decode_header(part.get_filename() or ""), "")
    if "\ufffd" in claimed:
        claimed = _raw_name(part) or claimed
    if claimed:
        return claimed[:200]
    if part.get_content_type() == "message/rfc822":
        return f"mail-{number}.eml"
    return f"file-{number}.{part.get_content_subtype()[:20]}"


def _raw_name(part: Message) -> str:
    """The name from bytes that are not encoded at all, which the parser does not decode."""
    wanted = ("content-disposition", "content-type")
    values = (str(value) for name, value in part.raw_items() if name.casefold() in wanted)
    found = filter(None, (_NAME.search(value[:LONGEST_HEADER]) for value in values))
    return next((decode_header(one[1]) for one in found), "")
