"""Mailings by channels: their rate, quiet hours and breaker hold, and each way says how to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

import connectors
from app import work
from app.access import SYSTEM
from app.errors import Invalid
from app.models import Channel, Delivery, Mailing
from app.services.bulk_sending import (
    mailing_acts,
    mailing_reports,
    mailing_sending,
    unsubscribing,
)
from app.services.sending import (
    channel_gate,
    channels,
    deliveries,
    doubtful,
    no_contact,
    smpp_sending,
)
from app.services.sending.channels import Opened
from connectors import registry
from connectors.errors import LostReply
from connectors.fake_sms import SmsGateway
from connectors.lying_smtp import LyingServer
from tests.app.services import mailing_story as told
from tests.app.services.story import actor
from tests.app.services.test_no_contact_told import a_channel
from tests.app.services.test_ways_of_letters import open_mail, open_texts
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

Tick = Callable[..., None]
SMS = {"fa": {"body": "{{ customer.name }}، درود"}, "en": {"body": "Hello {{ customer.name }}"}}


@pytest.fixture
def gateway() -> Iterator[SmsGateway]:
    with SmsGateway("kavenegar") as running:
        yield running


def texted(app: Flask, clock: MovingClock, **changes: object) -> int:
    return told.released(app, clock(), **{"way": "line", "texts": SMS, **changes})


def test_a_text_says_how_to_end_and_the_gateway_tells_its_cost(
    app: Flask, clock: MovingClock, tick: Tick, gateway: SmsGateway
) -> None:
    open_texts(app, clock, gateway)
    with transaction_of(app):
        told.customer("علی", phone="+989120000001")
        told.customer("John", phone="+989120000002", language="en")
    number = texted(app, clock)
    tick(seconds=1)
    assert {one.text for one in gateway.messages} == {
        "علی، درود\nلغو۱۱", "Hello John\nSTOP to end",
    }  # fmt: skip
    plain = texted(app, clock, stop_line=False)
    tick(seconds=1)
    assert "Hello John" in {one.text for one in gateway.messages}
    with transaction_of(app) as session:
        found = mailing_reports.progress(session.get_one(Mailing, number))
        assert found.counts == {"sent": 2}
        assert sum(mailing_reports.costs(number).values()) > 0
        assert mailing_acts.gone(plain) == 2


def test_quiet_hours_of_the_channel_hold(
    app: Flask, clock: MovingClock, tick: Tick, gateway: SmsGateway
) -> None:
    open_texts(app, clock, gateway, quiet_from="09:00", quiet_to="11:00")
    with transaction_of(app):
        told.customer("Ali", phone="+989120000001")
    number = texted(app, clock)
    tick(seconds=1)
    assert not told.sent(app, number)
    with transaction_of(app) as session:
        # Half past nine in Tehran: nobody looks at it before eleven.
        assert session.get_one(Mailing, number).next_at == clock().replace(
            hour=7, minute=30, second=0
        )
        waits = mailing_sending.waits_until(session.get_one(Mailing, number), clock())
        assert waits == session.get_one(Mailing, number).next_at
    tick(hours=1, minutes=31)
    assert [row.state for row in told.sent(app, number).values()] == ["accepted"]


def test_a_breaker_and_a_rate_of_the_channel_hold(
    app: Flask, clock: MovingClock, gateway: SmsGateway
) -> None:
    open_texts(app, clock, gateway, per_minute=20)
    with transaction_of(app):
        for n in range(15):
            told.customer(f"c{n}", phone=f"+9891200000{n:02}")
    number = texted(app, clock)
    with transaction_of(app) as session:
        mailing_sending.advance(number, clock())
        # Half a minute's worth, so that others of the channel wait no longer than that.
        mine = select(func.count()).where(Delivery.mailing_id == number)
        assert session.scalar(mine) == 10
        for _ in range(5):
            channel_gate.note_failure(channels.find("line"), clock())
    with transaction_of(app) as session:
        mailing_sending.advance(number, clock())
        assert session.scalar(mine) == 10
        assert session.get_one(Mailing, number).next_at == clock() + timedelta(seconds=30)


def test_letters_go_by_the_default_channel_of_mail_with_the_link_in_their_headers(
    app: Flask, clock: MovingClock, tick: Tick
) -> None:
    with LyingServer() as post:
        open_mail(app, clock, post.port)
        with transaction_of(app):
            told.crowd(2)
        number = told.released(app, clock())
        tick(seconds=1)
        assert len(post.received) == 2
        for letter in post.received:
            wire = letter.content.decode("ascii", "replace")
            assert "List-Unsubscribe: <http" in wire
            assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in wire
    assert all(row.channel_id for row in told.sent(app, number).values())


def test_what_goes_over_smpp_is_asked_before_it_is_handed_in(
    session: Session, clock: MovingClock
) -> None:
    line = a_channel("smpp", "sms", clock)
    session.add(line)
    session.flush()
    for n in range(3):
        told.customer(f"c{n}", phone=f"+98912000000{n}")
    mailing = told.drafted(clock(), way="line", texts=SMS)
    mailing_acts.release(mailing.id, None, actor("maryam"), clock())
    mailing_sending.advance(mailing.id, clock())
    no_contact.bar("phone", "+989120000001", "opted_out", SYSTEM, clock())
    taken = smpp_sending.take(an_open(line), 2, clock())
    # Of the first two one has opted out meanwhile.
    assert [one.to for one in taken] == ["+989120000000"]
    mailing_acts.stop(mailing.id, actor("maryam"), clock())
    assert smpp_sending.take(an_open(line), 9, clock()) == []
    rows = session.scalars(select(Delivery).order_by(Delivery.id)).all()
    assert [row.state for row in rows] == ["sending", "cancelled", "cancelled"]
    assert [row.error for row in rows] == [None, "do_not_contact", None]


def test_over_smpp_letters_go_before_a_mailing(session: Session, clock: MovingClock) -> None:
    line = a_channel("smpp", "sms", clock)
    session.add(line)
    session.flush()
    for n in range(3):
        told.customer(f"c{n}", phone=f"+98912000000{n}")
    mailing = told.drafted(clock(), way="line", texts=SMS)
    mailing_acts.release(mailing.id, None, actor("maryam"), clock())
    mailing_sending.advance(mailing.id, clock())
    letter = deliveries.compose_text(
        channels.find("line"), "+989120000009", "Ali", "en",
        connectors.Message("Your request", "x"), "link", clock(),
    )  # fmt: skip
    deliveries.keep([letter])
    taken = smpp_sending.take(an_open(line), 2, clock())
    assert [one.to for one in taken] == ["+989120000009", "+989120000000"]


def an_open(line: Channel) -> Opened:
    """The channel as the process that keeps the binds knows it."""
    kind = registry.find(line.kind)
    assert kind is not None
    return Opened(channels.find(line.key), kind, {}, ())


def in_doubt(
    app: Flask, clock: MovingClock, gateway: SmsGateway, act: Callable[..., object], **policy: Any
) -> int:
    """A mailing that somebody stopped or ended while nobody knew whether its one message went."""
    open_texts(app, clock, gateway, **policy)
    with transaction_of(app):
        told.customer("Ali", phone="+989120000001")
    number = texted(app, clock)
    with transaction_of(app) as session:
        mailing_sending.advance(number, clock())
        row = session.scalars(select(Delivery).where(Delivery.mailing_id == number)).one()
        row.state, row.attempts = deliveries.UNKNOWN, 1
        row.error, row.next_attempt_at = str(LostReply("x")), clock()
        act(number, actor("maryam"), clock())
    return number


@pytest.mark.parametrize("act", [mailing_acts.stop, mailing_acts.cancel])
def test_what_went_out_before_a_mailing_was_stopped_or_ended_is_found_out(
    app: Flask, clock: MovingClock, tick: Tick, gateway: SmsGateway, act: Callable[..., object]
) -> None:
    open_texts(app, clock, gateway)
    with transaction_of(app):
        told.customer("Ali", phone="+989120000001")
    number = texted(app, clock)
    gateway.then("reset_after")
    tick(seconds=1)
    assert [row.state for row in told.sent(app, number).values()] == ["unknown"]
    with transaction_of(app):
        act(number, actor("maryam"), clock())
    tick(minutes=6)
    [found] = told.sent(app, number).values()
    assert (found.state, found.error, len(gateway.messages)) == ("accepted", None, 1)


@pytest.mark.parametrize("act", [mailing_acts.stop, mailing_acts.cancel])
def test_what_the_gateway_never_had_is_not_sent_by_asking_after_it(
    app: Flask, clock: MovingClock, tick: Tick, gateway: SmsGateway, act: Callable[..., object]
) -> None:
    number = in_doubt(app, clock, gateway, act)
    tick(seconds=1)
    [found] = told.sent(app, number).values()
    assert (found.state, found.next_attempt_at, gateway.messages) == ("cancelled", None, [])
    if act is mailing_acts.cancel:
        with transaction_of(app) as session:
            progress = mailing_reports.progress(session.get_one(Mailing, number))
        assert progress.counts == {"cancelled": 1}
        return
    with transaction_of(app):
        mailing_acts.resume(number, actor("maryam"), clock())
    tick(seconds=6)
    tick(seconds=10)
    assert len(gateway.messages) == 1
    assert told.state(app, number) == "done"


def test_a_gateway_that_is_away_is_asked_again_after_the_mailing_was_ended(
    app: Flask, clock: MovingClock, tick: Tick
) -> None:
    with SmsGateway("kavenegar") as gateway:
        number = in_doubt(app, clock, gateway, mailing_acts.cancel)
    tick(seconds=1)
    [found] = told.sent(app, number).values()
    assert found.state == "unknown"
    assert found.next_attempt_at is not None


@pytest.mark.parametrize("act", [mailing_acts.stop, mailing_acts.cancel])
def test_what_a_person_wants_sent_again_is_held_back_with_its_mailing(
    app: Flask, clock: MovingClock, tick: Tick, gateway: SmsGateway, act: Callable[..., object]
) -> None:
    number = in_doubt(app, clock, gateway, act)
    with transaction_of(app) as session:
        row = session.scalars(select(Delivery).where(Delivery.mailing_id == number)).one()
        row.next_attempt_at = None
        session.flush()
        session.execute(text("DELETE FROM procrastinate_jobs"))
        doubtful.decide(row.id, "again", "", actor("admin"), clock())
    tick(seconds=1)
    [found] = told.sent(app, number).values()
    assert (found.state, gateway.asked) == ("cancelled", [])


def test_who_wants_no_more_is_only_asked_after(
    app: Flask, clock: MovingClock, tick: Tick, gateway: SmsGateway
) -> None:
    number = in_doubt(app, clock, gateway, lambda *_: None)
    with transaction_of(app):
        unsubscribing.end(unsubscribing.Asked("phone", "+989120000001", number), clock())
    tick(seconds=1)
    [found] = told.sent(app, number).values()
    assert (found.state, found.error, gateway.messages) == ("cancelled", "unsubscribed", [])


def test_a_clock_that_beats_twice_queues_a_mailing_once(app: Flask, clock: MovingClock) -> None:
    with transaction_of(app):
        told.crowd(1)
    told.released(app, clock())
    with app.app_context():
        work.tick()
    with transaction_of(app):
        assert mailing_sending.wake(clock()) == 0


def test_a_text_of_too_many_parts_is_refused(session: Session, clock: MovingClock) -> None:
    session.add(a_channel("smpp", "sms", clock))
    session.flush()
    with pytest.raises(Invalid) as refused:
        told.drafted(clock(), way="line", texts={"fa": {"body": "س" * 700}}, fallback="fa")
    assert set(refused.value.errors) == {"body_fa"}
