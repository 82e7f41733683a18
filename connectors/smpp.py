"""SMS through an SMSC by SMPP 3.4, as a kind of connector.

Its orders are carried out by a process of its own (``peygir smpp``) that keeps the binds; ``send``
opens one for a single message, for tests and for whoever has no such process.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, validate

from connectors import contract, sms_parts
from connectors.contract import Answer, Connector, Order, Repeats, told
from connectors.errors import LostReply, NotConnected
from connectors.networks import allowed_by
from connectors.option_checks import is_networks, is_price, is_server
from connectors.option_fields import text
from connectors.smpp_link import Failed, Link, Pace, Taken, source_of
from connectors.smpp_wire import open_wire
from connectors.sms_errors import BadPattern
from connectors.sms_http import SMS_ERRORS, SMS_INPUTS, read_order
from connectors.sms_receiving import KeywordOptions

_LATIN: Any = {
    "en": "Only plain Latin letters, digits and signs.",
    "fa": "تنها حروف، رقم و نشانهٔ لاتین بنویسید.",
}


def _is_latin(text: str) -> None:
    if not text.isascii() or not text.isprintable():
        raise ValidationError([_LATIN])


class BindOptions(Schema):
    """Where the SMSC is, who we are there, and how fast we may go."""

    host = fields.String(
        required=True,
        validate=is_server,
        metadata=told({"en": "Server", "fa": "سرور"}),
    )
    port = fields.Integer(
        load_default=2775,
        validate=validate.Range(1, 65535),
        metadata=told({"en": "Port", "fa": "درگاه"}),
    )
    tls = fields.Boolean(
        load_default=False, metadata=told({"en": "Encrypted (TLS)", "fa": "رمزنگاری‌شده (TLS)"})
    )
    system_id = fields.String(
        required=True,
        validate=[validate.Length(1, 15), _is_latin],
        metadata=told({"en": "system_id", "fa": "شناسه (system_id)"}),
    )
    password = text({"en": "Password", "fa": "گذرواژه"}, most=8, check=_is_latin, secret=True)
    system_type = text({"en": "system_type", "fa": "نوع (system_type)"}, most=12, check=_is_latin)
    mode = fields.String(
        load_default="transceiver",
        validate=validate.OneOf(["transceiver", "transmitter", "receiver"]),
        metadata=told(
            {"en": "Bind", "fa": "اتصال"},
            choices={
                "transceiver": {"en": "Sends and receives", "fa": "می‌فرستد و می‌گیرد"},
                "transmitter": {"en": "Only sends", "fa": "تنها می‌فرستد"},
                "receiver": {"en": "Only receives", "fa": "تنها می‌گیرد"},
            },
        ),
    )
    line = fields.String(
        required=True,
        validate=[validate.Length(1, 20), _is_latin],
        metadata=told({"en": "Sender’s line", "fa": "خط فرستنده"}),
    )
    window = fields.Integer(
        load_default=10,
        validate=validate.Range(1, 100),
        metadata=told(
            {"en": "Window", "fa": "پنجره"},
            {"en": "Messages without an answer at a time.", "fa": "شمار پیام‌های بی‌پاسخ هم‌زمان."},
        ),
    )
    binds = fields.Integer(
        load_default=1,
        validate=validate.Range(1, 10),
        metadata=told(
            {"en": "Binds at a time", "fa": "شمار اتصال هم‌زمان"},
            {"en": "As many as the operator allows.", "fa": "هر چند که اپراتور اجازه می‌دهد."},
        ),
    )
    decimal_receipts = fields.Boolean(
        load_default=False,
        metadata=told(
            {"en": "Receipts count in decimal", "fa": "رسیدها دهدهی‌اند"},
            {
                "en": "For SMSCs that give an id in hexadecimal and name it in decimal.",
                "fa": "برای سامانه‌هایی که شناسه را شانزده‌تایی می‌دهند و دهدهی نام می‌برند.",
            },
        ),
    )
    when_unknown = fields.String(
        load_default="hold",
        validate=validate.OneOf(["hold", "repeat"]),
        metadata=told(
            {"en": "When nobody knows whether it was taken", "fa": "وقتی معلوم نیست گرفته شده"},
            choices={
                "hold": {"en": "Leave it to a person", "fa": "به یک نفر واگذار شود"},
                "repeat": {"en": "Send it again", "fa": "دوباره فرستاده شود"},
            },
        ),
    )
    price = fields.String(
        load_default="",
        validate=is_price,
        metadata=told({"en": "Price of one part", "fa": "بهای هر بخش"}),
    )
    currency = text({"en": "Currency", "fa": "واحد پول"}, most=8)
    private_partners = fields.List(
        fields.String(validate=[validate.Length(max=100), is_networks]),
        load_default=list,
        validate=validate.Length(max=20),
        metadata=told({"en": "Private networks", "fa": "شبکه‌های خصوصی"}),
    )


class SmppOptions(KeywordOptions, BindOptions, contract.Options):
    """All of them; the fields of the last base come first, on the settings page as well."""


class Smpp(Connector):
    """Texts by ``submit_sm``; its receipts and messages come over the same bind."""

    kind = "smpp"
    task_type = "sms"
    names: ClassVar = {"en": "SMS (SMPP)", "fa": "پیامک (SMPP)"}
    about: ClassVar = {
        "en": "Sends and receives SMS over a bind with an operator’s SMSC, kept by peygir smpp.",
        "fa": "با اتصال به مرکز پیامک اپراتور می‌فرستد و می‌گیرد؛ peygir smpp آن را برپا نگه می‌دارد.",
    }
    abilities: ClassVar = frozenset({"send", "report", "receive"})
    apart = True
    Options = SmppOptions
    inputs = tuple(one for one in SMS_INPUTS if one.name in ("to", "body"))
    needs_one = frozenset({"body"})
    results: ClassVar = {
        "id": {"en": "The SMSC’s id of the last part", "fa": "شناسهٔ آخرین بخش"},
        "parts": {"en": "How many parts it has", "fa": "شمار بخش‌ها"},
    }
    errors: ClassVar = {code: SMS_ERRORS[code] for code in ("bad_number", "bad_text")}
    repeats = "hold"

    def repeats_of(self, order: Order, options: Mapping[str, Any]) -> Repeats:
        """As the channel says."""
        return "repeat" if options["when_unknown"] == "repeat" else "hold"

    def send(self, order: Order, options: Mapping[str, Any]) -> Answer:
        """Bind, hand one message in, and wait for its answer."""
        to, text = read_text(order)
        link = open_link(options)
        try:
            link.submit(order.reference, to, text)
            return _ended(link, Pace().answer)
        finally:
            link.close()

    def probe(self, options: Mapping[str, Any]) -> str:
        """Bind and say goodbye."""
        open_link(options).close()
        return f"bound as {options['system_id']} at {options['host']}"


def read_text(order: Order) -> tuple[str, str]:
    """The number and the text of an order; raises BadNumber, BadText and BadPattern."""
    sms = read_order(order)
    if sms.template:
        raise BadPattern("SMPP knows no templates")
    return sms.to, sms.text


def open_link(options: Mapping[str, Any], pace: Pace | None = None) -> Link:
    """Connect and bind; raises NotConnected, NotAdmitted or AddressRefused."""
    wire = open_wire(options, allowed_by(options))
    return Link(wire, source_of(options["line"]), options["window"], pace)


def answer_of(ids: tuple[str, ...], text: str, options: Mapping[str, Any]) -> Answer:
    """What a taken message is told as; receipts name its last part."""
    id_ = ids[-1] if ids else None
    if id_ and options["decimal_receipts"]:
        id_ = _decimal(id_)
    result = {"id": id_, "parts": sms_parts.split(text).count}
    return Answer(id_, result=result, final=False)


def _decimal(id_: str) -> str:
    try:
        return str(int(id_, 16))
    except ValueError:
        return id_


def _ended(link: Link, seconds: float) -> Answer:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            events = link.turn(0.5)
        except NotConnected:
            [failed] = link.lost()
            raise failed.error from None
        for event in events:
            if isinstance(event, Failed):
                raise event.error
            if isinstance(event, Taken):
                return Answer(event.ids[-1], result={"id": event.ids[-1], "parts": len(event.ids)})
    raise LostReply("no answer in time")
