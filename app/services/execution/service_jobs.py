"""Service tasks: the token is parked, the worker acts, the result takes the next step.

``begin`` and ``settle`` are the two transactions around the sending. Between them the worker
may die: the job runs again, finds the same deliveries and sends under the same references.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import bpmn
import connectors
from app.db import adopt_json, session
from app.models import (
    Delivery,
    Interaction,
    ProcessInstance,
    ServiceJob,
)
from app.saving import save, values_of
from app.services import job_types
from app.services.bulk_sending import mailing_gate
from app.services.execution import job_ends, job_letters, job_rows, processes, taking
from app.services.sending import call_ends, call_work, calls, channels, deliveries, no_contact
from app.services.sending.call_work import Result as Result


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
    job_id: int,
    now: datetime,
    *,
    worker: int = taking.QUEUE,
    claim: taking.Claim | None = None,
) -> list[Order]:
    """What to send; nothing when the job is over: done before, cancelled, or done just now, and
    nothing when another worker has taken it.

    What cannot be written (a template names a variable that is missing) becomes a fault here.
    What the product does itself is done here, with the next step, and nothing is to be sent.
    Until :func:`settle` the job belongs to the worker, who may have claimed it.
    """
    held = claim.held if claim else job_rows.held(job_id, job_rows.WITH_CLOCKS)
    if held is None or held.is_over or _is_anothers(held.job, worker):
        return []
    instance, job, clocks = held
    do = job_types.find(job.type)
    if do is None:
        return _begin_sending(instance, job, clocks, worker, now)
    _do(instance, job, do, now)
    if claim is not None:
        _do_at_once(instance, now)
    return []


def _begin_sending(
    instance: ProcessInstance,
    job: ServiceJob,
    clocks: Sequence[Mapping[str, Any]],
    worker: int,
    now: datetime,
) -> list[Order]:
    known = _known(job)
    job.attempts, job.taken_by = job.attempts + 1, worker
    try:
        inputs, by_metric = _inputs(instance, job), job_rows.by_metric(clocks)
        composed, said = job_letters.compose(instance, job, inputs, by_metric, now)
    except job_ends.UNWRITTEN as error:
        # What waited for its next attempt has none any more; what may have arrived stays as it is.
        deliveries.drop(row for row in known.values() if row.state in _NOT_OUT)
        job_ends.end_unwritten(instance, job, error, now)
        return []
    rows = [known.get(mailbox, row) for mailbox, row in deliveries.by_mailbox(composed).items()]
    deliveries.drop(row for row in known.values() if row not in rows)
    begun = [begin_row(row, now) for row in rows]
    _write(rows, said)
    orders = [_order(row, one) for row, one in zip(rows, begun, strict=True) if one is not None]
    if not orders:
        job_ends.go_on(instance, job, job_rows.letters_of(job.id), now)
    return orders


_NOT_OUT = (deliveries.QUEUED, deliveries.WAITING)


def begin_row(row: Delivery, now: datetime) -> connectors.Letter | calls.Call | None:
    """What is to be done for one row, its attempt counted; None when nothing is to be done now.

    Whoever wished for no more messages while one waited does not get it. Composing one for a task
    asks after that itself; the answer to such a wish belongs to no request.
    """
    if row.job_id is None and row.request_id is not None and _is_barred(row):
        row.state, row.next_attempt_at = deliveries.DEAD, None
        row.error = str(no_contact.DoNotContact())
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


def _is_anothers(job: ServiceJob, worker: int) -> bool:
    return job.state == "queued" and job.taken_by not in (None, worker)


def _do(instance: ProcessInstance, job: ServiceJob, do: job_types.Do, now: datetime) -> None:
    """Do it and take the next step; what a refused deed has written is undone."""
    writes = job_types.writes_before_refusing(job.type)
    try:
        with session().begin_nested() if writes else nullcontext():
            result = do(instance, job, _inputs(instance, job), now)
    except job_types.Refused as refused:
        job.attempts += 1
        job_ends.fail(instance, job, job_ends.Why.of(refused), now)
        return
    # Written with the step: what is changed before the savepoint costs a statement of its own.
    job.attempts += 1
    job_ends.complete(instance, job, result, now)


MOST_AT_ONCE = 5
"""How many things are done in one transaction: each of them holds the instance longer."""


def _do_at_once(instance: ProcessInstance, now: datetime) -> None:
    """Do what the product does itself next, in the transaction of the step that came to it.

    Left to a claim of its own it takes twice as long. Tasks of one instance are done in their
    order, so this ends at the first one that is not the product's own.
    """
    for _ in range(MOST_AT_ONCE):
        # A step has told already what waits.
        if not any(waiting.type in job_types.names() for waiting in _waiting(instance)):
            return
        job = job_rows.next_of(instance)
        do = job_types.find(job.type) if job else None
        if job is None or do is None:
            return
        _do(instance, job, do, now)


def _waiting(instance: ProcessInstance) -> Sequence[bpmn.WaitingJob]:
    if instance.status != "active" or instance.suspended_at is not None:
        return ()
    return processes.inspect(instance).jobs


def _known(job: ServiceJob) -> Mapping[str, Delivery]:
    """The letters that an earlier attempt made, by mailbox; a first attempt has none."""
    return deliveries.by_mailbox(job_rows.letters_of(job.id)) if job.attempts else {}


def _inputs(instance: ProcessInstance, job: ServiceJob) -> Mapping[str, Any]:
    """The variables that the service task sees now; they are not copied into the job's row."""
    waiting = processes.inspect(instance).jobs
    return next((item.inputs for item in waiting if item.key == job.key), {})


def settle(job_id: int, results: Sequence[Result], now: datetime, *, at_once: bool = False) -> None:
    """Write how each letter went; the process goes on, waits for the next attempt, or is told
    that the message could not be delivered.

    With ``at_once`` what the product does itself next is done in the same transaction.
    """
    held = job_rows.held(job_id, job_rows.WITH_LETTERS)
    if held is None or held.is_over:
        _settle_deliveries(job_rows.letters_of(job_id), results, now)
        taking.let_go(job_id)
        return
    instance, job, letters = held
    if any(_may_be_old(row["channel_id"]) for row in letters):
        rows = job_rows.letters_of(job_id)
    else:
        rows = [adopt_json(Delivery, row) for row in letters]
    failures = _settle_deliveries(rows, results, now)
    job_ends.go_on(instance, job, rows, now, failures)
    if at_once and job.state == "done":
        _do_at_once(instance, now)


def _may_be_old(channel_id: int | None) -> bool:
    """Whether a report, or the process that has the bind, may have written the row since."""
    return channel_id is not None and calls.is_told_of(channels.find_by_id(channel_id))


def give_up(job_id: int, reason: str, now: datetime) -> None:
    """Let the service task stand with a fault that a manager sees and retries."""
    held = job_rows.held(job_id, job_rows.WITH_LETTERS)
    if held is not None and not held.is_over:
        why = job_ends.Why(job_ends.CRASHED, reason[:2000])
        job_ends.fail(held.instance, held.job, why, now)


def _settle_deliveries(
    rows: Sequence[Delivery], results: Sequence[call_work.Result], now: datetime
) -> job_ends.Failures:
    by_id = {row.id: row for row in rows}
    given_up = {}
    for result in results:
        row = by_id.get(result.delivery_id)
        failure = settle_row(row, result, now) if row is not None else None
        if failure is not None:
            given_up[result.delivery_id] = failure
    return given_up


def settle_row(
    row: Delivery, result: call_work.Result, now: datetime
) -> connectors.DeliveryFailed | None:
    """Write how it went; the failure for which it is given up, if it is."""
    if row.channel_id is not None:
        return call_ends.settle(row, result, now)
    if result.failure is None:
        deliveries.settle(row, now)
        return None
    is_tried_again = deliveries.settle_failure(row, result.failure, now)
    return None if is_tried_again else result.failure
