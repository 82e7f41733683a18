"""However many calls there are, of partners or by telephone, what is asked reads a few of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app.access import SYSTEM
from app.models import PartnerCall, PhoneCall
from app.services.accounts import people
from app.services.counting import Count
from app.services.intake import call_triage, partner_calls, unheard_calls
from app.services.intake.partner_calls import DROPPED, HEARD, KEPT, UNHEARD, WAITING
from app.services.sending import channel_settings
from app.services.sending.channel_settings import Draft
from tests.support.clock import MovingClock
from tests.support.statements import rows_read

MANY, MOST = 300, 5


@pytest.fixture
def channel(session: Session, clock: MovingClock) -> int:
    options = {"messages": "order.shipped"}
    secrets = {"hook_secret": "a-long-secret-in-the-address"}
    draft = Draft("shop", "webhook", {"en": "Shop"}, options, secrets)
    return channel_settings.save(draft, SYSTEM, clock()).id


def fill(session: Session, channel: int, state: str, count: int, at: datetime) -> None:
    row: dict[str, Any] = {
        "channel_id": channel, "message": "order.shipped", "correlation": "", "data": {},
        "state": state, "received_at": at,
    }  # fmt: skip
    mark = f"{state}.{at:%j}"
    session.execute(
        insert(PartnerCall), [row | {"external_id": f"{mark}.{n}"} for n in range(count)]
    )


@pytest.fixture
def full(session: Session, channel: int, clock: MovingClock, monkeypatch: Any) -> int:
    monkeypatch.setattr("app.services.counting.COUNTED", MOST)
    now = clock()
    for state, count in ((HEARD, MANY), (DROPPED, MANY), (UNHEARD, 4), (WAITING, 2)):
        fill(session, channel, state, count, now)
    fill(session, channel, HEARD, 3, now - KEPT - timedelta(days=1))
    session.execute(text("ANALYZE partner_call"))
    return channel


def test_calls_of_partners_are_counted_as_far_as_a_person_reads(
    session: Session, full: int
) -> None:
    assert unheard_calls.counts() == {
        UNHEARD: Count(4), WAITING: Count(2), DROPPED: Count(MOST, is_more=True)
    }  # fmt: skip


def test_no_question_about_them_reads_many(session: Session, full: int, clock: MovingClock) -> None:
    bounds = (
        (unheard_calls._COUNTS, 1001 + 4 + 2),
        (unheard_calls.page(WAITING, None, 50), 2),
        (unheard_calls.page(DROPPED, None, 7), 8),
        (unheard_calls.forgettable(clock()), 1),
        (partner_calls.newest(full, 5), 5),
        (partner_calls.newest(full + 1, 5), 1),
        (partner_calls.oldest(HEARD, clock()), 3),
        (partner_calls.oldest(DROPPED, clock()), 0),
    )
    for question, most in bounds:
        assert rows_read(session, question) <= most, str(question)


def test_the_oldest_are_forgotten_first_and_not_all_at_once(
    session: Session, channel: int, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partner_calls, "FORGOTTEN", 2)
    for days in (93, 92, 91, 89):
        fill(session, channel, HEARD, 1, clock() - timedelta(days=days))
    left = []
    for _ in range(3):
        partner_calls.prune(clock())
        left.append(len(session.scalars(select(PartnerCall.id)).all()))
    assert left == [2, 1, 1]


def test_dropped_telephone_calls_are_found_among_all(session: Session, clock: MovingClock) -> None:
    row: dict[str, Any] = {
        "reported_by": people.by_login("admin").id, "direction": "inbound", "number": "1000",
        "started_at": clock(), "outcome": "missed", "reported_at": clock(), "decided_at": clock(),
    }  # fmt: skip
    session.execute(insert(PhoneCall), [row | {"call_id": str(n)} for n in range(MANY)])
    session.execute(insert(PhoneCall), row | {"call_id": "x", "dismissed": "wrong number"})
    session.execute(text("ANALYZE phone_call"))
    assert [one.call_id for one in call_triage.list_page(dropped=True)] == ["x"]
    for dropped in (True, False):
        assert rows_read(session, call_triage.page(dropped=dropped)) <= 1
