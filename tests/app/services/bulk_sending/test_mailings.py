"""Mailings: everybody once, nobody who wishes none, told and reported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import process_time

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import connectors
from app.access import SYSTEM
from app.db import session as current
from app.doctor.sent import check_mailings
from app.errors import Invalid
from app.models import Delivery, Mailing, MailingRecipient, User
from app.models.history import MAILING
from app.services.bulk_sending import (
    mailing_acts,
    mailing_pace,
    mailing_reports,
    mailing_sending,
    mailings,
    unsubscribing,
)
from app.services.bulk_sending.mailings import BUILT_IN, Draft
from app.services.sending import answering, deliveries, no_contact
from tests.app.services import mailing_story as told
from tests.app.services.story import actor
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.statements import statements

Tick = Callable[..., None]


def test_everybody_gets_it_once_in_their_own_language(
    app: Flask, clock: MovingClock, tick: Tick
) -> None:
    with transaction_of(app):
        told.customer("نرگس", "narges@example.com")
        told.customer("John", "john@example.com", language="en")
        told.customer("برادر نرگس", "narges@example.com")
        told.customer("Nobody", phone="+989120000001")
    number = told.released(app, clock())
    tick(seconds=0)
    tick(seconds=6)
    assert told.recipients(app, number) == {
        "نرگس": ("handed", None), "John": ("handed", None),
        "برادر نرگس": ("skipped", "same_address"), "Nobody": ("skipped", "no_address"),
    }  # fmt: skip
    rows = told.sent(app, number)
    assert {one: row.state for one, row in rows.items()} == {
        "narges@example.com": "accepted", "john@example.com": "accepted",
    }  # fmt: skip
    assert rows["john@example.com"].body.startswith("Dear John, hello.\n\nIf you want no more")
    assert rows["narges@example.com"].subject == "خبر تازه"
    assert told.state(app, number) == "done"
    # Nothing happens twice, however often the clock beats.
    tick(minutes=1)
    assert len(told.sent(app, number)) == 2
    with transaction_of(app):
        acts = [one.data["act"] for one in mailings.past_of(number)]
    assert acts == ["done", "started", "scheduled", "created"]


def test_nobody_who_wishes_none_gets_it(app: Flask, clock: MovingClock, tick: Tick) -> None:
    with transaction_of(app):
        for name in ("barred", "refused", "later", "soon", "fine"):
            told.customer(name, f"{name}@example.com")
        no_contact.bar("email", "Barred@example.com", "asked", SYSTEM, clock())
        asked = unsubscribing.Asked("email", "refused@example.com", 1)
        unsubscribing.end(asked, clock())
    number = told.released(app, clock())
    with transaction_of(app):
        mailing_sending.advance(number, clock())
        # Between the freezing and the sending somebody opts out by each way.
        no_contact.bar("email", "later@example.com", "opted_out", SYSTEM, clock())
        unsubscribing.end(unsubscribing.Asked("email", "soon@example.com", number), clock())
    tick(seconds=2)
    tick(seconds=10)
    rows = told.sent(app, number)
    assert {one for one, row in rows.items() if row.state == "accepted"} == {"fine@example.com"}
    with transaction_of(app) as work:
        found = mailing_reports.progress(work.get_one(Mailing, number))
    assert found.counts == {"sent": 1, "skipped": 4}
    assert found.reasons == {
        ("skipped", "do_not_contact"): 2, ("skipped", "unsubscribed"): 2,
    }  # fmt: skip


def test_ten_thousand_are_frozen_at_once(app: Flask, clock: MovingClock) -> None:
    with transaction_of(app):
        told.crowd(10_000)
    number = told.released(app, clock())
    with transaction_of(app) as work:
        mailing = mailing_sending.locked(number)
        began = process_time()
        with statements() as texts:
            mailing_sending.freeze(mailing, actor("maryam"), clock())
        assert process_time() - began < 4
        assert len(texts) <= 6
        waiting = select(func.count()).where(MailingRecipient.state == "waiting")
        assert work.scalar(waiting) == 10_000
        mailing.state = "running"
        with statements() as texts:
            mailing_sending.advance(number, clock())
        # A batch costs the same few statements however large it is.
        assert len(texts) <= 14
        handed = select(func.count()).where(Delivery.mailing_id == number)
        assert work.scalar(handed) == mailing_pace.UNDER_WAY


def test_its_own_rate_holds(app: Flask, clock: MovingClock, tick: Tick) -> None:
    with transaction_of(app):
        told.crowd(30)
    number = told.released(app, clock(), per_minute=60)
    tick(seconds=0)
    assert len(told.sent(app, number)) == 10
    tick(seconds=1)
    tick(seconds=1)
    tick(seconds=1)
    assert len(told.sent(app, number)) == 13


def test_it_begins_at_its_instant(app: Flask, clock: MovingClock, tick: Tick) -> None:
    at = clock() + timedelta(hours=2)
    with transaction_of(app):
        told.crowd(2)
        mailing = told.drafted(clock())
        number = mailing.id
        with pytest.raises(Invalid):
            mailing_acts.release(number, clock() - timedelta(minutes=1), actor("maryam"), clock())
        mailing_acts.release(number, at, actor("maryam"), clock())
    tick(hours=1)
    assert told.state(app, number) == "scheduled"
    with transaction_of(app):
        mailing_acts.recall(number, actor("maryam"), clock())
    tick(hours=2)
    assert told.state(app, number) == "draft"
    with transaction_of(app):
        mailing_acts.release(number, clock() + timedelta(hours=1), actor("maryam"), clock())
    tick(hours=1)
    assert told.state(app, number) == "running"


def test_who_may_no_longer_lets_nothing_go_out(app: Flask, clock: MovingClock, tick: Tick) -> None:
    with transaction_of(app):
        told.crowd(2)
    number = told.released(app, clock())
    with transaction_of(app) as work:
        work.scalars(select(User).where(User.login == "maryam")).one().roles = ["staff"]
    tick(seconds=1)
    assert told.state(app, number) == "stopped"
    assert not told.sent(app, number)


def test_a_letter_can_be_ended_with_one_click(session: Session, clock: MovingClock) -> None:
    told.crowd(1)
    mailing = told.drafted(clock())
    mailing_acts.release(mailing.id, None, actor("maryam"), clock())
    mailing_sending.advance(mailing.id, clock())
    row = session.scalars(select(Delivery).where(Delivery.mailing_id == mailing.id)).one()
    letter = deliveries.begin(row, clock())
    assert letter is not None
    link = answering.link_of(row.reference)
    wire = connectors.wire_bytes(letter).decode()
    assert f"List-Unsubscribe: <{link}>" in wire
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in wire
    asked = unsubscribing.find(link.rpartition("/")[2])
    assert (asked.kind, asked.address, asked.is_off) == ("email", row.recipient, False)
    assert not no_contact.is_barred("email", row.recipient)


def test_the_report_is_a_file_that_works_nothing_out(session: Session, clock: MovingClock) -> None:
    told.customer("=1+1", "a@example.com")
    told.customer("Ali", "b@example.com")
    mailing = told.drafted(clock())
    mailing_acts.release(mailing.id, None, actor("maryam"), clock())
    mailing_sending.advance(mailing.id, clock())
    lines = "".join(mailing_reports.as_csv(mailing, actor("maryam"))).splitlines()
    assert lines[0] == "\ufeff" + ",".join(mailing_reports.HEAD)
    assert ",'=1+1,a@example.com,fa,queued," in lines[1]
    assert ",Ali,b@example.com,fa,queued," in lines[2]


@pytest.mark.usefixtures("session")
def test_the_history_holds_each_act(clock: MovingClock) -> None:
    mailing = told.drafted(clock())
    mailings.save(mailing.id, Draft("Other", BUILT_IN, told.TEXTS), 1, actor("admin"), clock())
    mailing_acts.cancel(mailing.id, actor("hossein"), clock())
    past = [
        (one.kind, one.data["act"], one.actor_names["en"]) for one in mailings.past_of(mailing.id)
    ]
    assert past == [
        (MAILING, "cancelled", "Hossein"), (MAILING, "changed", "Administrator"),
        (MAILING, "created", "Maryam"),
    ]  # fmt: skip
    assert current().get_one(Mailing, mailing.id).state == "cancelled"


def test_the_doctor_names_a_mailing_that_does_not_go_on(app: Flask, clock: MovingClock) -> None:
    with transaction_of(app):
        told.crowd(1)
    told.released(app, clock())
    with app.app_context():
        assert not list(check_mailings(clock()))
        clock.move(minutes=3)
        [finding] = check_mailings(clock())
    assert "do not go on" in finding.text


@pytest.mark.usefixtures("session")
def test_receivers_do_not_push_what_staff_did_out_of_the_history(clock: MovingClock) -> None:
    mailing = told.drafted(clock())
    for number in range(3):
        asked = unsubscribing.Asked("email", f"c{number}@example.com", mailing.id)
        unsubscribing.end(asked, clock())
    unsubscribing.begin_again(unsubscribing.Asked("email", "c1@example.com", mailing.id), clock())
    acts = [one.data["act"] for one in mailings.past_of(mailing.id, limit=2)]
    assert acts == ["subscribed", "unsubscribed", "created"]
    past = mailings.past_of(mailing.id)
    assert past[0].data["address"] == "c1@example.com"
    assert [one.id for one in past] == sorted((one.id for one in past), reverse=True)
