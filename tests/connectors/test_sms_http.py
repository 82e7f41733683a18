"""SMS by HTTP: every preset against the gateway that speaks its wire format and lies."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from marshmallow import ValidationError

from connectors import sms_receiving as receiving
from connectors.contract import Answer, Hook, NotAble, NotGenuine, Order
from connectors.errors import (
    DeliveryFailed,
    LostReply,
    NotAdmitted,
    NotConnected,
    Permanent,
    Transient,
    Unknown,
)
from connectors.fake_sms import OPTIONS, Lie, SmsGateway
from connectors.fake_sms_shapes import HookCall
from connectors.registry import find
from connectors.sms_errors import (
    BadNumber,
    BadPattern,
    BadText,
    NotUnderstood,
    Throttled,
)
from connectors.sms_http import SmsHttp, read_order
from connectors.sms_presets import PRESETS
from connectors.sms_presets.twilio import sign
from tests.connectors.mails import random_words

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
ORDER = Order("d0c1ab", NOW, {"to": "۰۹۱۲ ۱۲۳ ۴۵۶۷", "body": "شکایت شما رسید 🙂"})
KIND = SmsHttp()
ALL = list(PRESETS)
SECRETS = ("secret/key-1", "secret%2Fkey-1", "secret/pass-1", "c2VjcmV0L", "QUMxOn")


@contextmanager
def opened(preset: str, **more: Any) -> Iterator[tuple[SmsGateway, Mapping[str, Any]]]:
    with SmsGateway(preset) as gateway:
        yield gateway, KIND.Options().load(gateway.options(**more))


@pytest.mark.parametrize("preset", ALL)
def test_a_text_is_taken(preset: str) -> None:
    with opened(preset) as (gateway, options):
        answer = KIND.send(ORDER, options)
    [taken] = gateway.messages
    assert taken.text == ORDER.inputs["body"]
    assert taken.to.endswith("9121234567")
    assert taken.line == OPTIONS[preset]["line"]
    assert answer.id in (str(taken.id), f"SM{taken.id:032x}")
    assert not answer.final
    assert answer.result == {"id": answer.id, "parts": 1}


COSTS = {
    "kavenegar": (Decimal(1200), "IRR"), "smsir": (Decimal("2.0"), "credit"),
    "generic": (Decimal("12.5"), "IRR"),
}  # fmt: skip


@pytest.mark.parametrize("preset", ALL)
def test_the_cost_is_known_where_the_gateway_tells_it(preset: str) -> None:
    with opened(preset) as (_, options):
        answer = KIND.send(ORDER, options)
    assert (answer.cost, answer.currency) == COSTS.get(preset, (None, None))


TEMPLATES: dict[str, tuple[Any, Any]] = {
    "kavenegar": (["C-140", "12"], {"token": "C-140", "token2": "12"}),
    "smsir": ({"NUMBER": "C-140", "DAYS": 12}, {"NUMBER": "C-140", "DAYS": "12"}),
    "melipayamak": (["C-140", 12], ["C-140", "12"]),
    "ippanel": ({"number": "C-140"}, {"number": "C-140"}),
    "twilio": (["C-140", True], '{"1": "C-140", "2": "true"}'),
}


@pytest.mark.parametrize("preset", TEMPLATES)
def test_a_template_is_taken_with_its_parameters(preset: str) -> None:
    given, wanted = TEMPLATES[preset]
    inputs = {"to": "09121234567", "template": "123456", "parameters": given}
    with opened(preset) as (gateway, options):
        KIND.send(replace(ORDER, inputs=inputs), options)
    [taken] = gateway.messages
    assert (taken.template, taken.parameters, taken.text) == ("123456", wanted, "")


def test_another_gateway_gets_templates_in_its_own_fields() -> None:
    fields = "message.to = {to_digits}\nmessage.text = {template}|{parameter.days}|{parameter.x}"
    inputs = {"to": "09121234567", "template": "due", "parameters": {"days": 3}}
    with opened("generic", form_fields=fields) as (gateway, options):
        KIND.send(replace(ORDER, inputs=inputs), options)
    assert [(one.to, one.text) for one in gateway.messages] == [("989121234567", "due|3|")]


@pytest.mark.parametrize("content", ["form", "query"])
def test_another_gateway_may_take_a_form_or_an_address(content: str) -> None:
    fields = "to = {to_home}\ntext = {text}\nkey = {key}"
    method = "GET" if content == "query" else "POST"
    more = {"content": content, "form_fields": fields, "method": method}
    with opened("generic", **more) as (gateway, options):
        KIND.send(ORDER, options)
    [taken] = gateway.messages
    assert (taken.to, taken.text) == ("09121234567", ORDER.inputs["body"])


@pytest.mark.parametrize(
    ("preset", "given"),
    [
        ("kavenegar", {"name": "Maryam"}), ("kavenegar", ["1", "2", "3", "4"]),
        ("smsir", ["1"]), ("melipayamak", {"a": "1"}), ("melipayamak", ["a;b"]), ("ippanel", ["1"]),
        ("twilio", {"1": {"deep": 1}}),
    ],
)  # fmt: skip
def test_parameters_that_do_not_fit_are_refused_here(preset: str, given: Any) -> None:
    inputs = {"to": "09121234567", "template": "123456", "parameters": given}
    with opened(preset) as (gateway, options), pytest.raises(BadPattern):
        KIND.send(replace(ORDER, inputs=inputs), options)
    assert not gateway.asked


LIES: list[tuple[Lie, type[DeliveryFailed], int]] = [
    ("throttle", Throttled, 0), ("away", Transient, 0), ("reset", LostReply, 0),
    ("reset_after", LostReply, 1), ("html", NotUnderstood, 0), ("html_after", NotUnderstood, 1),
    ("crash_after", NotUnderstood, 1),
]  # fmt: skip


@pytest.mark.parametrize("preset", ALL)
@pytest.mark.parametrize(("lie", "family", "taken"), LIES)
def test_every_lie_is_told_by_its_right_name(
    preset: str, lie: Lie, family: type[DeliveryFailed], taken: int
) -> None:
    with opened(preset) as (gateway, options), pytest.raises(family) as caught:
        gateway.then(lie)
        KIND.send(ORDER, options)
    assert len(gateway.messages) == taken
    if isinstance(caught.value, Unknown):
        return
    assert isinstance(caught.value, Transient)
    assert taken == 0, "what is sent again must not have been taken"


def test_a_gateway_that_is_not_there_is_tried_again() -> None:
    with opened("kavenegar") as (_, options):
        pass
    with pytest.raises(NotConnected):
        KIND.send(ORDER, options)


WRONG: dict[str, dict[str, Any]] = {
    "kavenegar": {"key": "wrong-key-00"}, "smsir": {"key": "wrong-key-00"},
    "melipayamak": {"password": "wrong-00"}, "ippanel": {"key": "wrong-key-00"},
    "twilio": {"key": "wrong-key-00"},
}  # fmt: skip


@pytest.mark.parametrize("preset", WRONG)
def test_a_wrong_key_is_no_fault_of_the_message(preset: str) -> None:
    with opened(preset, **WRONG[preset]) as (_, options), pytest.raises(NotAdmitted):
        KIND.send(ORDER, options)


def test_what_a_gateway_refuses_for_good() -> None:
    with opened("kavenegar") as (gateway, options), pytest.raises(BadPattern):
        KIND.send(replace(ORDER, inputs={"to": "09121234567", "template": "missing"}), options)
    with opened("kavenegar") as (_, options), pytest.raises(BadNumber):
        KIND.send(replace(ORDER, inputs={"to": "+12025550143", "body": "a"}), options)
    with opened("twilio") as (_, options), pytest.raises(BadNumber):
        # A number of Twilio's own tests; phonenumbers does not know it.
        KIND.send(replace(ORDER, inputs={"to": "+15005550001", "body": "a"}), options)
    with opened("smsir", line="PEYGIR") as (_, options), pytest.raises(Permanent) as caught:
        KIND.send(ORDER, options)
    assert caught.value.code == "bad_line"
    with opened("generic") as (gateway, options):
        with pytest.raises(Transient, match="busy later"):
            KIND.send(replace(ORDER, inputs={"to": "+989120000000", "body": "a"}), options)
        with pytest.raises(Permanent, match="bad never"):
            KIND.send(replace(ORDER, inputs={"to": "+989130000000", "body": "a"}), options)
    assert not gateway.messages


@pytest.mark.parametrize("to", ["", "1000", "maryam", None])
def test_what_is_no_number_is_refused_here(to: Any) -> None:
    with pytest.raises(BadNumber):
        read_order(replace(ORDER, inputs={"to": to, "body": "a"}))


@pytest.mark.parametrize("body", ["", "  ", "س" * 671, None])
def test_a_text_is_there_and_not_too_long(body: Any) -> None:
    with pytest.raises(BadText):
        read_order(replace(ORDER, inputs={"to": "09121234567", "body": body}))


def test_the_same_reference_is_sent_once_by_kavenegar_and_can_be_asked_after() -> None:
    with opened("kavenegar") as (gateway, options):
        gateway.then("reset_after")
        with pytest.raises(Unknown):
            KIND.send(ORDER, options)
        known = KIND.ask(ORDER.reference, options)
        assert known is not None and known.id == str(gateway.messages[0].id)
        assert known.cost == 1200
        assert KIND.ask("never-sent", options) is None
        assert KIND.send(replace(ORDER, attempt=2), options).id == known.id
    assert len(gateway.messages) == 1


def test_the_policy_of_an_unknown_end_is_stated_for_every_order() -> None:
    template = replace(ORDER, inputs={"to": "09121234567", "template": "due"})
    with opened("kavenegar") as (_, options):
        assert KIND.repeats_of(ORDER, options) == "ask"
        assert KIND.repeats_of(template, options) == "hold"
    with opened("smsir", when_unknown="repeat") as (_, options):
        assert KIND.repeats_of(ORDER, options) == "repeat"
    with opened("smsir") as (_, options):
        assert KIND.repeats_of(ORDER, options) == "hold"
        with pytest.raises(NotAble):
            KIND.ask(ORDER.reference, options)


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
    for wrong in ({}, {"x-twilio-signature": good[::-1]}, {"x-twilio-signature": ""}):
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


def test_what_no_table_stores_is_taken_out_of_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    from connectors import fake_sms_shapes, fake_sms_wires

    given = fake_sms_shapes.Given(200, {"result": {"code": "ok", "ids": ["7\0"]}})
    monkeypatch.setitem(fake_sms_wires.WIRES, "generic", lambda store, asked: given)
    with opened("generic") as (_, options):
        assert KIND.send(ORDER, options).id == "7\ufffd"


@pytest.mark.parametrize("preset", ALL)
def test_the_probe_reaches_the_gateway_and_sends_nothing(preset: str) -> None:
    with opened(preset) as (gateway, options):
        assert KIND.probe(options)
        assert gateway.asked
    assert not gateway.messages


@pytest.mark.parametrize("preset", ALL)
def test_no_key_is_told_to_anybody(preset: str, caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []
    with caplog.at_level(logging.DEBUG), opened(preset) as (gateway, options):
        for lie, _, _ in LIES:
            gateway.then(lie)
            told += failing(lambda: KIND.send(ORDER, options))
        told += failing(lambda: KIND.send(replace(ORDER, inputs={"to": "1"}), options))
        request = PRESETS[preset].sending(read_order(ORDER), options)
        told += [repr(request), repr(KIND.send(ORDER, options)), KIND.probe(options)]
    told += failing(lambda: KIND.send(ORDER, options))
    words = "\n".join([*told, caplog.text])
    assert not [one for one in SECRETS if one in words]


def failing(call: Callable[[], Answer]) -> list[str]:
    with pytest.raises(DeliveryFailed) as caught:
        call()
    chain = (caught.value, caught.value.__cause__, caught.value.__context__)
    return [f"{one!r} {one}" for one in chain if one is not None] + [caught.value.text("fa")]


def test_a_gateway_that_repeats_our_key_does_not_spread_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from connectors import fake_sms_shapes, fake_sms_wires

    given = fake_sms_shapes.Given(400, {"return": {"status": 400, "message": "bad: secret/key-1"}})
    monkeypatch.setitem(fake_sms_wires.WIRES, "kavenegar", lambda store, asked: given)
    with opened("kavenegar") as (_, options), pytest.raises(Permanent) as caught:
        KIND.send(ORDER, options)
    assert str(caught.value).endswith("(400 bad: •••)")


def test_the_wait_that_a_gateway_names_is_kept() -> None:
    with opened("kavenegar") as (gateway, options), pytest.raises(Transient) as caught:
        gateway.then("throttle")
        KIND.send(ORDER, options)
    assert caught.value.retry_after == timedelta(seconds=30)


@pytest.mark.parametrize(
    "wrong",
    [
        {"preset": "nobody"}, {"preset": "kavenegar"}, {"preset": "generic"},
        {"preset": "generic", "url": "ftp://x"}, {"preset": "generic", "url": "http://a/{nothing}"},
        {"preset": "generic", "url": "http://a", "form_fields": "to"},
        {"preset": "generic", "url": "http://a", "form_fields": "to = {tu}"},
        {"preset": "generic", "url": "http://a", "id_at": "a..b[x]"},
        {"preset": "kavenegar", "key": "k", "keywords": "internet = complaint"},
        {"preset": "kavenegar", "key": "k", "keywords": "a = service:b\na = service:c"},
        {"preset": "kavenegar", "key": "k", "sources": "gateway.example"},
        {"preset": "kavenegar", "key": "k", "hook_secret": "short"},
        {"preset": "kavenegar", "key": "k", "price": "free"},
        {"preset": "kavenegar", "key": "k", "fields": "x"},
        {"preset": "kavenegar", "key": "k", "private_partners": ["localhost"]},
    ],
)  # fmt: skip
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        KIND.Options().load(wrong)


def test_the_kind_is_found_and_knows_its_secrets() -> None:
    assert isinstance(find("sms-http"), SmsHttp)
    assert KIND.secret_names() == {"key", "password", "hook_secret", "callback"}


def test_keywords_are_the_words_that_a_text_begins_with() -> None:
    lines = "internet = service:incident\ninternet home = service:home\n۱ = message:yes"
    found = receiving.read_keywords(lines)
    assert receiving.find_keyword("Internet  HOME  does not work", found) is found[1]
    assert receiving.find_keyword("INTERNET.", found) is found[0]
    assert receiving.find_keyword("internets", found) is None
    assert receiving.find_keyword(" 1 ", found) is found[2]


@pytest.mark.parametrize(
    "text",
    [
        "پیش‌فاکتور ۱۲",
        "پیش فاکتور ۱۲",
        "پيشفاكتور:۱۲",
        "«پیش‌فاکتور»",
        "\u202bپیش‌فاکتور\u202c",
        "پِیش فاکتور!",
    ],
)
def test_a_keyword_is_known_however_it_is_typed(text: str) -> None:
    lines = "پیش = message:no\nپیش‌فاکتور = message:yes\nپیش فا = message:no"
    found = receiving.find_keyword(text, receiving.read_keywords(lines))
    assert found is not None and found.key == "yes"
    assert receiving.find_keyword("پیشفاکتورها", receiving.read_keywords(lines)) is None


@pytest.mark.parametrize(
    "text",
    [
        "STOP", " stop. ", "لغو", "لغو۱۱", "لغو 11", "قطع", "Off", "‌لغو!", "«لغو»", "\"STOP\"",
        "(stop)", "STOP 🛑", "لغو_۱۱", "لغو-۱۱", "لغو١١", "\u202bلغو\u202c", "\ufeffلغو", "لَغو",
        "لغـو",
        "\u2067لغو‌۱۱\u2069", "ﻟﻐﻮ", "ＳＴＯＰ", "stop all", "لغو اشتراك", "لغو‌اشتراک", "لغو عضويت",
    ],
)  # fmt: skip
def test_a_wish_for_no_more(text: str) -> None:
    assert receiving.wish(text, {}) == "stop"


@pytest.mark.parametrize(
    "text", ["stop the noise", "لغو نوبت من", "", "!", "بله", "cancel", "۱۱", "لغو۱۲"]
)
def test_no_wish(text: str) -> None:
    assert receiving.wish(text, {}) is None


def test_more_words_may_be_added() -> None:
    more = {"stop_words": "انصراف، cancel", "start_words": "ادامه"}
    assert receiving.wish("Cancel", more) == "stop"
    assert receiving.wish("انصراف", more) == "stop"
    spaced = {"stop_words": "دیگر نمی‌خواهم"}
    for text in ("دیگر نمی‌خواهم", "ديگر نمي خواهم", "دیگر نمیخواهم!"):
        assert receiving.wish(text, spaced) == "stop"
    assert receiving.wish("ادامه", more) == "start"
    assert receiving.wish("شروع", more) == "start"


def test_a_keyword_may_bring_answers_to_the_form() -> None:
    [found] = receiving.read_keywords("شکایت = service:complaint about=product remedy=repair")
    assert (found.key, found.data) == ("complaint", {"about": "product", "remedy": "repair"})
    with pytest.raises(ValueError, match="name=value"):
        receiving.read_keywords("a = service:complaint about")
