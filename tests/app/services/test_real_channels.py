"""Processes that reach real kinds of partners on this machine, through the worker."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from email import message_from_bytes

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import SYSTEM
from app.models import Delivery, Event, Interaction
from app.services.sending import channel_settings, channels, no_contact
from app.services.sending.channel_settings import Draft
from connectors import lying_http as does
from connectors.fake_sms import SmsGateway
from connectors.lying_http import LyingPartner
from connectors.lying_smtp import LyingServer
from tests.app.services import story
from tests.app.services.calling import World, bare, diagram
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.statements import statements

Tick = Callable[..., None]


@pytest.fixture
def world(app: Flask, clock: MovingClock, run_jobs: Callable[[], int]) -> World:
    return World(app, clock, run_jobs)


@pytest.fixture
def gateway() -> Iterator[SmsGateway]:
    with SmsGateway("kavenegar") as running:
        yield running


def open_channel(
    world: World, place: str, kind: str, options: Mapping[str, object], **secrets: str
) -> None:
    draft = Draft(place, kind, {"en": place}, options, secrets, is_default=True)
    with transaction_of(world.app):
        channel_settings.save(draft, SYSTEM, world.clock())


def test_http_brings_its_answer_into_the_process(world: World) -> None:
    with LyingPartner() as partner:
        partner.answer = lambda heard: does.says_json({"total": 12.5, "of": heard.json["n"]})
        options = {"base_url": partner.url, "auth": "bearer", "private_partners": ["127.0.0.1"]}
        open_channel(world, "crm", "http", options, token="sesame-9")
        inputs = {"path": '="orders"', "body": "={n: amount}"}
        source = diagram("http", inputs).replace(b"=echo.text", b"=body.total * 2")
        world.go(source, amount=3)
    [heard] = partner.heard
    assert (heard.json, heard.headers["authorization"]) == ({"n": 3}, "Bearer sesame-9")
    assert (world.tokens, world.variables["heard"]) == (["after"], 25)
    row = world.row
    assert row.answer is not None
    assert row.answer["body"] == {"total": 12.5, "of": 3}
    assert "sesame-9" not in json.dumps([row.answer, row.payload])


def test_a_partner_that_says_no_for_good_is_an_error_of_the_diagram(world: World) -> None:
    with LyingPartner() as partner:
        partner.answer = lambda heard: does.says_json({"why": "gone"}, 404)
        options = {"base_url": partner.url, "private_partners": ["127.0.0.1"]}
        open_channel(world, "crm", "http", options)
        world.go(diagram("http", {"path": '="orders"'}))
    assert world.tokens == ["undelivered"]


def test_a_text_whose_reply_was_lost_is_asked_after_and_sent_once(
    world: World, gateway: SmsGateway, tick: Tick
) -> None:
    gateway.then("crash_after")
    options = gateway.options()
    open_channel(world, "line", "sms-http", options, key=str(options.pop("key")))
    world.go(bare("sms", {"to": '="09123456789"', "body": "=words"}))
    assert world.row.state == "unknown"
    tick(minutes=1)
    assert (world.row.state, world.tokens) == ("accepted", ["after"])
    assert [message.text for message in gateway.messages] == ["hello"]
    assert world.row.recipient == "+989123456789"
    # Only asking told that it was taken; the process gets the same as it always does.
    [taken] = gateway.messages
    assert (world.variables["id"], world.variables["parts"]) == (str(taken.id), 1)


def test_a_throttled_gateway_is_given_the_time_it_asks_for(
    world: World, gateway: SmsGateway, tick: Tick
) -> None:
    gateway.then("throttle")
    options = gateway.options()
    open_channel(world, "line", "sms-http", options, key=str(options.pop("key")))
    world.go(bare("sms", {"to": '="09123456789"', "body": "=words"}))
    due = world.row.next_attempt_at
    assert due is not None
    assert due >= world.clock() + timedelta(seconds=30)
    tick(minutes=2)
    assert world.tokens == ["after"]


def test_mail_goes_by_the_default_channel_of_mail_where_there_is_one(world: World) -> None:
    inputs = {"to": '="a@x.org"', "subject": '="سلام"', "body": "=words"}
    with LyingServer() as server:
        options = {"host": "127.0.0.1", "port": server.port, "security": "none",
                   "sender": "us@peygir.example"}  # fmt: skip
        open_channel(world, "post", "email", options)
        world.go(bare("email", inputs))
    [letter] = server.received
    assert letter.recipients == ("a@x.org",)
    assert (
        message_from_bytes(letter.content)["Message-ID"]
        == f"<{world.row.reference}@peygir.example>"
    )
    assert (world.tokens, world.row.state) == (["after"], "accepted")


class TestCustomers:
    """``notify`` by text message, for who gave a number and no address."""

    WITHOUT_MAIL = story.MARYAM.__class__(story.MARYAM.name, story.MARYAM.phone, None)

    def test_who_has_no_address_gets_a_text(
        self, world: World, gateway: SmsGateway, run_jobs: Callable[[], int]
    ) -> None:
        options = gateway.options()
        open_channel(world, "line", "sms-http", options, key=str(options.pop("key")))
        with transaction_of(world.app):
            request = story.submit(world.clock(), customer=self.WITHOUT_MAIL, language="en")
            number = request.number
        run_jobs()
        [message] = gateway.messages
        assert number in message.text
        with transaction_of(world.app) as session:
            [row] = session.scalars(select(Delivery))
            said = session.scalars(select(Interaction).where(Interaction.job_id == row.job_id))
            assert len(said.all()) == 1
        assert (row.channel, row.state, row.request_id) == ("sms", "accepted", request.id)

    def test_without_a_channel_for_texts_nothing_goes_out(
        self, world: World, run_jobs: Callable[[], int]
    ) -> None:
        with transaction_of(world.app):
            story.submit(world.clock(), customer=self.WITHOUT_MAIL)
        run_jobs()
        assert world.rows == []

    def test_a_number_not_to_be_contacted_gets_nothing_and_the_process_is_told(
        self, world: World, gateway: SmsGateway, run_jobs: Callable[[], int]
    ) -> None:
        options = gateway.options()
        open_channel(world, "line", "sms-http", options, key=str(options.pop("key")))
        with transaction_of(world.app):
            phone = story.MARYAM.phone or ""
            assert no_contact.bar("phone", phone, "opted_out", SYSTEM, world.clock())
            story.submit(world.clock(), customer=self.WITHOUT_MAIL)
        run_jobs()
        assert (gateway.messages, world.rows) == ([], [])
        # The shipped process has an event for any such failure.
        with transaction_of(world.app) as session:
            raised = select(Event).where(Event.kind == "error_raised")
            assert [event.data["code"] for event in session.scalars(raised)] == ["do_not_contact"]

    def test_a_plain_mail_costs_no_statement_more(
        self, session: Session, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Once a second it is asked which channels there are, and whether nobody is to be spared.
        for module in (channels, no_contact):
            monkeypatch.setattr(module, "FRESH_FOR", 3600.0)
        assert channels.default_of("email") is None
        assert not no_contact.is_barred("email", "somebody@example.com")
        request = story.submit(clock())
        with statements() as sent:
            story.run_service_jobs(request, clock())
        assert sent
        assert not [one for one in sent if "FROM channel" in one or "no_contact" in one]
