"""SMS.ir, version 1 of its REST interface."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, ClassVar
from urllib.parse import quote

from connectors.contract import Answer, Inbound, Report
from connectors.errors import DeliveryFailed, NotAdmitted, Permanent, Transient
from connectors.phones import at_home
from connectors.pointers import pick
from connectors.sms_errors import (
    BadLine,
    BadNumber,
    BadPattern,
    BadText,
    Blocked,
    NoCredit,
    Throttled,
)
from connectors.sms_presets.base import (
    Preset,
    Said,
    Sms,
    State,
    get,
    identity,
    inbound,
    judge_status,
    money,
    named,
    place,
    post_json,
    refusal,
    rows,
)
from connectors.transport import Request

_FAILURES: Mapping[int, type[DeliveryFailed]] = {
    0: Transient, 10: NotAdmitted, 11: NotAdmitted, 12: NotAdmitted, 13: NotAdmitted,
    14: NotAdmitted, 15: NotAdmitted, 20: Throttled, 101: BadLine, 102: NoCredit, 103: BadText,
    104: BadNumber, 107: BadNumber, 108: BadText, 113: BadPattern, 114: BadPattern, 115: Blocked,
    116: BadPattern, 117: BadText, 119: BadPattern, 123: BadLine, 124: BadPattern,
}  # fmt: skip
_STATES: Mapping[str, State] = {
    "1": "delivered", "2": "failed", "4": "failed", "6": "failed", "7": "failed", "8": "unknown",
}  # fmt: skip
_NEWEST = {"pageSize": "100", "pageNumber": "1", "sortByNewest": "true"}


class SmsIr(Preset):
    """Texts by ``send/bulk``, templates by ``send/verify``."""

    key = "smsir"
    names: ClassVar = {"en": "SMS.ir", "fa": "اس‌ام‌اس‌.آی‌آر (SMS.ir)"}
    url = "https://api.sms.ir"

    def sending(self, sms: Sms, options: Mapping[str, Any]) -> Request:
        if sms.template:
            value = {"mobile": at_home(sms.to), "templateId": _template(sms)}
            value |= {"parameters": [{"name": k, "value": v} for k, v in named(sms).items()]}
            return post_json(f"{place(self, options)}/v1/send/verify", value, _key(options))
        line = options["line"]
        value = {"lineNumber": int(line) if line.isdecimal() else line, "messageText": sms.text}
        value |= {"mobiles": [at_home(sms.to)], "sendDateTime": None}
        return post_json(f"{place(self, options)}/v1/send/bulk", value, _key(options))

    def taken(self, said: Said, options: Mapping[str, Any]) -> Answer:
        _check(said)
        many, one = pick(said.data, "data.messageIds[0]"), pick(said.data, "data.messageId")
        id_ = identity(many if many is not None else one)
        if id_ is None:
            raise judge_status(said)
        cost = money(pick(said.data, "data.cost"))
        return Answer(id_, cost=cost, currency="credit", final=False)

    def checking(self, id_: str, options: Mapping[str, Any]) -> Request:
        url = f"{place(self, options)}/v1/send/{quote(id_, safe='')}"
        return get(url, headers=_key(options))

    def checked(self, said: Said, options: Mapping[str, Any]) -> Report | None:
        _check(said)
        state = _STATES.get(str(pick(said.data, "data.deliveryState")))
        return Report(state) if state else None

    def fetching(self, options: Mapping[str, Any]) -> list[Request]:
        """Those of today, read or not: what ``receive/latest`` gives out once it never gives
        again, and a worker may die with it in hand."""
        return [get(f"{place(self, options)}/v1/receive/live", _NEWEST, _key(options))]

    def fetched(self, said: Said, options: Mapping[str, Any]) -> list[Inbound]:
        _check(said)
        return [_inbound(one) for one in rows(said.data, "data")]

    def probing(self, options: Mapping[str, Any]) -> Request:
        return get(f"{place(self, options)}/v1/credit", headers=_key(options))

    def probed(self, said: Said, options: Mapping[str, Any]) -> str:
        _check(said)
        return f"SMS.ir: credit {pick(said.data, 'data')}"


def _key(options: Mapping[str, Any]) -> Mapping[str, str]:
    return {"X-API-KEY": options["key"]}


_LONGEST = 18
"""Digits of a template's number."""


def _template(sms: Sms) -> int:
    if not sms.template.isdecimal() or len(sms.template) > _LONGEST:
        raise BadPattern("a template of SMS.ir is a number")
    return int(sms.template)


def _check(said: Said) -> None:
    status = pick(said.data, "status")
    if not isinstance(status, int):
        raise judge_status(said)
    if status != 1:
        raise refusal(status, pick(said.data, "message"), _FAILURES, "smsir", Permanent)


def _inbound(row: Mapping[str, Any]) -> Inbound:
    """A message; it has no id of its own, so its moment and text make one."""
    fields = {k: str(v) for k, v in row.items()}
    facts = "\0".join(fields.get(k, "") for k in ("mobile", "number", "receivedDateTime"))
    digest = sha256(f"{facts}\0{fields.get('messageText', '')}".encode()).hexdigest()[:40]
    found = inbound({**fields, "receiveReturnId": digest})
    return found or Inbound(digest, "", "", "")
