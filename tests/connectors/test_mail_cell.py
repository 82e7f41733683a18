"""Mails are read apart: what hangs, dies or eats memory is ended, and the next one is read."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from connectors.mail_cell import Cell
from connectors.mail_parts import Unreadable
from connectors.mail_reading import Mail, read
from tests.connectors.mails import mail

pytestmark = pytest.mark.slow


def odd(raw: bytes) -> Mail:
    """Reads as usual, but for bodies that are orders."""
    order = raw.rpartition(b"\n")[2]
    while order == b"hang":
        time.sleep(0.01)
    if order == b"die":
        os.kill(os.getpid(), 9)
    if order == b"eat":
        bytearray(8 * 1024 * 1024 * 1024)
    return read(raw)


@pytest.fixture(scope="module")
def cell() -> Iterator[Cell]:
    with Cell(longest=60, reader=odd) as made:
        yield made


@pytest.mark.parametrize(
    ("order", "code"), [(b"hang", "too_slow"), (b"die", "broken"), (b"eat", "broken")]
)
def test_a_mail_that_brings_its_reader_down_is_unreadable(
    cell: Cell, order: bytes, code: str
) -> None:
    # One that hangs is waited for, the others take as long as the machine does.
    cell._longest = 1 if order == b"hang" else 60
    with pytest.raises(Unreadable) as caught:
        cell.read(mail(body=order))
    cell._longest = 60
    assert caught.value.code == code
    assert cell.read(mail("Subject: next")).subject == "next"


def test_refusals_keep_their_codes(cell: Cell) -> None:
    head = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    with pytest.raises(Unreadable) as caught:
        cell.read(head + b"--b\r\n\r\nx\r\n" * 1000)
    assert caught.value.code == "too_many_parts"
