"""The recording mailbox fails on order and shows what a reader would have."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors import Address, BadHeader, Letter, LostReply, Permanent, Transient
from connectors.testing import RecordingMailbox


def letter(delivery_id: str, subject: str = "x") -> Letter:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    return Letter(delivery_id, Address("us@x.org"), (Address("a@x.org"),), subject, "y", now)


def test_failures_come_in_the_order_of_the_script() -> None:
    mailbox = RecordingMailbox().then(Transient("busy"), Permanent("no"), None)
    with pytest.raises(Transient):
        mailbox(letter("d-1"))
    with pytest.raises(Permanent):
        mailbox(letter("d-1"))
    assert mailbox(letter("d-1")).reference == "<d-1@x.org>"
    assert mailbox.attempts == 3
    assert len(mailbox.letters) == 1


def test_an_unknown_outcome_kept_the_letter_and_a_reader_sees_it_once() -> None:
    mailbox = RecordingMailbox().then(LostReply())
    with pytest.raises(LostReply):
        mailbox(letter("d-1"))
    mailbox(letter("d-1"))
    mailbox(letter("d-2"))
    assert [one.delivery_id for one in mailbox.sent_to("a@x.org")] == ["d-1", "d-2"]
    assert mailbox.sent_to("b@x.org") == ()


def test_a_letter_that_cannot_be_built_fails_as_on_the_wire() -> None:
    with pytest.raises(BadHeader):
        RecordingMailbox()(letter("d-1", "a\nb"))


def test_errors_speak_both_languages() -> None:
    error = Transient("451 later", code="smtp_451")
    assert str(error) == f"{error.text('en')}"
    assert "451 later" in error.text("fa")
    assert error.text("fa") != error.text("en")
    assert LostReply().code == "lost_reply"
