"""What was given up and nobody has settled yet: letters and calls that did not go out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, and_, exists, func, or_, select, true

from app.db import session
from app.models import Delivery, Fault, ServiceJob
from app.services.counting import COUNTED, NONE, Count, counted, newest_first, together
from app.services.sending import delivery_lists
from app.services.sending.deliveries import DEAD, EMAIL, SMS, UNKNOWN, WAITING
from app.services.sending.delivery_lists import Some

_JOB: ColumnElement[int | None] = Delivery.__table__.c.job_id
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
        or_(_has_fault(_JOB, Fault.resolved_at.is_(None)), Delivery.created_at >= now - TOLD_FOR),
        ~_is_settled(_JOB),
    )
    found = session().execute(query).one()
    return GivenUp(found.letters, found.calls)


def by_state(some: Some) -> Mapping[str, Count]:
    """How many of these messages are in each state; of those given up, the ones that neither
    somebody at their fault nor their diagram has settled, among the newest."""
    own = _own() if some.has_own else {}
    others = delivery_lists.counts(delivery_lists.of_mailings(some)) if some.has_mailings else {}
    return {
        state: together(own.get(state, NONE), others.get(state, NONE)) for state in {*own, *others}
    }


def _own() -> Mapping[str, Count]:
    found = dict(delivery_lists.counts(delivery_lists.own()))
    found[DEAD], _ = _looked_at(unsettled())
    if UNKNOWN in found:
        found[UNKNOWN], again = _looked_at(undecided())
        found |= {WAITING: together(found.get(WAITING, NONE), again)} if again else {}
    return found


LOOKED_AT = 5000
"""So many of those that were given up or are in doubt are looked at; no index knows which of them
are settled."""


def _looked_at(question: Select[int, int]) -> tuple[Count, Count]:
    """How many were meant, and how many of those looked at were not."""
    number, looked_at = session().execute(question).one()
    meant = Count(min(number, COUNTED), number > COUNTED or looked_at > LOOKED_AT)
    return meant, counted(looked_at - number)


def unsettled() -> Select[int, int]:
    """The question how many of the newest that were given up nobody has settled, and how many
    were looked at for that."""
    newest = _newest(DEAD)
    return select(func.count().filter(~_is_settled(newest.c.job_id)), func.count()).select_from(
        newest
    )


def undecided() -> Select[int, int]:
    """The same for those in doubt that nobody has ordered to be sent again."""
    newest = _newest(UNKNOWN)
    return select(func.count().filter(newest.c.attempts > 0), func.count()).select_from(newest)


def _newest(state: str) -> Subquery:
    return select(Delivery.job_id, Delivery.attempts).where(
        Delivery.state == state, Delivery.mailing_id.is_(None)
    ).order_by(newest_first(Delivery.id)).limit(LOOKED_AT + 1).subquery()  # fmt: skip


def _is_settled(job_id: ColumnElement[int | None]) -> ColumnElement[bool]:
    is_resolved = _has_fault(job_id, Fault.resolved_at.is_not(None))
    return or_(is_resolved, and_(_has_failed(job_id), ~_has_fault(job_id, true())))


def _has_failed(job_id: ColumnElement[int | None]) -> ColumnElement[bool]:
    """Whether the task that it went out for ended without success; without a fault, an event of
    its diagram has caught the error."""
    return exists().where(ServiceJob.id == job_id, ServiceJob.state == "failed")


def _has_fault(
    job_id: ColumnElement[int | None], which: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Whether the task that it went out for came to such a fault."""
    return exists().where(
        ServiceJob.id == job_id,
        Fault.instance_id == ServiceJob.instance_id,
        Fault.key == ServiceJob.key,
        which,
    )
