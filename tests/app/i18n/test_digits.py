"""Digits: written in the reader's script, read from any keyboard."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.i18n import format_number, format_percent, read_digits, to_digits


@given(st.integers())
def test_what_is_written_in_persian_digits_reads_back(number: int) -> None:
    assert int(read_digits(to_digits(number, "fa"))) == number


@given(st.text())
def test_english_readers_get_a_text_as_it_is(text: str) -> None:
    assert to_digits(text, "en") == text


@given(st.text(alphabet="0123456789۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩"))
def test_every_script_reads_as_ascii(text: str) -> None:
    read = read_digits(text)
    assert read.isascii()
    assert len(read) == len(text)


@pytest.mark.parametrize(
    ("value", "english", "persian"),
    [
        (0, "0", "۰"),
        (1250, "1,250", "۱٬۲۵۰"),
        (1250.5, "1,250.5", "۱٬۲۵۰٫۵"),
        (Decimal("-3.10"), "-3.10", "-۳٫۱۰"),
    ],
)
def test_numbers_are_grouped(value: float, english: str, persian: str) -> None:
    assert format_number(value, "en") == english
    assert format_number(value, "fa") == persian


def test_percent_puts_the_number_first() -> None:
    assert format_percent(0.914, "fa") == "۹۱٪"
    assert format_percent(0.914, "en") == "91%"
