"""How much of a mailing is on its way, and how much more of it may go out now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, func, or_, select

from app.db import session
from app.models import Delivery, Mailing
from app.services.bulk_sending.mailing_gate import SPARED
from app.services.sending import channel_policy, deliveries
from app.services.sending.channels import Way
from connectors.gate import Rate

UNDER_WAY = 300
"""At most so many messages of a mailing are on their way at a time."""
BEAT = timedelta(seconds=1)
"""After this a mailing is looked at again that could go on."""
SOON = timedelta(minutes=1)
"""What is tried again later than this keeps no place that another message could have."""


class Open(NamedTuple):
    """What of a mailing is not at its end."""

    under_way: int
    later: int
    """Tried again later on."""
    held: int
    """Held back by a stop that is over."""
    next_at: datetime | None


def open_of(mailing_id: int, now: datetime) -> Open:
    """What of the mailing is not at its end, by the states of its messages."""
    state, again = Delivery.state, Delivery.next_attempt_at
    is_later = and_(state.in_((deliveries.WAITING, deliveries.UNKNOWN)), again > now + SOON)
    is_on_its_way = or_(
        state.in_((deliveries.QUEUED, deliveries.SENDING)),
        and_(state.in_((deliveries.WAITING, deliveries.UNKNOWN)), again <= now + SOON),
    )
    is_held = and_(
        state == deliveries.CANCELLED, or_(Delivery.error.is_(None), Delivery.error.not_in(SPARED))
    )
    query = select(
        func.count().filter(is_on_its_way), func.count().filter(is_later),
        func.count().filter(is_held), func.min(again).filter(is_later),
    ).where(Delivery.mailing_id == mailing_id, state.in_(_COUNTED))  # fmt: skip
    return Open(*session().execute(query).one())


_COUNTED = (
    deliveries.QUEUED, deliveries.SENDING, deliveries.WAITING, deliveries.UNKNOWN,
    deliveries.CANCELLED,
)  # fmt: skip


def room_of(way: Way | None) -> int:
    """How many may be under way; of a channel with a rate half a minute's worth."""
    rate = channel_policy.per_minute(way.policy) if way is not None else None
    return min(UNDER_WAY, max(rate // 2, 1)) if rate else UNDER_WAY


def allowed(mailing: Mailing, room: int, now: datetime) -> tuple[int, timedelta]:
    """How many its own rate lets go now, and how long until it lets the next one go."""
    if mailing.per_minute is None:
        return room, BEAT
    rate = Rate(mailing.per_minute, mailing.tokens, mailing.counted_at)
    after, count = rate.take_some(now, room)
    mailing.tokens, mailing.counted_at = after.tokens, after.counted_at
    missing = max(1 - (after.tokens or 0), 0)
    return count, max(BEAT, timedelta(minutes=missing / mailing.per_minute))
