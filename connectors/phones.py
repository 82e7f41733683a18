"""Telephone numbers: one key for each, however it was written, and the lines we send from."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers

HOME = "IR"
"""The country of a number that names none."""
DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
LONGEST = 40
_LONGEST_LINE = 21


def read_phone(text: str, region: str = HOME) -> str | None:
    """The number in E.164 from any usual writing (0912…, 912…, 0098…, Persian or Arabic digits),
    or nothing when nobody can be called there."""
    # Nothing long is kept in mind: strangers fill in what is asked here.
    return _read(text, region) if len(text) <= LONGEST else None


@lru_cache(maxsize=1024)
def _read(text: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(text.translate(DIGITS), region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_line(text: str) -> str:
    """A sender's line (1000…, 3000…, a name of letters) as it is compared: a plain string, never
    a telephone number, without spaces and dashes and with the digits 0 to 9."""
    plain = text.strip().translate(DIGITS)
    if plain.lstrip("+")[:1].isdigit():
        plain = plain.replace(" ", "").replace("-", "")
    return plain[:_LONGEST_LINE]


def read_sender(text: str, region: str = HOME) -> str:
    """Who sent a message: the number in E.164 where it is one, else the line as it came."""
    return read_phone(text, region) or read_line(text)


@lru_cache(maxsize=1024)
def at_home(number: str, region: str = HOME) -> str:
    """An E.164 number as gateways of its country take it (0912…); a foreign one with 00."""
    parsed = phonenumbers.parse(number)
    if phonenumbers.region_code_for_number(parsed) != region:
        return "00" + number.removeprefix("+")
    return "0" + phonenumbers.national_significant_number(parsed)
