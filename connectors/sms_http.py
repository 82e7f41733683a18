"""SMS through a gateway's HTTP interface, as a kind of connector.

The wire formats are in :mod:`connectors.sms_presets`. Whatever a gateway says goes through the
mask before anybody reads it, and addresses, which may hold keys, are told to nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, ClassVar

from connectors import json_values, phones, sms_parts
from connectors.contract import (
    Answer,
    Connector,
    Hook,
    Inbound,
    Input,
    NotAble,
    Order,
    Repeats,
    Report,
    Texts,
)
from connectors.errors import BadReply, NotAdmitted, ReplyTooLarge, Transient
from connectors.masking import masked, masked_values
from connectors.networks import allowed_by
from connectors.sms_errors import BadNumber, BadPattern, BadText, NotUnderstood
from connectors.sms_options import SmsHttpOptions
from connectors.sms_presets import PRESETS, Preset, Said, Sms
from connectors.sms_presets.base import records
from connectors.transport import Limits, Reply, Request, basic, fetch

_LIMITS = Limits(connect=10, wait=20, total=40, most=2 * 1024 * 1024)

SMS_INPUTS = (
    Input(
        "to",
        {"en": "To", "fa": "گیرنده"},
        {"en": "A telephone number.", "fa": "یک شمارهٔ تلفن."},
        required=True,
    ),
    Input(
        "body",
        {"en": "Text", "fa": "متن"},
        {"en": "Left empty with a template.", "fa": "با الگو خالی بماند."},
    ),
    Input(
        "template",
        {"en": "The gateway’s template", "fa": "الگوی سامانه"},
        {
            "en": "Its name or number at the gateway, where only templates may be sent.",
            "fa": "نام یا شمارهٔ آن در سامانه، آنجا که تنها الگو فرستادنی است.",
        },
    ),
    Input(
        "parameters",
        {"en": "Parameters of the template", "fa": "مقدارهای الگو"},
        {"en": "A context, or a list in order.", "fa": "نام و مقدارها، یا فهرستی به‌ترتیب."},
        kind="feel",
    ),
)
SMS_ERRORS: Mapping[str, Texts] = {
    "bad_number": {"en": "This is no telephone number", "fa": "شمارهٔ تلفن درست نیست"},
    "blocked": {"en": "The person has blocked messages", "fa": "گیرنده پیامک را بسته است"},
    "bad_text": {"en": "The gateway refuses the text", "fa": "سامانه متن را نمی‌پذیرد"},
    "bad_pattern": {"en": "The template does not fit", "fa": "الگو درست نیست"},
}


class SmsHttp(Connector):
    """One gateway of those in ``sms_presets``, or any other that the options describe."""

    kind = "sms-http"
    task_type = "sms"
    names: ClassVar = {"en": "SMS (HTTP gateway)", "fa": "پیامک (سامانهٔ HTTP)"}
    about: ClassVar = {
        "en": "Sends and receives SMS through a gateway: Kavenegar, SMS.ir, MelliPayamak, "
        "IPPanel, Twilio, or any other that speaks HTTP.",
        "fa": "با یک سامانهٔ پیامک می‌فرستد و می‌گیرد: کاوه‌نگار، SMS.ir، ملی‌پیامک، آی‌پی‌پنل، "
        "توییلیو، یا هر سامانهٔ دیگری که HTTP می‌داند.",
    }
    abilities: ClassVar = frozenset({"send", "report", "receive", "ask"})
    Options = SmsHttpOptions
    inputs = SMS_INPUTS
    needs_one = frozenset({"body", "template"})
    results: ClassVar = {
        "id": {
            "en": "The gateway’s id; null where its answer holds none",
            "fa": "شناسهٔ سامانه؛ اگر در پاسخش نباشد null",
        },
        "parts": {"en": "How many parts it has", "fa": "شمار بخش‌ها"},
    }
    errors: ClassVar = SMS_ERRORS
    repeats = "ask"

    def send(self, order: Order, options: Mapping[str, Any]) -> Answer:
        """Hand one message to the gateway."""
        preset = _preset(options)
        sms = read_order(order)
        try:
            said = _call(preset.sending(sms, options), options)
        except (BadReply, ReplyTooLarge) as error:
            # The request went out whole, so it may have been taken.
            raise NotUnderstood(type(error).__name__) from None
        return _told(_taken(preset, said, options), sms)

    def repeats_of(self, order: Order, options: Mapping[str, Any]) -> Repeats:
        """Ask where the gateway knows our id of this message; else as the channel says."""
        if _preset(options).asks and not order.inputs.get("template"):
            return "ask"
        return "repeat" if options["when_unknown"] == "repeat" else "hold"

    def ask(self, reference: str, options: Mapping[str, Any]) -> Answer | None:
        """What the gateway knows of a text by our reference."""
        preset = _preset(options)
        if not preset.asks:
            raise NotAble(f"{preset.key}: ask")
        return preset.known(_call(preset.asking(reference, options), options), options)

    def ask_after(self, order: Order, options: Mapping[str, Any]) -> Answer | None:
        """The same, with the results that sending gives."""
        answer = self.ask(order.reference, options)
        return _told(answer, read_order(order)) if answer else None

    def probe(self, options: Mapping[str, Any]) -> str:
        """Ask for the credit, or for anything else that changes nothing."""
        preset = _preset(options)
        return preset.probed(_call(preset.probing(options), options), options)

    def read_report(self, hook: Hook, options: Mapping[str, Any]) -> Sequence[Report]:
        """The delivery reports in a call of the gateway."""
        preset = _preset(options)
        preset.check_hook(hook, options)
        return [one for fields in records(hook) for one in preset.hook_reports(fields, options)]

    def read_inbound(self, hook: Hook, options: Mapping[str, Any]) -> Sequence[Inbound]:
        """The messages in a call of the gateway; without an ``id`` where it gives none."""
        preset = _preset(options)
        preset.check_hook(hook, options)
        return [one for fields in records(hook) for one in preset.hook_messages(fields, options)]

    def fetch_inbound(self, options: Mapping[str, Any]) -> Sequence[Inbound]:
        """The newest messages that the gateway keeps, each once."""
        preset = _preset(options)
        came = [
            one
            for request in preset.fetching(options)
            for one in preset.fetched(_call(request, options), options)
        ]
        return list({one.id: one for one in came}.values())

    def fetch_report(self, id_: str, options: Mapping[str, Any]) -> Report | None:
        """What became of a message by the gateway's id; None while it is on its way."""
        preset = _preset(options)
        request = preset.checking(id_, options)
        found = preset.checked(_call(request, options), options) if request else None
        return replace(found, id=id_) if found else None


def _told(answer: Answer, sms: Sms) -> Answer:
    return replace(answer, result={"id": answer.id, "parts": sms_parts.split(sms.text).count})


def _taken(preset: Preset, said: Said, options: Mapping[str, Any]) -> Answer:
    try:
        return preset.taken(said, options)
    except Transient as error:
        error.retry_after = error.retry_after or said.retry_after
        if error.retry_after is not None and not isinstance(error, NotAdmitted):
            # Who names how long is there, and puts off this message alone.
            error.health = "well"
        raise


def read_order(order: Order) -> Sms:
    """The message that an order describes; raises BadNumber, BadText and BadPattern."""
    inputs = order.inputs
    written = order.to or str(inputs.get("to") or "")
    to = phones.read_phone(written)
    if to is None:
        raise BadNumber(written[:30])
    template = _plain(inputs.get("template"), "template")
    text = "" if template else _text(order.body or _plain(inputs.get("body"), "body"))
    named, ordered = _parameters(inputs.get("parameters")) if template else ({}, ())
    return Sms(order.reference, to, text, template, named, ordered)


def _text(text: str) -> str:
    if not text.strip():
        raise BadText("it is empty")
    if sms_parts.split(text).count > sms_parts.MOST_PARTS:
        raise BadText(f"it has more than {sms_parts.MOST_PARTS} parts")
    return text


def _parameters(value: Any) -> tuple[Mapping[str, str], tuple[str, ...]]:
    if value is None:
        return {}, ()
    if isinstance(value, Mapping):
        return {str(name): _plain(one, str(name)) for name, one in value.items()}, ()
    many = value if isinstance(value, list | tuple) else [value]
    return {}, tuple(_plain(one, str(place)) for place, one in enumerate(many, 1))


def _plain(value: Any, name: str) -> str:
    """A text as it is, a number or truth as JSON writes it."""
    if isinstance(value, Mapping | list | tuple):
        raise BadPattern(f"“{name[:40]}” is no text")
    if isinstance(value, bool):
        return json.dumps(value)
    return "" if value is None else str(value)


def _preset(options: Mapping[str, Any]) -> Preset:
    return PRESETS[options["preset"]]


def _call(request: Request, options: Mapping[str, Any]) -> Said:
    """The gateway's answer without our secrets; what is no JSON is a short text."""
    return _said(fetch(replace(request, allowed=allowed_by(options), limits=_LIMITS)), options)


def _said(reply: Reply, options: Mapping[str, Any]) -> Said:
    secrets = list(_secrets(options))
    data = None
    with suppress(json_values.BadJson):
        data = masked_values(json_values.read(reply.text), secrets)
    text = "" if reply.content_type == "text/html" else json_values.storable(reply.text)
    # Masked before it is cut, or half a secret might be left.
    return Said(reply.status, data, masked(text, secrets)[:1000], reply.retry_after)


def _secrets(options: Mapping[str, Any]) -> Iterator[str]:
    yield from (options[name] for name in _SECRETS if options[name])
    if options["user"] and options["key"]:
        # Both together, as Twilio is told them.
        yield basic(options["user"], options["key"]).partition(" ")[2]


_SECRETS = SmsHttp().secret_names()
