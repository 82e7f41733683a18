"""How a text is sent by SMS: its alphabet, its parts, and what they cost.

A text of the GSM alphabet (3GPP TS 23.038, 6.2.1) has 160 characters in one message and 153 in
each of several; any other text, and so any Persian one, is UCS-2 with 70 and 67. A character of
the extension table counts as two, and so does one beyond the first plane, such as an emoji.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Encoding = Literal["gsm-7", "ucs-2"]

_ESCAPE = "\x1b"
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = {
    "\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F,
    "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65,
}  # fmt: skip
_CODES = {one: bytes([code]) for code, one in enumerate(_BASIC) if one != _ESCAPE}
_CODES |= {one: bytes([0x1B, code]) for one, code in _EXTENDED.items()}
_BY_CODE = {code: one for one, code in _EXTENDED.items()}
_ALONE: dict[Encoding, int] = {"gsm-7": 160, "ucs-2": 70}
_TOGETHER: dict[Encoding, int] = {"gsm-7": 153, "ucs-2": 67}
MOST_PARTS = 10
"""More than this no operator joins again reliably; such a text is refused."""
_JOINER = "\u200d"


@dataclass(frozen=True)
class Parts:
    """A text as it goes out: each part's characters, and what room the last one has left."""

    encoding: Encoding
    parts: tuple[str, ...]
    units: int
    """Characters as they are counted: extended ones and emoji are two."""
    left: int
    """How many more fit before one more part is needed."""

    @property
    def count(self) -> int:
        """How many messages are paid for."""
        return len(self.parts)

    def cost(self, price: Decimal) -> Decimal:
        """What it costs at so much for each part."""
        return price * self.count


def split(text: str) -> Parts:
    """The parts of a text; an emoji and an escape pair stay whole. At least one part."""
    encoding: Encoding = "gsm-7" if _CODES.keys() >= set(text) else "ucs-2"
    units = weigh(text, encoding)
    if units <= _ALONE[encoding]:
        return Parts(encoding, (text,), units, _ALONE[encoding] - units)
    room = _TOGETHER[encoding]
    parts = tuple(_filled(text, encoding, room))
    return Parts(encoding, parts, units, room - weigh(parts[-1], encoding))


def weigh(text: str, encoding: Encoding) -> int:
    """The room that a text takes, in septets or in UTF-16 units."""
    if encoding == "gsm-7":
        return len(b"".join(map(_CODES.__getitem__, text)))
    return len(text.encode("utf-16-be", "surrogatepass")) // 2


def _filled(text: str, encoding: Encoding, room: int) -> Iterator[str]:
    part, free = "", room
    for piece in _pieces(text, encoding, room):
        weight = weigh(piece, encoding)
        if weight > free:
            yield part
            part, free = "", room
        part, free = part + piece, free - weight
    yield part


def _pieces(text: str, encoding: Encoding, room: int) -> Iterator[str]:
    """The text in pieces that stay together; none is larger than a part."""
    piece = ""
    for one in text:
        if piece and (not _clings(piece, one) or weigh(piece + one, encoding) > room):
            yield piece
            piece = ""
        piece += one
    if piece:
        yield piece


def _clings(before: str, one: str) -> bool:
    """Whether a character belongs to what stands before it: an accent, a skin colour, the next
    one of a joined emoji, the second letter of a flag."""
    if one == _JOINER or before[-1] == _JOINER:
        return True
    if unicodedata.category(one) in ("Mn", "Me") or 0x1F3FB <= ord(one) <= 0x1F3FF:
        return True
    return len(before) == 1 and _is_flag_letter(before) and _is_flag_letter(one)


def _is_flag_letter(one: str) -> bool:
    return 0x1F1E6 <= ord(one) <= 0x1F1FF


def encode(text: str, encoding: Encoding) -> bytes:
    """The bytes of one part: GSM characters one to a byte, or UTF-16 with the high byte first."""
    if encoding == "gsm-7":
        return b"".join(_CODES[one] for one in text)
    return text.encode("utf-16-be")


def decode_gsm(content: bytes) -> str:
    """The text of GSM characters, one to a byte; what is in no table becomes a blank."""
    found, escaped = [], False
    for code in content:
        if code == 0x1B and not escaped:
            escaped = True
            continue
        table = _BY_CODE.get(code, " ") if escaped else _plain(code)
        found.append(table)
        escaped = False
    return "".join(found)


def _plain(code: int) -> str:
    return _BASIC[code] if code < 0x80 else " "
