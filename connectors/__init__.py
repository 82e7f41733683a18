"""The ways to the world outside: one file per kind, found by :mod:`connectors.registry`.

Nothing here knows the database or the web. A sender takes a :class:`Letter` and returns
:class:`Accepted`, or raises one of three families of errors that say what to do next.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from connectors import outbox, smtp
from connectors.addresses import Address, address, one_line
from connectors.errors import (
    BadAddress,
    BadHeader,
    DeliveryFailed,
    LostReply,
    NotAdmitted,
    NotConnected,
    Permanent,
    Transient,
    Unknown,
    in_persian,
)
from connectors.letters import Accepted, Letter, wire_bytes
from connectors.messages import (
    Message,
    UnknownTemplate,
    check_source,
    render,
    render_source,
    shipped,
)
from connectors.retry import RetryPolicy, longest_wait, next_attempt, read_retry_after
from connectors.templates import BadTemplate, MissingVariable

Sender = Callable[[Letter], Accepted]
"""Sends one letter; raises :class:`DeliveryFailed` (or ``OSError`` from the file outbox)."""


def sender(smtp_url: str | None, folder: Path) -> Sender:
    """Return the way out for e-mail: the SMTP server when set, else the file outbox.

    Raises ``ValueError`` for a wrong URL, without repeating it.
    """
    if smtp_url:
        return partial(smtp.send, server=smtp.smtp_server(smtp_url))
    return partial(outbox.put, folder=folder)


__all__ = [
    "Accepted", "Address", "BadAddress", "BadHeader", "BadTemplate", "DeliveryFailed", "Letter",
    "LostReply", "Message", "MissingVariable", "NotAdmitted", "NotConnected", "Permanent",
    "RetryPolicy", "Sender", "Transient", "Unknown", "UnknownTemplate", "address", "check_source",
    "in_persian", "longest_wait", "next_attempt", "one_line", "outbox", "read_retry_after",
    "render", "render_source", "sender", "shipped", "smtp", "wire_bytes",
]  # fmt: skip
