"""IPPanel, its Edge interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from connectors.contract import Answer, Inbound, Report
from connectors.errors import DeliveryFailed, NotAdmitted, Permanent
from connectors.pointers import pick
from connectors.sms_presets.base import (
    Preset,
    Said,
    Sms,
    State,
    get,
    identity,
    inbound,
    judge_status,
    named,
    place,
    post_json,
    refusal,
    rows,
)
from connectors.transport import Request

_FAILURES: Mapping[int, type[DeliveryFailed]] = {401: NotAdmitted, 403: NotAdmitted}
_STATES: Mapping[str, State] = {"2": "delivered", "3": "failed", "4": "failed"}
_FIRST_PAGE = {"page": 1, "per_page": 100, "filters": {}}


class IpPanel(Preset):
    """Texts as ``webservice``, templates as ``pattern``."""

    key = "ippanel"
    names: ClassVar = {"en": "IPPanel", "fa": "آی‌پی‌پنل"}
    url = "https://edge.ippanel.com/v1"

    def sending(self, sms: Sms, options: Mapping[str, Any]) -> Request:
        value: dict[str, Any] = {"from_number": options["line"]}
        if sms.template:
            value |= {"sending_type": "pattern", "code": sms.template, "recipients": [sms.to]}
            value |= {"params": dict(named(sms))}
        else:
            value |= {"sending_type": "webservice", "message": sms.text}
            value |= {"params": {"recipients": [sms.to]}}
        return post_json(f"{place(self, options)}/api/send", value, _key(options))

    def taken(self, said: Said, options: Mapping[str, Any]) -> Answer:
        _check(said)
        id_ = identity(pick(said.data, "data.message_outbox_ids[0]"))
        if id_ is None:
            raise judge_status(said)
        return Answer(id_, final=False)

    def checking(self, id_: str, options: Mapping[str, Any]) -> Request:
        url = f"{place(self, options)}/api/report/recipients"
        return get(url, {"page": "1", "per_page": "10", "bulk_id": id_}, _key(options))

    def checked(self, said: Said, options: Mapping[str, Any]) -> Report | None:
        _check(said)
        state = _STATES.get(str(pick(said.data, "data[0].message_status")))
        return Report(state) if state else None

    def fetching(self, options: Mapping[str, Any]) -> list[Request]:
        url = f"{place(self, options)}/api/report/messages-inbox"
        return [post_json(url, _FIRST_PAGE, _key(options))]

    def fetched(self, said: Said, options: Mapping[str, Any]) -> list[Inbound]:
        _check(said)
        found = rows(said.data, "data")
        return [one for row in found if (one := inbound({k: str(v) for k, v in row.items()}))]

    def probing(self, options: Mapping[str, Any]) -> Request:
        return get(f"{place(self, options)}/api/payment/credit/mine", headers=_key(options))

    def probed(self, said: Said, options: Mapping[str, Any]) -> str:
        _check(said)
        return f"IPPanel: credit {pick(said.data, 'data.credit')}"


def _key(options: Mapping[str, Any]) -> Mapping[str, str]:
    return {"Authorization": options["key"]}


def _check(said: Said) -> None:
    good = pick(said.data, "meta.status")
    if not isinstance(good, bool) or said.status == 429 or said.status >= 500:
        raise judge_status(said)
    if not good:
        words = pick(said.data, "meta.message")
        raise refusal(said.status, words, _FAILURES, "ippanel", Permanent)
