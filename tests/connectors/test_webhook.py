"""Webhooks: signed so that the reference library believes them, and believed only when signed."""

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError
from standardwebhooks.webhooks import Webhook as Reference
from standardwebhooks.webhooks import WebhookVerificationError

from connectors import lying_http as does
from connectors import registry, signing
from connectors.contract import Answer, Hook, NotGenuine, Order
from connectors.errors import (
    BadInput,
    DeliveryFailed,
    NotAnswered,
    Permanent,
    Transient,
)
from connectors.lying_http import LyingPartner
from connectors.webhook import BadCall, Webhook

OLD = "whsec_" + base64.b64encode(b"o" * 32).decode()
NEW = "whsec_" + base64.b64encode(b"n" * 32).decode()
NOW = 1_795_334_400
WEBHOOK = Webhook(lambda: NOW)
DATA = {"شماره": "۱۲", "sum": 12.5, "list": [1, None, True]}
ORDER = Order("ref-1", datetime(2026, 11, 22, tzinfo=UTC), {"type": "request.closed", "data": DATA})


@pytest.fixture
def partner() -> Iterator[LyingPartner]:
    with LyingPartner() as running:
        yield running


def options(partner: LyingPartner | None = None, **more: Any) -> dict[str, Any]:
    url = f"{partner.url}/in/p4th-s3cret?k=q5ery" if partner else ""
    given = {"url": url, "secrets": f"{NEW} {OLD}", "private_partners": ["127.0.0.1"]}
    loaded: dict[str, Any] = WEBHOOK.Options().load({**given, "timeout": 20, **more})
    return loaded


def send(partner: LyingPartner, order: Order = ORDER, **more: Any) -> Answer:
    return WEBHOOK.send(order, options(partner, **more))


def test_the_kind_is_whole() -> None:
    assert registry.complaints(WEBHOOK) == []
    assert registry.find("webhook") is not None


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_the_reference_library_believes_what_we_sign(partner: LyingPartner, secret: str) -> None:
    answer = Webhook(time.time).send(ORDER, options(partner))
    [heard] = partner.heard
    said = Reference(secret).verify(heard.body, dict(heard.headers))
    assert said == {"type": "request.closed", "timestamp": "2026-11-22T00:00:00Z", "data": DATA}
    assert heard.headers["webhook-id"] == "ref-1"
    assert answer.result == {"status": 200, "id": "ref-1"}


def test_a_changed_byte_is_not_believed(partner: LyingPartner) -> None:
    Webhook(time.time).send(ORDER, options(partner))
    [heard] = partner.heard
    with pytest.raises(WebhookVerificationError):
        Reference(NEW).verify(heard.body.replace(b"12.5", b"99.5"), dict(heard.headers))


def test_every_attempt_sends_the_same_bytes_under_the_same_id_at_its_own_time(
    partner: LyingPartner,
) -> None:
    for moment in (NOW, NOW + 60):
        Webhook(lambda moment=moment: moment).send(  # type: ignore[misc]  # Its own moment each time.
            replace(ORDER, attempt=moment), options(partner)
        )
    first, second = partner.heard
    assert first.body == second.body and partner.effects == {"ref-1": 2}
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]


def test_without_secrets_nothing_is_signed(partner: LyingPartner) -> None:
    send(partner, secrets="")
    assert "webhook-signature" not in partner.heard[0].headers


@pytest.mark.parametrize(
    ("act", "family", "code"),
    [
        (does.says_json({}, 400), Permanent, "http_400"),
        (does.says_json({}, 410), Permanent, "http_410"),
        (does.redirects("http://127.0.0.1:1/"), Permanent, "http_302"),
        (does.throttles(5), Transient, "http_429"),
        (does.says_html(502), Transient, "http_502"),
        (does.says_html(504), Transient, "http_504"),
        (does.leaves, NotAnswered, "no_answer"),
        (does.resets(10), NotAnswered, "no_answer"),
    ],
)
def test_what_becomes_of_a_message(
    partner: LyingPartner, act: does.Act, family: type[DeliveryFailed], code: str
) -> None:
    partner.then(act)
    with pytest.raises(family) as failure:
        send(partner)
    assert failure.value.code == code


@pytest.mark.parametrize("act", [does.says_html(), does.says(b"", 204), does.bomb(5_000_000)])
def test_any_good_answer_means_that_it_arrived(partner: LyingPartner, act: does.Act) -> None:
    partner.then(act)
    assert send(partner).result["id"] == "ref-1"


@pytest.mark.parametrize(
    "inputs", [{}, {"type": ""}, {"type": 5}, {"type": "a", "data": float("inf")}]
)
def test_what_cannot_be_told_is_not_sent(partner: LyingPartner, inputs: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        send(partner, replace(ORDER, inputs=inputs))
    assert partner.connections == 0


def test_no_secret_comes_back_in_errors(partner: LyingPartner) -> None:
    def echo(heard: does.Heard) -> does.Act:
        return does.says_json({"target": heard.target, "secrets": f"{NEW} {OLD}"}, 422)

    partner.answer = echo
    with pytest.raises(Permanent) as refusal:
        send(partner)
    for secret in ("p4th", "q5ery", NEW, OLD, NEW[6:20]):
        assert secret not in str(refusal.value) + repr(refusal.value)


def test_the_test_button_tells_the_partner_nothing(partner: LyingPartner) -> None:
    partner.then(does.says_json({}), does.says_json({}, 401), does.says_json({}, 500))
    assert [WEBHOOK.probe(options(partner)) for _ in range(2)] == ["HTTP 200", "HTTP 401"]
    with pytest.raises(Transient):
        WEBHOOK.probe(options(partner))
    assert [(one.method, one.body) for one in partner.heard] == [("HEAD", b"")] * 3
    with pytest.raises(BadInput) as received:
        WEBHOOK.probe(options())
    assert received.value.text("en") == "This channel has no address to send to: it only receives."
    assert "دریافت" in received.value.text("fa")


@pytest.mark.parametrize(
    "given",
    [{"secrets": "secret"}, {"secrets": "whsec_!!"}, {"secrets": "whsec_c2hvcnQ="},
     {"hook_secret": "short"}, {"hook_secret": "with/slash-and-more"}, {"sources": "any"},
     {"url": "https://u:p@x/"}, {"key_field": "a..b"}],
)  # fmt: skip
def test_options_that_cannot_work_are_named(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as wrong:
        WEBHOOK.Options().load(given)
    assert [*wrong.value.messages_dict] == [*given]


SAID = {"type": "order.shipped", "data": {"order": {"id": 17}}, "key": "k-1"}


def hook(said: Any = SAID, secret: str = NEW, seconds: int = NOW, more: Any = None) -> Hook:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    headers = signing.headers("msg-1", body, signing.read_secrets(secret), seconds)
    return Hook("POST", {}, {**headers, **(more or {})}, body)


def receive(one: Hook, **more: Any) -> Any:
    given = {"hook_signing": f"{OLD} {NEW}", "messages": "order.shipped other", **more}
    return WEBHOOK.read_inbound(one, options(**given))


def test_a_signed_call_is_read() -> None:
    [inbound] = receive(hook())
    assert inbound.id == "msg-1"
    assert inbound.facts == {
        "message": "order.shipped", "key": "k-1", "data": {"order": {"id": 17}}
    }  # fmt: skip
    [other] = receive(hook(), key_field="data.order.id")
    assert other.facts["key"] == "17"


@given(st.binary(max_size=40), st.integers(0, 10**10))
def test_our_signatures_are_those_of_the_reference(body: bytes, seconds: int) -> None:
    text = base64.b64encode(body).decode()
    moment = datetime.fromtimestamp(seconds, UTC)
    theirs = Reference(NEW).sign("msg", moment, text)
    told = signing.headers("msg", text.encode(), signing.read_secrets(NEW), seconds)
    assert told["webhook-signature"] == theirs
    assert signing.verify(told, text.encode(), signing.read_secrets(NEW), seconds) == "msg"


@pytest.mark.parametrize(
    "one",
    [
        hook(secret="whsec_" + base64.b64encode(b"x" * 32).decode()),
        hook(seconds=NOW - 301),
        hook(seconds=NOW + 301),
        hook(more={"webhook-id": "msg-2"}),
        hook(more={"webhook-id": ""}),
        hook(more={"webhook-timestamp": str(NOW + 1)}),
        hook(more={"webhook-timestamp": "۱۲"}),
        hook(more={"webhook-timestamp": "nan"}),
        hook(more={"webhook-signature": ""}),
        hook(more={"webhook-signature": "v1"}),
        hook(more={"webhook-signature": "v2,abc v1a,x"}),
        hook(more={"webhook-signature": "v1,سلام"}),
        replace(hook(), body=b"{}"),
        replace(hook(), headers={}),
    ],
)
def test_a_call_that_is_not_signed_rightly_is_not_believed(one: Hook) -> None:
    with pytest.raises(NotGenuine):
        receive(one)


@pytest.mark.parametrize(
    "said",
    [b"", b"[]", b"{", b"\xff", {"type": "unknown", "key": "k"}, {"key": "k"}, {"type": ["other"]},
     {"type": "other"}, {"type": "other", "key": ""}, {"type": "other", "key": {"a": 1}},
     {"type": "other", "key": True}, {"type": "other", "key": "k" * 201},
     {"type": "other", "key": "k", "data": "x"}, {"type": "other", "key": "k", "data": []}],
)  # fmt: skip
def test_a_call_that_says_nothing_we_know_is_refused(said: Any) -> None:
    with pytest.raises(BadCall):
        receive(hook(said))


def test_without_signing_secrets_the_address_alone_proves_the_partner() -> None:
    plain = replace(hook({**SAID, "id": "e-9"}), headers={})
    [inbound] = receive(plain, hook_signing="")
    assert inbound.id == "e-9"
    with pytest.raises(BadCall, match="id"):
        receive(replace(hook(), headers={}), hook_signing="")
