"""E-mail by SMTP, as a kind of connector. The talk with the server is in :mod:`connectors.smtp`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import fields, validate

from connectors import contract, smtp
from connectors.addresses import Address, address
from connectors.contract import Answer, Connector, Input, Order, told
from connectors.letters import Letter
from connectors.option_checks import is_address, is_address_or_empty

_PORTS = {"none": 25, "starttls": 587, "tls": 465}


class EmailOptions(contract.Options):
    """Where mail goes out and who it is from."""

    host = fields.String(
        required=True,
        validate=validate.Regexp(r"[A-Za-z0-9.:_-]{1,253}$"),
        metadata=told(
            {"en": "Server", "fa": "سرور"},
            {"en": "Name or address of the SMTP server.", "fa": "نام یا نشانی سرور SMTP."},
        ),
    )
    security = fields.String(
        load_default="starttls",
        validate=validate.OneOf(list(_PORTS)),
        metadata=told(
            {"en": "Encryption", "fa": "رمزنگاری"},
            choices={
                "starttls": {"en": "STARTTLS", "fa": "STARTTLS"},
                "tls": {"en": "TLS from the start", "fa": "TLS از آغاز"},
                "none": {"en": "None", "fa": "بدون رمزنگاری"},
            },
        ),
    )
    port = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, 65535),
        metadata=told(
            {"en": "Port", "fa": "درگاه"},
            {
                "en": "Left empty, it is 587, 465 or 25, by the encryption.",
                "fa": "اگر خالی بماند، به‌تناسب رمزنگاری ۵۸۷، ۴۶۵ یا ۲۵ است.",
            },
        ),
    )
    user = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata=told({"en": "User name", "fa": "نام کاربری"}),
    )
    password = fields.String(
        load_default="",
        validate=validate.Length(max=500),
        metadata=told({"en": "Password", "fa": "گذرواژه"}, secret=True),
    )
    sender = fields.String(
        required=True,
        validate=is_address,
        metadata=told(
            {"en": "Sender", "fa": "فرستنده"},
            {"en": "The address that mail comes from.", "fa": "نشانی‌ای که نامه از آن می‌آید."},
        ),
    )
    sender_name = fields.String(
        load_default="",
        validate=validate.Length(max=100),
        metadata=told({"en": "Sender’s name", "fa": "نام فرستنده"}),
    )
    reply_to = fields.String(
        load_default="",
        validate=is_address_or_empty,
        metadata=told(
            {"en": "Answers go to", "fa": "پاسخ‌ها به"},
            {
                "en": "Left empty, to the mailbox that receives, else to the sender.",
                "fa": "اگر خالی بماند، به صندوق دریافت، وگرنه به فرستنده.",
            },
        ),
    )


class Email(Connector):
    """Letters with a text and an HTML part, from right to left where the language is."""

    kind = "email"
    task_type = "email"
    names: ClassVar = {"en": "E-mail (SMTP)", "fa": "ایمیل (SMTP)"}
    about: ClassVar = {
        "en": "Sends e-mail through an SMTP server.",
        "fa": "از راه یک سرور SMTP ایمیل می‌فرستد.",
    }
    abilities: ClassVar = frozenset({"send"})
    Options = EmailOptions
    inputs = (
        Input(
            "to",
            {"en": "To", "fa": "گیرنده"},
            {"en": "An e-mail address.", "fa": "یک نشانی ایمیل."},
            required=True,
        ),
        Input("subject", {"en": "Subject", "fa": "موضوع"}, required=True),
        Input(
            "body",
            {"en": "Text", "fa": "متن"},
            {"en": "Blank lines part paragraphs.", "fa": "خط خالی بندها را از هم جدا می‌کند."},
            required=True,
        ),
    )
    results: ClassVar = {
        "message_id": {"en": "The Message-ID of the letter", "fa": "شناسهٔ نامه (Message-ID)"}
    }
    errors: ClassVar = {
        "bad_address": {"en": "This is no e-mail address", "fa": "نشانی ایمیل درست نیست"}
    }
    repeats = "repeat"

    def send(self, order: Order, options: Mapping[str, Any]) -> Answer:
        """Hand one letter to the server; a copy has the same Message-ID, by which the receiving
        side drops it."""
        letter = _letter(order, options)
        accepted = smtp.send(letter, _server(options))
        return Answer(accepted.reference, accepted.detail, {"message_id": accepted.reference})

    def probe(self, options: Mapping[str, Any]) -> str:
        """Log in to the server and send nothing."""
        return smtp.greet(address(options["sender"]).domain, _server(options))


def _letter(order: Order, options: Mapping[str, Any]) -> Letter:
    return Letter(
        delivery_id=order.reference,
        sender=address(options["sender"], options["sender_name"]),
        to=(address(order.to, order.name),),
        subject=order.subject,
        body=order.body,
        written_at=order.written_at,
        language=order.language,
        reply_to=_mailbox(options["reply_to"] or order.answers_to),
        bounces_to=_mailbox(order.failures_to),
    )


def _mailbox(text: str) -> Address | None:
    return address(text) if text else None


def _server(options: Mapping[str, Any]) -> smtp.SmtpServer:
    security = options["security"]
    port = options["port"] or _PORTS[security]
    return smtp.SmtpServer(options["host"], port, security, options["user"], options["password"])
