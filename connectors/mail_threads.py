"""Which request an answer belongs to: marks in the addresses and ids of our own letters.

An answer comes to ``requests+<number>.<sign>@...`` and a failure to ``requests+<token>@...``,
and both may name the Message-ID ``<token@...>``. The sign is an HMAC and the token is
random, so nobody finds another's by counting; a number alone opens nothing.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass

from connectors.addresses import Address

SIGN = 16
"""Characters of a sign: 80 bits, in letters that survive a server that changes their case."""
_SIGNED = re.compile(r"([a-z0-9][a-z0-9-]{0,39})\.([a-z2-7]{16})")
_CLAIMED = re.compile(r"[a-z]{1,10}(?:-[0-9]{1,12}){1,3}\..{1,64}")
"""What looks like the number of a request with a sign behind it, of whatever length."""
_TOKEN = re.compile(r"[0-9a-f]{24}")
_OURS = re.compile(r"<([0-9a-f]{24})@")


@dataclass(frozen=True)
class Marks:
    """What the addresses of a mail say of where it belongs; proved, not believed."""

    number: str | None = None
    """The number of a request whose sign fits, as it is written in the address: any case."""
    token: str | None = None
    """The token of a letter whose failures come to this address."""
    has_wrong_sign: bool = False
    """Whether an address claims the number of a request with a sign that we never gave away."""


def answer_address(mailbox: str, number: str, key: bytes) -> Address:
    """Where answers to letters about a request go, by the plain address of the mailbox."""
    return _tagged(mailbox, f"{number.casefold()}.{sign(number, key)}")


def failure_address(mailbox: str, token: str) -> Address:
    """Where failures of one letter go."""
    return _tagged(mailbox, token)


def sign(number: str, key: bytes) -> str:
    """The proof that we gave this number away in a letter."""
    digest = hmac.digest(key, b"mail-answer:" + number.casefold().encode(), "sha256")
    return b32encode(digest).decode("ascii").lower()[:SIGN]


def read_marks(recipients: Iterable[str], mailboxes: Iterable[str], key: bytes) -> Marks:
    """What is proved by the addresses a mail was sent to; ``mailboxes`` are our plain ones."""
    number = token = None
    has_wrong_sign = False
    ours = {one.casefold() for one in mailboxes}
    for recipient in recipients:
        local, _, domain = recipient.casefold().rpartition("@")
        name, plus, tag = local.partition("+")
        if not plus or f"{name}@{domain}" not in ours:
            continue
        signed = _SIGNED.fullmatch(tag)
        if signed and hmac.compare_digest(sign(signed[1], key), signed[2]):
            number = number or signed[1]
        elif _TOKEN.fullmatch(tag):
            token = token or tag
        elif signed or _CLAIMED.fullmatch(tag):
            has_wrong_sign = True
    return Marks(number, token, has_wrong_sign)


def tokens(message_ids: Iterable[str]) -> tuple[str, ...]:
    """The tokens of letters of ours among Message-IDs, in their order."""
    return tuple(found[1] for one in message_ids if (found := _OURS.match(one)))


def _tagged(mailbox: str, tag: str) -> Address:
    local, _, domain = mailbox.rpartition("@")
    return Address(f"{local}+{tag}@{domain}")
