"""Any other gateway, described by the channel's options: where, how, which fields, and pointers
to what its answers say.

Fields and headers are lines such as ``to = {to}``. In braces stand ``to`` (+98912…), ``to_home``
(0912…), ``to_digits`` (98912…), ``text``, ``line``, ``reference``, ``template``, ``key``,
``user``, ``password`` and ``parameter.NAME``. A dot in a field's name makes a JSON object
inside, ``[]`` at its end a list of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from connectors.contract import Answer, Inbound, Report
from connectors.errors import Permanent
from connectors.phones import at_home, read_line, read_sender
from connectors.pointers import pick
from connectors.sms_errors import NotNow
from connectors.sms_presets.base import (
    Preset,
    Said,
    Sms,
    get,
    identity,
    judge_status,
    money,
    post_form,
    post_json,
    short,
)
from connectors.transport import Request

_PLACE = re.compile(r"\{([a-z_]+(?:\.[A-Za-z0-9_]+)?)\}")
_LINE = re.compile(r"\s*([^=:\s][^=:]*?)\s*[=:]\s?(.*?)\s*")
PLACES = frozenset({
    "to", "to_home", "to_digits", "text", "line", "reference", "template", "key", "user",
    "password", "id",
})  # fmt: skip


class Generic(Preset):
    """Reads everything from the channel's options."""

    key = "generic"
    names: ClassVar = {"en": "Another gateway", "fa": "سامانهٔ دیگر"}
    url = ""

    def sending(self, sms: Sms, options: Mapping[str, Any]) -> Request:
        values = _values(options) | {
            "to": sms.to, "to_home": at_home(sms.to), "to_digits": sms.to.removeprefix("+"),
            "text": sms.text, "reference": sms.reference, "template": sms.template,
            **{f"parameter.{name}": one for name, one in sms.parameters.items()},
            **{f"parameter.{n}": one for n, one in enumerate(sms.ordered, 1)},
        }  # fmt: skip
        url, headers = _url(options["url"], values), _filled(options["headers"], values)
        fields = _filled(options["form_fields"], values)
        if options["content"] == "query":
            found = get(url, {**fields}, headers)
            # What sends a message is not to be sent again by the transport.
            return Request(options["method"], found.url, found.headers)
        make = post_json if options["content"] == "json" else post_form
        value = _nested(fields) if options["content"] == "json" else fields
        found = make(url, value, headers)
        return Request(options["method"], found.url, found.headers, found.body)

    def taken(self, said: Said, options: Mapping[str, Any]) -> Answer:
        _check(said, options)
        pointer = options["id_at"]
        found = pick(said.data, pointer) if pointer else said.text.strip()
        id_ = identity(found)
        if id_ is None and pointer:
            raise judge_status(said)
        cost = money(pick(said.data, options["cost_at"])) if options["cost_at"] else None
        return Answer(id_, cost=cost, currency=options["currency"] or None, final=False)

    def probing(self, options: Mapping[str, Any]) -> Request:
        values = _values(options)
        if options["probe_url"]:
            return get(
                _url(options["probe_url"], values), None, _filled(options["headers"], values)
            )
        return Request("OPTIONS", _url(options["url"], values), repeat=True)

    def probed(self, said: Said, options: Mapping[str, Any]) -> str:
        if options["probe_url"] and not 200 <= said.status < 300:
            raise judge_status(said)
        return f"HTTP {said.status}"

    def checking(self, id_: str, options: Mapping[str, Any]) -> Request | None:
        if not options["report_url"]:
            return None
        values = _values(options) | {"id": id_}
        return get(_url(options["report_url"], values), None, _filled(options["headers"], values))

    def checked(self, said: Said, options: Mapping[str, Any]) -> Report | None:
        if not 200 <= said.status < 300 or said.data is None:
            raise judge_status(said)
        return _report(None, pick(said.data, options["report_state_at"]), options)

    def hook_reports(self, fields: Mapping[str, str], options: Mapping[str, Any]) -> list[Report]:
        id_ = identity(fields.get(options["hook_report_id"] or "messageid"))
        state = fields.get(options["hook_report_state"] or "status")
        found = _report(id_, state, options) if id_ and state else None
        return [found] if found else []

    def hook_messages(self, fields: Mapping[str, str], options: Mapping[str, Any]) -> list[Inbound]:
        names = [options[f"hook_{what}"] for what in ("id", "from", "to", "text")]
        if not names[1]:
            return super().hook_messages(fields, options)
        id_, sender, line, text = (fields.get(name, "") for name in names)
        return [Inbound(id_, read_sender(sender), read_line(line), text)] if sender else []


def read_lines(text: str) -> Iterator[tuple[str, str]]:
    """The names and values of lines such as ``to = {to}``; raises ``ValueError`` that names the
    line which cannot be read, or the word in braces that means nothing."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(f"line {number}: expected “name = value”")
        check_places(found[2], number)
        yield found[1], found[2]


def check_places(text: str, number: int = 1) -> None:
    """Raise ``ValueError`` for a word in braces that means nothing."""
    for name in _PLACE.findall(text):
        if name not in PLACES and not name.startswith("parameter."):
            raise ValueError(f"line {number}: nothing is called “{{{name}}}”")


def values_of(text: str) -> frozenset[str]:
    """The values in a list such as ``ok, sent, 1``."""
    return frozenset(one.strip() for one in text.split(",") if one.strip())


def _values(options: Mapping[str, Any]) -> dict[str, str]:
    return {name: options[name] for name in ("line", "key", "user", "password")}


def _filled(lines: str, values: Mapping[str, str]) -> dict[str, str]:
    return {name: _fill(text, values) for name, text in read_lines(lines)}


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda found: values.get(found[1], ""), text)


def _url(text: str, values: Mapping[str, str]) -> str:
    return _fill(text, {name: quote(one, safe="") for name, one in values.items()})


def _nested(fields: Mapping[str, str]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for name, text in fields.items():
        *places, last = name.removesuffix("[]").split(".")
        inner = whole
        for one in places:
            inner = inner.setdefault(one, {})
            if not isinstance(inner, dict):
                raise Permanent(f"the field “{name}” is a text and an object", code="bad_fields")
        inner[last] = [text] if name.endswith("[]") else text
    return whole


def _check(said: Said, options: Mapping[str, Any]) -> None:
    """Raise for a refusal: by the value at the pointer, or by the status of HTTP alone."""
    if not options["state_at"]:
        if not 200 <= said.status < 300 or (options["id_at"] and said.data is None):
            raise judge_status(said)
        return
    state = pick(said.data, options["state_at"])
    if isinstance(state, dict | list) or state is None:
        raise judge_status(said)
    text = _written(state)
    if text in values_of(options["accepted"]):
        return
    words = pick(said.data, options["words_at"]) if options["words_at"] else ""
    family = NotNow if text in values_of(options["temporary"]) else Permanent
    raise family(f"{text} {short(words)}".strip(), code="gateway")


def _written(value: object) -> str:
    """A JSON value as JSON writes it, so that ``true`` is true."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _report(id_: str | None, state: object, options: Mapping[str, Any]) -> Report | None:
    text = _written(state)
    if text in values_of(options["delivered"]):
        return Report("delivered", id_)
    return Report("failed", id_) if text in values_of(options["failed"]) else None
