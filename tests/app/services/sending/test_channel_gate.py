"""Whether a channel may send now, asked by several workers."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app.access import SYSTEM
from app.db import session as current
from app.db import transaction
from app.models import ChannelState, Delivery, Event
from app.services.sending import channel_gate, channel_settings, channels
from app.services.sending.channel_settings import Draft
from app.services.sending.channels import Way
from connectors.gate import FIRST, TRIAL, TRIP
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.statements import rows_read, statements

pytestmark = pytest.mark.usefixtures("partner")

MINUTE = timedelta(minutes=1)


def made(clock: MovingClock, **policy: Any) -> Way:
    draft = Draft("birds", "parrot", options={"place": "garden"}, policy=policy)
    channel_settings.save(draft, SYSTEM, clock())
    return channels.find("birds")


def put_off(way: Way, place: datetime | None, now: datetime) -> datetime | None:
    return channel_gate.ask(way, place, now).until


def fail(way: Way, now: datetime, times: int, *, on_trial: bool = False) -> None:
    for _ in range(times):
        channel_gate.note_failure(way, now, on_trial=on_trial)


def test_a_channel_in_order_costs_one_statement(session: Session, clock: MovingClock) -> None:
    way = made(clock)
    with statements() as sent:
        assert put_off(way, None, clock()) is None
    assert len(sent) == 1
    with statements() as sent:
        channel_gate.note_success(way.id, clock())
    assert len(sent) == 2
    assert session.scalars(select(ChannelState)).all() == []


def test_an_open_channel_puts_off_and_one_tries(session: Session, clock: MovingClock) -> None:
    way = made(clock)
    fail(way, clock(), TRIP - 1)
    assert put_off(way, None, clock()) is None
    fail(way, clock(), 1)
    assert put_off(way, None, clock()) == clock() + FIRST
    clock.move(seconds=30)
    assert put_off(way, None, clock()) is None
    assert put_off(way, None, clock()) == clock() + TRIAL
    fail(way, clock(), 3)
    assert put_off(way, None, clock()) == clock() + TRIAL
    fail(way, clock(), 1, on_trial=True)
    assert put_off(way, None, clock()) == clock() + 2 * FIRST
    channel_gate.note_success(way.id, clock())
    assert put_off(way, None, clock()) is None
    opened = select(Event).where(Event.kind == "channel_opened")
    assert [event.element for event in session.scalars(opened)] == ["birds"]


def test_a_trial_that_the_rate_puts_off_is_not_spent(session: Session, clock: MovingClock) -> None:
    way = made(clock, per_minute=1)
    assert put_off(way, None, clock()) is None
    fail(way, clock(), TRIP)
    clock.move(seconds=30)
    put_back = channel_gate.ask(way, None, clock())
    assert (put_back.until, put_back.is_trial) == (clock() + MINUTE / 2, False)
    assert put_off(way, None, clock()) == clock() + 3 * MINUTE / 2, "the rate's place, no trial's"
    clock.move(seconds=30)
    assert channel_gate.ask(way, put_back.until, clock()) == channel_gate.Leave(None, True, True)
    assert put_off(way, clock(), clock()) == clock() + TRIAL


def test_an_administrator_closes_the_breaker(session: Session, clock: MovingClock) -> None:
    way = made(clock)
    fail(way, clock(), TRIP)
    channel_gate.close(way, SYSTEM, clock())
    assert put_off(way, None, clock()) is None


def test_who_has_a_place_in_the_row_asks_no_more(session: Session, clock: MovingClock) -> None:
    way = made(clock, per_minute=1)
    assert put_off(way, None, clock()) is None
    place = put_off(way, None, clock())
    assert place == clock() + MINUTE
    assert put_off(way, None, clock()) == clock() + 2 * MINUTE
    clock.move(minutes=1)
    assert put_off(way, place, clock()) is None


def test_who_comes_long_after_the_place_queues_again(session: Session, clock: MovingClock) -> None:
    way = made(clock, per_minute=1)
    places = [put_off(way, None, clock()) for _ in range(4)]
    clock.move(hours=1)
    again = [put_off(way, place, clock()) for place in places]
    assert again == [None, *(clock() + number * MINUTE for number in (1, 2, 3))]


def test_quiet_hours_come_before_the_rate(app: Flask, session: Session, clock: MovingClock) -> None:
    zone = app.extensions["peygir.settings"].time_zone
    local = clock().astimezone(zone)
    hours = {"quiet_from": (local - timedelta(hours=1)).strftime("%H:%M"),
             "quiet_to": (local + timedelta(hours=1)).strftime("%H:%M")}  # fmt: skip
    way = made(clock, per_minute=1, **hours)
    until = put_off(way, None, clock())
    assert until is not None
    assert until.astimezone(zone).strftime("%H:%M") == hours["quiet_to"]
    assert session.scalars(select(ChannelState)).all() == []
    clock.move(hours=1)
    assert put_off(way, None, clock()) is None


def test_workers_that_ask_at_once_get_places_of_their_own(app: Flask, clock: MovingClock) -> None:
    with transaction_of(app):
        way = made(clock, per_minute=6)

    def ask(_: int) -> datetime | None:
        with app.app_context():
            try:
                with transaction():
                    return put_off(way, None, clock())
            finally:
                current().close()

    with ThreadPoolExecutor(4) as pool:
        places = list(pool.map(ask, range(8)))
    later = sorted(place for place in places if place is not None)
    assert places.count(None) == 1
    assert later == [clock() + timedelta(seconds=10 * number) for number in range(1, 8)]


def test_what_is_for_a_channel_that_is_off_asks_again_later(
    session: Session, clock: MovingClock
) -> None:
    way = made(clock)
    channel_settings.switch("birds", SYSTEM, clock(), enabled=False)
    assert put_off(channels.find("birds"), None, clock()) == clock() + channel_gate.OFF
    assert put_off(way, None, clock()) is None


def test_it_is_told_whether_a_success_is_worth_noting(session: Session, clock: MovingClock) -> None:
    way = made(clock)
    assert not channel_gate.ask(way, None, clock()).is_shaken
    fail(way, clock(), 1)
    assert channel_gate.ask(way, None, clock()).is_shaken


def test_counts_and_states_for_the_page(session: Session, clock: MovingClock) -> None:
    way = made(clock)
    fail(way, clock(), TRIP)
    found: Mapping[int, ChannelState] = channel_gate.states()
    assert found[way.id].failures == TRIP
    assert channel_gate.counts(clock() - timedelta(days=1)) == {}


def test_of_a_busy_channel_the_newest_are_counted(
    session: Session, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    way, now = made(clock), clock()
    row = {
        "channel": "sms", "channel_id": way.id, "recipient": "+989120000001", "recipient_name": "",
        "language": "fa", "subject": "", "body": "", "attempts": 1, "urgent": False,
    }  # fmt: skip
    for state, at, count in (
        ("dead", now - timedelta(days=2), 60),
        ("delivered", now - timedelta(hours=2), 40),
        ("accepted", now - timedelta(hours=1), 7),
    ):
        rows = [row | {"reference": f"{state}{n}", "state": state} for n in range(count)]
        session.execute(insert(Delivery), [one | {"created_at": at} for one in rows])
    session.execute(text("ANALYZE delivery"))
    since = now - timedelta(days=1)
    assert channel_gate.counts(since) == {way.id: ({"accepted": 7, "delivered": 40}, False)}
    monkeypatch.setattr(channel_gate, "COUNTED", 10)
    assert channel_gate.counts(since) == {way.id: ({"accepted": 7, "delivered": 3}, True)}
    # The channel itself, and the newest.
    assert rows_read(session, channel_gate.counting(since)) <= 11
