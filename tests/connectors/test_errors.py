"""What failures say, in both languages."""

import pytest

from connectors.errors import (
    BadAddress,
    BadHeader,
    BadInput,
    BadReply,
    DeliveryFailed,
    LostReply,
    NotAdmitted,
    NotAnswered,
    NotConnected,
    in_persian,
)
from connectors.http_answers import Refused, refusal
from connectors.networks import AddressRefused
from connectors.sms_errors import BadNumber, NoCredit, NotUnderstood, Throttled
from connectors.transport import Reply
from connectors.urls import BadUrl


def test_the_words_of_the_other_side_are_quoted_in_persian() -> None:
    refused = Refused('422 {"a": "«ب»"}')
    assert refused.text("en").endswith('(422 {"a": "«ب»"})')
    assert refused.text("fa") == f'{Refused.persian} «422 {{"a": "‹ب›"}}»'


def test_what_was_written_down_in_english_is_told_in_persian_alike() -> None:
    for failure in (LostReply("cut (at 80)"), LostReply(), Refused("404 Not Found")):
        assert in_persian(str(failure)) == failure.text("fa")
    assert in_persian("Something else.") is None
    assert DeliveryFailed().text("fa") == DeliveryFailed.persian


@pytest.mark.parametrize(
    ("status", "headers", "health"),
    [
        (429, {}, "well"),
        (429, {"retry-after": "3"}, "well"),
        (409, {}, "well"),
        (408, {}, "ill"),
        (500, {}, "ill"),
        (503, {}, "ill"),
        (503, {"retry-after": "3"}, "well"),
        (504, {}, "ill"),
    ],
)
def test_only_a_partner_that_fails_for_everybody_troubles_the_channel(
    status: int, headers: dict[str, str], health: str
) -> None:
    assert refusal(Reply(status, headers, b""), repeat=False).health == health


def test_an_answer_that_cannot_be_read_is_one_call_s_trouble() -> None:
    assert [kind().health for kind in (BadReply, NotUnderstood, Throttled)] == ["well"] * 3
    troubles = (NotConnected, NotAdmitted, LostReply, NotAnswered, NoCredit)
    assert [kind().health for kind in troubles] == ["ill"] * 5
    unsent = (BadAddress, BadHeader, BadInput, BadNumber, BadUrl, AddressRefused)
    assert [kind().health for kind in unsent] == ["unknown"] * 6
