"""What became of a message after the partner had taken it: its row learns it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.access import SYSTEM
from app.db import session
from app.models import Delivery
from app.services import history
from app.services.sending import deliveries
from connectors.contract import Report

_OPEN = frozenset({deliveries.SENDING, deliveries.ACCEPTED, deliveries.UNKNOWN})
"""The states that a report may end; what was delivered stays so, whatever comes late."""


def note(channel_id: int, report: Report, now: datetime) -> Delivery | None:
    """Write a report into the row of its message; None when it is none of ours. The same report
    again changes nothing."""
    row = _find(channel_id, report)
    if row is None:
        return None
    if report.cost is not None:
        row.cost, row.currency = report.cost, (report.currency or "")[:8] or None
    if row.state in _OPEN and report.state != "unknown":
        row.state = deliveries.DELIVERED if report.state == "delivered" else deliveries.FAILED
        row.delivered_at = now if report.state == "delivered" else None
        row.error = None if report.state == "delivered" else f"not delivered: {report.words}"[:2000]
        if report.state == "failed":
            data = {"channel": row.channel, "words": report.words[:200]}
            history.note("not_delivered", SYSTEM, now, request_id=row.request_id, data=data)
    return row


def _find(channel_id: int, report: Report) -> Delivery | None:
    query = select(Delivery).where(Delivery.channel_id == channel_id)
    if report.reference is not None:
        query = query.where(Delivery.reference == report.reference)
    elif report.id is not None:
        # Partners begin to count anew some day: the newest one is meant.
        query = query.where(Delivery.partner_id == report.id).order_by(Delivery.id.desc())
    else:
        return None
    return session().scalars(query.limit(1).with_for_update()).first()


ASKED_FOR = timedelta(days=2)
"""How long after it was taken a message's end is asked for."""
MOST = 30
"""Messages that are asked for in one round."""


def missing(channel_id: int, now: datetime) -> Sequence[str]:
    """The partner's ids of some messages that were taken lately and have no report; those asked
    for are drawn by lot, so that none keeps the others from being asked for."""
    query = select(Delivery.partner_id).where(
        Delivery.channel_id == channel_id, Delivery.state == deliveries.ACCEPTED,
        Delivery.created_at > now - ASKED_FOR, Delivery.partner_id.is_not(None),
    )  # fmt: skip
    return [one for one in session().scalars(query.order_by(func.random()).limit(MOST)) if one]
