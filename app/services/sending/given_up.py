"""What was given up and nobody has settled yet: letters and calls that did not go out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, func, or_, select

from app.db import session
from app.models import Delivery, Fault, ServiceJob
from app.services.sending import deliveries
from app.services.sending.deliveries import DEAD, EMAIL, SMS

TOLD_FOR = timedelta(days=7)
"""How long something is told of that no fault stands for, since nobody can settle it."""


class GivenUp(NamedTuple):
    """How many there are."""

    letters: int
    """And text messages."""
    calls: int


def count(now: datetime) -> GivenUp:
    """Those whose fault stands, and those of the last week that never had one, such as an
    optional letter; without mailings, whose own reports tell theirs. A fault that was retried,
    skipped or cancelled takes its letter or call from the count."""
    is_letter = Delivery.channel.in_((EMAIL, SMS))
    query = select(
        func.count().filter(is_letter).label("letters"),
        func.count().filter(~is_letter).label("calls"),
    ).where(
        Delivery.state == DEAD,
        Delivery.mailing_id.is_(None),
        or_(_has_fault(Fault.resolved_at.is_(None)), Delivery.created_at >= now - TOLD_FOR),
        ~_has_fault(Fault.resolved_at.is_not(None)),
    )
    found = session().execute(query).one()
    return GivenUp(found.letters, found.calls)


def by_state(some: ColumnElement[bool]) -> dict[str, int]:
    """How many of these messages, of all times, are in each state; of those given up, the ones
    that nobody has settled at their fault."""
    settled = _has_fault(Fault.resolved_at.is_not(None))
    query = select(func.count()).select_from(Delivery).where(Delivery.state == DEAD, ~settled, some)
    return {**deliveries.counts(some), DEAD: session().scalar(query) or 0}


def _has_fault(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the task that it went out for came to such a fault."""
    return exists().where(
        ServiceJob.id == Delivery.job_id,
        Fault.instance_id == ServiceJob.instance_id,
        Fault.key == ServiceJob.key,
        which,
    )
