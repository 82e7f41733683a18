"""Standard Webhooks: what proves that a message came from who knows the secret.

The scheme ``v1`` of https://www.standardwebhooks.com: HMAC-SHA256 over the message's id, the
moment of the attempt and the exact bytes of the body.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from datetime import timedelta

from connectors.contract import NotGenuine

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX = "whsec_"
TOLERANCE = timedelta(minutes=5)
"""How far a message's moment may lie from ours: an older one may be a copy of a stranger's."""
MOST = 20
"""Signatures that are looked at."""


def read_secrets(text: str) -> tuple[bytes, ...]:
    """The keys in a text, the newest first, parted by white space; each ``whsec_`` and Base64 of
    24 to 64 bytes. Raises ``ValueError`` that repeats none of them."""
    return tuple(_key(word, place) for place, word in enumerate(text.split(), 1))


def _key(word: str, place: int) -> bytes:
    try:
        plain = word.removeprefix(PREFIX)
        key = b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not word.startswith(PREFIX) or not 24 <= len(key) <= 64:
        raise ValueError(f"secret {place}: expected whsec_ and Base64 of 24 to 64 bytes")
    return key


def headers(message_id: str, body: bytes, keys: Iterable[bytes], seconds: int) -> dict[str, str]:
    """The three headers of one attempt at that Unix time, with a signature for each key."""
    signatures = (f"v1,{_sign(key, message_id, seconds, body)}" for key in keys)
    return {ID: message_id, TIMESTAMP: str(seconds), SIGNATURE: " ".join(signatures)}


def verify(told: Mapping[str, str], body: bytes, keys: Iterable[bytes], seconds: int) -> str:
    """The id of a message that was signed with one of the keys; ``told`` has its names in lower
    case, ``seconds`` is the Unix time now. Raises ``NotGenuine``."""
    message_id, moment = told.get(ID, ""), told.get(TIMESTAMP, "")
    if not message_id or not (moment.isascii() and moment.isdigit() and len(moment) < 12):
        raise NotGenuine("a header of the signature is missing")
    if abs(int(moment) - seconds) > TOLERANCE.total_seconds():
        raise NotGenuine("the message is too old or from the future")
    given = [one.encode() for one in _signatures(told.get(SIGNATURE, ""))]
    right = [_sign(key, message_id, int(moment), body).encode() for key in keys]
    # Every pair is compared, so that the time tells nothing.
    fits = [hmac.compare_digest(one, other) for one in given for other in right]
    if not any(fits):
        raise NotGenuine("no signature fits")
    return message_id


def _signatures(text: str) -> list[str]:
    pairs = (word.partition(",") for word in text.split()[:MOST])
    return [rest for version, _, rest in pairs if version == "v1"]


def _sign(key: bytes, message_id: str, seconds: int, body: bytes) -> str:
    signed = f"{message_id}.{seconds}.".encode() + body
    return b64encode(hmac.digest(key, signed, "sha256")).decode()
