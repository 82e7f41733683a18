"""However many messages there are, their lists and counts read a bounded part of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from app.access import TERMINAL
from app.models import Delivery, Mailing
from app.services import counting
from app.services.execution import abandoned
from app.services.sending import delivery_lists, doubtful, given_up
from app.services.sending.delivery_lists import ALL, OF_MAILINGS, which
from tests.support.clock import MovingClock
from tests.support.statements import rows_read

MANY, MOST = 400, 5


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than five of each state are counted."""
    for module in (counting, delivery_lists, doubtful, given_up):
        monkeypatch.setattr(module, "COUNTED", MOST)


def send(session: Session, count: int, now: datetime, **more: Any) -> None:
    row: dict[str, Any] = {
        "channel": "email", "recipient": "a@example.com", "recipient_name": "", "language": "en",
        "subject": "", "body": "", "state": "accepted", "attempts": 1, "created_at": now,
    } | more  # fmt: skip
    marks = [f"{row['state']}.{row.get('mailing_id')}.{n}" for n in range(count)]
    session.execute(insert(Delivery), [row | {"reference": m, "subject": m} for m in marks])


def mail(session: Session, now: datetime, title: str = "News") -> int:
    row = Mailing(
        title=title, medium="email", texts={}, fallback="en", audience={}, state="done",
        created_at=now, updated_at=now, started_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


@pytest.fixture
def full(session: Session, clock: MovingClock) -> int:
    """Letters, then a mailing of hundreds; its number."""
    now = clock()
    for state, count in (("accepted", MANY), ("delivered", MANY), ("dead", 3), ("queued", 2)):
        send(session, count, now, state=state)
    send(session, 1, now, state="unknown")
    mailing_id = mail(session, now)
    send(session, MANY, now, state="delivered", mailing_id=mailing_id)
    send(session, 4, now, state="dead", mailing_id=mailing_id)
    session.execute(text("ANALYZE delivery"))
    return mailing_id


def shown(session: Session, typed: str = "", mailing_id: int | None = None) -> dict[str, Any]:
    found = given_up.by_state(which(typed, mailing_id))
    return {
        state: (f"{one.number}+" if one.is_more else one.number) for state, one in found.items()
    }


def test_each_state_is_counted_as_far_as_a_person_reads(
    session: Session, full: int, few: None
) -> None:
    own = {"accepted": "5+", "delivered": "5+", "dead": 3, "queued": 2, "unknown": 1}
    assert shown(session) == own
    assert shown(session, "", full) == shown(session, OF_MAILINGS) == {"delivered": "5+", "dead": 4}
    assert shown(session, ALL) == own | {"dead": "5+"}


def test_the_newest_are_found_behind_a_huge_mailing(session: Session, full: int) -> None:
    newest = delivery_lists.list_recent(TERMINAL, limit=7)
    assert [one.subject for one in newest[:4]] == [
        "unknown.None.0", "queued.None.1", "queued.None.0", "dead.None.2"
    ]  # fmt: skip
    assert newest == sorted(newest, key=lambda one: -one.id)
    assert {one.mailing_id for one in newest} == {None}
    for some in (which(OF_MAILINGS), which("", full), which(ALL)):
        found = delivery_lists.list_recent(TERMINAL, some, limit=7)
        assert [one.state for one in found] == ["dead"] * 4 + ["delivered"] * 3
        assert {one.mailing_id for one in found} == {full}


def test_the_newest_of_several_mailings_stand_together(
    session: Session, full: int, clock: MovingClock
) -> None:
    other = mail(session, clock())
    for number in (other, full):
        send(session, 1, clock(), state="queued", mailing_id=number)
    found = delivery_lists.list_recent(TERMINAL, which(OF_MAILINGS), limit=3)
    assert [one.mailing_id for one in found] == [full, other, full]


def test_they_are_found_by_address_and_state(
    session: Session, full: int, clock: MovingClock
) -> None:
    to = {"recipient": "B@x.org", "channel": "email"}
    send(session, 2, clock(), **to, state="failed")
    send(session, 1, clock(), recipient="+989123456789", channel="sms", state="closed")
    send(session, 1, clock(), **to, mailing_id=full, state="waiting")

    def found(*asked: Any) -> list[tuple[str, str]]:
        rows = delivery_lists.list_recent(TERMINAL, which(*asked), limit=5)
        return [(one.recipient, one.state) for one in rows]

    own = [("B@x.org", "failed")] * 2
    assert found("", None, "", " b@X.org") == found("", None, "failed") == own
    assert found(ALL, None, "", "b@x.org") == [("B@x.org", "waiting"), *own]
    assert found(OF_MAILINGS, None, "", "b@x.org") == found("", full, "waiting")
    assert found("", None, "", "۰۹۱۲ ۳۴۵ ۶۷۸۹") == [("+989123456789", "closed")]
    assert found("", None, "dead", "b@x.org") == found("", None, "", "nobody@x.org") == []
    assert [state for _, state in found(ALL, None, "dead")] == ["dead"] * 5
    # What is no state is not asked for.
    assert len(found("", None, "nonsense")) == 5


def test_no_question_reads_more_than_it_shows(
    session: Session, full: int, few: None, clock: MovingClock
) -> None:
    limit, states = 3, len(delivery_lists.STATES)
    send(session, limit, clock(), recipient="b@x.org", state="waiting")
    bounds = (
        (delivery_lists.own(), states * (MOST + 1)),
        (delivery_lists.of_mailings(which("", full)), states * (MOST + 1) + 1),
        (delivery_lists.of_mailings(which(OF_MAILINGS)), states * (MOST + 2)),
        (delivery_lists.newest_ids(TERMINAL, which(), limit), states * limit * 2),
        (delivery_lists.newest_ids(TERMINAL, which("", full), limit), states * limit * 2 + 1),
        (delivery_lists.newest_ids(TERMINAL, which(OF_MAILINGS), limit), states * limit * 2 + 1),
        (delivery_lists.newest_ids(TERMINAL, which(ALL), limit), 2 * limit),
        (delivery_lists.newest_ids(TERMINAL, which("", None, "dead"), limit), 3 * limit),
        (delivery_lists.newest_ids(TERMINAL, which("", None, "", "B@x.org "), limit), 3 * limit),
        (given_up.unsettled(), 10),
        (given_up.undecided(), 2),
        (doubtful.counting(TERMINAL), 2 * (MOST + 1)),
    )
    for question, most in bounds:
        assert rows_read(session, question) <= most, str(question)


def test_of_those_given_up_the_newest_are_looked_at(
    session: Session, full: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given_up, "LOOKED_AT", 2)
    assert shown(session)["dead"] == "3+"
    assert rows_read(session, given_up.unsettled()) <= 3


def test_the_hourly_look_for_what_no_job_sends_reads_what_is_unsent(
    session: Session, full: int, clock: MovingClock
) -> None:
    values = {"now": clock(), "before": clock()}
    assert rows_read(session, text(abandoned._DELIVERIES), values) <= 10


def test_the_page_says_that_there_are_more(
    session: Session, full: int, few: None, login: Callable[[str], FlaskClient]
) -> None:
    session.commit()
    client = login("admin")
    for language, told in (("en", "5+"), ("fa", "۵+")):
        client.post("/language", data={"language": language})
        assert f'<bdi dir="ltr">{told}</bdi>' in client.get("/deliveries").text
