"""What goes out: one row for each message, sent at least once and told apart by its reference.

Sending is in three parts, so that nothing travels inside a transaction: ``begin`` marks the
row, the edge sends, ``settle`` or ``settle_failure`` writes how it went.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, func, select

import connectors
from app import running
from app.access import Actor, letters_seen_by
from app.db import session
from app.errors import NoSuch
from app.models import Delivery, Fault, ServiceJob, ServiceRequest
from app.objects import made
from app.saving import append, values_of
from app.services.sending import answering, channels

EMAIL, SMS = "email", "sms"
QUEUED, SENDING, WAITING = "queued", "sending", "waiting"
ACCEPTED, DEAD, CANCELLED = "accepted", "dead", "cancelled"
DELIVERED, FAILED, UNKNOWN, CLOSED = "delivered", "failed", "unknown", "closed"
OVER = frozenset({ACCEPTED, DELIVERED, FAILED, DEAD, CANCELLED, CLOSED})
"""The states of what needs no sending any more."""


def compose(
    address: str,
    name: str,
    language: str,
    message: connectors.Message,
    now: datetime,
    *,
    request_id: int | None = None,
    job_id: int | None = None,
    urgent: bool = False,
    readers: str | None = None,
) -> Delivery:
    """The row of one mail to one address, to be written by ``keep``. It goes out by the default
    channel of mail where there is one; ``urgent`` also in that channel's quiet hours."""
    way = channels.default_of(EMAIL)
    return new(
        channel=EMAIL, channel_id=way.id if way else None, recipient=address,
        recipient_name=name, language=language, subject=message.subject[:300], body=message.body,
        request_id=request_id, job_id=job_id, urgent=urgent, readers=readers, created_at=now,
    )  # fmt: skip


def compose_text(
    way: channels.Way,
    number: str,
    name: str,
    language: str,
    message: connectors.Message,
    link: str,
    now: datetime,
    *,
    request_id: int | None = None,
    job_id: int | None = None,
    readers: str | None = None,
) -> Delivery:
    """The row of a text message that says a letter in short, with the place to read it whole."""
    return new(
        channel=SMS, channel_id=way.id, recipient=number,
        recipient_name=name, language=language, subject=message.subject[:300],
        body=in_short(message, link),
        request_id=request_id, job_id=job_id, urgent=False, readers=readers, created_at=now,
    )  # fmt: skip


def new(**columns: Any) -> Delivery:
    """A row that is to be written and sent, with a reference of its own."""
    facts = {"reference": secrets.token_hex(12), "state": QUEUED, "attempts": 0}
    facts["may_have_arrived"] = False
    row: Delivery = made(Delivery, {**facts, **columns})
    return row


def in_short(message: connectors.Message, link: str) -> str:
    """What a text message says of a letter: the words for it, else the subject; and the link."""
    if message.short:
        return message.short
    said = message.subject
    said = said if len(said) <= LONGEST_SUBJECT else f"{said[: LONGEST_SUBJECT - 1]}…"
    return f"{said}\n{link}"


LONGEST_SUBJECT = 160
"""Characters of a subject that a text message begins with."""


def keep(rows: Sequence[Delivery]) -> None:
    """Write composed rows with one statement; they get their ids."""
    for row, row_id in zip(rows, append(Delivery, list(map(values_of, rows))), strict=True):
        row.id = row_id


def by_mailbox(rows: Iterable[Delivery]) -> dict[str, Delivery]:
    """One row for each mailbox, the first one, since colleagues may share an address."""
    found: dict[str, Delivery] = {}
    for row in rows:
        found.setdefault(row.recipient.casefold(), row)
    return found


def drop(rows: Iterable[Delivery]) -> None:
    """End what is no longer to be sent, such as to who left the group meanwhile; left waiting it
    would hold its process for ever. What may have arrived is closed, all else cancelled."""
    for row in rows:
        if row.state not in OVER:
            may_be_there = row.may_have_arrived or row.state in (SENDING, UNKNOWN)
            row.state, row.next_attempt_at = CLOSED if may_be_there else CANCELLED, None


def leave(rows: Iterable[Delivery]) -> None:
    """End what nobody waits for any more, since its process went on or ended without it: what was
    not sent is cancelled, and what may have arrived closed, so that nobody is asked to decide."""
    for row in rows:
        if row.state in (QUEUED, WAITING) and not row.may_have_arrived:
            row.state, row.next_attempt_at = CANCELLED, None
        elif row.state in (QUEUED, WAITING, UNKNOWN):
            row.state, row.next_attempt_at = CLOSED, None


def begin(delivery: Delivery, now: datetime) -> connectors.Letter | None:
    """The letter to send, its attempt counted; None when it needs no sending now: it is done,
    or its next attempt lies in the future.

    A row found in ``sending`` was being sent when a worker died. The mail goes out again under
    the same Message-ID, by which the receiver drops the copy: this is the stated policy of
    mail, at least once.
    """
    if delivery.state in OVER:
        return None
    if delivery.next_attempt_at is not None and delivery.next_attempt_at > now:
        return None
    keep_doubt(delivery)
    delivery.state, delivery.next_attempt_at = SENDING, None
    delivery.attempts += 1
    try:
        return _letter(delivery)
    except connectors.BadAddress as error:
        delivery.state, delivery.error = DEAD, str(error)[:2000]
        return None


def keep_doubt(row: Delivery) -> None:
    """Remember of what is tried again that it may have arrived before, however the new attempt
    ends: a worker died while it sent it, or a person has decided."""
    row.may_have_arrived = row.may_have_arrived or row.state in (SENDING, UNKNOWN)


def _letter(delivery: Delivery) -> connectors.Letter:
    config = running.settings()
    letter = connectors.Letter(
        delivery_id=delivery.reference,
        sender=connectors.address(config.mail_from, config.organisation[delivery.language]),
        to=(connectors.address(delivery.recipient, delivery.recipient_name),),
        subject=delivery.subject,
        body=delivery.body,
        written_at=delivery.created_at,
        language=delivery.language,
        unsubscribe=answering.unsubscribe_link(delivery),
    )
    return answering.addressed(letter, delivery)


def settle(delivery: Delivery, now: datetime) -> None:
    """The partner took it."""
    delivery.state, delivery.sent_at = ACCEPTED, now
    delivery.error = delivery.next_attempt_at = None


def settle_failure(delivery: Delivery, failure: connectors.DeliveryFailed, now: datetime) -> bool:
    """Write the failure; True when it will be tried again, at ``next_attempt_at``."""
    delivery.error = str(failure)[:2000]
    delivery.may_have_arrived = delivery.may_have_arrived or failure.may_have_acted
    again = _next_attempt(delivery, failure, now)
    delivery.state = DEAD if again is None else WAITING
    delivery.next_attempt_at = again
    return again is not None


def _next_attempt(
    delivery: Delivery, failure: connectors.DeliveryFailed, now: datetime
) -> datetime | None:
    if isinstance(failure, connectors.Permanent):
        return None
    retry_after = failure.retry_after if isinstance(failure, connectors.Transient) else None
    draw = random.random()  # noqa: S311  # Jitter guards against herds, not against people.
    return connectors.next_attempt(
        delivery.attempts, delivery.created_at, now, draw, retry_after=retry_after
    )


def find(delivery_id: int) -> Delivery | None:
    """The row, locked until the transaction ends."""
    return session().get(Delivery, delivery_id, with_for_update=True, populate_existing=True)


def look_up(delivery_id: int, actor: Actor) -> Delivery:
    """One message; raises NoSuch, also for what the actor may not see."""
    seen = select(Delivery).outerjoin(
        ServiceRequest, Delivery.request_id == ServiceRequest.id
    ).where(Delivery.id == delivery_id, letters_seen_by(actor))  # fmt: skip
    row = session().scalar(seen)
    if row is None:
        raise no_such(delivery_id)
    return row


def no_such(delivery_id: int) -> NoSuch:
    """There is no such message, or none that this person may know of."""
    return NoSuch(en=f"message {delivery_id}", fa=f"پیام {delivery_id}")


class Place(NamedTuple):
    """To what a message belongs."""

    number: str | None
    """Of its request."""
    instance_id: int | None
    """Of the process whose service task it went out for."""
    fault_id: int | None
    """Of the fault at which that task stands."""


def place_of(row: Delivery) -> Place:
    """To which request and process a message belongs, if to any."""
    return places_of([row])[row.id]


def places_of(rows: Sequence[Delivery]) -> dict[int, Place]:
    """To which request and process each of these messages belongs, by its id, with one question."""
    stands = Fault.resolved_at.is_(None)
    query = (
        select(Delivery.id, ServiceRequest.number, ServiceJob.instance_id, func.min(Fault.id))
        .outerjoin(ServiceRequest, ServiceRequest.id == Delivery.request_id)
        .outerjoin(ServiceJob, ServiceJob.id == Delivery.job_id)
        .outerjoin(Fault, and_(
            Fault.instance_id == ServiceJob.instance_id, Fault.key == ServiceJob.key, stands
        ))
        .where(Delivery.id.in_([row.id for row in rows]))
        .group_by(Delivery.id, ServiceRequest.number, ServiceJob.instance_id)
    )  # fmt: skip
    return {row[0]: Place(row[1], row[2], row[3]) for row in session().execute(query)}


def element_of(delivery_id: int) -> str:
    """Under what the history tells of a message."""
    return f"delivery:{delivery_id}"


def lock(rows: Iterable[Delivery]) -> None:
    """Lock these rows until the transaction ends, with one statement, and bring them up to date."""
    ids = sorted(row.id for row in rows)
    if ids:
        query = select(Delivery).where(Delivery.id.in_(ids)).order_by(Delivery.id)
        session().scalars(
            query.with_for_update(), execution_options={"populate_existing": True}
        ).all()


def hidden_from(actor: Actor, references: Sequence[str]) -> set[str]:
    """Those of the messages, by reference, that the actor may not see."""
    seen = select(Delivery.reference).outerjoin(
        ServiceRequest, Delivery.request_id == ServiceRequest.id
    ).where(Delivery.reference.in_(references), letters_seen_by(actor))  # fmt: skip
    known = select(Delivery.reference).where(Delivery.reference.in_(references))
    return set(session().scalars(known)) - set(session().scalars(seen))


def of_request(request_id: int, limit: int = 200) -> list[Delivery]:
    """The newest messages of a request, oldest first."""
    query = select(Delivery).where(Delivery.request_id == request_id)
    newest = session().scalars(query.order_by(Delivery.id.desc()).limit(limit)).all()
    return list(reversed(newest))
