"""What the doctor says of all that comes in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.access import SYSTEM
from app.doctor.received import check_received
from app.models import Delivery, InboundMessage, PartnerCall, PhoneCall
from app.services.accounts import people
from app.services.sending import channel_gate, channel_settings, channels
from app.services.sending.channel_settings import Draft
from connectors.smpp import Smpp
from tests.app.services.intake.mail_story import open_box
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

Said = Callable[[], list[str]]
CLEAN = ["ok what comes in is taken"]


@pytest.fixture
def said(app: Flask, clock: MovingClock) -> Said:
    def look() -> list[str]:
        with transaction_of(app):
            return [f"{one.state} {one.text}" for one in check_received(clock())]

    return look


def test_a_house_that_receives_nothing_is_well(said: Said) -> None:
    assert said() == CLEAN


def test_a_mailbox_that_nobody_reads_is_told(app: Flask, clock: MovingClock, said: Said) -> None:
    with transaction_of(app):
        box = open_box(clock, authserv_id="mx.ours.example")
    assert said() == CLEAN
    clock.move(minutes=15)
    assert said()[0].startswith("problem mailbox box was not read yet")
    with transaction_of(app):
        channel_gate.note_look(box.way.id, clock())
        channel_gate.note_look(box.way.id, clock())
    assert said() == CLEAN
    clock.move(minutes=15)
    assert said()[0].startswith("problem mailbox box was not read since 2")


def test_a_mailbox_that_takes_senders_at_their_word_is_told(
    app: Flask, clock: MovingClock, said: Said
) -> None:
    with transaction_of(app):
        open_box(clock)
    assert said()[0].startswith("note mailbox box takes senders at their word")


def test_texts_that_wait_for_the_process_of_the_binds_are_told(
    app: Flask, clock: MovingClock, said: Said
) -> None:
    options = {"host": "localhost", "system_id": "p", "line": "1000"}
    with transaction_of(app) as session:
        channel_settings.save(Draft("birds", Smpp.kind, {}, options, {}), SYSTEM, clock())
        row: Any = Delivery(
            reference="a", channel="sms", recipient="+989120000000", recipient_name="",
            language="fa", subject="", body="x", state="queued", attempts=0, created_at=clock(),
            channel_id=channels.find("birds").id,
        )  # fmt: skip
        session.add(row)
        session.flush()
        number = row.id
    clock.move(minutes=59)
    assert said() == CLEAN
    clock.move(minutes=2)
    assert said() == [
        "problem channel birds: texts that have waited for `peygir smpp` for an hour: 1"
    ]
    with transaction_of(app) as session:
        waits = session.get_one(Delivery, number)
        waits.state, waits.next_attempt_at = "waiting", clock()
    assert said() == CLEAN


def test_calls_old_quarantine_and_phone_calls_are_told(
    app: Flask, clock: MovingClock, said: Said
) -> None:
    with transaction_of(app) as session:
        box = open_box(clock, authserv_id="mx.ours.example")
        call: Any = {"channel_id": box.way.id, "message": "paid", "correlation": "1", "data": {}}
        for number, state in enumerate(("heard", "waiting", "unheard", "dropped")):
            session.add(PartnerCall(**call, external_id=str(number), state=state, attempts=1,
                                    received_at=clock()))  # fmt: skip
        session.add(
            InboundMessage(
                channel_id=box.way.id, external_id="1", medium="email", digest="1", sender="",
                sender_name="", recipient="", subject="", body="", received_at=clock(),
                state="quarantined", why="broken", raw=b"1" * 200_000,
            )
        )  # fmt: skip
        session.add(
            PhoneCall(
                reported_by=people.by_login("partner").id, call_id="1", direction="inbound",
                number="+989120000000", started_at=clock(), outcome="missed", reported_at=clock(),
            )
        )  # fmt: skip
    assert [one for one in said() if "quarantine" in one or "calls" in one] == [
        "note phone calls that belong to no request (/triage/calls): 1"
    ]
    clock.move(hours=24 * 8)
    with transaction_of(app):
        channel_gate.note_look(box.way.id, clock())
    found = said()
    assert found[0] == (
        "problem channel box: calls “paid” of the partner that nothing waited for (/partner-calls):"
        " 2, 2 of them for more than a week"
    )
    assert found[1].endswith("(/triage?state=quarantined): 1")
    assert found[3].startswith("ok raw mails kept: 1, 0.2 MB, the oldest of 20")
