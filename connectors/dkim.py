"""Signing letters with DKIM (RFC 6376), by RSA or Ed25519 (RFC 8463).

Headers and body are made plain by the ``relaxed`` rules, which survive servers that fold lines
anew. Our letters are ASCII in short lines (``connectors/letters.py``), so that no server has a
reason to encode them otherwise on the way (RFC 6376 5.3).
"""

from __future__ import annotations

import base64
import hashlib
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from connectors.pem import read_pem

PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

SHORTEST_RSA = 1024
"""Bits that receivers ask for at least (RFC 8301 3.2)."""
SIGNED = (
    "from", "to", "reply-to", "subject", "date", "message-id", "in-reply-to", "references",
    "mime-version", "content-type", "content-language", "auto-submitted",
    "list-unsubscribe", "list-unsubscribe-post",
)  # fmt: skip
"""The headers that are signed where a letter has them."""
SEALED = ("from", "to", "subject", "reply-to", "date", "message-id", "content-type")
"""Those of which a second one, added on the way, breaks the signature (RFC 6376 5.4.2)."""
_TXT = 255
"""Characters of one string in a TXT record (RFC 1035 3.3.14)."""


class BadKey(ValueError):
    """The text is no private key that a letter can be signed with."""

    texts: ClassVar[Mapping[str, str]] = {
        "en": "A private key in PEM is needed: RSA of at least 1024 bits, or Ed25519.",
        "fa": "کلید خصوصی PEM لازم است: ‏RSA دست‌کم ۱۰۲۴ بیتی یا Ed25519.",
    }


@dataclass(frozen=True)
class Signer:
    """With what letters are signed. Its ``repr`` shows no key."""

    domain: str
    """In ASCII; it answers for the letter."""
    selector: str
    key: PrivateKey = field(repr=False)

    @property
    def algorithm(self) -> str:
        """The ``a=`` of a signature."""
        return "rsa-sha256" if isinstance(self.key, rsa.RSAPrivateKey) else "ed25519-sha256"


def read_key(text: str) -> PrivateKey:
    """The private key in a PEM text, whose line breaks may have got lost on the way through a
    form; raises :class:`BadKey`."""
    try:
        key = load_pem_private_key(read_pem(text).encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadKey from None
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < SHORTEST_RSA:
        raise BadKey
    return key


def record(signer: Signer) -> str:
    """The line of a zone file that publishes the key: name, type, and the text in strings of 255
    characters, as DNS takes them."""
    tag = "rsa" if isinstance(signer.key, rsa.RSAPrivateKey) else "ed25519"
    said = f"v=DKIM1; k={tag}; p={public_key(signer)}"
    parts = " ".join(f'"{said[at : at + _TXT]}"' for at in range(0, len(said), _TXT))
    return f"{signer.selector}._domainkey.{signer.domain}. IN TXT ( {parts} )"


def public_key(signer: Signer) -> str:
    """The ``p=`` of the record."""
    public = signer.key.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        shape = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    else:
        shape = Encoding.Raw, PublicFormat.Raw
    return base64.b64encode(public.public_bytes(*shape)).decode()


def sign(message: bytes, signer: Signer, at: datetime) -> bytes:
    """The message with a signature in front of it; ``at`` is told in it. Lines end in CR LF."""
    head, _, body = message.partition(b"\r\n\r\n")
    headers = list(_headers(head))
    names = [name for name, _ in headers]
    # Said once more than there are, so that none can be added (RFC 6376 5.4.2).
    signed = [*(name for name in SIGNED if name in names), *SEALED]
    tags = (
        ("v", "1"), ("a", signer.algorithm), ("c", "relaxed/relaxed"), ("d", signer.domain),
        ("s", signer.selector), ("t", str(int(at.timestamp()))), ("h", ": ".join(signed)),
        ("bh", base64.b64encode(hashlib.sha256(plain_body(body)).digest()).decode()),
    )  # fmt: skip
    unsigned = "; ".join(f"{name}={value}" for name, value in tags) + "; b="
    covered = plain_headers(headers, signed) + b"dkim-signature:" + unsigned.encode()
    signature = base64.b64encode(_signature(signer.key, covered)).decode()
    return _header(tags, signature).encode() + message


def _signature(key: PrivateKey, covered: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(covered, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(hashlib.sha256(covered).digest())


def _header(tags: Sequence[tuple[str, str]], signature: str) -> str:
    """Each tag on lines of its own: a break counts as the one blank that the rules make of it, and
    those within the signature are taken away before it is checked (RFC 6376 3.5)."""
    lines = [f"{name}={value};" for name, value in tags]
    folded = [part for line in lines for part in textwrap.wrap(line, 76, **_WHOLE)]
    return (
        "DKIM-Signature: " + "\r\n ".join([*folded, *textwrap.wrap(f"b={signature}", 76)]) + "\r\n"
    )


_WHOLE: Any = {"break_on_hyphens": False, "break_long_words": False}


def _headers(head: bytes) -> Iterator[tuple[str, bytes]]:
    """Each header's name in lower case and its value, by the relaxed rules (RFC 6376 3.4.2)."""
    for line in re.split(rb"\r\n(?![ \t])", head):
        name, _, value = line.partition(b":")
        plain = re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b"")).strip(b" ")
        yield name.strip().decode("ascii").lower(), plain


def plain_headers(headers: Sequence[tuple[str, bytes]], signed: Sequence[str]) -> bytes:
    """What is signed of the headers: of several with one name the last ones first, and nothing
    for a name that is said more often than there are."""
    left = {name: [v for n, v in headers if n == name] for name in signed}
    lines = ((name, left[name].pop()) for name in signed if left[name])
    return b"".join(name.encode() + b":" + value + b"\r\n" for name, value in lines)


def plain_body(body: bytes) -> bytes:
    """The body by the relaxed rules (RFC 6376 3.4.4)."""
    lines = re.sub(rb"[ \t]+(?=\r\n)", b"", re.sub(rb"[ \t]+", b" ", body))
    bare = re.sub(rb"(\r\n)+\Z", b"", lines.rstrip(b" "))
    return bare + b"\r\n" if bare else b""
