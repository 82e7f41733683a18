"""Validators of options that several kinds of connectors have."""

from __future__ import annotations

import re
from collections.abc import Callable

from marshmallow import ValidationError

from connectors.addresses import address
from connectors.dkim import BadKey, read_key
from connectors.errors import BadAddress, Permanent
from connectors.networks import read_networks
from connectors.transport import read_url, trusted


def matches(pattern: str, *, en: str, fa: str) -> Callable[[str], None]:
    """Texts of this shape; the sentences say what a person should write."""
    shape = re.compile(pattern)

    def check(text: str) -> None:
        if not shape.fullmatch(text):
            raise ValidationError([{"en": en, "fa": fa}])

    return check


is_server = matches(
    r"[A-Za-z0-9.:_-]{1,253}",
    en="Write the name of a server alone, such as mail.example.org.",
    fa="تنها نام سرور را بنویسید، مانند mail.example.org.",
)
is_price = matches(
    r"([0-9]{1,9}(\.[0-9]{1,4})?)?",
    en="Write a number in Latin digits, such as 120 or 0.05.",
    fa="یک عدد با رقم لاتین بنویسید، مانند 120 یا 0.05.",
)


def is_url(text: str) -> None:
    """An address that a call can go to."""
    try:
        read_url(text)
    except Permanent as error:
        raise ValidationError(str(error)) from None


def is_url_or_empty(text: str) -> None:
    """The same, or nothing."""
    if text:
        is_url(text)


def is_networks(text: str) -> None:
    """Networks with ports."""
    try:
        read_networks(text)
    except ValueError as error:
        raise ValidationError(str(error)) from None


_NO_CERTIFICATE = {
    "en": "This is no certificate in PEM.",
    "fa": "این گواهی به‌شکل PEM نیست.",
}


def is_trust(text: str) -> None:
    """Certificates in PEM, or nothing."""
    try:
        trusted(text)
    except Permanent:
        raise ValidationError([_NO_CERTIFICATE]) from None


def is_address(text: str) -> None:
    """An e-mail address."""
    try:
        address(text)
    except BadAddress as error:
        raise ValidationError(str(error)) from None


def is_address_or_empty(text: str) -> None:
    """The same, or nothing."""
    if text:
        is_address(text)


def is_domain_or_empty(text: str) -> None:
    """A mail domain in any script, or nothing."""
    if text:
        is_address(f"postmaster@{text}")


def is_signing_key_or_empty(text: str) -> None:
    """A private key that letters can be signed with, or nothing."""
    try:
        text and read_key(text)
    except BadKey as error:
        raise ValidationError([dict(error.texts)]) from None
