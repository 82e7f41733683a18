"""SMS by HTTP: every preset against the gateway that speaks its wire format and lies."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from marshmallow import ValidationError

from connectors.contract import Answer, NotAble
from connectors.errors import (
    DeliveryFailed,
    LostReply,
    NotAdmitted,
    NotConnected,
    Permanent,
    Transient,
    Unknown,
)
from connectors.fake_sms import OPTIONS, Lie
from connectors.registry import find
from connectors.sms_errors import (
    BadNumber,
    BadPattern,
    BadText,
    NoCredit,
    NotNow,
    NotUnderstood,
    Throttled,
)
from connectors.sms_http import SmsHttp, read_order
from connectors.sms_presets import PRESETS
from connectors.sms_presets.base import Said
from tests.connectors.gateways import ALL, KIND, ORDER, opened

SECRETS = ("secret/key-1", "secret%2Fkey-1", "secret/pass-1", "c2VjcmV0L", "QUMxOn")


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


@pytest.mark.parametrize("template", ["abc", "1" * 5000])
def test_a_template_that_is_no_number_is_refused_here(template: str) -> None:
    inputs = {"to": "09121234567", "template": template}
    with opened("smsir") as (gateway, options), pytest.raises(BadPattern):
        KIND.send(replace(ORDER, inputs=inputs), options)
    assert not gateway.asked


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
        whole = KIND.ask_after(ORDER, options)
        assert whole is not None and whole.result == KIND.send(ORDER, options).result
        assert whole.result == {"id": known.id, "parts": 1}
        assert KIND.ask_after(replace(ORDER, reference="never-sent"), options) is None
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


def test_a_gateway_that_repeats_our_key_does_not_spread_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from connectors import fake_sms_shapes, fake_sms_wires

    given = fake_sms_shapes.Given(400, {"return": {"status": 400, "message": "bad: secret/key-1"}})
    monkeypatch.setitem(fake_sms_wires.WIRES, "kavenegar", lambda store, asked: given)
    with opened("kavenegar") as (_, options), pytest.raises(Permanent) as caught:
        KIND.send(ORDER, options)
    assert str(caught.value).endswith("(400 bad: •••)")


def kavenegar(status: int) -> Any:
    return {"return": {"status": status, "message": "later"}, "entries": None}


@pytest.mark.parametrize(
    ("preset", "said", "health"),
    [
        ("kavenegar", Said(200, kavenegar(402)), "well"),
        ("kavenegar", Said(200, kavenegar(409)), "well"),
        ("kavenegar", Said(200, kavenegar(451)), "well"),
        ("kavenegar", Said(200, kavenegar(418)), "ill"),
        ("melipayamak", Said(200, {"RetStatus": 11, "StrRetStatus": "not sent"}), "well"),
        ("melipayamak", Said(200, {"RetStatus": 6, "StrRetStatus": "updating"}), "ill"),
        ("smsir", Said(200, {"status": 20}), "well"),
        ("smsir", Said(200, {"status": 0}), "ill"),
        ("smsir", Said(200, {"status": 0}, retry_after=timedelta(seconds=9)), "well"),
        ("smsir", Said(401, {"status": 10}, retry_after=timedelta(seconds=9)), "ill"),
        ("twilio", Said(503, {"code": 20503}), "ill"),
        ("twilio", Said(503, {"code": 20503}, retry_after=timedelta(seconds=9)), "well"),
        ("generic", Said(200, {"result": {"code": "busy"}}), "well"),
        *((preset, Said(429, None), "well") for preset in ALL),
        *((preset, Said(503, None), "ill") for preset in ALL),
        *((preset, Said(503, None, retry_after=timedelta(seconds=9)), "well") for preset in ALL),
    ],
)
def test_a_gateway_that_says_later_keeps_nobody_else_waiting(
    monkeypatch: pytest.MonkeyPatch, preset: str, said: Said, health: str
) -> None:
    monkeypatch.setattr("connectors.sms_http._call", lambda *_: said)
    given = {"preset": preset, "url": "https://gateway.example", **OPTIONS[preset]}
    with pytest.raises(Transient) as caught:
        KIND.send(ORDER, KIND.Options().load(given))
    assert (caught.value.health, caught.value.retry_after) == (health, said.retry_after)


@pytest.mark.parametrize("preset", ALL)
def test_what_is_wrong_with_one_message_closes_the_channel_to_nobody_else(preset: str) -> None:
    """What is wrong with the account does: no message would go out."""
    codes = getattr(import_module(f"connectors.sms_presets.{preset}"), "_FAILURES", {})
    for code, kind in codes.items():
        if issubclass(kind, NotAdmitted | NoCredit):
            assert kind().health == "ill", code
        elif issubclass(kind, Permanent | Throttled | NotNow):
            assert kind().health != "ill", code
        else:
            assert kind is Transient, code


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


@pytest.mark.parametrize("name", ["Authorization", "X-API-Key", "apikey", "cookie"])
def test_what_proves_who_we_are_stands_in_a_secret_field(name: str) -> None:
    given = {"preset": "generic", "url": "http://a"}
    with pytest.raises(ValidationError) as refused:
        KIND.Options().load({**given, "headers": f"Accept: */*\n{name}: Bearer s3cret"})
    assert set(refused.value.messages_dict) == {"headers"}
    for fine in ("Bearer {key}", "Basic {user}:{password}"):
        KIND.Options().load({**given, "headers": f"Accept: */*\n{name}: {fine}"})


def test_the_kind_is_found_and_knows_its_secrets() -> None:
    assert isinstance(find("sms-http"), SmsHttp)
    assert KIND.secret_names() == {"key", "password", "hook_secret", "callback"}
