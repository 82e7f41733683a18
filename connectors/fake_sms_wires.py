"""The wire formats of the fake SMS gateway, written from the gateways' public documentation and
apart from the presets, so that a mistake in one shows in the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlencode, urlsplit


@dataclass
class Taken:
    """A message that the gateway has taken and bills."""

    id: int
    to: str
    text: str
    line: str = ""
    template: str = ""
    parameters: Any = None
    reference: str = ""
    state: str = "sent"
    """``sent``, ``delivered`` or ``failed``."""


@dataclass(frozen=True)
class Came:
    """A message that somebody has sent to a line of ours."""

    id: int
    sender: str
    line: str
    text: str
    at: int


class Store(Protocol):
    """What the wires need of the gateway."""

    messages: list[Taken]
    inbox: list[Came]

    def take(self, to: str, text: str, **more: Any) -> Taken: ...


@dataclass(frozen=True)
class Asked:
    """A request as it came in."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def fields(self) -> Mapping[str, str]:
        """The query and the form together."""
        form = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {**self.query, **{name: values[0] for name, values in form.items()}}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Given:
    """What is answered."""

    status: int
    value: Any


@dataclass(frozen=True)
class HookCall:
    """A call that the gateway makes to us."""

    method: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = ""


def read_target(target: str) -> tuple[str, Mapping[str, str]]:
    """The path and the query of a request."""
    parts = urlsplit(target)
    query = parse_qs(parts.query, keep_blank_values=True)
    return unquote(parts.path), {name: values[0] for name, values in query.items()}


Wire = Callable[[Store, Asked], Given]


def kavenegar(store: Store, asked: Asked) -> Given:
    """``/v1/KEY/SCOPE/METHOD.json``."""
    start = "/v1/secret/key-1/"
    if not asked.path.startswith(start):
        return _kavenegar(403, "کلید شناسایی معتبر نمی‌باشد")
    made = _KAVENEGAR.get(asked.path.removeprefix(start).removesuffix(".json"))
    return made(store, asked.fields) if made else _kavenegar(404, "متد نامشخص است")


def _kavenegar(status: int, message: str, entries: Any = None) -> Given:
    value = {"return": {"status": status, "message": message}, "entries": entries}
    return Given(status if status < 600 else 400, value)


def _kavenegar_send(store: Store, fields: Mapping[str, str]) -> Given:
    if not fields["receptor"].startswith("09") or len(fields["receptor"]) != 11:
        return _kavenegar(411, "دریافت کننده نامعتبر است")
    local = fields.get("localid", "")
    known = [one for one in store.messages if local and one.reference == local]
    to, line = fields["receptor"], fields.get("sender", "")
    taken = known[0] if known else store.take(to, fields["message"], line=line, reference=local)
    return _kavenegar(200, "تایید شد", [_entry(taken)])


def _kavenegar_lookup(store: Store, fields: Mapping[str, str]) -> Given:
    if fields["template"] == "missing":
        return _kavenegar(424, "الگوی مورد نظر پیدا نشد")
    tokens = {name: one for name, one in fields.items() if name.startswith("token")}
    taken = store.take(fields["receptor"], "", template=fields["template"], parameters=tokens)
    return _kavenegar(200, "تایید شد", [_entry(taken)])


def _kavenegar_local(store: Store, fields: Mapping[str, str]) -> Given:
    found = [one for one in store.messages if one.reference == fields["localid"]]
    unknown = {"messageid": 0, "localid": fields["localid"], "status": 100, "statustext": "نامعتبر"}
    return _kavenegar(200, "تایید شد", [_entry(found[0]) if found else unknown])


def _kavenegar_status(store: Store, fields: Mapping[str, str]) -> Given:
    found = [one for one in store.messages if str(one.id) == fields["messageid"]]
    return _kavenegar(200, "تایید شد", [_entry(one) for one in found])


def _kavenegar_receive(store: Store, fields: Mapping[str, str]) -> Given:
    """Reading marks: what was given as unread is given as read from then on."""
    read: set[int] = store.__dict__.setdefault("read_by_kavenegar", set())
    found = [one for one in store.inbox if (one.id in read) == (fields["isread"] == "1")]
    read.update(one.id for one in found)
    return _kavenegar(200, "تایید شد", [_came(one) for one in found])


def _kavenegar_info(store: Store, fields: Mapping[str, str]) -> Given:
    return _kavenegar(200, "تایید شد", {"remaincredit": 1500000, "type": "Master"})


_KAVENEGAR: Mapping[str, Callable[[Store, Mapping[str, str]], Given]] = {
    "sms/send": _kavenegar_send,
    "verify/lookup": _kavenegar_lookup,
    "sms/statuslocalmessageid": _kavenegar_local,
    "sms/status": _kavenegar_status,
    "sms/receive": _kavenegar_receive,
    "account/info": _kavenegar_info,
}
_KAVENEGAR_STATES = {"sent": (5, "ارسال به مخابرات"), "delivered": (10, "رسیده به گیرنده")}


def _entry(taken: Taken) -> Mapping[str, Any]:
    status, words = _KAVENEGAR_STATES.get(taken.state, (11, "نرسیده به گیرنده"))
    return {
        "messageid": taken.id, "message": taken.text, "status": status, "statustext": words,
        "sender": taken.line, "receptor": taken.to, "cost": 1200, "localid": taken.reference,
    }  # fmt: skip


def _came(one: Came) -> Mapping[str, Any]:
    return {
        "messageid": one.id, "message": one.text, "sender": one.sender, "receptor": one.line,
        "date": one.at,
    }  # fmt: skip


def smsir(store: Store, asked: Asked) -> Given:
    """``/v1/...`` with the header ``X-API-KEY``."""
    if asked.headers.get("x-api-key") != "secret/key-1":
        return Given(401, {"status": 10, "message": "کلید وب سرویس نامعتبر است", "data": None})
    what = asked.path.removeprefix("/v1/")
    if asked.method == "POST":
        return _smsir_send(store, asked.json, is_template=what == "send/verify")
    if what == "credit":
        return _smsir(1651.3)
    if what == "receive/live":
        return _smsir([_smsir_came(one) for one in store.inbox])
    found = [one for one in store.messages if what == f"send/{one.id}"]
    state = {"sent": 3, "delivered": 1}.get(found[0].state, 2) if found else None
    return _smsir({"messageId": found[0].id, "cost": 1.0, "deliveryState": state})


def _smsir(data: Any) -> Given:
    return Given(200, {"status": 1, "message": "موفق", "data": data})


def _smsir_send(store: Store, value: Any, *, is_template: bool) -> Given:
    if is_template:
        names = {one["name"]: one["value"] for one in value["parameters"]}
        more = {"template": str(value["templateId"]), "parameters": names}
        taken = store.take(value["mobile"], "", **more)
        return _smsir({"messageId": taken.id, "cost": 1.0})
    if not isinstance(value["lineNumber"], int):
        return Given(400, {"status": 101, "message": "شماره خط نامعتبر میباشد", "data": None})
    line = str(value["lineNumber"])
    taken = store.take(value["mobiles"][0], value["messageText"], line=line)
    return _smsir({"packId": "2b99e63c", "messageIds": [taken.id], "cost": 2.0})


def _smsir_came(one: Came) -> Mapping[str, Any]:
    number, line = int(one.sender.removeprefix("+").removeprefix("98")), int(one.line)
    return {"messageText": one.text, "number": line, "mobile": number, "receivedDateTime": one.at}


def melipayamak(store: Store, asked: Asked) -> Given:
    """``/api/SendSMS/METHOD``, forms with the name and password in each."""
    fields, method = asked.fields, asked.path.rpartition("/")[2]
    if (fields.get("username"), fields.get("password")) != ("peygir", "secret/pass-1"):
        return _meli("0", 0, "InvalidUser")
    if method == "GetCredit":
        return _meli("3141.5", 1, "Ok")
    if method == "GetDeliveries2":
        found = next(one for one in store.messages if str(one.id) == fields["recID"])
        return _meli({"sent": "8", "delivered": "1"}.get(found.state, "2"), 1, "Ok")
    if method == "GetMessages":
        base = {"Value": None, "RetStatus": 1, "StrRetStatus": "Ok"}
        return Given(200, {"MyBase": base, "Data": [_meli_came(one) for one in store.inbox]})
    if method == "BaseServiceNumber":
        more = {"template": fields["bodyId"], "parameters": fields["text"].split(";")}
        return _meli(str(store.take(fields["to"], "", **more).id), 1, "Ok")
    taken = store.take(fields["to"], fields["text"], line=fields["from"])
    return _meli(str(taken.id), 1, "Ok")


def _meli(value: str, status: int, words: str) -> Given:
    return Given(200, {"Value": value, "RetStatus": status, "StrRetStatus": words})


def _meli_came(one: Came) -> Mapping[str, Any]:
    return {"MsgID": one.id, "Sender": one.sender, "Receiver": one.line, "Body": one.text}


def ippanel(store: Store, asked: Asked) -> Given:
    """``/v1/api/...`` with the header ``Authorization``."""
    if asked.headers.get("authorization") != "secret/key-1":
        return _ippanel(401, None, "اطلاعات وارد شده صحیح نمی باشد")
    what = asked.path.rpartition("/api/")[2]
    if what == "payment/credit/mine":
        return _ippanel(200, {"credit": 6084.7})
    if what == "report/recipients":
        found = [one for one in store.messages if str(one.id) == asked.query["bulk_id"]]
        state = {"sent": "1", "delivered": "2"}.get(found[0].state, "3")
        return _ippanel(200, [{"recipient": found[0].to, "message_status": state}])
    if what == "report/messages-inbox":
        return _ippanel(200, [_ippanel_came(one) for one in reversed(store.inbox)])
    value = asked.json
    if value["sending_type"] == "pattern":
        more = {"template": value["code"], "parameters": value["params"]}
        taken = store.take(value["recipients"][0], "", line=value["from_number"], **more)
    else:
        to = value["params"]["recipients"][0]
        taken = store.take(to, value["message"], line=value["from_number"])
    return _ippanel(200, {"message_outbox_ids": [taken.id]})


def _ippanel(status: int, data: Any, words: str = "انجام شد") -> Given:
    meta = {"status": status == 200, "message": words, "message_code": f"{status}-1"}
    return Given(status, {"data": data, "meta": meta})


def _ippanel_came(one: Came) -> Mapping[str, Any]:
    return {
        "messages_inbox_id": one.id, "from": one.sender, "number": one.line, "message": one.text,
        "type": "normal", "time": one.at,
    }  # fmt: skip


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
        status = str(_entry(taken)["status"])
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
