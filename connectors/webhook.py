"""Webhooks: something has happened here, told to a partner; and what partners tell us so.

By Standard Webhooks both ways. The id of a message is our reference, the same over all attempts,
so a partner drops the copies; therefore a message whose end is unknown is sent again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any, ClassVar
from urllib.parse import unquote

from connectors import http_answers, json_values, signing
from connectors.contract import Answer, Connector, Hook, Inbound, Input, Order, Texts
from connectors.errors import BadInput, DeliveryFailed, ReplyTooLarge
from connectors.http_way import way
from connectors.masking import masked_failure
from connectors.transport import Reply, Request, Url, fetch, read_url
from connectors.webhook_options import WebhookOptions


class BadCall(ValueError):
    """What a partner said is not what was agreed; the text says what was expected."""


class OnlyReceives(BadInput):
    """This channel has no address to send to: it only receives."""

    persian = "این کانال نشانی‌ای برای فرستادن ندارد؛ تنها دریافت می‌کند."


class Webhook(Connector):
    """Messages to and from partners that keep to Standard Webhooks."""

    kind = "webhook"
    task_type = "webhook"
    names: ClassVar = {"en": "Webhook", "fa": "وب‌هوک"}
    about: ClassVar = {
        "en": "Tells a partner that something has happened, and takes what partners tell.",
        "fa": "به طرف مقابل خبر می‌دهد که چیزی رخ داده است، و خبرهای او را می‌گیرد.",
    }
    abilities: ClassVar = frozenset({"send", "receive"})
    Options = WebhookOptions
    inputs = (
        Input("type", {"en": "What has happened", "fa": "چه رخ داده است"},
              {"en": "Such as request.closed.", "fa": "مانند request.closed."}, required=True),
        Input("data", {"en": "Data", "fa": "داده‌ها"}, {"en": "A context.", "fa": "نام‌ومقدار."},
              kind="feel"),
    )  # fmt: skip
    results: ClassVar[Mapping[str, Texts]] = {
        "status": {"en": "The status of the answer, such as 200", "fa": "وضعیت پاسخ، مانند ۲۰۰"},
        "id": {"en": "The id of the message (webhook-id)", "fa": "شناسهٔ پیام (webhook-id)"},
    }
    errors: ClassVar[Mapping[str, Texts]] = {
        **http_answers.ERRORS,
        "bad_input": {"en": "The data cannot be sent", "fa": "داده‌ها فرستادنی نیست"},
        "address_refused": {"en": "The address may not be called",
                            "fa": "فراخوانی این نشانی مجاز نیست"},
    }  # fmt: skip
    repeats = "repeat"

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock

    def send(self, order: Order, options: Mapping[str, Any]) -> Answer:
        """Post the message, signed at this moment; any 2xx means that the partner has it."""
        reply = self._post(order.reference, _payload(order), options)
        if not 200 <= reply.status < 300:
            raise _without(options, http_answers.refusal(reply, repeat=True))
        result = {"status": reply.status, "id": order.reference}
        return Answer(None, f"{reply.status}", result)

    def probe(self, options: Mapping[str, Any]) -> str:
        """Ask for the head of the address, which tells the partner nothing. Any answer will do, for
        a partner refuses what is not signed."""
        url = _url(options)
        try:
            reply = fetch(replace(way(options), method="HEAD", url=url, repeat=True))
            if reply.status >= 500:
                raise http_answers.refusal(reply, repeat=True)
        except DeliveryFailed as failure:
            raise _without(options, failure) from None
        return f"HTTP {reply.status}"

    def _post(self, reference: str, body: bytes, options: Mapping[str, Any]) -> Reply:
        url = _url(options)
        keys = signing.read_secrets(options["secrets"])
        seconds = int(self._clock())
        signed = signing.headers(reference, body, keys, seconds)
        if not keys:
            del signed[signing.SIGNATURE]
        said = {"Content-Type": "application/json", **signed}
        try:
            return _call(replace(way(options), method="POST", url=url, headers=said, body=body))
        except DeliveryFailed as failure:
            raise _without(options, failure) from None

    def read_inbound(self, hook: Hook, options: Mapping[str, Any]) -> Sequence[Inbound]:
        """The message in a call: ``facts`` has its ``message`` name, correlation ``key`` and
        ``data``. Raises ``NotGenuine`` for a call that is not signed as agreed, ``BadCall`` for
        one that is no JSON object with a known ``type`` and a key."""
        external_id = self._proved(hook, options)
        said = _json(hook.body)
        name, data = said.get("type"), said.get("data")
        if not isinstance(name, str) or name not in options["messages"].split():
            raise BadCall("type: not a message that may come here")
        if not isinstance(data, Mapping | None):
            raise BadCall("data: not a JSON object")
        external_id = external_id or str(said.get("id") or "")
        if not 0 < len(external_id) <= 200:
            raise BadCall("no webhook-id header and no id")
        key = _key(said, options["key_field"])
        facts = {"message": name, "key": key, "data": data or {}}
        text = json_values.write(said).decode()
        return [Inbound(external_id, "", "", text, name, hook.body, facts)]

    def _proved(self, hook: Hook, options: Mapping[str, Any]) -> str:
        """The id of a call that is signed, or needs no signature; it may be empty then."""
        keys = signing.read_secrets(options["hook_signing"])
        if keys:
            return signing.verify(hook.headers, hook.body, keys, int(self._clock()))
        return hook.headers.get(signing.ID, "")


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        said = json_values.read(body.decode("utf-8"), strict=True)
    except json_values.NotStorable as error:
        raise BadCall(str(error)) from None
    except ValueError:
        raise BadCall("expected: JSON in UTF-8") from None
    if not isinstance(said, Mapping):
        raise BadCall("expected: a JSON object")
    return said


def read_data(text: str) -> Mapping[str, Any]:
    """The values of a call that a person typed as JSON; raises ``BadCall``."""
    return _json(text.encode("utf-8", "surrogatepass"))


def read_key(value: Any) -> str:
    """A correlation key; raises ``BadCall`` for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise BadCall("no correlation key")
    if len(str(value)) > 200:
        raise BadCall("the correlation key is too long")
    if json_values.storable(str(value)) != str(value):
        raise BadCall("the correlation key holds U+0000 or half a character")
    return str(value)


def _url(options: Mapping[str, Any]) -> Url:
    if not options["url"]:
        raise OnlyReceives
    return read_url(options["url"])


def _payload(order: Order) -> bytes:
    """The bytes that are signed and sent: the same at every attempt."""
    name, data = order.inputs.get("type"), order.inputs.get("data")
    if not isinstance(name, str) or not name or len(name) > 200:
        raise BadInput("type: a text is expected")
    written = order.written_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    try:
        said = {"type": name, "timestamp": written, "data": {} if data is None else data}
        return json_values.write(said)
    except ValueError:
        raise BadInput("data: JSON cannot say this") from None


def _call(request: Request) -> Reply:
    try:
        return fetch(replace(request, repeat=True))
    except ReplyTooLarge:
        # Nobody reads what a partner answers to a webhook, only that it does.
        return Reply(200, {}, b"", cut=True)


def _without(options: Mapping[str, Any], failure: DeliveryFailed) -> DeliveryFailed:
    """The same failure without the secrets, and without the path, which may be one."""
    url = read_url(options["url"])
    hidden = [options["secrets"], *options["secrets"].split(), options["url"], url.target]
    hidden += [unquote(url.target), url.target.partition("?")[2]]
    return masked_failure(failure, hidden)


def _key(said: Mapping[str, Any], path: str) -> str:
    value: Any = said
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    if value is None or value == "":
        raise BadCall(f"no correlation key at {path}")
    try:
        return read_key(value)
    except BadCall as error:
        raise BadCall(f"{error} at {path}") from None
