"""MelliPayamak (and the panels that speak its REST interface)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from connectors.contract import Answer, Inbound, Report
from connectors.errors import DeliveryFailed, NotAdmitted, Permanent, Transient
from connectors.phones import at_home
from connectors.pointers import pick
from connectors.sms_errors import BadLine, BadPattern, BadText, NoCredit, NotNow, Throttled
from connectors.sms_presets.base import (
    Preset,
    Said,
    Sms,
    State,
    identity,
    inbound,
    judge_status,
    place,
    post_form,
    refusal,
    rows,
)
from connectors.transport import Request

_FAILURES: Mapping[int, type[DeliveryFailed]] = {
    0: NotAdmitted, 2: NoCredit, 3: Throttled, 4: Throttled, 5: BadLine, 6: Transient,
    7: BadText, 9: BadLine, 10: NotAdmitted, 11: NotNow, 12: NotAdmitted, 14: BadText,
    15: BadText,
}  # fmt: skip
_STATES: Mapping[str, State] = {
    "1": "delivered", "2": "failed", "3": "failed", "5": "unknown", "16": "failed",
    "35": "failed", "100": "unknown", "300": "failed", "500": "failed",
}  # fmt: skip


class MelliPayamak(Preset):
    """Texts by ``SendSMS``, templates (``bodyId``) by ``BaseServiceNumber``."""

    key = "melipayamak"
    names: ClassVar = {"en": "MelliPayamak", "fa": "ملی‌پیامک"}
    url = "https://rest.payamak-panel.com"

    def sending(self, sms: Sms, options: Mapping[str, Any]) -> Request:
        to = {"to": at_home(sms.to)}
        if sms.template:
            fields = {**to, "bodyId": sms.template, "text": ";".join(_ordered(sms))}
            return self._call("BaseServiceNumber", fields, options)
        fields = {**to, "from": options["line"], "text": sms.text, "isFlash": "false"}
        return self._call("SendSMS", fields, options)

    def taken(self, said: Said, options: Mapping[str, Any]) -> Answer:
        _check(said)
        id_ = identity(pick(said.data, "Value"))
        if id_ is None:
            raise judge_status(said)
        return Answer(id_, final=False)

    def checking(self, id_: str, options: Mapping[str, Any]) -> Request:
        return self._call("GetDeliveries2", {"recID": id_}, options)

    def checked(self, said: Said, options: Mapping[str, Any]) -> Report | None:
        _check(said)
        state = _STATES.get(str(pick(said.data, "Value")))
        return Report(state) if state else None

    def fetching(self, options: Mapping[str, Any]) -> list[Request]:
        fields = {"location": "1", "from": options["line"], "index": "0", "count": "100"}
        return [self._call("GetMessages", fields, options)]

    def fetched(self, said: Said, options: Mapping[str, Any]) -> list[Inbound]:
        _check(Said(said.status, pick(said.data, "MyBase")))
        found = rows(said.data, "Data")
        return [one for row in found if (one := inbound({k: str(v) for k, v in row.items()}))]

    def probing(self, options: Mapping[str, Any]) -> Request:
        return self._call("GetCredit", {}, options)

    def probed(self, said: Said, options: Mapping[str, Any]) -> str:
        _check(said)
        return f"{self.names['en']}: credit {pick(said.data, 'Value')}"

    def _call(self, name: str, fields: Mapping[str, str], options: Mapping[str, Any]) -> Request:
        who = {"username": options["user"], "password": options["password"]}
        return post_form(f"{place(self, options)}/api/SendSMS/{name}", {**who, **fields})


def _check(said: Said) -> None:
    status = pick(said.data, "RetStatus")
    if not isinstance(status, int):
        raise judge_status(said)
    if status != 1:
        words = pick(said.data, "StrRetStatus")
        raise refusal(status, words, _FAILURES, "melipayamak", Permanent)


def _ordered(sms: Sms) -> Sequence[str]:
    if sms.parameters:
        raise BadPattern("this gateway takes its parameters as a list")
    if any(";" in one for one in sms.ordered):
        raise BadPattern("a parameter may not hold “;”")
    return sms.ordered
