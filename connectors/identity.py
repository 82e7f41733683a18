"""Who we are to a partner that asks for it in the TLS greeting: a certificate with its key."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from connectors.errors import Permanent
from connectors.pem import read_pem

_SHAPE = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True)
class Identity:
    """A certificate, with those that lead to its authority, and its private key, all in PEM. Its
    ``repr`` shows neither."""

    certificate: str = field(repr=False)
    key: str = field(repr=False)


class _Wrong(ValueError):
    texts: ClassVar[Mapping[str, str]]


class BadCertificate(_Wrong):
    """The text holds no certificate."""

    texts: ClassVar[Mapping[str, str]] = {
        "en": "This is no certificate in PEM.",
        "fa": "این گواهی PEM نیست.",
    }


class BadPrivateKey(_Wrong):
    """The text is no private key, or one that only a password opens."""

    texts: ClassVar[Mapping[str, str]] = {
        "en": "A private key in PEM without a password is needed.",
        "fa": "کلید خصوصی PEM بدون گذرواژه لازم است.",
    }


class OtherKey(_Wrong):
    """The key is not that of the certificate."""

    texts: ClassVar[Mapping[str, str]] = {
        "en": "This key belongs to another certificate; the certificate of the key comes first.",
        "fa": "این کلیدِ گواهی دیگری است؛ گواهی خود کلید باید پیش از بقیه بیاید.",
    }


def read_certificates(text: str) -> list[x509.Certificate]:
    """The certificates of a text in PEM; raises BadCertificate when there are none."""
    try:
        found = x509.load_pem_x509_certificates(read_pem(text).encode())
    except (ValueError, UnsupportedAlgorithm):
        raise BadCertificate from None
    return found


def public_part(key: str) -> bytes:
    """What a private key shows; raises BadPrivateKey."""
    try:
        return load_pem_private_key(read_pem(key).encode(), None).public_key().public_bytes(*_SHAPE)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadPrivateKey from None


def read_identity(certificate: str, key: str) -> Identity:
    """The two as one; raises BadCertificate, BadPrivateKey and OtherKey."""
    if _public_part_of(read_certificates(certificate)[0]) != public_part(key):
        raise OtherKey
    return Identity(read_pem(certificate), read_pem(key))


def _public_part_of(certificate: x509.Certificate) -> bytes:
    try:
        return certificate.public_key().public_bytes(*_SHAPE)
    except (ValueError, UnsupportedAlgorithm):
        # One whose kind of key nobody here knows belongs to no key that can be used.
        raise BadCertificate from None


def ends_at(certificate: str) -> datetime | None:
    """When the first certificate of a text ends to hold; None where there is none."""
    try:
        return read_certificates(certificate)[0].not_valid_after_utc
    except BadCertificate:
        return None


def take_on(context: ssl.SSLContext, identity: Identity) -> None:
    """Let a context prove by it who we are; raises Permanent (``tls``)."""
    with _file_of(identity) as name:
        try:
            # Without a password OpenSSL would ask for one at the terminal.
            context.load_cert_chain(name, password="")
        except (OSError, ValueError):  # An SSLError is an OSError.
            raise Permanent("our certificate or its key cannot be used", code="tls") from None


@contextmanager
def _file_of(identity: Identity) -> Iterator[str]:
    """A file that holds both, since OpenSSL reads files alone: in memory where the system has
    such files, so that no key comes to any disk."""
    content = (identity.key + identity.certificate).encode()
    if hasattr(os, "memfd_create"):
        number = os.memfd_create("identity", os.MFD_CLOEXEC)
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            yield f"/proc/self/fd/{number}"
        return
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        yield file.name
