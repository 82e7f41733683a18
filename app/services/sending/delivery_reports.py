"""What became of a message after the partner had taken it: its row learns it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, String, bindparam, literal_column, select

from app.access import SYSTEM
from app.db import run, session
from app.models import Delivery
from app.services import history
from app.services.counting import newest_first
from app.services.sending import costs, deliveries
from connectors.contract import Report

_OPEN = frozenset({deliveries.SENDING, deliveries.ACCEPTED, deliveries.UNKNOWN, deliveries.CLOSED})
"""The states that a report may end; what was delivered stays so, whatever comes late."""


def note(channel_id: int, report: Report, now: datetime) -> Delivery | None:
    """Write a report into the row of its message; None when it is none of ours. The same report
    again changes nothing."""
    row = _find(channel_id, report)
    if row is None:
        return None
    cost = costs.amount(report.cost)
    if cost is not None:
        row.cost, row.currency = cost, costs.currency(report.currency)
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
    """The partner's ids of some messages that were taken lately and have no report. They are those
    behind a number drawn by lot, so that none keeps the others from being asked for, and however
    many there are, few are read."""
    values = {"channel": channel_id, "since": now - ASKED_FOR}
    lowest, highest = run(_ENDS, values).one()
    if lowest is None or highest is None or highest < lowest:
        return []
    drawn = lowest + secrets.randbelow(highest - lowest + 1)
    found = run(_BEHIND, {**values, "drawn": drawn, "above": highest + 1, "most": MOST}).all()
    if len(found) < MOST:
        rest = {"drawn": lowest, "above": drawn, "most": MOST - len(found)}
        found += run(_BEHIND, {**values, **rest}).all()
    return [one.partner_id for one in found]


_OF_CHANNEL = Delivery.channel_id == bindparam("channel")
_IS_LATE = Delivery.created_at > bindparam("since")
_UNREPORTED = (
    _OF_CHANNEL, Delivery.partner_id.is_not(None),
    # The state stands in the text itself, or no plan could use the index of these.
    Delivery.state == literal_column(f"'{deliveries.ACCEPTED}'", String),
)  # fmt: skip
_ENDS = select(
    select(Delivery.id).where(_OF_CHANNEL, _IS_LATE).order_by(Delivery.created_at).limit(1)
    .scalar_subquery(),
    select(Delivery.id).where(*_UNREPORTED).order_by(newest_first(Delivery.id)).limit(1)
    .scalar_subquery(),
)  # fmt: skip
_BEHIND = (
    select(Delivery.partner_id)
    .where(*_UNREPORTED, _IS_LATE, Delivery.id >= bindparam("drawn"))
    .where(Delivery.id < bindparam("above"))
    # The order of ``newest_first`` from its other end.
    .order_by(Delivery.id.asc().nulls_first())
    .limit(bindparam("most", type_=BigInteger))
)
