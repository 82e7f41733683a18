"""SMS by HTTP end to end: a service task, its report, the reply that the process waits for, and
gateways that are asked because they do not call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.access import SYSTEM
from app.clock import fetch
from app.models import Channel, Delivery, InboundMessage, InboundPart
from app.services.casework import requests
from app.services.casework.customers import Contact
from app.services.intake import sms_intake
from app.services.sending import channel_settings, channels, no_contact
from app.services.sending.channel_settings import Draft
from connectors.fake_sms import SmsGateway
from tests.app.services.calling import World, desk, diagram, headers
from tests.bpmn import build
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

SECRETS = ("key", "password", "hook_secret", "callback")
SECRET = "a-long-secret-in-the-address"
SARA = "+989127654321"
TEXT = {"to": f'="{SARA}"', "body": "=words"}
SMS = diagram("sms", TEXT, channel="birds").replace(b"=echo.text", b"=id")
ASKS = build.process(
    build.start(),
    build.service("ask", headers(channel="birds") + build.io(inputs=TEXT), kind="sms"),
    build.catch("wait", build.message("sms_reply"), name="The answer"),
    desk("look"), build.end(),
    build.flows("start > ask > wait > look > end"),
    key="asks", before=build.declare("sms_reply", f'="{SARA}"'),
)  # fmt: skip


class Town(World):
    """A world whose channel is an SMS gateway."""

    gateway: SmsGateway

    def connect(self, preset: str = "kavenegar", **more: Any) -> None:
        self.gateway = SmsGateway(preset).__enter__()
        options = {"hook_secret": SECRET, **self.gateway.options(**more)}
        secrets = {name: options.pop(name) for name in SECRETS if name in options}
        self.channel("sms-http", options=options, secrets=secrets)

    def tell(self, call: Any) -> None:
        answer = self.app.test_client().open(
            f"/hooks/sms/birds/{SECRET}", method=call.method, query_string=dict(call.query),
            data=call.body or None, content_type=call.content_type or None,
        )  # fmt: skip
        assert answer.status_code == 200

    @property
    def came(self) -> list[tuple[str, str]]:
        with transaction_of(self.app) as session:
            rows = session.scalars(select(InboundMessage).order_by(InboundMessage.id))
            return [(row.body, row.state) for row in rows]


@pytest.fixture
def town(app: Flask, clock: MovingClock, run_jobs: Callable[[], int]) -> Iterator[Town]:
    made = Town(app, clock, run_jobs)
    made.connect()
    yield made
    made.gateway.__exit__(None, None, None)


def test_a_task_sends_a_text_and_its_report_updates_the_row(town: Town) -> None:
    town.go(SMS)
    [taken] = town.gateway.messages
    assert (taken.to, taken.text, town.tokens) == ("09127654321", "hello", ["after"])
    assert town.variables["heard"] == str(taken.id)
    assert (town.row.state, town.row.partner_id) == ("accepted", str(taken.id))
    assert (town.row.cost, town.row.currency) == (Decimal(1200), "IRR")
    for _ in range(2):
        town.tell(town.gateway.report(taken))
    assert (town.row.state, town.row.delivered_at) == ("delivered", town.clock())


def test_a_reply_reaches_the_waiting_instance_once(town: Town) -> None:
    town.go(ASKS)
    assert town.tokens == ["wait"]
    call = town.gateway.inbound(SARA, "۱۲ روز")
    for _ in range(3):
        town.tell(call)
    assert (town.tokens, town.variables["text"]) == (["look"], "۱۲ روز")
    assert town.came == [("۱۲ روز", "joined")]


def test_a_lost_answer_is_asked_after_and_nothing_is_sent_twice(town: Town, tick: Any) -> None:
    town.gateway.then("reset_after")
    town.go(SMS)
    assert (town.tokens, town.row.state) == (["call"], "unknown")
    tick(hours=1)
    assert (town.tokens, town.row.state) == (["after"], "accepted")
    assert len(town.gateway.messages) == 1


def test_a_lost_request_is_asked_after_and_sent(town: Town, tick: Any) -> None:
    town.gateway.then("reset")
    town.go(SMS)
    tick(hours=1)
    assert (town.tokens, len(town.gateway.messages)) == (["after"], 1)


def test_a_gateway_that_cannot_be_asked_leaves_it_to_a_person(town: Town) -> None:
    town.gateway.__exit__(None, None, None)
    town.connect("smsir")
    town.gateway.then("html_after")
    town.go(SMS)
    assert (town.row.state, town.faults) == ("unknown", ["unknown_outcome"])
    assert len(town.gateway.messages) == 1


def test_who_wished_for_no_more_gets_nothing_and_the_process_is_told(town: Town) -> None:
    town.tell(town.gateway.inbound(SARA, "لغو"))
    town.run_jobs()
    assert [one.text[:9] for one in town.gateway.messages] == ["دیگر پیام"]
    town.go(SMS)
    assert (town.tokens, len(town.gateway.messages)) == (["undelivered"], 1)
    town.tell(town.gateway.inbound(SARA, "شروع"))
    town.run_jobs()
    town.go(SMS)
    assert town.tokens == ["after"]


@pytest.mark.parametrize("preset", ["kavenegar", "smsir", "melipayamak", "ippanel", "twilio"])
def test_a_gateway_that_does_not_call_is_asked(town: Town, preset: str) -> None:
    town.gateway.__exit__(None, None, None)
    town.connect(preset, poll=True)
    town.go(SMS)
    town.gateway.came(SARA, "سلام")
    for _ in range(3):
        fetch(town.app)
        town.run_jobs()
    assert town.came == [("سلام", "triage")]
    assert town.row.state == "accepted"
    town.gateway.messages[0].state = "failed"
    fetch(town.app)
    town.run_jobs()
    assert (town.row.state, town.tokens) == ("failed", ["after"])


def test_a_gateway_that_is_away_is_asked_again_later(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    town.connect("kavenegar", poll=True)
    town.gateway.__exit__(None, None, None)
    fetch(town.app)
    town.run_jobs()
    assert "birds cannot be asked" in caplog.text
    assert "secret" not in caplog.text


def test_one_message_that_crashes_holds_up_no_other(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.connect("kavenegar", poll=True)
    first, second = town.gateway.came(SARA, "یک"), town.gateway.came(SARA, "دو")
    take = sms_intake.take

    def crash(channel: Any, inbound: Any, now: Any) -> Any:
        if inbound.id == str(first.id):
            raise RuntimeError("a fault of ours")
        return take(channel, inbound, now)

    monkeypatch.setattr(sms_intake, "take", crash)
    fetch(town.app)
    town.run_jobs()
    assert town.came == [(second.text, "triage")]
    monkeypatch.undo()
    fetch(town.app)
    town.run_jobs()
    assert sorted(town.came) == sorted([("یک", "triage"), ("دو", "triage")])


def test_late_parts_of_a_channel_that_cannot_be_opened_hold_up_no_other(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with transaction_of(town.app) as session:
        birds = channels.find("birds")
        draft = Draft("spoilt", "sms-http", {"en": "S"}, {"preset": "kavenegar", "line": "1"},
                      {"key": "secret-key-1"})  # fmt: skip
        channel_settings.save(draft, SYSTEM, town.clock())
        spoilt = channels.find("spoilt")
        for way in (spoilt, birds):
            row = InboundPart(channel_id=way.id, sender=SARA, recipient="1", reference=1, total=2,
                              number=1, coding=8, content="آغاز".encode("utf-16-be"),
                              received_at=town.clock())  # fmt: skip
            session.add(row)
        session.get_one(Channel, spoilt.id).options = {"preset": "none-such"}
    town.clock.move(hours=2)
    fetch(town.app)
    assert town.came == [("آغاز", "triage")]
    assert "spoilt" in caplog.text


def test_a_wish_whose_answer_has_an_unknown_end_is_asked_after(town: Town, tick: Any) -> None:
    town.gateway.then("reset_after")
    town.tell(town.gateway.inbound(SARA, "لغو"))
    town.run_jobs()
    assert (town.row.state, len(town.gateway.messages)) == ("unknown", 1)
    tick(hours=1)
    assert (town.row.state, len(town.gateway.messages)) == ("accepted", 1)


def test_a_reply_to_who_wished_for_no_more_meanwhile_is_not_sent_again(
    town: Town, tick: Any
) -> None:
    with transaction_of(town.app) as session:
        request = requests.submit(
            requests.Submission("complaint", "یخچال", "گرم است.", Contact("س", phone=SARA),
                                {"about": "product"}),
            SYSTEM, town.clock(), channel="portal", language="fa",
        )  # fmt: skip
        session.flush()
        row = Delivery(reference="a1", request_id=request.id, channel="sms", recipient=SARA,
                       channel_id=channels.find("birds").id, recipient_name="", language="fa",
                       subject="", body="سلام", payload={}, state="waiting", attempts=1,
                       next_attempt_at=town.clock(), created_at=town.clock())  # fmt: skip
        session.add(row)
        no_contact.bar("phone", SARA, "opted_out", SYSTEM, town.clock())
    tick(minutes=1)
    [row] = [one for one in town.rows if one.reference == "a1"]
    assert (row.state, town.gateway.messages) == ("dead", [])
    assert row.error == "Nothing may be sent to this address."


def test_a_text_that_waits_is_cancelled_when_its_person_wishes_for_no_more(
    town: Town, tick: Any
) -> None:
    town.gateway.then("away")
    town.go(SMS)
    assert town.row.state == "waiting"
    with transaction_of(town.app):
        no_contact.bar("phone", SARA, "opted_out", SYSTEM, town.clock())
    tick(hours=1)
    assert (town.tokens, town.row.state) == (["undelivered"], "cancelled")
    assert town.gateway.messages == []


def test_a_channel_that_is_not_to_ask_is_left_alone(town: Town) -> None:
    town.gateway.came(SARA, "سلام")
    fetch(town.app)
    town.run_jobs()
    assert town.came == []


def test_a_report_for_nothing_of_ours_is_no_fault(town: Town) -> None:
    town.tell(town.gateway.report(town.gateway.take("09120000000", "?")))
    with transaction_of(town.app) as session:
        assert session.scalars(select(Delivery)).all() == []
