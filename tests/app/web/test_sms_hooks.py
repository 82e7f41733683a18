"""The door for SMS gateways: who gets in, in whose words, and that nothing is kept twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.models import Delivery, Event, InboundMessage, NoContact
from app.services.intake import receiving
from app.services.sending import channel_settings
from app.services.sending.channel_settings import Draft
from connectors.fake_sms import SmsGateway
from connectors.fake_sms_shapes import HookCall
from connectors.sms_presets.twilio import sign
from tests.app.services.story import actor
from tests.app.web.conftest import Case, said
from tests.support.application import transaction_of
from tests.support.browsing import serving
from tests.support.clock import MovingClock

SECRET = "a-long-secret-in-the-address"
DOOR = f"/hooks/sms/text/{SECRET}"
SECRETS = ("key", "password", "hook_secret", "callback")
Make = Callable[..., SmsGateway]


@pytest.fixture
def make(app: Flask, clock: MovingClock) -> Iterator[Make]:
    """``make("twilio")`` opens a fake gateway and a channel to it."""
    opened: list[SmsGateway] = []

    def open_(preset: str = "kavenegar", enabled: bool = True, **more: Any) -> SmsGateway:
        gateway = SmsGateway(preset).__enter__()
        opened.append(gateway)
        options = {"hook_secret": SECRET, **gateway.options(**more)}
        secrets = {name: options.pop(name) for name in SECRETS if name in options}
        draft = Draft("text", "sms-http", {"en": "Text"}, options, secrets, enabled=enabled)
        with transaction_of(app):
            channel_settings.save(draft, actor("admin"), clock())
        return gateway

    yield open_
    for gateway in opened:
        gateway.__exit__(None, None, None)


def tell(app: Flask, call: HookCall, door: str = DOOR, **more: Any) -> int:
    client = app.test_client()
    answer = client.open(
        door, method=call.method, query_string=dict(call.query), data=call.body or None,
        content_type=call.content_type or None, **more,
    )  # fmt: skip
    if answer.status_code == 200:
        assert answer.get_data() == b"", "some gateways send what we say to the person"
    return answer.status_code


def kept(app: Flask) -> list[tuple[str, str, str]]:
    with transaction_of(app) as session:
        rows = session.scalars(select(InboundMessage).order_by(InboundMessage.id))
        return [(row.sender, row.body, row.state) for row in rows]


@pytest.mark.parametrize(
    "preset", ["kavenegar", "smsir", "melipayamak", "ippanel", "twilio", "generic"]
)
def test_a_gateways_call_is_kept_once(app: Flask, make: Make, preset: str) -> None:
    call = make(preset).inbound("+989127654321", "سلام")
    assert [tell(app, call) for _ in range(3)] == [200, 200, 200]
    assert kept(app) == [("+989127654321", "سلام", "triage")]


def test_what_fails_before_the_end_is_not_answered_and_comes_again(
    app: Flask, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = make("kavenegar").inbound("+989127654321", "سلام")

    def crash(*_: Any, **__: Any) -> None:
        raise RuntimeError("the machine stops")

    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    with monkeypatch.context() as patch:
        patch.setattr(receiving, "route", crash)
        assert tell(app, call) == 500
    assert kept(app) == []
    assert tell(app, call) == 200
    assert kept(app) == [("+989127654321", "سلام", "triage")]


def test_a_call_may_come_in_the_address_alone(app: Flask, make: Make) -> None:
    make("kavenegar")
    call = HookCall("GET", {"from": "09127654321", "message": "لغو", "to": "1", "messageid": "9"})
    assert tell(app, call) == 200
    with transaction_of(app) as session:
        assert session.scalars(select(NoContact.address)).all() == ["+989127654321"]


def test_the_secret_the_channel_and_the_source_are_the_door(app: Flask, make: Make) -> None:
    call = make("kavenegar", sources="203.0.113.0/24").inbound("+989127654321", "سلام")
    inside: dict[str, Any] = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}}
    assert tell(app, call) == 404
    assert tell(app, call, DOOR + "x", **inside) == 404
    assert tell(app, call, DOOR.replace("text", "other"), **inside) == 404
    assert kept(app) == []
    assert tell(app, call, **inside) == 200


def test_a_channel_that_is_off_or_has_no_secret_is_closed(app: Flask, make: Make) -> None:
    call = make("kavenegar", enabled=False).inbound("+989127654321", "سلام")
    assert tell(app, call) == 404
    make("kavenegar", hook_secret="")
    assert tell(app, call, "/hooks/sms/text/") == 404
    assert kept(app) == []


def test_a_signed_call_must_be_signed_rightly(app: Flask, make: Make) -> None:
    ours = f"https://peygir.example{DOOR}"
    call = make("twilio", callback=ours).inbound("+989127654321", "STOP")
    assert tell(app, call) == 401
    good = sign(ours, call.body, "secret/key-1")
    assert tell(app, call, headers={"X-Twilio-Signature": good}) == 200
    assert [row[1] for row in kept(app)] == ["STOP"]


@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff\xfe", b"[" * 5000])
def test_what_cannot_be_read_is_refused(app: Flask, make: Make, body: bytes) -> None:
    make("kavenegar")
    assert tell(app, HookCall("POST", {}, body, "text/plain")) == 400


def test_a_call_that_is_too_large_is_not_read(app: Flask, make: Make) -> None:
    make("kavenegar")
    assert tell(app, HookCall("POST", {}, b"x" * (2 << 20), "text/plain")) == 413


def delivery(app: Flask, clock: MovingClock, partner_id: str, state: str = "accepted") -> int:
    with transaction_of(app) as session:
        row = Delivery(
            reference="d-1", channel="sms", channel_id=1, recipient="+989127654321",
            recipient_name="", language="fa", subject="", body="?", state=state, attempts=1,
            partner_id=partner_id, created_at=clock(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


@pytest.mark.parametrize("state", ["delivered", "failed"])
def test_a_report_updates_the_row_and_stays_when_it_comes_again(
    app: Flask, make: Make, clock: MovingClock, state: str
) -> None:
    gateway = make("kavenegar")
    taken = gateway.take("09127654321", "?")
    row_id = delivery(app, clock, str(taken.id))
    for reported in (state, state, "failed"):
        assert tell(app, gateway.report(taken, reported)) == 200
    with transaction_of(app) as session:
        row = session.get_one(Delivery, row_id)
        assert (row.state, row.delivered_at is not None) == (state, state == "delivered")
        events = session.scalars(select(Event.kind).where(Event.kind == "not_delivered")).all()
        assert len(events) == (state == "failed")


def test_a_report_of_something_else_changes_nothing(
    app: Flask, make: Make, clock: MovingClock
) -> None:
    gateway = make("kavenegar")
    row_id = delivery(app, clock, "1")
    assert tell(app, gateway.report(gateway.take("09127654321", "?"))) == 200
    with transaction_of(app) as session:
        assert session.get_one(Delivery, row_id).state == "accepted"
        assert session.get_one(Delivery, row_id).cost is None


def test_a_report_may_tell_the_cost(app: Flask, make: Make, clock: MovingClock) -> None:
    from app.services.sending import delivery_reports
    from connectors.contract import Report

    make("twilio")
    row_id = delivery(app, clock, "SM1", "sending")
    with transaction_of(app):
        told = Report("delivered", "SM1", cost=Decimal("0.0075"), currency="USD")
        assert delivery_reports.note(1, told, clock()) is not None
        assert delivery_reports.note(1, Report("delivered"), clock()) is None
    with transaction_of(app) as session:
        row = session.get_one(Delivery, row_id)
        assert (row.state, row.cost, row.currency) == ("delivered", Decimal("0.0075"), "USD")


def test_a_gateway_that_repeats_its_calls_over_the_wire(app: Flask, make: Make) -> None:
    gateway = make("kavenegar")
    with serving(app) as origin:
        call = gateway.inbound("+989127654321", "سلام")
        assert gateway.call(origin + DOOR, call, times=3) == [200, 200, 200]
        assert gateway.call(origin + DOOR + "x", call, times=1) == [404]
    assert kept(app) == [("+989127654321", "سلام", "triage")]


def test_staff_place_a_text_that_waits(
    app: Flask, make: Make, login: Callable[..., FlaskClient], case: Case
) -> None:
    assert tell(app, make("kavenegar").inbound("+989127654321", "یخچال گرم است")) == 200
    client = login("maryam")
    page = said(client.get("/triage", headers={"Accept-Language": "en"}))
    assert "Text message" in page and "یخچال گرم است" in page
    assert "Its number is on no customer’s record" in page
    answer = client.post("/triage/1/join", data={"number": case.number})
    assert answer.status_code == 303
    assert kept(app) == [("+989127654321", "یخچال گرم است", "joined")]
    assert "یخچال گرم است" in said(client.get(case.page))
