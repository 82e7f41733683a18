"""What a service task sends: its rows written and marked, with the orders for who sends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import connectors
from app.models import Delivery, Interaction, ProcessInstance, ServiceJob
from app.saving import save, values_of
from app.services import job_types
from app.services.bulk_sending import mailing_gate
from app.services.execution import job_ends, job_letters, job_rows, processes
from app.services.sending import calls, deliveries, no_contact, staff_ways


@dataclass(frozen=True)
class Order:
    """One thing that the worker is to send for a job."""

    delivery_id: int
    work: connectors.Letter | calls.Call
    """A letter that goes out by the built-in way of mail, or what goes out by a channel."""

    @property
    def letter(self) -> connectors.Letter:
        """The letter; raises TypeError for what goes out by a channel."""
        if not isinstance(self.work, connectors.Letter):
            raise TypeError("this goes out by a channel")
        return self.work


def begin(
    instance: ProcessInstance,
    job: ServiceJob,
    clocks: Sequence[Mapping[str, Any]],
    worker: int,
    now: datetime,
) -> list[Order]:
    """What to send for a service task of a locked instance, which is marked as this worker's;
    nothing when it is over with that, or put off."""
    known = _known(job)
    job.attempts, job.taken_by = job.attempts + 1, worker
    try:
        inputs, promises = inputs_of(instance, job), job_rows.promised(clocks)
        composed = job_letters.compose(instance, job, inputs, promises, now)
    except job_ends.UNWRITTEN as error:
        # What waited for its next attempt has none any more; what may have arrived stays as it is.
        deliveries.drop(row for row in known.values() if row.state in _NOT_OUT)
        job_ends.end_unwritten(instance, job, error, now)
        return []
    rows = [
        known.get(mailbox, row) for mailbox, row in deliveries.by_mailbox(composed.rows).items()
    ]
    _say_anew(known, composed.rows)
    # Two that ask channels for leave crosswise would wait for each other.
    rows.sort(key=lambda row: row.channel_id or 0)
    deliveries.drop(row for row in known.values() if row not in rows)
    begun = [begin_row(row, now) for row in rows]
    _write(rows, composed.said)
    orders = [_order(row, one) for row, one in zip(rows, begun, strict=True) if one is not None]
    if not orders:
        is_told = composed.is_told_elsewhere
        job_ends.go_on(instance, job, job_rows.letters_of(job.id), now, is_told=is_told)
    return orders


def _say_anew(known: Mapping[str, Delivery], composed: Sequence[Delivery]) -> None:
    """What a person has sent again says what the variables say by now: they may be corrected."""
    for mailbox, row in deliveries.by_mailbox(composed).items():
        again = known.get(mailbox)
        if again is not None and again.state == deliveries.UNKNOWN and again.attempts == 0:
            again.subject, again.body, again.payload = row.subject, row.body, row.payload


_NOT_OUT = (deliveries.QUEUED, deliveries.WAITING)


def begin_row(row: Delivery, now: datetime) -> connectors.Letter | calls.Call | None:
    """What is to be done for one row, its attempt counted; None when nothing is to be done now.

    Whoever wished for no more messages while one waited does not get it. Composing one for a task
    asks after that itself, and after who may read it; the answer to such a wish belongs to no
    request.
    """
    if row.job_id is None and row.request_id is not None and _is_barred(row):
        row.state, row.next_attempt_at = deliveries.DEAD, None
        row.error = str(no_contact.DoNotContact())
        return None
    if row.job_id is None and staff_ways.withhold(row, now):
        return None
    leave = mailing_gate.ask(row, now) if row.mailing_id is not None else mailing_gate.GO
    if leave == mailing_gate.NO:
        return None
    if row.channel_id is None:
        return deliveries.begin(row, now)
    return calls.begin(row, now, is_question=leave == mailing_gate.QUESTION)


def _is_barred(row: Delivery) -> bool:
    kind = no_contact.KIND_OF.get(row.channel)
    is_open = row.state not in deliveries.OVER
    return is_open and kind is not None and no_contact.is_barred(kind, row.recipient)


def _order(row: Delivery, begun: connectors.Letter | calls.Call) -> Order:
    """A row that is new has its id only once it is written."""
    if isinstance(begun, calls.Call):
        begun = replace(begun, delivery_id=row.id)
    return Order(row.id, begun)


def _write(rows: Sequence[Delivery], said: Sequence[Mapping[str, Any]]) -> None:
    """Write all that has changed, and of the letters those that are new; they get their ids."""
    new = [row for row in rows if row.id is None]
    ids = save([(Delivery, list(map(values_of, new))), (Interaction, said)], ids_of=Delivery)
    for row, row_id in zip(new, ids, strict=True):
        row.id = row_id


def _known(job: ServiceJob) -> Mapping[str, Delivery]:
    """The letters that an earlier attempt made, by mailbox; a first attempt has none."""
    return deliveries.by_mailbox(job_rows.letters_of(job.id)) if job.attempts else {}


def inputs_of(instance: ProcessInstance, job: ServiceJob) -> Mapping[str, Any]:
    """The variables that the service task sees now; they are not copied into the job's row."""
    if job.type in job_ends.LETTERS or job_types.find(job.type) is not None:
        # Connectors get parts of theirs as they are, and might change them.
        return processes.inputs_at(instance, job.key)
    waiting = processes.inspect(instance).jobs
    return next((item.inputs for item in waiting if item.key == job.key), {})
