"""E-mail by SMTP, as a kind of connector. The talk with the server is in :mod:`connectors.smtp`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from connectors import dkim, smtp
from connectors.addresses import Address, address
from connectors.contract import Answer, Connector, Input, Order, told
from connectors.letters import Letter
from connectors.option_checks import (
    is_address,
    is_address_or_empty,
    is_domain_or_empty,
    is_signing_key_or_empty,
    matches,
)
from connectors.option_fields import text
from connectors.server_options import ServerOptions, authority, encryption, port_of

_PORTS = {"none": 25, "starttls": 587, "tls": 465}


class EmailOptions(ServerOptions):
    """Where mail goes out, who it is from and with what it is signed."""

    security = encryption("starttls")
    trust = authority()
    user = text({"en": "User name", "fa": "نام کاربری"}, most=200)
    password = text({"en": "Password", "fa": "گذرواژه"}, most=500, secret=True)
    sender = fields.String(
        required=True,
        validate=is_address,
        metadata=told(
            {"en": "Sender", "fa": "فرستنده"},
            {"en": "The address that mail comes from.", "fa": "نشانی‌ای که نامه از آن می‌آید."},
        ),
    )
    sender_name = text(
        {"en": "Sender’s name", "fa": "نام فرستنده"},
        {
            "en": "Left empty, the organisation’s name in the language of the letter.",
            "fa": "اگر خالی بماند، نام سازمان به زبان نامه.",
        },
        most=100,
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
    dkim_selector = fields.String(
        load_default="",
        validate=matches(
            r"([A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?)?",
            en="Write one word of Latin letters, digits, “-” and “_”.",
            fa="یک واژه از حروف لاتین، رقم، «-» و «_» بنویسید.",
        ),
        metadata=told(
            {"en": "DKIM selector", "fa": "گزینندهٔ DKIM"},
            {
                "en": "Such as peygir. The test tells the DNS record to publish.",
                "fa": "مانند peygir. آزمایش کانال، رکورد DNS لازم را نشان می‌دهد.",
            },
        ),
    )
    dkim_key = text(
        {"en": "DKIM private key", "fa": "کلید خصوصی DKIM"},
        {
            "en": "In PEM: RSA, 2048 bits advised, or Ed25519. Left empty, nothing is signed.",
            "fa": "به‌صورت PEM: ‏RSA، بهتر است ۲۰۴۸ بیتی، یا Ed25519. خالی یعنی بدون امضا.",
        },
        most=10_000,
        check=is_signing_key_or_empty,
        secret=True,
        long=True,
    )
    dkim_domain = fields.String(
        load_default="",
        validate=is_domain_or_empty,
        metadata=told(
            {"en": "DKIM domain", "fa": "دامنهٔ DKIM"},
            {
                "en": "The sender’s domain or one above it. Left empty, the sender’s.",
                "fa": "دامنهٔ فرستنده یا دامنه‌ای بالاتر از آن. اگر خالی بماند، دامنهٔ فرستنده.",
            },
        ),
    )

    @validates_schema
    def check_signing(self, data: Mapping[str, Any], **_: Any) -> None:
        """A selector and a key, or neither; a domain that answers for the sender."""
        for name, other in (("dkim_selector", "dkim_key"), ("dkim_key", "dkim_selector")):
            if data.get(other) and not data.get(name):
                raise ValidationError([_BOTH], name)
        domain = data.get("dkim_domain") and _ascii(data["dkim_domain"])
        if domain and not f".{address(data['sender']).domain}".endswith(f".{domain}"):
            raise ValidationError([_NOT_ITS_OWN], "dkim_domain")


_BOTH = {
    "en": "Signing needs both the selector and the key.",
    "fa": "برای امضا هم گزیننده لازم است و هم کلید.",
}
_NOT_ITS_OWN = {
    "en": "The sender’s address is not of this domain.",
    "fa": "نشانی فرستنده از این دامنه نیست.",
}


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
        accepted = smtp.send(letter, _server(options), signer=_signer(options))
        return Answer(accepted.reference, accepted.detail, {"message_id": accepted.reference})

    def probe(self, options: Mapping[str, Any]) -> str:
        """Log in to the server and send nothing; where letters are signed, tell the DNS record by
        which the signature is checked."""
        signer = _signer(options)
        words = smtp.greet(address(options["sender"]).domain, _server(options))
        return words if signer is None else f"{words} – DKIM: {dkim.record(signer)}"


def _letter(order: Order, options: Mapping[str, Any]) -> Letter:
    return Letter(
        delivery_id=order.reference,
        sender=address(options["sender"], options["sender_name"] or order.organisation),
        to=(address(order.to, order.name),),
        subject=order.subject,
        body=order.body,
        written_at=order.written_at,
        language=order.language,
        reply_to=_mailbox(options["reply_to"] or order.answers_to),
        bounces_to=_mailbox(order.failures_to),
        unsubscribe=order.unsubscribe,
    )


def _mailbox(text: str) -> Address | None:
    return address(text) if text else None


def _server(options: Mapping[str, Any]) -> smtp.SmtpServer:
    port, security = port_of(options, _PORTS), options["security"]
    user, password = options["user"], options["password"]
    return smtp.SmtpServer(options["host"], port, security, user, password, options["trust"])


def _signer(options: Mapping[str, Any]) -> dkim.Signer | None:
    """With what letters are signed, if they are."""
    if not options["dkim_key"]:
        return None
    domain = options["dkim_domain"] or address(options["sender"]).domain
    return dkim.Signer(_ascii(domain), options["dkim_selector"], _key(options["dkim_key"]))


@lru_cache(maxsize=8)
def _key(text: str) -> dkim.PrivateKey:
    """Kept, since reading and checking an RSA key takes longer than signing a letter with it."""
    return dkim.read_key(text)


def _ascii(domain: str) -> str:
    return address(f"postmaster@{domain}").domain
