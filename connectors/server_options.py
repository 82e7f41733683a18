"""The options that every kind has which talks with a mail server: where it is and how the talk is
encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from connectors import contract
from connectors.contract import told
from connectors.option_checks import is_server, is_trust
from connectors.option_fields import text

_SECURITY: Mapping[str, contract.Texts] = {
    "tls": {"en": "TLS from the start", "fa": "TLS از آغاز"},
    "starttls": {"en": "STARTTLS", "fa": "STARTTLS"},
    "none": {"en": "None", "fa": "بدون رمزنگاری"},
}


def encryption(usual: str) -> fields.String:
    """The choice of encryption, ``usual`` where nothing is chosen."""
    label = {"en": "Encryption", "fa": "رمزنگاری"}
    return fields.String(
        load_default=usual,
        validate=validate.OneOf(list(_SECURITY)),
        metadata=told(label, choices=_SECURITY),
    )


def authority() -> fields.String:
    """Whom else the server's certificate may be signed by."""
    return text(
        {"en": "Certificate of the server’s authority", "fa": "گواهی صادرکنندهٔ سرور"},
        {
            "en": "In PEM, where the server’s certificate is signed within your organisation.",
            "fa": "به‌صورت PEM، اگر گواهی سرور را سازمان خودتان امضا کرده است.",
        },
        most=20_000,
        check=is_trust,
    )


class ServerOptions(contract.Options):
    """Name, encryption and port of a mail server; TLS from the start where a kind says no other."""

    host = fields.String(
        required=True,
        validate=is_server,
        metadata=told(
            {"en": "Server", "fa": "سرور"},
            {"en": "Name or address of the mail server.", "fa": "نام یا نشانی سرور ایمیل."},
        ),
    )
    security = encryption("tls")
    port = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, 65535),
        metadata=told(
            {"en": "Port", "fa": "درگاه"},
            {
                "en": "Left empty, it is the usual one of the encryption.",
                "fa": "اگر خالی بماند، درگاه معمول همان رمزنگاری است.",
            },
        ),
    )


def port_of(options: Mapping[str, Any], usual: Mapping[str, int]) -> int:
    """The port of these options; ``usual`` gives one for each encryption."""
    return int(options["port"] or usual[options["security"]])
