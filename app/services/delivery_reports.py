"""What became of a message after the partner had taken it: its row learns it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.access import SYSTEM
from app.db import session
from app.models import Delivery
from app.services import deliveries, history
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
