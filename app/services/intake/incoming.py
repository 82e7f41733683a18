"""A message of somebody outside in the words of the application, and what became of it.

Whoever receives by a kind of channel makes one of these of what came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.models import InboundMessage, ServiceRequest
from app.models.inbound import TRIAGE
from app.services.casework import attachments


@dataclass(frozen=True)
class Opening:
    """What a channel's rules say of a message that belongs to nothing yet."""

    service: str = ""
    """The key of a service of the catalogue, to open a request of."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """The answers to its form."""
    language: str = ""
    state: str = TRIAGE
    """Without a service: ``triage``, ``quarantined`` or ``dropped``."""
    why: str = "no_rule"


@dataclass(frozen=True)
class Incoming:
    """One message of somebody outside, read, in the words of the application."""

    channel_id: int
    external_id: str
    """The partner's id of it: the same message fetched twice has the same."""
    medium: str
    """``email`` or ``sms``."""
    digest: str
    """SHA-256 of what was written."""
    sender: str
    """A mailbox in lower case or a number in E.164."""
    body: str
    """What is said anew."""
    sender_name: str = ""
    recipient: str = ""
    subject: str = ""
    whole: str | None = None
    html: str | None = field(default=None, repr=False)
    raw: bytes | None = field(default=None, repr=False)
    message_id: str | None = None
    sent_at: datetime | None = None
    uploads: Sequence[attachments.Upload] = ()
    number: str | None = None
    """The number of the request it answers, where that is proved by a token."""
    tokens: Sequence[str] = ()
    """References of our deliveries that it answers; random, so they prove it."""
    proof: str = ""
    """What our mail server says of the sender's address: ``pass``, ``fail``, ``none``; empty where
    it is not asked."""
    event: str = ""
    """The name of the message event that it is, where the channel names one."""
    keys: Sequence[str] = ()
    """The correlation keys under which processes may wait for that event, the surest first: who
    waits under one is told only when nobody hears it under those before."""
    rule: Callable[[], Opening] = Opening
    """What to do when it belongs to nothing; asked only then."""


@dataclass(frozen=True)
class Outcome:
    """What became of a message."""

    state: str
    """As in ``InboundMessage.state``; ``known`` for one that was kept before."""
    message: InboundMessage | None = None
    request: ServiceRequest | None = None


KNOWN = Outcome("known")
