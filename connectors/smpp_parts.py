"""What stands inside the messages of SMPP: the parts of long ones, their bytes, and receipts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from connectors.json_values import storable
from connectors.sms_parts import decode_gsm, encode, split

GSM, ASCII, LATIN, UCS2 = 0, 1, 3, 8
"""Data codings (SMPP 3.4, 5.2.19)."""
UDH, RECEIPT = 0x40, 0x04
"""Of ``esm_class``: a header stands before the text; it is a delivery receipt."""
_KIND_OF_MESSAGE = 0x3C
_SHORT, _LONG = 0x00, 0x08
"""Information elements of joined messages: a reference of 8 or of 16 bits (TS 23.040)."""
_RECEIPT = re.compile(r"\bid:\s*(?P<id>\S+).*?\bstat:\s*(?P<state>[A-Za-z]+)", re.DOTALL)
_ERROR = re.compile(r"\berr:\s*(\S{1,10})")
_STATES: Mapping[str, Literal["delivered", "failed", "unknown"]] = {
    "DELIVRD": "delivered", "EXPIRED": "failed", "DELETED": "failed", "UNDELIV": "failed",
    "REJECTD": "failed", "UNKNOWN": "unknown",
}  # fmt: skip
_BY_NUMBER: Mapping[int, Literal["delivered", "failed", "unknown"]] = {
    2: "delivered", 3: "failed", 4: "failed", 5: "failed", 7: "unknown", 8: "failed",
}  # fmt: skip
MOST_PARTS = 255


@dataclass(frozen=True)
class Piece:
    """One message as SMPP carries it."""

    content: bytes
    """With its header, where it has one."""
    coding: int
    esm_class: int = 0


@dataclass(frozen=True)
class Place:
    """Which part of which message this is."""

    reference: int
    total: int
    number: int
    """From 1."""


@dataclass(frozen=True)
class Receipt:
    """What a delivery receipt says of a message."""

    id: str
    state: Literal["delivered", "failed", "unknown"] | None
    """None while it is on its way."""
    words: str = ""


def pieces(text: str, reference: int) -> list[Piece]:
    """The messages that carry a text; several get the header that joins them again."""
    found = split(text)
    coding = GSM if found.encoding == "gsm-7" else UCS2
    contents = [encode(part, found.encoding) for part in found.parts]
    if len(contents) == 1:
        return [Piece(contents[0], coding)]
    head = bytes([0x05, _SHORT, 0x03, reference % 256, len(contents)])
    return [
        Piece(head + bytes([number]) + content, coding, UDH)
        for number, content in enumerate(contents, 1)
    ]


def take_apart(content: bytes, esm_class: int) -> tuple[Place | None, bytes]:
    """The place of a part, where its header names one, and what stands after the header."""
    if not esm_class & UDH or not content:
        return None, content
    length = content[0] + 1
    header, rest = content[1:length], content[length:]
    while len(header) >= 2:
        kind, size = header[0], header[1]
        place = _place(kind, header[2 : 2 + size])
        if place is not None:
            return place, rest
        header = header[2 + size :]
    return None, rest


def _place(kind: int, value: bytes) -> Place | None:
    if kind == _SHORT and len(value) == 3:
        return checked_place(value[0], value[1], value[2])
    if kind == _LONG and len(value) == 4:
        return checked_place(int.from_bytes(value[:2], "big"), value[2], value[3])
    return None


def checked_place(reference: int, total: int, number: int) -> Place | None:
    """The place, or None where the numbers cannot be."""
    return Place(reference, total, number) if 1 <= number <= total <= MOST_PARTS else None


def decode(contents: Iterable[bytes], coding: int) -> str:
    """The text of the parts in their order, without what no table stores, such as the NULs of a
    binary message. Their bytes are joined before they are read, since others split characters in
    two."""
    content = b"".join(contents)
    if coding == UCS2:
        return storable(content.decode("utf-16-be", "replace"))
    if coding == GSM:
        return decode_gsm(content)
    return storable(content.decode("ascii" if coding == ASCII else "latin-1", "replace"))


def is_receipt(esm_class: int) -> bool:
    """Whether this is a receipt and no message of a person."""
    return esm_class & _KIND_OF_MESSAGE == RECEIPT


def read_receipt(text: str, id_: str = "", state: int | None = None) -> Receipt | None:
    """A receipt from its text (SMPP 3.4, appendix B), or from its optional parameters where the
    text says nothing; None for what names no message."""
    found = _RECEIPT.search(text[:300])
    if found is None:
        return Receipt(id_, _BY_NUMBER.get(state or 0)) if id_ else None
    word = found["state"].upper()
    error = _ERROR.search(text[:300])
    words = word + (f" {error[1]}" if error and error[1].strip("0") else "")
    return Receipt(found["id"][:64], _STATES.get(word), words)
