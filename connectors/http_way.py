"""The options of every channel that calls partners by HTTP: time, size, trust and networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from connectors import contract
from connectors.contract import told
from connectors.guarded import Limits
from connectors.identity import Identity
from connectors.networks import allowed_by
from connectors.option_checks import is_networks, is_trust
from connectors.option_fields import text
from connectors.pem import read_pem
from connectors.transport import Request


class WayOptions(contract.Options):
    """How patiently a partner is called, whom we trust, and which networks may be reached."""

    timeout = fields.Integer(
        load_default=30,
        validate=validate.Range(1, 300),
        metadata=told(
            {"en": "Seconds for a call", "fa": "زمان هر فراخوانی (ثانیه)"},
            {
                "en": "After so long a call ends, wherever it stands.",
                "fa": "پس از این زمان، فراخوانی هر جا باشد پایان می‌یابد.",
            },
        ),
    )
    most_kb = fields.Integer(
        load_default=1024,
        validate=validate.Range(1, 20 * 1024),
        metadata=told(
            {"en": "Largest answer (kB)", "fa": "بزرگ‌ترین پاسخ (کیلوبایت)"},
            {"en": "Counted after unpacking.", "fa": "پس از باز کردن فشرده‌سازی شمرده می‌شود."},
        ),
    )
    trust = text(
        {"en": "Certificates of the partner’s authority", "fa": "گواهی مرجع صدور طرف مقابل"},
        {
            "en": "In PEM; only for a partner whose certificate is not publicly known.",
            "fa": "به‌شکل PEM؛ تنها برای طرفی که گواهی‌اش را مرجع‌های عمومی نداده‌اند.",
        },
        most=50_000,
        check=is_trust,
        long=True,
    )
    private_partners = fields.List(
        fields.String(validate=[validate.Length(max=60), is_networks]),
        load_default=list,
        validate=validate.Length(max=100),
        metadata=told(
            {"en": "Private networks that may be reached", "fa": "شبکه‌های خصوصی مجاز"},
            {
                "en": "Such as 10.1.0.0/16:8443. Without it only public addresses are called.",
                "fa": "مانند 10.1.0.0/16:8443. بدون آن تنها نشانی‌های عمومی فراخوانده می‌شوند.",
            },
        ),
    )


def way(options: Mapping[str, Any]) -> Request:
    """A request with the limits, networks and certificates of a channel; the rest is yet to be
    filled in."""
    seconds = float(options["timeout"])
    limits = Limits(min(10, seconds), seconds, seconds, options["most_kb"] * 1024)
    return Request(
        "GET", "", allowed=allowed_by(options), limits=limits, trust=options["trust"],
        identity=_identity(options),
    )  # fmt: skip


def _identity(options: Mapping[str, Any]) -> Identity | None:
    certificate, key = options.get("client_certificate"), options.get("client_key")
    return Identity(read_pem(certificate), read_pem(key)) if certificate and key else None
