"""The wire formats of the fake SMS gateway, written from the gateways' public documentation and
apart from the presets, so that a mistake in one shows in the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from connectors.fake_sms_iranian import ippanel, kavenegar, kavenegar_entry, melipayamak, smsir
from connectors.fake_sms_shapes import Asked, Came, Given, HookCall, Store, Taken, Wire


def twilio(store: Store, asked: Asked) -> Given:
    """``/2010-04-01/Accounts/SID/...``, Basic authentication."""
    if asked.headers.get("authorization") != "Basic QUMxOnNlY3JldC9rZXktMQ==":
        return Given(401, {"code": 20003, "message": "Authenticate", "status": 401})
    what = asked.path.partition("/AC1")[2]
    if what == ".json":
        return Given(200, {"friendly_name": "Peygir", "status": "active"})
    if asked.method == "GET" and what == "/Messages.json":
        return Given(200, {"messages": [_twilio_came(one) for one in store.inbox]})
    if asked.method == "GET":
        sid = what.removeprefix("/Messages/").removesuffix(".json")
        return Given(200, _twilio(next(one for one in store.messages if _sid(one.id) == sid)))
    fields = asked.fields
    if fields["To"] == "+15005550001":
        return Given(400, {"code": 21211, "message": "The 'To' number is not valid", "status": 400})
    more = {"template": fields.get("ContentSid", ""), "parameters": fields.get("ContentVariables")}
    taken = store.take(fields["To"], fields.get("Body", ""), line=fields["From"], **more)
    return Given(201, _twilio(taken))


def _sid(number: int) -> str:
    return f"SM{number:032x}"


def _twilio(taken: Taken) -> Mapping[str, Any]:
    status = {"sent": "queued", "failed": "undelivered"}.get(taken.state, taken.state)
    price = "-0.00750" if taken.state == "delivered" else None
    return {
        "sid": _sid(taken.id), "to": taken.to, "from": taken.line, "body": taken.text,
        "status": status, "price": price, "price_unit": "USD", "direction": "outbound-api",
    }  # fmt: skip


def _twilio_came(one: Came) -> Mapping[str, Any]:
    return {
        "sid": _sid(one.id), "from": one.sender, "to": one.line, "body": one.text,
        "direction": "inbound", "status": "received",
    }  # fmt: skip


def generic(store: Store, asked: Asked) -> Given:
    """A gateway of no name: ``/send`` with JSON, a form or a query, and ``/state``."""
    if asked.path.endswith("/state"):
        found = next(one for one in store.messages if str(one.id) == asked.query["id"])
        return Given(200, {"result": {"state": found.state}})
    if asked.method in ("OPTIONS", "GET") and "to" not in asked.query:
        return Given(204 if asked.method == "OPTIONS" else 200, {"credit": 5})
    is_json = asked.headers.get("content-type", "") == "application/json"
    value: Any = asked.json["message"] if is_json else asked.fields
    if value["to"] == "+989120000000":
        return Given(200, {"result": {"code": "busy", "words": "later"}})
    if value["to"] == "+989130000000":
        return Given(200, {"result": {"code": "bad", "words": "never"}})
    to = value["to"][0] if isinstance(value["to"], list) else value["to"]
    taken = store.take(
        to, value["text"], line=value.get("from", ""), reference=value.get("ref", "")
    )
    result = {"code": "ok", "ids": [taken.id], "price": "12.5"}
    return Given(200, {"result": result})


WIRES: Mapping[str, Wire] = {
    "kavenegar": kavenegar, "smsir": smsir, "melipayamak": melipayamak, "ippanel": ippanel,
    "twilio": twilio, "generic": generic,
}  # fmt: skip


def report_call(preset: str, taken: Taken) -> HookCall:
    """How the gateway tells us what became of a message."""
    if preset == "twilio":
        status = "undelivered" if taken.state == "failed" else taken.state
        return _form({"MessageSid": _sid(taken.id), "MessageStatus": status})
    if preset == "kavenegar":
        status = str(kavenegar_entry(taken)["status"])
        return HookCall("GET", {"messageid": str(taken.id), "status": status})
    return _form({"messageid": str(taken.id), "status": taken.state})


def inbound_call(preset: str, came: Came) -> HookCall:
    """How the gateway tells us of a message that came in."""
    if preset == "twilio":
        fields = {"MessageSid": _sid(came.id), "From": came.sender, "To": came.line}
        return _form({**fields, "Body": came.text, "SmsStatus": "received"})
    fields = {"from": came.sender, "to": came.line, "message": came.text}
    if preset == "kavenegar":
        return _form({**fields, "messageid": str(came.id)})
    body = json.dumps({**fields, "id": came.id}).encode()
    return HookCall("POST", {}, body, "application/json")


def _form(fields: Mapping[str, str]) -> HookCall:
    return HookCall("POST", {}, urlencode(fields).encode(), "application/x-www-form-urlencoded")
