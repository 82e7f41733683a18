"""Written text as people type it, brought to one form: digits, letters, hidden signs."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = {ord(sign): str(n % 10) for n, sign in enumerate("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩")}
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک"})
# The half-space (U+200C) and the joiner (U+200D) carry meaning in Persian and stay.
_INVISIBLE = dict.fromkeys(
    [
        *(0x00AD, 0x061C, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    ]
)
# All of the categories Cc and Cs; the standard promises that neither ever gets another sign.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROLS_AND_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_BREAKS = re.compile("\r\n|[\r\u0085\u2028\u2029]")


def to_ascii_digits(text: str) -> str:
    """The text with Persian and Arabic digits written as 0–9."""
    return text.translate(_DIGITS)


def localise_digits(text: str, language: str) -> str:
    """The text with 0–9 written in the digits of that language."""
    return text.translate(_PERSIAN_DIGITS) if language == "fa" else text


def normalise(text: str, *, lines: bool = False) -> str:
    """The text in NFC with Persian ی and ک, line breaks as ``\\n``, no direction marks, trimmed.

    On one line (``lines=False``) a break or a tab becomes a space.
    """
    whole = unicodedata.normalize("NFC", _BREAKS.sub("\n", text)).translate(_LETTERS)
    whole = whole.translate(_INVISIBLE)
    return whole.strip() if lines else re.sub("[\n\t]", " ", whole).strip()


def has_control(text: str, *, lines: bool = True) -> bool:
    """Whether a control character or half a surrogate pair stands in the text."""
    return (_CONTROLS if lines else _CONTROLS_AND_BREAKS).search(text) is not None
