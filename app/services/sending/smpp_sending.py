"""What the SMPP process takes from the queue of its channel, and how it ends.

A row is marked in a transaction of its own before it goes out, so one that is found so by the
next process was in the hands of a dead one: nobody knows whether the SMSC has it, and the
channel's stated policy decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, func, or_, select

from app.db import session
from app.models import Delivery, ProcessInstance, ServiceJob
from app.services.bulk_sending import mailing_gate
from app.services.execution import service_jobs
from app.services.sending import (
    call_work,
    calls,
    channel_gate,
    deliveries,
    no_contact,
    staff_ways,
)
from app.services.sending.channels import Opened
from connectors.contract import Answer
from connectors.errors import DeliveryFailed, LostReply
from connectors.smpp import read_text


@dataclass(frozen=True)
class Outgoing:
    """One message to hand in."""

    delivery_id: int
    job_id: int | None
    to: str
    text: str


def take(channel: Opened, most: int, now: datetime) -> list[Outgoing]:
    """The oldest messages that may go out now, marked as being sent, those of mailings after all
    others; others who take at the same moment get others. Those of a suspended process wait, those
    of one that is over are cancelled.
    """
    found = _due(channel, most, now, Delivery.mailing_id.is_(None))
    if len(found) < most:
        found += _due(channel, most - len(found), now, Delivery.mailing_id.is_not(None))
    deliveries.drop(row for row, is_wanted in found if not is_wanted)
    taken = [_begin(row, channel, now) for row, is_wanted in found if is_wanted]
    return [one for one in taken if one is not None]


def _due(
    channel: Opened, most: int, now: datetime, which: ColumnElement[bool]
) -> list[Row[Delivery, bool]]:
    due = or_(
        Delivery.state == deliveries.QUEUED,
        (Delivery.state == deliveries.WAITING) & (Delivery.next_attempt_at <= now),
    )
    query = (
        select(Delivery, _WANTED)
        .outerjoin(ServiceJob, ServiceJob.id == Delivery.job_id)
        .outerjoin(ProcessInstance, ProcessInstance.id == ServiceJob.instance_id)
        .where(Delivery.channel_id == channel.way.id, due, which)
        .where(ProcessInstance.suspended_at.is_(None))
        .order_by(Delivery.id)
        .limit(most)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    return list(session().execute(query))


_WANTED = Delivery.job_id.is_(None) | (
    ServiceJob.state.in_(("queued", "waiting")) & (ProcessInstance.status == "active")
)


def _begin(row: Delivery, channel: Opened, now: datetime) -> Outgoing | None:
    if row.mailing_id is not None and mailing_gate.ask(row, now) != mailing_gate.GO:
        return None
    if row.job_id is None and staff_ways.withhold(row, now):
        return None
    leave = channel_gate.ask(channel.way, row.not_before, now)
    if leave.until is not None:
        row.state, row.not_before = deliveries.WAITING, leave.until
        row.next_attempt_at = leave.until
        return None
    row.state, row.next_attempt_at = deliveries.SENDING, None
    row.attempts += 1
    return Outgoing(row.id, row.job_id, row.recipient, row.body)


def count_waiting(channel_id: int, before: datetime) -> int:
    """How many messages might have gone out before that instant and were not even tried since."""
    queued_at = func.coalesce(Delivery.not_before, Delivery.created_at)
    queued = (Delivery.state == deliveries.QUEUED) & (queued_at < before)
    waiting = (Delivery.state == deliveries.WAITING) & (Delivery.next_attempt_at < before)
    query = (
        select(func.count(Delivery.id))
        .outerjoin(ServiceJob, ServiceJob.id == Delivery.job_id)
        .outerjoin(ProcessInstance, ProcessInstance.id == ServiceJob.instance_id)
        .where(Delivery.channel_id == channel_id, queued | waiting, _WANTED)
        .where(ProcessInstance.suspended_at.is_(None))
    )
    return session().scalar(query) or 0


def refused(one: Outgoing, channel: Opened, now: datetime) -> DeliveryFailed | None:
    """Why a message cannot be handed in at all; it is written then. Whoever wished for no more
    messages while this one waited does not get it."""
    row = session().get_one(Delivery, one.delivery_id)
    try:
        read_text(calls.order_of(row, channel.way))
        if row.job_id is not None or row.request_id is not None:
            no_contact.check("phone", row.recipient)
    except DeliveryFailed as error:
        settle(one, channel, now, failure=error)
        return error
    return None


def settle(
    one: Outgoing,
    channel: Opened,
    now: datetime,
    *,
    answer: Answer | None = None,
    failure: DeliveryFailed | None = None,
) -> None:
    """Write how it ended; its process goes on, waits, or is told."""
    policy = channel.options["when_unknown"]
    result = call_work.Result(one.delivery_id, failure, answer, policy)
    if one.job_id is not None:
        service_jobs.settle(one.job_id, [result], now)
        return
    row = deliveries.find(one.delivery_id)
    if row is not None:
        service_jobs.settle_row(row, result, now)


def orphans(channel: Opened) -> Sequence[Outgoing]:
    """The messages that a process which is gone was sending."""
    query = select(Delivery).where(
        Delivery.channel_id == channel.way.id, Delivery.state == deliveries.SENDING
    )
    rows = session().scalars(query.order_by(Delivery.id))
    return [Outgoing(row.id, row.job_id, row.recipient, row.body) for row in rows]


def settle_orphan(one: Outgoing, channel: Opened, now: datetime) -> None:
    """Nobody knows whether the SMSC took it."""
    settle(one, channel, now, failure=LostReply("the process ended before the answer came"))
