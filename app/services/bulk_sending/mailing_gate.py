"""Whether a message of a mailing may go out, or be asked after, at this very moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import bindparam, select

from app import jobs
from app.db import run
from app.models import Delivery, Mailing, MailingRefusal
from app.services.bulk_sending.mailing_audience import BARRED, REFUSED
from app.services.sending import calls, deliveries, no_contact

Leave = Literal["go", "question", "no"]
GO: Leave = "go"
QUESTION: Leave = "question"
"""Ask its partner whether it has it, and send nothing."""
NO: Leave = "no"
STOPPED, CANCELLED = "stopped", "cancelled"
RUNNING, DONE = "running", "done"
"""The states in which messages go out: a mailing that is done may have some left of which nobody
knew whether they had arrived."""
SPARED = (BARRED, REFUSED)
"""What the error of a delivery says that was not sent for its receiver's sake."""
AGAIN = timedelta(minutes=5)
"""How long a message of unknown end that nobody can be asked after waits while its mailing is
stopped."""


def ask(row: Delivery, now: datetime) -> Leave:
    """What to do with it now; what may not go any more is cancelled, but for what may have gone
    before: after that its partner is asked, where it can be."""
    if row.state in deliveries.OVER or _is_in_other_hands(row):
        return NO
    why, state = None, run(_STATE, {"id": row.mailing_id}).scalar()
    if state in (RUNNING, DONE):
        why = _objection(row)
        if why is None:
            return GO
    row.error = why or row.error
    # Without attempts, a person has decided that it did not arrive.
    is_decided = row.state == deliveries.UNKNOWN and row.attempts == 0
    if is_decided or row.state in (deliveries.QUEUED, deliveries.WAITING):
        row.state, row.next_attempt_at = deliveries.CANCELLED, None
        return NO
    if calls.can_ask(row):
        return QUESTION
    # Whether it arrived before, nobody knows, and nobody can be asked.
    row.state = deliveries.UNKNOWN
    row.next_attempt_at = now + AGAIN if state == STOPPED else None
    return NO


def why_not(row: Delivery) -> str | None:
    """Why a message that is to be sent does not go out now: its mailing is stopped or cancelled,
    or its receiver wants none; None when it may go."""
    state = run(_STATE, {"id": row.mailing_id}).scalar()
    return _objection(row) if state in (RUNNING, DONE) else state


def _is_in_other_hands(row: Delivery) -> bool:
    """A mailing that was stopped and resumed may have two jobs for one message. Only one that was
    begun before, by a worker that died, takes up what is being sent."""
    return row.state == deliveries.SENDING and not jobs.is_repeated()


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
