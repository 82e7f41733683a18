"""However a number is written, it is one key; a sender's line is no telephone number."""

from __future__ import annotations

import pytest

from connectors import phones

WRITINGS = [
    "09121234567", "9121234567", "00989121234567", "+98 912 123 4567", "989121234567",
    "0912-123-4567", "۰۹۱۲۱۲۳۴۵۶۷", "٠٩١٢١٢٣٤٥٦٧", "۰۹۱۲ ۱۲۳ ۴۵۶۷", "00 98 912 123 45 67",
    " 0912 123 4567 ", "tel:+989121234567",
]  # fmt: skip


@pytest.mark.parametrize("written", WRITINGS)
def test_every_usual_writing_is_one_key(written: str) -> None:
    assert phones.read_phone(written) == "+989121234567"


@pytest.mark.parametrize(
    "written", ["", "1000", "3000", "30004505000017", "PEYGIR", "0912", "9" * 5000, "لغو"]
)
def test_a_line_or_anything_else_is_no_telephone_number(written: str) -> None:
    assert phones.read_phone(written) is None


def test_a_line_stays_a_plain_string() -> None:
    assert phones.read_line(" 1000 ") == "1000"
    assert phones.read_line("۳۰۰۰۴۵-۰۵") == "30004505"
    assert phones.read_line("Peygir Ltd") == "Peygir Ltd"
    assert phones.read_sender("۱۰۰۰") == "1000"
    assert phones.read_sender("0912 123 4567") == "+989121234567"


def test_gateways_of_the_country_get_its_own_writing() -> None:
    assert phones.at_home("+989121234567") == "09121234567"
    assert phones.at_home("+12025550143") == "0012025550143"


def test_nothing_long_is_kept_in_mind() -> None:
    before = phones._read.cache_info().currsize
    for number in range(20):
        assert phones.read_phone(f"{number} " + "9" * 10_000) is None
    assert phones._read.cache_info().currsize == before
