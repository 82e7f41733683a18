"""How a mailing fares is asked of its own rows, and of few of these, however many there are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from app.access import TERMINAL
from app.models import Delivery, Mailing, MailingRecipient
from app.services.bulk_sending import mailing_reports, mailing_sending
from app.services.bulk_sending.mailing_audience import BARRED
from tests.support.clock import MovingClock
from tests.support.statements import rows_read, statements

MANY = 400


def mail(session: Session, now: datetime, state: str = "running") -> Mailing:
    row = Mailing(
        title="News", medium="email", texts={}, fallback="en", audience={}, state=state,
        created_at=now, updated_at=now, started_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def mean(session: Session, mailing: Mailing, state: str, count: int, **more: Any) -> list[int]:
    """So many recipients in this state."""
    row = {
        "mailing_id": mailing.id, "name": "", "language": "en", "facts": {}, "state": state,
    } | more  # fmt: skip
    rows = [row | {"address": f"{state}{more}{n}"[:250]} for n in range(count)]
    return list(session.scalars(insert(MailingRecipient).returning(MailingRecipient.id), rows))


def hand(
    session: Session, mailing: Mailing, now: datetime, state: str, count: int, **more: Any
) -> None:
    """So many recipients with a message in this state."""
    row = {
        "channel": "email", "recipient": "a@example.com", "recipient_name": "", "language": "en",
        "subject": "", "body": "", "attempts": 1, "created_at": now, "urgent": False,
        "mailing_id": mailing.id, "state": state,
    } | more  # fmt: skip
    rows = [row | {"reference": f"{mailing.id}{state}{more}{n}"[:64]} for n in range(count)]
    for number in session.scalars(insert(Delivery).returning(Delivery.id), rows).all():
        mean(session, mailing, "handed", 1, delivery_id=number)


@pytest.fixture
def full(session: Session, clock: MovingClock) -> Mailing:
    """A mailing behind a larger one."""
    before, found = mail(session, clock(), "done"), mail(session, clock())
    hand(session, before, clock(), "delivered", MANY)
    mean(session, before, "skipped", MANY, reason="no_address")
    hand(session, found, clock(), "accepted", MANY // 2)
    hand(session, found, clock(), "failed", 2, error="no such mailbox")
    hand(session, found, clock(), "cancelled", 3, error=BARRED)
    hand(session, found, clock(), "cancelled", 1)
    mean(session, found, "skipped", 4, reason="no_address")
    mean(session, found, "waiting", 6)
    for table in ("delivery", "mailing_recipient"):
        session.execute(text(f"ANALYZE {table}"))
    return found


def test_each_recipient_is_counted_once(session: Session, full: Mailing) -> None:
    found = mailing_reports.progress(full)
    assert found.counts == {"waiting": 7, "sent": MANY // 2, "failed": 2, "skipped": 7}
    assert found.reasons == {
        ("skipped", "no_address"): 4, ("skipped", BARRED): 3, ("failed", "no such mailbox"): 2,
    }  # fmt: skip
    assert found.ended == found.total - 7
    full.state = "cancelled"
    assert mailing_reports.progress(full).counts["cancelled"] == 1


def outcomes(mailing: Mailing, outcome: str) -> list[str]:
    found = mailing_reports.lines(mailing, TERMINAL, outcome=outcome, limit=MANY * 3)
    assert found == sorted(found, key=lambda one: one.id)
    return [one.outcome for one in found]


def test_the_lines_of_an_outcome_are_those_that_were_counted(
    session: Session, full: Mailing
) -> None:
    for state in ("running", "cancelled"):
        full.state = state
        session.flush()
        counts = mailing_reports.progress(full).counts
        for outcome in mailing_reports.OUTCOMES:
            assert outcomes(full, outcome) == [outcome] * counts.get(outcome, 0)
        assert len(outcomes(full, "")) == sum(counts.values())


def test_the_lines_go_on_where_a_page_ended(session: Session, full: Mailing) -> None:
    pages, after = [], 0
    while page := mailing_reports.lines(full, TERMINAL, after=after, limit=50):
        pages.append([one.id for one in page])
        after = pages[-1][-1]
    ids = [number for page in pages for number in page]
    assert ids == sorted(set(ids))
    assert len(ids) == mailing_reports.progress(full).total
    assert "".join(mailing_reports.as_csv(full, TERMINAL)).count("\n") == len(ids) + 1


def test_no_question_reads_what_belongs_to_others(session: Session, full: Mailing) -> None:
    own = mailing_reports.progress(full).total
    for question in mailing_reports.line_questions(full, TERMINAL, limit=3):
        # Each line with its customer and its message.
        assert rows_read(session, question) <= 4 * 3, str(question)
    for outcome, few in (("failed", 2), ("unknown", 0), ("skipped", 7), ("waiting", 7)):
        asked = mailing_reports.line_questions(full, TERMINAL, outcome=outcome, limit=50)
        assert sum(rows_read(session, one) for one in asked) <= 6 * few + own // 10, outcome
    # Its recipients and its messages, and the few that were cancelled.
    assert rows_read(session, mailing_reports.counting(full.id)) <= 2 * own + 4


def test_the_next_are_found_behind_a_larger_mailing(session: Session, full: Mailing) -> None:
    assert rows_read(session, mailing_sending.next_of(full.id, 2)) <= 2
    assert [one.state for one in mailing_sending._next(full.id, 9)] == ["waiting"] * 6


def test_what_a_stop_held_back_is_found_without_reading_all_of_it(
    session: Session, full: Mailing, clock: MovingClock
) -> None:
    hand(session, full, clock(), "cancelled", MANY, subject="held")
    session.execute(text("ANALYZE delivery"))
    few = text(mailing_sending._HELD_BACK).bindparams(id=full.id, spared=[BARRED], limit=5)
    assert rows_read(session, few) <= 3 * 5
    ids = session.scalars(few).all()
    assert ids == sorted(ids) and len(ids) == 5


def test_a_list_of_mailings_counts_no_recipients(session: Session, full: Mailing) -> None:
    full.recipients = 220
    session.flush()
    with statements() as sent:
        assert mailing_reports.totals([full]) == {full.id: (220, 7)}
    assert len(sent) == 2
