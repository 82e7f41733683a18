"""An answer finds its request by a proof that only our letters carry."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors import Address, Letter
from connectors.letters import wire_bytes
from connectors.mail_reading import read
from connectors.mail_threads import Marks, answer_address, failure_address, read_marks, tokens

KEY, BOX = b"k" * 32, "Requests@x.org"
TOKEN = "0123456789abcdef01234567"
LETTER = Letter(
    TOKEN, Address("us@x.org"), (Address("ali@example.org"),), "s", "b",
    datetime(2026, 11, 21, tzinfo=UTC),
)  # fmt: skip


def test_an_answer_to_our_address_is_proved_by_its_sign() -> None:
    given = answer_address(BOX, "C-1405-000012", KEY).mailbox
    for sent in (given, given.upper(), given.lower()):
        assert read_marks([sent.lower()], [BOX], KEY).number == "c-1405-000012"


@pytest.mark.parametrize(
    ("recipient", "has_wrong_sign"),
    [
        ("requests+c-1405-000013.{sign}@x.org", True),
        ("requests+c-1405-000012@x.org", False),
        ("requests+c-1405-000012.aaaaaaaaaaaaaaaa@x.org", True),
        ("requests+r-000047.aaaa@x.org", True),
        ("requests+shop.spring@x.org", False),
        ("other+c-1405-000012.{sign}@x.org", False),
        ("requests+c-1405-000012.{sign}@evil.org", False),
        ("requests@x.org", False),
    ],
)
def test_a_number_without_its_own_sign_proves_nothing(recipient: str, has_wrong_sign: bool) -> None:
    sign = answer_address(BOX, "C-1405-000012", KEY).mailbox.partition("@")[0].rpartition(".")[2]
    expected = Marks(has_wrong_sign=has_wrong_sign)
    assert read_marks([recipient.format(sign=sign)], [BOX], KEY) == expected


def test_a_sign_made_with_another_key_proves_nothing() -> None:
    given = answer_address(BOX, "C-1405-000012", b"other").mailbox
    assert read_marks([given], [BOX], KEY) == Marks(has_wrong_sign=True)


def test_a_failure_comes_to_the_address_of_its_letter() -> None:
    given = failure_address(BOX, TOKEN).mailbox
    assert read_marks([given.lower()], [BOX], KEY) == Marks(token=TOKEN)


def test_our_message_ids_are_known_again() -> None:
    assert tokens(["<foreign@y>", LETTER.message_id, "<0123@x.org>"]) == (TOKEN,)


def test_a_letter_tells_machines_that_one_wrote_it() -> None:
    assert read(wire_bytes(LETTER)).automatic == "auto_submitted"
