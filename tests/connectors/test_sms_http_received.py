"""What SMS gateways tell by HTTP: reports and messages, by calls or fetched."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from connectors.contract import Hook, NotGenuine
from connectors.fake_sms import OPTIONS
from connectors.fake_sms_shapes import HookCall
from connectors.sms_presets.twilio import sign
from tests.connectors.gateways import ALL, KIND, ORDER, opened
from tests.connectors.mails import random_words


@pytest.mark.parametrize("preset", ALL)
@pytest.mark.parametrize("state", ["delivered", "failed"])
def test_a_report_is_fetched_by_the_gateways_id(preset: str, state: str) -> None:
    with opened(preset) as (gateway, options):
        id_ = KIND.send(ORDER, options).id or ""
        assert KIND.fetch_report(id_, options) is None
        gateway.messages[0].state = state
        report = KIND.fetch_report(id_, options)
    assert report is not None
    assert (report.id, report.state) == (id_, state)
    if (preset, state) == ("twilio", "delivered"):
        assert (report.cost, report.currency) == (Decimal("0.00750"), "USD")


def hook(call: HookCall, **headers: str) -> Hook:
    kind = {"content-type": call.content_type} if call.content_type else {}
    return Hook(call.method, call.query, {**kind, **headers}, call.body)


@pytest.mark.parametrize("preset", ["kavenegar", "twilio", "generic"])
def test_a_report_comes_by_a_call(preset: str) -> None:
    with opened(preset) as (gateway, options):
        id_ = KIND.send(ORDER, options).id
        call = hook(gateway.report(gateway.messages[0], "failed"))
        [report] = KIND.read_report(call, options)
        assert (report.id, report.state) == (id_, "failed")
        assert KIND.read_inbound(call, options) == []


@pytest.mark.parametrize("preset", ALL)
def test_a_message_comes_by_a_call(preset: str) -> None:
    with opened(preset) as (gateway, options):
        call = hook(gateway.inbound("09121234567", "۱۲ روز گذشت"))
    [came] = KIND.read_inbound(call, options)
    assert (came.sender, came.body) == ("+989121234567", "۱۲ روز گذشت")
    assert came.recipient == OPTIONS[preset]["line"]
    assert came.id
    assert KIND.read_report(call, options) == []


@pytest.mark.parametrize("preset", ALL)
def test_persian_texts_come_by_calls_as_they_were_written(preset: str) -> None:
    draw, asked = random.Random(1405), []
    with opened(preset) as (gateway, options):
        for _ in range(1000 // len(ALL) + 1):
            text = random_words(draw, 25)
            asked.append((text, hook(gateway.inbound("09121234567", text))))
    for text, call in asked:
        assert [one.body for one in KIND.read_inbound(call, options)] == [text]


@pytest.mark.parametrize("preset", [one for one in ALL if one != "generic"])
def test_messages_are_fetched_and_fetched_again(preset: str) -> None:
    with opened(preset) as (gateway, options):
        gateway.came("+989121234567", "سلام")
        gateway.came("+989121234567", "سلام", at=1763800060)
        first = KIND.fetch_inbound(options)
        again = KIND.fetch_inbound(options)
    assert {one.sender for one in first} == {"+989121234567"}
    assert len(first) == 2
    assert {one.id for one in first} == {one.id for one in again}, "a worker may die in between"


def test_twilios_signature_is_checked_against_our_own_address() -> None:
    ours = "https://peygir.example/hooks/sms/twilio/s3cret-s3cret-s3cret"
    with opened("twilio", callback=ours) as (gateway, options):
        call = gateway.inbound("+12025550143", "yes")
    good = sign(ours, call.body, "secret/key-1")
    [came] = KIND.read_inbound(hook(call, **{"x-twilio-signature": good}), options)
    assert came.body == "yes"
    for wrong in ({}, *({"x-twilio-signature": one} for one in (good[::-1], "", "é"))):
        with pytest.raises(NotGenuine):
            KIND.read_inbound(hook(call, **wrong), options)


def test_the_signature_is_that_of_the_public_documentation() -> None:
    """The worked example that Twilio's pages give."""
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    body = b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309"
    body += b"&To=%2B18005551212"
    assert sign(url, body, "12345") == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@pytest.mark.parametrize(
    "body", [b"{", b"[1]", b"[" * 5000, b"\xff\xfe", b'[{"from": "+989121234567"}' + b",{}]" * 9]
)
@pytest.mark.parametrize("preset", ALL)
def test_a_call_that_cannot_be_read_is_no_crash(preset: str, body: bytes) -> None:
    with opened(preset) as (_, options):
        pass
    with pytest.raises(ValueError, match=r"."):
        KIND.read_inbound(Hook("POST", {}, {"content-type": "text/plain"}, body), options)


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ({}, b'{"from": "+989121234567", "text": "a\\u0000b\\ud800", "id": "7\\u0000"}'),
        ({}, b"from=%2B989121234567&text=a%00b&id=7%00"),
        ({"from": "+989121234567", "text": "a\0b", "id": "7\0"}, b""),
    ],
)
def test_what_no_table_stores_is_taken_out_of_a_call(query: dict[str, str], body: bytes) -> None:
    with opened("generic") as (_, options):
        pass
    [came] = KIND.read_inbound(Hook("POST", query, {}, body), options)
    assert came.body.startswith("a\ufffdb")
    assert came.id == "7\ufffd"
