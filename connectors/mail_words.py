"""Text out of bytes whose writers said the wrong thing about them, or nothing."""

from __future__ import annotations

import binascii
import codecs
import re
import unicodedata
from base64 import b64decode
from contextlib import suppress

_SLOW = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
"""Codecs that no mail is written in and that take long or fail on hostile bytes."""
_VAGUE = frozenset({"ascii", "utf-8", "iso8859-1", "cp1252", "iso8859-15"})
"""What programs declare for any text at all, so that it tells little."""
_RUNS = re.compile(rb"[\x80-\xff]{2,}")
_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,40}\?[bBqQ]\?)")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


def decode(content: bytes, declared: str = "") -> str:
    """The text of the bytes: in the declared charset where that fits them, else as UTF-8, or as
    windows-1256 where the bytes lie in runs as Persian words do. Never fails."""
    charset = _known(declared)
    if charset in _VAGUE or not charset:
        return _guess(content, charset)
    try:
        return content.decode(charset)
    except (UnicodeError, ValueError):
        return _guess(content, charset)


def beginning(content: bytes, most: int, declared: str = "") -> bytes:
    """As many bytes at most, in which no character is cut, be they in the declared charset or in
    UTF-8: half a character would make ``decode`` take the whole for something else."""
    if len(content) <= most:
        return content
    for charset in dict.fromkeys((_known(declared) or "utf-8", "utf-8")):
        with suppress(LookupError, ValueError):
            reader = codecs.getincrementaldecoder(charset)()
            reader.decode(content[:most])
            return content[: most - len(reader.getstate()[0])]
    return content[:most]


def _known(declared: str) -> str:
    """The name Python has for a charset; empty for one that it does not know or must not use."""
    try:
        found = codecs.lookup(declared.strip().strip("\"'").split("*")[0])
    except (LookupError, ValueError, UnicodeError):
        return ""
    is_text = getattr(found, "_is_text_encoding", False)
    return found.name if is_text and found.name not in _SLOW else ""


def _guess(content: bytes, charset: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if _is_persian(content) and not _is_mostly_utf8(content):
        return content.decode("cp1256", "replace")
    fallback = "utf-8" if charset == "utf-8" or _is_mostly_utf8(content) else "cp1252"
    return content.decode(fallback, "replace")


def _is_persian(content: bytes) -> bool:
    """Whether most bytes beyond ASCII stand beside another one: the letters of a Persian word
    do, the accents of a European one do not."""
    high = sum(map(len, re.findall(rb"[\x80-\xff]+", content)))
    return 2 * sum(map(len, _RUNS.findall(content))) > high > 0


def _is_mostly_utf8(content: bytes) -> bool:
    """Whether only a few characters spoil what else is UTF-8, as when a text was cut."""
    text = content.decode("utf-8", "replace")
    spoilt = text.count("\ufffd")
    return spoilt * 10 < sum(not c.isascii() for c in text)


def decode_header(value: str) -> str:
    """A header's text with its encoded words read (RFC 2047), on one line.

    ``value`` is as the parser gives it: bytes beyond ASCII are surrogates.
    """
    line = _BETWEEN.sub(r"\1", value.replace("\r", " ").replace("\n", " "))
    parts: list[tuple[str, bytes | str]] = []
    end = 0
    for word in _WORD.finditer(line):
        parts += [("", line[end : word.start()])] if word.start() > end else []
        charset, content = word[1].casefold(), _word_bytes(word[2], word[3])
        last = parts[-1] if parts else ("", "")
        # Some programs split a character over two words; together the bytes are whole.
        if last[0] == charset and isinstance(last[1], bytes) and word.start() == end:
            parts[-1] = (charset, last[1] + content)
        else:
            parts.append((charset, content))
        end = word.end()
    parts.append(("", line[end:]))
    text = "".join(_joined(charset, part) for charset, part in parts)
    return tidy(text).replace("\n", " ").replace("\t", " ").strip()


def _joined(charset: str, part: bytes | str) -> str:
    if isinstance(part, bytes):
        return decode(part, charset)
    return part if part.isascii() else decode(part.encode("utf-8", "surrogateescape"))


def _word_bytes(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "surrogateescape")
    if encoding in "bB":
        return base64_bytes(raw)
    spaced = text.replace("_", " ").encode("utf-8", "surrogateescape")
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), spaced)


def base64_bytes(raw: bytes) -> bytes:
    """What base64 says, however badly it is cut or broken."""
    plain = _NOT_BASE64.sub(b"", raw)
    plain = plain[: len(plain) - 1] if len(plain) % 4 == 1 else plain
    try:
        return b64decode(plain + b"=" * (-len(plain) % 4))
    except (binascii.Error, ValueError):
        return b""


def tidy(text: str) -> str:
    """The text with line breaks as ``\\n`` and without what a database or a page cannot hold:
    control characters and halves of characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if lines.isascii() and lines.isprintable():
        return lines
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def tidy_line(text: str) -> str:
    """The same on one line, with single blanks."""
    return " ".join(tidy(text).split())
