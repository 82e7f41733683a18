"""How long the raw bytes of mails are kept; what they said, from whom and when stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from app.config import Settings
from app.db import session
from app.models import InboundMessage
from app.models.inbound import AUTOMATIC, BOUNCE, DROPPED, JOINED, OPENED

BATCH = 50
"""Mails of one transaction; one may be as large as 25 MB."""
PLACED = (JOINED, OPENED)
OF_NO_USE = (DROPPED, AUTOMATIC, BOUNCE)


@dataclass(frozen=True)
class Sizes:
    """What the raw bytes of mails take."""

    count: int
    size: int
    """Bytes, as they came."""
    oldest: datetime | None


def forget_some(settings: Settings, now: datetime) -> int:
    """Remove the raw bytes of some mails whose time is over; how many. What waits for a
    person, in triage or in quarantine, keeps them: its files are read from them."""
    rules = (PLACED, settings.keep_mail_days), (OF_NO_USE, settings.keep_dropped_mail_days)
    return next(filter(None, (_forget(states, days, now) for states, days in rules)), 0)


def _forget(states: tuple[str, ...], days: int, now: datetime) -> int:
    found = (
        select(InboundMessage.id)
        .where(
            InboundMessage.raw.is_not(None), InboundMessage.state.in_(states),
            InboundMessage.received_at < now - timedelta(days=days),
        )
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    ids = session().scalars(found).all()
    if ids:
        gone = update(InboundMessage).where(InboundMessage.id.in_(ids))
        session().execute(gone.values(raw=None, raw_gone_at=now), execution_options=_UNTOLD)
    return len(ids)


_UNTOLD = {"synchronize_session": False}


def sizes() -> Sizes:
    """What is kept now."""
    query = select(
        func.count(),
        func.coalesce(func.sum(func.octet_length(InboundMessage.raw)), 0),
        func.min(InboundMessage.received_at),
    ).where(InboundMessage.raw.is_not(None))
    count, size, oldest = session().execute(query).one()
    return Sizes(count, int(size), oldest)
