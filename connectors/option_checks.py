"""Validators of options that several kinds of connectors have."""

from __future__ import annotations

from marshmallow import ValidationError

from connectors.addresses import address
from connectors.dkim import BadKey, read_key
from connectors.errors import BadAddress, Permanent
from connectors.networks import read_networks
from connectors.transport import read_url, trusted


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


def is_trust(text: str) -> None:
    """Certificates in PEM, or nothing."""
    try:
        trusted(text)
    except Permanent:
        raise ValidationError("This is no certificate in PEM.") from None


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
