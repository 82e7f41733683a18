"""What was given up and nobody has settled yet: letters and calls that did not go out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true

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
    skipped or cancelled takes its letter or call from the count, and so does a process whose
    diagram goes on from the error."""
    is_letter = Delivery.channel.in_((EMAIL, SMS))
    query = select(
        func.count().filter(is_letter).label("letters"),
        func.count().filter(~is_letter).label("calls"),
    ).where(
        Delivery.state == DEAD,
        Delivery.mailing_id.is_(None),
        or_(_has_fault(Fault.resolved_at.is_(None)), Delivery.created_at >= now - TOLD_FOR),
        ~_is_settled(),
    )
    found = session().execute(query).one()
    return GivenUp(found.letters, found.calls)


def by_state(some: ColumnElement[bool]) -> dict[str, int]:
    """How many of these messages, of all times, are in each state; of those given up, the ones
    that neither somebody at their fault nor their diagram has settled."""
    query = select(func.count()).select_from(Delivery)
    query = query.where(Delivery.state == DEAD, ~_is_settled(), some)
    return {**deliveries.counts(some), DEAD: session().scalar(query) or 0}


def _is_settled() -> ColumnElement[bool]:
    return or_(_has_fault(Fault.resolved_at.is_not(None)), and_(_has_failed(), ~_has_fault(true())))


def _has_failed() -> ColumnElement[bool]:
    """Whether the task that it went out for ended without success; without a fault, an event of
    its diagram has caught the error."""
    return exists().where(ServiceJob.id == Delivery.job_id, ServiceJob.state == "failed")


def _has_fault(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the task that it went out for came to such a fault."""
    return exists().where(
        ServiceJob.id == Delivery.job_id,
        Fault.instance_id == ServiceJob.instance_id,
        Fault.key == ServiceJob.key,
        which,
    )
