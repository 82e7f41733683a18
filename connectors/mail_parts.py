"""The parts of a mail: its texts, its files, and the mails that it brings back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import TypeVar

from connectors import mail_bounces
from connectors.mail_words import base64_bytes, beginning, decode, decode_header, tidy

MOST_PARTS = 200
DEEPEST = 50
LONGEST_HEADER = 16_000
MOST_BYTES = {"text/plain": 1_000_000, "text/html": 2_000_000}
"""Of all texts of a kind in a mail; to find out the charset of more takes long, and more is cut."""
MOST_ADDRESSES = 100
MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,240}>")
MESSAGE_ID_LINE = re.compile(rf"(?im)^message-id:\s*({MESSAGE_ID.pattern})")
_NAME = re.compile(r'(?i)name\s*=\s*"([^"\r\n]{1,1000})"')
T = TypeVar("T")
BROKEN = (
    ValueError, LookupError, RecursionError, TypeError, AttributeError, AssertionError,
    OverflowError,
)  # fmt: skip
"""What the standard library raises over broken mails, instead of saying that they are."""


class Unreadable(Exception):  # Named for what the mail is.
    """The mail is beyond what is read. ``code``: ``too_large``, ``too_many_parts``,
    ``too_deep``, ``too_many_lines`` or ``broken``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class File:
    """What is attached, under the name it claims."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


def leaves(message: Message) -> Iterator[Message]:
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


def content_of(parts: list[Message]) -> tuple[list[str], list[str], tuple[File, ...]]:
    """The plain texts, the HTML texts and the files among the parts."""
    texts: list[str] = []
    htmls: list[str] = []
    files: list[File] = []
    left = dict(MOST_BYTES)
    for part in parts:
        kind = part.get_content_type()
        if kind in left and not _is_file(part):
            charset = _charset(part)
            content = beginning(_bytes(part), left[kind], charset)
            left[kind] -= len(content)
            (texts if kind == "text/plain" else htmls).append(tidy(decode(content, charset)))
        elif kind not in (*mail_bounces.STATUS, *_HEADS):
            files.append(File(_file_name(part, len(files) + 1), kind, _bytes(part)))
    return texts, htmls, tuple(one for one in files if one.content)


def _is_file(part: Message) -> bool:
    disposition = str(part.get("content-disposition", "")).strip().casefold()
    return disposition.startswith("attachment") or bool(or_else(part.get_filename, None))


def _charset(part: Message) -> str:
    return or_else(lambda: str(part.get_param("charset") or ""), "")


def _bytes(part: Message) -> bytes:
    """The content, its transfer encoding undone; a forwarded mail as its own bytes."""
    payload = part.get_payload()
    if isinstance(payload, list):
        inner = payload[0] if payload else None
        return or_else(inner.as_bytes, b"") if isinstance(inner, Message) else b""
    if str(part.get("content-transfer-encoding", "")).strip().casefold() == "base64":
        return base64_bytes(str(payload).encode("utf-8", "surrogateescape"))
    found = or_else(lambda: part.get_payload(decode=True), None)
    return found if isinstance(found, bytes) else b""


def _file_name(part: Message, number: int) -> str:
    claimed = or_else(lambda: decode_header(part.get_filename() or ""), "")
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


def returned_by(parts: list[Message]) -> tuple[str, ...]:
    """The Message-IDs of the mails whose heads these parts bring back or forward."""
    heads = [_bytes(one)[:LONGEST_HEADER] for one in parts if one.get_content_type() in _COPIES]
    found = (MESSAGE_ID_LINE.search(one.decode("ascii", "replace")) for one in heads)
    return tuple(one[1] for one in found if one)[:MOST_ADDRESSES]


_HEADS = ("text/rfc822-headers", "message/global-headers")
_COPIES = ("message/rfc822", "message/global", *_HEADS)


def or_else(ask: Callable[[], T], otherwise: T) -> T:
    """What ``ask`` gives; the other where the standard library trips over what it reads."""
    try:
        return ask()
    except BROKEN:
        return otherwise
