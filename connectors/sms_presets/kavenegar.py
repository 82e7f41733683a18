"""Kavenegar. Its key travels in the address, so no address of it is ever written down.

It takes our own number of a message (``localid``), sends no second one under the same number,
and for twelve hours answers what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, ClassVar
from urllib.parse import quote

from connectors.contract import Answer, Inbound, Report
from connectors.errors import BadReply, DeliveryFailed, NotAdmitted, Permanent
from connectors.phones import at_home
from connectors.pointers import pick
from connectors.sms_errors import (
    BadLine,
    BadNumber,
    BadPattern,
    BadText,
    NoCredit,
    NotNow,
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
    place,
    post_form,
    refusal,
    rows,
    short,
)
from connectors.transport import Request

_FAILURES: Mapping[int, type[DeliveryFailed]] = {
    401: NotAdmitted, 402: NotNow, 403: NotAdmitted, 407: NotAdmitted, 409: NotNow,
    411: BadNumber, 412: BadLine, 413: BadText, 416: NotAdmitted, 418: NoCredit, 420: BadText,
    422: BadText, 424: BadPattern, 427: BadLine, 429: NotAdmitted, 431: BadPattern,
    432: BadPattern, 451: Throttled, 501: Permanent,
}  # fmt: skip
_STATES: Mapping[int, State] = {
    6: "failed", 10: "delivered", 11: "failed", 13: "failed", 14: "failed",
}  # fmt: skip
_UNKNOWN_ID = 100
_TOKENS = ("token", "token2", "token3")
_NAMES = frozenset({*_TOKENS, "token10", "token20"})


class Kavenegar(Preset):
    """Texts by ``sms/send``, templates by ``verify/lookup``."""

    key = "kavenegar"
    names: ClassVar = {"en": "Kavenegar", "fa": "کاوه‌نگار"}
    url = "https://api.kavenegar.com"
    asks = True

    def sending(self, sms: Sms, options: Mapping[str, Any]) -> Request:
        if sms.template:
            fields = {"receptor": at_home(sms.to), "template": sms.template, **_tokens(sms)}
            return post_form(self._method("verify/lookup", options), fields)
        fields = {"receptor": at_home(sms.to), "message": sms.text, "localid": local(sms.reference)}
        if options["line"]:
            fields["sender"] = options["line"]
        return post_form(self._method("sms/send", options), fields)

    def taken(self, said: Said, options: Mapping[str, Any]) -> Answer:
        _check(said)
        entry = pick(said.data, "entries[0]")
        if identity(pick(entry, "messageid")) is None:
            raise judge_status(said)
        return _answer(entry)

    def asking(self, reference: str, options: Mapping[str, Any]) -> Request:
        return get(self._method("sms/statuslocalmessageid", options), {"localid": local(reference)})

    def known(self, said: Said, options: Mapping[str, Any]) -> Answer | None:
        _check(said)
        entry = pick(said.data, "entries[0]")
        status = pick(entry, "status")
        if not isinstance(status, int):
            raise BadReply("no status")
        return None if status == _UNKNOWN_ID else _answer(entry)

    def checking(self, id_: str, options: Mapping[str, Any]) -> Request:
        return get(self._method("sms/status", options), {"messageid": id_})

    def checked(self, said: Said, options: Mapping[str, Any]) -> Report | None:
        _check(said)
        entries = rows(said.data, "entries")
        return _report(entries[0]) if entries else None

    def fetching(self, options: Mapping[str, Any]) -> list[Request]:
        """The unread ones, and then those that were read: reading marks them, so one that was
        fetched by a worker that died is found among these."""
        url = self._method("sms/receive", options)
        return [get(url, {"linenumber": options["line"], "isread": one}) for one in "01"]

    def fetched(self, said: Said, options: Mapping[str, Any]) -> list[Inbound]:
        _check(said)
        return [one for entry in rows(said.data, "entries") if (one := inbound(entry))]

    def probing(self, options: Mapping[str, Any]) -> Request:
        return get(self._method("account/info", options))

    def probed(self, said: Said, options: Mapping[str, Any]) -> str:
        _check(said)
        return f"{self.names['en']}: credit {pick(said.data, 'entries.remaincredit')}"

    def hook_reports(self, fields: Mapping[str, str], options: Mapping[str, Any]) -> list[Report]:
        if "from" in fields or not str(fields.get("status", "")).isdecimal():
            return []
        found = _report({"messageid": fields.get("messageid"), "status": int(fields["status"])})
        return [found] if found else []

    def _method(self, name: str, options: Mapping[str, Any]) -> str:
        return f"{place(self, options)}/v1/{quote(options['key'], safe='')}/{name}.json"


def local(reference: str) -> str:
    """Our reference as the whole number that Kavenegar takes for one."""
    return str(int(sha256(reference.encode()).hexdigest()[:15], 16))


def _check(said: Said) -> None:
    """Raise for everything but an answer that says that all is well."""
    status = pick(said.data, "return.status")
    if not isinstance(status, int):
        raise judge_status(said)
    if status != 200:
        words = pick(said.data, "return.message")
        raise refusal(status, words, _FAILURES, "kavenegar", Permanent)


def _answer(entry: Any) -> Answer:
    return Answer(
        identity(pick(entry, "messageid")),
        short(pick(entry, "statustext")),
        cost=money(pick(entry, "cost")),
        currency="IRR",
        final=False,
    )


def _report(entry: Mapping[str, Any]) -> Report | None:
    state = _STATES.get(entry.get("status", 0))
    id_ = identity(entry.get("messageid"))
    words = short(entry.get("statustext"))
    return Report(state, id_, words=words) if state and id_ else None


def _tokens(sms: Sms) -> Mapping[str, str]:
    """The parameters of a template, under the only names that there are."""
    if len(sms.ordered) > len(_TOKENS) or not set(sms.parameters) <= _NAMES:
        raise BadPattern("parameters are token, token2, token3, token10 and token20")
    return dict(zip(_TOKENS, sms.ordered, strict=False)) if sms.ordered else sms.parameters
