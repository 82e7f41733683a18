"""Whether a message of a mailing may go out at this very moment."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from app import jobs
from app.db import run
from app.models import Delivery, Mailing, MailingRefusal
from app.services.bulk_sending.mailing_audience import BARRED, REFUSED
from app.services.sending import deliveries, no_contact

RUNNING, DONE = "running", "done"
"""The states in which messages go out: a mailing that is done may have some left of which nobody
knew whether they had arrived."""
SPARED = (BARRED, REFUSED)
"""What the error of a delivery says that was not sent for its receiver's sake."""
AGAIN = timedelta(minutes=5)
"""How long a question after a message of unknown end waits while its mailing is stopped."""


def may_go(row: Delivery, now: datetime) -> bool:
    """Whether to send it; what may not go any more is cancelled."""
    if row.state in deliveries.OVER or _is_in_other_hands(row):
        return False
    state = run(_STATE, {"id": row.mailing_id}).scalar()
    if state not in (RUNNING, DONE):
        _put_off(row, now, is_over=state != "stopped")
        return False
    why = _objection(row)
    is_question = row.state == deliveries.UNKNOWN and row.channel != deliveries.EMAIL
    if why is None or is_question:
        return True
    # Whether it arrived before, nobody knows of what was being sent already.
    is_new = row.state in (deliveries.QUEUED, deliveries.WAITING)
    row.state = deliveries.CANCELLED if is_new else deliveries.UNKNOWN
    row.error, row.next_attempt_at = why, None
    return False


def _is_in_other_hands(row: Delivery) -> bool:
    """A mailing that was stopped and resumed may have two jobs for one message. Only one that was
    begun before, by a worker that died, takes up what is being sent."""
    return row.state == deliveries.SENDING and not jobs.is_repeated()


def _put_off(row: Delivery, now: datetime, *, is_over: bool) -> None:
    if row.state in (deliveries.QUEUED, deliveries.WAITING):
        row.state, row.next_attempt_at = deliveries.CANCELLED, None
        return
    # What a worker was sending when it died may have arrived as well as what is known as doubtful.
    row.state, row.next_attempt_at = deliveries.UNKNOWN, None if is_over else now + AGAIN


def _objection(row: Delivery) -> str | None:
    kind = no_contact.KIND_OF[row.channel]
    if no_contact.is_barred(kind, row.recipient):
        return BARRED
    key = no_contact.key_of(kind, row.recipient)
    return REFUSED if run(_REFUSED, {"kind": kind, "address": key}).all() else None


_STATE = select(Mailing.state).where(Mailing.id == bindparam("id"))
_REFUSED = select(MailingRefusal.id).where(
    MailingRefusal.kind == bindparam("kind"), MailingRefusal.address == bindparam("address")
)
