"""The headers of a mail whose rest is too much to read: who wrote it, when, to whom, about what."""

from __future__ import annotations

import re

from connectors.mail_reading import Mail, read

LONGEST_HEAD = 64 * 1024
_EMPTY_LINE = re.compile(rb"\A(?:\r\n|\n|\r)|\r\n\r\n|\n\r?\n|\r\r")


def read_head(raw: bytes) -> Mail:
    """What the headers alone say; without text and files. Not more than :data:`LONGEST_HEAD`
    bytes are looked at, whatever follows them. Raises ``mail_parts.Unreadable`` alone."""
    return read(head_of(raw))


def head_of(raw: bytes) -> bytes:
    """The headers up to the first empty line, whole lines of at most :data:`LONGEST_HEAD` bytes."""
    start = raw[:LONGEST_HEAD]
    empty = _EMPTY_LINE.search(start)
    if empty:
        return start[: empty.end()]
    return start if len(raw) <= LONGEST_HEAD else start[: start.rfind(b"\n") + 1]
