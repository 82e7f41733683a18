"""The wire formats of Iranian gateways, written from their public documentation and apart from the
presets, so that a mistake in one shows in the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.fake_sms_shapes import Asked, Came, Given, Store, Taken


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
    return _kavenegar(200, "تایید شد", [kavenegar_entry(taken)])


def _kavenegar_lookup(store: Store, fields: Mapping[str, str]) -> Given:
    if fields["template"] == "missing":
        return _kavenegar(424, "الگوی مورد نظر پیدا نشد")
    tokens = {name: one for name, one in fields.items() if name.startswith("token")}
    taken = store.take(fields["receptor"], "", template=fields["template"], parameters=tokens)
    return _kavenegar(200, "تایید شد", [kavenegar_entry(taken)])


def _kavenegar_local(store: Store, fields: Mapping[str, str]) -> Given:
    found = [one for one in store.messages if one.reference == fields["localid"]]
    unknown = {"messageid": 0, "localid": fields["localid"], "status": 100, "statustext": "نامعتبر"}
    return _kavenegar(200, "تایید شد", [kavenegar_entry(found[0]) if found else unknown])


def _kavenegar_status(store: Store, fields: Mapping[str, str]) -> Given:
    found = [one for one in store.messages if str(one.id) == fields["messageid"]]
    return _kavenegar(200, "تایید شد", [kavenegar_entry(one) for one in found])


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


def kavenegar_entry(taken: Taken) -> Mapping[str, Any]:
    """A message as Kavenegar tells of it."""
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
