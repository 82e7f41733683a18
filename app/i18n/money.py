"""Amounts of money as people of each language write them."""

from __future__ import annotations

from babel.numbers import get_currency_name

from app.i18n.digits import format_number

_SHORT = {"IRR": {"fa": "ریال", "en": "rial"}}
"""What everybody says where the full name would only be longer."""


def format_money(amount: int, currency: str, language: str) -> str:
    """An amount with its digits grouped and its currency in words: ``450,000,000 rial``,
    ``۴۵۰٬۰۰۰٬۰۰۰ ریال``; the code itself for a currency that nobody knows."""
    short = _SHORT.get(currency, {}).get(language)
    name = short or get_currency_name(currency, count=amount, locale=language)
    return f"{format_number(amount, language)} {name}"
