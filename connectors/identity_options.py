"""The options of a channel whose partner asks in the TLS greeting who we are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import ValidationError, validates_schema

from connectors.contract import End
from connectors.http_way import WayOptions
from connectors.identity import (
    BadCertificate,
    BadPrivateKey,
    OtherKey,
    ends_at,
    public_part,
    read_certificates,
    read_identity,
)
from connectors.option_fields import text

CERTIFICATE, KEY = "client_certificate", "client_key"
SOON = timedelta(days=30)


def _is_certificate(text: str) -> None:
    try:
        text.strip() and read_certificates(text)
    except BadCertificate as error:
        raise ValidationError([dict(error.texts)]) from None


def _is_key(text: str) -> None:
    try:
        text.strip() and public_part(text)
    except BadPrivateKey as error:
        raise ValidationError([dict(error.texts)]) from None


class IdentityOptions(WayOptions):
    """A certificate and its key, for partners that demand one (mutual TLS)."""

    client_certificate = text(
        {"en": "Our certificate for TLS", "fa": "گواهی ما برای TLS"},
        {
            "en": "In PEM, followed by those that lead to its authority; only for a partner "
            "that demands one.",
            "fa": "به‌شکل PEM و پس از آن گواهی‌هایی که به مرجع صدورش می‌رسد؛ تنها برای طرفی که "
            "گواهی می‌خواهد.",
        },
        most=50_000,
        check=_is_certificate,
        secret=True,
        long=True,
    )
    client_key = text(
        {"en": "Private key of our certificate", "fa": "کلید خصوصی گواهی ما"},
        {"en": "In PEM without a password.", "fa": "به‌شکل PEM و بدون گذرواژه."},
        most=20_000,
        check=_is_key,
        secret=True,
        long=True,
    )

    @validates_schema
    def check_identity(self, data: dict[str, Any], **_: Any) -> None:
        """Key and certificate need each other, and belong together."""
        certificate, key = data[CERTIFICATE].strip(), data[KEY].strip()
        if bool(certificate) != bool(key):
            raise ValidationError([_BOTH], KEY if certificate else CERTIFICATE)
        try:
            certificate and read_identity(certificate, key)
        except OtherKey as error:
            raise ValidationError([dict(error.texts)], KEY) from None
        except BadCertificate as error:
            raise ValidationError([dict(error.texts)], CERTIFICATE) from None


_BOTH = {
    "en": "Certificate and key need each other.",
    "fa": "گواهی و کلید به یکدیگر نیاز دارند.",
}


def ends_of(options: Mapping[str, Any], *names: str) -> Sequence[End]:
    """When the certificates in these options end, for those that are there."""
    found = ((name, ends_at(options.get(name) or "")) for name in names)
    return [End(name, at) for name, at in found if at is not None]


def shown(ends: Sequence[End], now: datetime | None = None) -> str:
    """What a test tells of certificates, to be put behind its words; empty without any."""
    moment = now or datetime.now(UTC)
    return "".join(f"; {_shown(one, moment)}" for one in ends)


def _shown(end: End, now: datetime) -> str:
    if end.at <= now:
        return f"{end.option} HAS ENDED on {end.at:%Y-%m-%d}"
    days = (end.at - now).days
    left = f" (in {days} days)" if end.at - now <= SOON else ""
    return f"{end.option} ends on {end.at:%Y-%m-%d}{left}"
