"""What the replies of a mail server mean."""

from __future__ import annotations

import base64
import re
import smtplib
import ssl
from typing import TYPE_CHECKING

from connectors.errors import (
    DeliveryFailed,
    NoEncryption,
    NotAdmitted,
    NotTls,
    NotTrusted,
    Permanent,
    Transient,
)

if TYPE_CHECKING:
    from connectors.smtp import SmtpServer

_ADMISSION = frozenset({530, 534, 535, 538})
"""Replies about who we are, not about the message (RFC 4954), wherever they come."""


def admit(code: int, words: bytes, wanted: int, server: SmtpServer) -> None:
    """Raise NotAdmitted for any other reply than the one that lets us in."""
    if code != wanted:
        raise NotAdmitted(f"{code} {readable(words, server)}", code=f"smtp_{code}")


def unencrypted(error: smtplib.SMTPNotSupportedError | ssl.SSLError) -> NotAdmitted:
    """Why no encrypted talk came about, in words for who sets the channel up."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return NotTrusted(error.verify_message)
    if isinstance(error, ssl.SSLError):
        return NotTls(str(error.reason or "").lower().replace("_", " "))
    return NoEncryption() if "STARTTLS" in str(error) else NotAdmitted(type(error).__name__)


def judge(code: int, words: bytes, server: SmtpServer, *, of_letter: bool = False) -> None:
    """Raise what a reply means, unless it is a good one; see :func:`refusal`."""
    failure = refusal(code, words, server, of_letter=of_letter)
    if failure:
        raise failure


def refusal(
    code: int, words: bytes, server: SmtpServer, *, of_letter: bool = False
) -> DeliveryFailed | None:
    """Turn a reply into the error it means: None for 2xx, permanent for 5xx, else transient.

    ``of_letter`` tells that the reply is to a recipient or to the content: such a server is
    well and only puts this letter off, as with greylisting, unless it says otherwise.
    """
    if 200 <= code < 300:
        return None
    detail, name = f"{code} {readable(words, server)}", f"smtp_{code}"
    if code in _ADMISSION:
        return NotAdmitted(detail, code=name)
    if 500 <= code < 600:
        return Permanent(detail, code=name)
    later = Transient(detail, code=name)
    later.health = "well" if of_letter and not _tells_of_server(code, detail) else "ill"
    return later


def _tells_of_server(code: int, detail: str) -> bool:
    """By the reply that ends a talk (RFC 5321, 3.8) or a status of the mail system (RFC 3463)."""
    return code == _CLOSING or _SYSTEM.match(detail) is not None


_CLOSING = 421
_SYSTEM = re.compile(r"\d{3} 4\.3\.")


def readable(words: bytes, server: SmtpServer) -> str:
    """Return the server's words in one short line, without our password should it repeat it."""
    text = "".join(c if c.isprintable() else " " for c in words.decode("utf-8", "replace"))
    for secret in _secrets(server):
        text = text.replace(secret, "***")
    return " ".join(text.split())[:200]


def _secrets(server: SmtpServer) -> list[str]:
    if not server.password:
        return []
    both = f"\0{server.user}\0{server.password}".encode()
    encoded = [base64.b64encode(one).decode() for one in (both, server.password.encode())]
    return [*encoded, server.password]
