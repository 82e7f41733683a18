"""Twilio, and gateways that speak as it does (SignalWire's compatible interface among them)."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha1
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, urlencode

from connectors.contract import Answer, Hook, Inbound, NotGenuine, Report
from connectors.errors import DeliveryFailed, NotAdmitted, Permanent, Transient
from connectors.pointers import pick
from connectors.sms_errors import BadLine, BadNumber, BadPattern, BadText, Blocked, Throttled
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
    place,
    post_form,
    refusal,
    rows,
    short,
)
from connectors.transport import Request, basic

_FAILURES: Mapping[int, type[DeliveryFailed]] = {
    20003: NotAdmitted, 20429: Throttled, 14107: Throttled, 20500: Transient, 20503: Transient,
    21211: BadNumber, 21212: BadLine, 21214: BadNumber, 21408: Blocked, 21602: BadText,
    21606: BadLine, 21610: Blocked, 21611: Throttled, 21612: BadNumber, 21614: BadNumber,
    21617: BadText, 21656: BadPattern,
}  # fmt: skip
_STATES: Mapping[str, State] = {
    "delivered": "delivered", "read": "delivered", "undelivered": "failed", "failed": "failed",
    "canceled": "failed",
}  # fmt: skip


class Twilio(Preset):
    """Texts with ``Body``, templates with ``ContentSid``."""

    key = "twilio"
    names: ClassVar = {"en": "Twilio and alike", "fa": "توییلیو و همانندها (Twilio)"}
    url = "https://api.twilio.com"

    def sending(self, sms: Sms, options: Mapping[str, Any]) -> Request:
        fields = {"To": sms.to, "From": options["line"]}
        if sms.template:
            by_place = {str(n): one for n, one in enumerate(sms.ordered, 1)}
            fields["ContentSid"] = sms.template
            fields["ContentVariables"] = json.dumps(by_place or dict(sms.parameters))
        else:
            fields["Body"] = sms.text
        if options["callback"]:
            fields["StatusCallback"] = options["callback"]
        return post_form(self._url("Messages.json", options), fields, _who(options))

    def taken(self, said: Said, options: Mapping[str, Any]) -> Answer:
        _check(said)
        id_ = identity(pick(said.data, "sid"))
        if id_ is None:
            raise judge_status(said)
        return Answer(id_, short(pick(said.data, "status")), final=False, **_cost(said.data))

    def checking(self, id_: str, options: Mapping[str, Any]) -> Request:
        name = f"Messages/{quote(id_, safe='')}.json"
        return get(self._url(name, options), headers=_who(options))

    def checked(self, said: Said, options: Mapping[str, Any]) -> Report | None:
        _check(said)
        return _report(said.data)

    def fetching(self, options: Mapping[str, Any]) -> list[Request]:
        query = {"To": options["line"], "PageSize": "100"}
        return [get(self._url("Messages.json", options), query, _who(options))]

    def fetched(self, said: Said, options: Mapping[str, Any]) -> list[Inbound]:
        _check(said)
        found = rows(said.data, "messages")
        came = [one for one in found if one.get("direction") == "inbound"]
        return [one for row in came if (one := inbound({**row, "id": row.get("sid", "")}))]

    def probing(self, options: Mapping[str, Any]) -> Request:
        account = f"/2010-04-01/Accounts/{quote(options['user'], safe='')}.json"
        return get(place(self, options) + account, headers=_who(options))

    def probed(self, said: Said, options: Mapping[str, Any]) -> str:
        _check(said)
        return f"{short(pick(said.data, 'friendly_name'))}: {short(pick(said.data, 'status'))}"

    def check_hook(self, hook: Hook, options: Mapping[str, Any]) -> None:
        """The signature covers our public address and the fields in the order of their names."""
        given = hook.headers.get("x-twilio-signature")
        if not options["callback"]:
            return
        url = options["callback"] + (f"?{urlencode(hook.query)}" if hook.query else "")
        right = sign(url, hook.body, options["key"])
        if given is None or not hmac.compare_digest(given.encode(), right.encode()):
            raise NotGenuine("x-twilio-signature")

    def hook_reports(self, fields: Mapping[str, str], options: Mapping[str, Any]) -> list[Report]:
        if not fields.get("MessageStatus"):
            return []
        said = {"sid": fields.get("MessageSid"), "status": fields["MessageStatus"]}
        found = _report({**said, "error_message": fields.get("ErrorCode", "")})
        return [found] if found else []

    def hook_messages(self, fields: Mapping[str, str], options: Mapping[str, Any]) -> list[Inbound]:
        return [] if fields.get("MessageStatus") else super().hook_messages(fields, options)

    def _url(self, name: str, options: Mapping[str, Any]) -> str:
        account = quote(options["user"], safe="")
        return f"{place(self, options)}/2010-04-01/Accounts/{account}/{name}"


def sign(url: str, body: bytes, key: str) -> str:
    """The signature of a form that is sent to an address, as Twilio makes it."""
    pairs = sorted(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    whole = url + "".join(name + value for name, value in pairs)
    return b64encode(hmac.digest(key.encode(), whole.encode(), sha1)).decode()


def _who(options: Mapping[str, Any]) -> Mapping[str, str]:
    return {"Authorization": basic(options["user"], options["key"])}


def _check(said: Said) -> None:
    if 200 <= said.status < 300 and isinstance(said.data, dict):
        return
    code = pick(said.data, "code")
    if not isinstance(code, int) or said.status >= 500:
        raise judge_status(said)
    if said.status == 429:
        raise Throttled(f"{code}")
    raise refusal(code, pick(said.data, "message"), _FAILURES, "twilio", Permanent)


def _cost(data: Any) -> dict[str, Any]:
    price = money(pick(data, "price"))
    return {"cost": abs(price), "currency": short(pick(data, "price_unit"))} if price else {}


def _report(data: Any) -> Report | None:
    state = _STATES.get(str(pick(data, "status")))
    id_ = identity(pick(data, "sid"))
    words = short(pick(data, "error_message"))
    return Report(state, id_, words=words, **_cost(data)) if state and id_ else None
