"""What is doubtful about who wrote the mail that opened a request; its page says so in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app.access import SYSTEM
from app.db import session
from app.models import Event, InboundMessage, ServiceRequest
from app.services import history

FORGED = "forged"
"""Our own mail server says that the address of the sender is another's."""
WRONG_SIGN = "wrong_sign"
"""The mail went to an address that names a request with a sign that we never gave away."""
DOUBTED = "sender_doubted"
"""The kind of the event; its ``data`` says ``why`` and the address ``from``."""


def found_in(row: InboundMessage, why: str) -> list[str]:
    """The doubts about a message that opens a request for this reason."""
    found = [FORGED] if row.proof == "fail" else []
    return [*found, WRONG_SIGN] if WRONG_SIGN in (row.why, why) else found


def note(doubts: Sequence[str], sender: str, request: ServiceRequest, now: datetime) -> None:
    """Let the history of the request tell of them; nothing of none."""
    if doubts:
        data = {"from": sender, "why": list(doubts)}
        history.note(DOUBTED, SYSTEM, now, request_id=request.id, data=data)


def doubts_of(request: ServiceRequest) -> list[str]:
    """What is doubtful about who wrote the mail that opened the request."""
    if request.channel != "email":
        return []
    query = select(Event.data).where(Event.request_id == request.id, Event.kind == DOUBTED)
    told = session().scalars(query.order_by(Event.id).limit(1)).first() or {}
    return [str(one) for one in told.get("why", ())]
