"""However much has come in or gone out, what is asked of it reads a bounded part."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import ClauseElement, insert, text
from sqlalchemy.orm import Session

from app.access import SYSTEM
from app.models import Delivery, InboundMessage
from app.services.counting import COUNTED, Count
from app.services.intake import receiving, triage
from app.services.sending import channel_settings, delivery_reports
from app.services.sending.channel_settings import Draft
from tests.support.clock import MovingClock
from tests.support.statements import rows_read

SENDER = "s@flood.example"
_BOX = {"host": "localhost", "user": "requests", "address": "us@ours.example"}


@pytest.fixture
def channel(session: Session, clock: MovingClock) -> int:
    options = _BOX
    draft = Draft("box", "imap", {"en": "Box"}, options, {"password": "secret"})
    return channel_settings.save(draft, SYSTEM, clock()).id


def fill(session: Session, channel: int, state: str, count: int, now: datetime) -> None:
    """So many messages of one sender in this state."""
    row = {
        "channel_id": channel, "medium": "email", "digest": "x", "sender": SENDER,
        "sender_name": "", "recipient": "", "subject": "", "body": "", "received_at": now,
        "state": state, "why": "",
    }  # fmt: skip
    rows = [row | {"external_id": f"{state}.{n}"} for n in range(count)]
    session.execute(insert(InboundMessage), rows)


def test_only_what_somebody_may_have_to_look_at_is_counted_and_not_to_the_end(
    session: Session, channel: int, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for state, count in (("joined", 3), ("triage", 2), ("quarantined", COUNTED + 5)):
        fill(session, channel, state, count, clock())
    assert triage.counts() == {"triage": Count(2), "quarantined": Count(COUNTED, is_more=True)}
    assert triage.reasons() == {"": COUNTED + 5}
    monkeypatch.setattr(triage, "MOST_AT_ONCE", 7)
    assert triage.reasons() == {"": 7}


def test_a_flood_is_counted_as_far_as_its_limit(
    session: Session, channel: int, clock: MovingClock
) -> None:
    fill(session, channel, "triage", 20, clock())
    now = clock() + timedelta(minutes=1)
    assert [receiving.sent_lately(SENDER, most, now) for most in (5, 20, 100)] == [5, 20, 20]
    counted = [receiving.new_lately(channel, "flood.example", most, now) for most in (5, 100)]
    assert counted == [(5, 5), (20, 20)]
    assert receiving.new_lately(channel, "other.example", 100, now) == (20, 0)
    assert receiving.sent_lately(SENDER, 5, now + timedelta(days=2)) == 0


def send(session: Session, channel: int, count: int, now: datetime, **more: Any) -> list[int]:
    """So many messages that the partner took, all at one instant."""
    row: dict[str, Any] = {
        "channel": "sms", "recipient": "+989120000042", "recipient_name": "", "language": "fa",
        "subject": "", "body": "", "state": "accepted", "attempts": 1, "created_at": now,
        "channel_id": channel, "urgent": False,
    }  # fmt: skip
    mark = f"{now.timestamp()}.{more}"[:50]
    rows = [row | {"reference": f"{n}.{mark}", "partner_id": f"p{n}"} | more for n in range(count)]
    return list(session.scalars(insert(Delivery).returning(Delivery.id), rows))


def test_every_text_without_a_report_is_asked_for_some_day(
    session: Session, channel: int, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock()
    send(session, channel, 5, now - timedelta(days=3), partner_id="too old")
    ids = send(session, channel, 100, now)
    send(session, channel, 5, now, state="delivered", partner_id="delivered")
    drawn, seen = [0], set[str]()
    monkeypatch.setattr(secrets, "randbelow", lambda _: drawn[0])
    for drawn[0] in range(0, ids[-1] - ids[0] + 1, 10):
        some = delivery_reports.missing(channel, now)
        assert len(set(some)) == len(some) == delivery_reports.MOST
        seen.update(some)
    assert seen == {f"p{n}" for n in range(100)}
    assert delivery_reports.missing(channel + 1, now) == []


def test_fewer_than_are_asked_for_in_one_round_are_asked_for_each(
    session: Session, channel: int, clock: MovingClock
) -> None:
    assert delivery_reports.missing(channel, clock()) == []
    send(session, channel, 3, clock() - timedelta(hours=1))
    assert sorted(delivery_reports.missing(channel, clock())) == ["p0", "p1", "p2"]
    assert delivery_reports.missing(channel, clock() + timedelta(days=3)) == []


def test_no_question_sorts_or_reads_all(session: Session, clock: MovingClock) -> None:
    session.execute(text("SET LOCAL enable_seqscan = off"))
    questions: tuple[tuple[ClauseElement, str, dict[str, Any]], ...] = (
        (delivery_reports._ENDS, "ix_delivery_untold", {"channel": 1, "since": clock()}),
        (delivery_reports._ENDS, "ix_delivery_channel", {"channel": 1, "since": clock()}),
        (delivery_reports._BEHIND, "ix_delivery_untold",
         {"channel": 1, "since": clock(), "drawn": 1, "above": 9, "most": 30}),
        (receiving._COUNT, "ix_inbound_message_sender",
         {"sender": SENDER, "since": clock(), "most": 50}),
        (receiving._NEW_COUNT, "ix_inbound_message_new",
         {"channel_id": 1, "since": clock(), "most": 50, "domain": "@x"}),
        (triage._COUNTS, "ix_inbound_message_of_state", {}),
    )  # fmt: skip
    for statement, index, values in questions:
        compiled = statement.compile(
            dialect=session.connection().dialect, compile_kwargs={"render_postcompile": True}
        )
        known = compiled.construct_params(values)
        plan = session.connection().exec_driver_sql(f"EXPLAIN {compiled}", known).scalars()
        told = "\n".join(plan)
        assert index in told, told
        assert "Seq Scan" not in told, told


def test_a_channel_that_was_idle_for_long_is_asked_for_few_rows(
    session: Session, channel: int, clock: MovingClock
) -> None:
    now = clock()
    send(session, channel, 3, now - timedelta(days=400))
    other = Draft("other", "imap", {"en": "Other"}, _BOX, {"password": "secret"})
    send(session, channel_settings.save(other, SYSTEM, now).id, 300, now)
    session.execute(text("ANALYZE delivery"))
    values = {"channel": channel, "since": now - delivery_reports.ASKED_FOR}
    assert rows_read(session, delivery_reports._ENDS, values) <= 1
    many = {**values, "drawn": 1, "above": 10**6, "most": 30}
    assert rows_read(session, delivery_reports._BEHIND, many) <= 3
