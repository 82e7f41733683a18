"""How long the raw bytes of mails are kept; what they said, from whom and when stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update

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
    """Remove the raw bytes of the oldest mails whose time is over; how many. What waits for a
    person, in triage or in quarantine, keeps them: its files are read from them."""
    over = or_(
        _older(PLACED, settings.keep_mail_days, now),
        _older(OF_NO_USE, settings.keep_dropped_mail_days, now),
    )
    found = (
        select(InboundMessage.id)
        .where(InboundMessage.raw.is_not(None), over)
        .order_by(InboundMessage.received_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    ids = session().scalars(found).all()
    gone = update(InboundMessage).where(InboundMessage.id.in_(ids))
    session().execute(gone.values(raw=None, raw_gone_at=now), execution_options=_UNTOLD)
    return len(ids)


_UNTOLD = {"synchronize_session": False}


def _older(states: tuple[str, ...], days: int, now: datetime) -> ColumnElement[bool]:
    before = now - timedelta(days=days)
    return and_(InboundMessage.state.in_(states), InboundMessage.received_at < before)


def sizes() -> Sizes:
    """What is kept now."""
    query = select(
        func.count(),
        func.coalesce(func.sum(func.octet_length(InboundMessage.raw)), 0),
        func.min(InboundMessage.received_at),
    ).where(InboundMessage.raw.is_not(None))
    count, size, oldest = session().execute(query).one()
    return Sizes(count, int(size), oldest)
