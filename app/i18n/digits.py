"""Numbers as people of each language write them, and read back from any keyboard."""

from __future__ import annotations

from decimal import Decimal

PERSIAN = "۰۱۲۳۴۵۶۷۸۹"
_ARABIC = "٠١٢٣٤٥٦٧٨٩"
_WRITE = str.maketrans("0123456789", PERSIAN)
_READ = str.maketrans(PERSIAN + _ARABIC + "٫٬", "0123456789" * 2 + ".,")


def to_digits(value: object, language: str) -> str:
    """The text of a value with its digits in the language's script; other signs stay."""
    text = str(value)
    return text.translate(_WRITE) if language == "fa" else text


def read_digits(text: str) -> str:
    """A typed text with Persian and Arabic digits and decimal marks turned into ASCII."""
    return text.translate(_READ)


def format_number(value: float | Decimal, language: str) -> str:
    """A number with thousands grouped: ``1,250.5`` or ``۱٬۲۵۰٫۵``."""
    text = f"{value:,}"
    if language != "fa":
        return text
    return to_digits(text.replace(",", "٬").replace(".", "٫"), language)


def format_percent(share: float, language: str) -> str:
    """A share between 0 and 1 as whole percent, number first: ``91%`` or ``۹۱٪``."""
    return to_digits(round(share * 100), language) + ("٪" if language == "fa" else "%")
