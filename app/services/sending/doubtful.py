"""Messages and calls of no service task of which nobody knows whether they arrived: a person says.

Those of service tasks stand under the faults. The others end here when their channel leaves what is
in doubt to a person, such as a text message whose reply was lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, String, func, literal_column, select, text

from app.access import Actor, letters_seen_by
from app.db import session
from app.errors import Conflict
from app.models import Delivery, ServiceRequest
from app.models.history import MAILING
from app.services import history
from app.services.counting import COUNTED, Count, counted, newest_first
from app.services.execution import reasons
from app.services.sending import deliveries

Decision = Literal["arrived", "again", "given_up"]
PAGE = 50
_IN_DOUBT = (
    # The state stands in the text itself, or no plan could use the index of these.
    Delivery.state == literal_column(f"'{deliveries.UNKNOWN}'", String),
    Delivery.next_attempt_at.is_(None),
    Delivery.job_id.is_(None),
    # The partner is just being asked about those that have a job.
    text("""NOT EXISTS (SELECT 1 FROM procrastinate_jobs job
                         WHERE job.task_name = 'send_delivery' AND job.status IN ('todo', 'doing')
                           AND (job.args ->> 'delivery_id')::bigint = delivery.id)"""),
)


class NotInDoubt(Conflict):
    """There is nothing to decide about this message any more."""

    fa = "دربارهٔ این پیام دیگر تصمیمی لازم نیست."


def list_page(actor: Actor, *, before: int | None = None, limit: int = PAGE) -> list[Delivery]:
    """The newest ones that the actor may see; one more than ``limit``, where there is."""
    query = _seen_by(actor)
    if before is not None:
        query = query.where(Delivery.id < before)
    return list(session().scalars(query.order_by(newest_first(Delivery.id)).limit(limit + 1)))


def count(actor: Actor) -> Count:
    """How many there are that the actor may see."""
    return counted(session().scalar(counting(actor)) or 0)


def counting(actor: Actor) -> Select[int]:
    """The question for it."""
    seen = (
        _seen_by(actor)
        .with_only_columns(Delivery.id)
        .order_by(newest_first(Delivery.id))
        .limit(COUNTED + 1)
        .subquery()
    )
    return select(func.count()).select_from(seen)


def decide(
    delivery_id: int, decision: Decision, reason: str, actor: Actor, now: datetime
) -> Delivery:
    """Let it count as arrived, send it again under the same reference, or give it up. What is sent
    again and ends in doubt once more comes back here.

    Raises NoSuch, also for what the actor may not see, NotInDoubt, and Invalid for a reason that
    is too long.
    """
    deliveries.look_up(delivery_id, actor)
    row = deliveries.find(delivery_id)
    if row is None:
        raise deliveries.no_such(delivery_id)
    why = reasons.why(reason, actor)
    if session().scalar(select(Delivery.id).where(Delivery.id == row.id, *_IN_DOUBT)) is None:
        raise NotInDoubt
    _DO[decision](row, now)
    data = {"decision": decision, "channel": row.channel, "to": row.recipient, **why}
    history.record(list(_entries(row, actor, now, data)))
    return row


def _entries(
    row: Delivery, actor: Actor, now: datetime, data: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """For the page of the message and its request, and for that of its mailing."""
    about = deliveries.element_of(row.id)
    yield history.entry(
        "delivery_decided", actor, now, request_id=row.request_id, element=about, data=data
    )
    if row.mailing_id is not None:
        told = {"act": "decided", **data}
        yield history.entry(MAILING, actor, now, element=str(row.mailing_id), data=told)


def _arrived(row: Delivery, now: datetime) -> None:
    row.state, row.delivered_at, row.error = deliveries.DELIVERED, now, None
    row.sent_at = row.sent_at or now


def _again(row: Delivery, now: datetime) -> None:
    # Without attempts it is known as decided; the clock queues it, and its day begins anew.
    row.attempts, row.not_before, row.next_attempt_at = 0, now, now


def _give_up(row: Delivery, now: datetime) -> None:
    row.state = deliveries.FAILED


_DO = {"arrived": _arrived, "again": _again, "given_up": _give_up}


def _seen_by(actor: Actor) -> Select[Delivery]:
    joined = select(Delivery).outerjoin(ServiceRequest, Delivery.request_id == ServiceRequest.id)
    return joined.where(*_IN_DOUBT, letters_seen_by(actor))
