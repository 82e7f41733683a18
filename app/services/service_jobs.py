"""Service tasks: the token is parked, the worker acts, the result takes the next step.

``begin`` and ``settle`` are the two transactions around the sending. Between them the worker
may die: the job runs again, finds the same deliveries and sends under the same references.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import bpmn
import connectors
from app.access import SYSTEM
from app.db import adopt_json, session
from app.models import (
    Delivery,
    Interaction,
    ProcessInstance,
    ServiceJob,
)
from app.saving import save, values_of
from app.services import (
    deliveries,
    history,
    job_letters,
    job_rows,
    job_types,
    processes,
    recipients,
    taking,
)

TEMPLATE, CRASHED, NOT_DELIVERED = "template", "crashed", "not_delivered"
"""The codes of the faults when the message cannot be written, when the work itself failed, and
when a partner refused it for good."""


@dataclass(frozen=True)
class Order:
    """One letter that the worker is to send for a job."""

    delivery_id: int
    letter: connectors.Letter


@dataclass(frozen=True)
class Result:
    """How the sending of one letter went."""

    delivery_id: int
    failure: connectors.DeliveryFailed | None


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
    except _UNWRITTEN as error:
        _end_unwritten(instance, job, error, now)
        return []
    rows = [known.get(mailbox, row) for mailbox, row in deliveries.by_mailbox(composed).items()]
    deliveries.drop(row for row in known.values() if row not in rows)
    letters = [deliveries.begin(row, now) for row in rows]
    _write(rows, said)
    pairs = zip(rows, letters, strict=True)
    orders = [Order(row.id, letter) for row, letter in pairs if letter is not None]
    if not orders:
        _go_on(instance, job, job_rows.letters_of(job.id), now)
    return orders


def _write(rows: Sequence[Delivery], said: Sequence[Mapping[str, Any]]) -> None:
    """Write all that has changed, and of the letters those that are new; they get their ids."""
    new = [row for row in rows if row.id is None]
    ids = save([(Delivery, list(map(values_of, new))), (Interaction, said)], ids_of=Delivery)
    for row, row_id in zip(new, ids, strict=True):
        row.id = row_id


_UNWRITTEN = (
    connectors.BadTemplate,
    connectors.UnknownTemplate,
    connectors.BadAddress,
    job_types.Refused,
)


def _end_unwritten(
    instance: ProcessInstance, job: ServiceJob, error: Exception, now: datetime
) -> None:
    """End a job whose letter could not be written or has nobody to go to."""
    if isinstance(error, connectors.BadAddress):
        _end_undelivered(instance, job, str(error), now)
    elif isinstance(error, job_types.Refused):
        _fail(instance, job, error.code, error.en, now, error.fa)
    else:
        _fail(instance, job, TEMPLATE, str(error), now)


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
        _fail(instance, job, refused.code, refused.en, now, refused.fa)
        return
    # Written with the step: what is changed before the savepoint costs a statement of its own.
    job.attempts += 1
    job.state, job.ended_at, job.next_attempt_at = "done", now, None
    cause = {"kind": "service_task", "element": job.element, **history.belonging(job.called_id)}
    command = bpmn.CompleteJob(job.key, dict(result))
    processes.advance(instance, command, cause, SYSTEM, now)


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
    rows = [adopt_json(Delivery, row) for row in letters]
    _settle_deliveries(rows, results, now)
    _go_on(instance, job, rows, now)
    if at_once and job.state == "done":
        _do_at_once(instance, now)


def give_up(job_id: int, reason: str, now: datetime) -> None:
    """Let the service task stand with a fault that a manager sees and retries."""
    held = job_rows.held(job_id, job_rows.WITH_LETTERS)
    if held is not None and not held.is_over:
        _fail(held.instance, held.job, CRASHED, reason[:2000], now)


def _settle_deliveries(rows: Sequence[Delivery], results: Sequence[Result], now: datetime) -> None:
    ends = {result.delivery_id: result.failure for result in results}
    for row in rows:
        failure = ends.get(row.id)
        if failure is not None:
            deliveries.settle_failure(row, failure, now)
        elif row.id in ends:
            deliveries.settle(row, now)


def _go_on(
    instance: ProcessInstance, job: ServiceJob, rows: Sequence[Delivery], now: datetime
) -> None:
    """Judge the job by all its letters, whenever each was settled."""
    later = [row.next_attempt_at for row in rows if row.state == deliveries.WAITING]
    dead = next((row for row in rows if row.state == deliveries.DEAD), None)
    if later:
        job.state, job.next_attempt_at = "waiting", min(filter(None, later))
    elif dead is None:
        _succeed(instance, job, _told(job, rows), now)
    else:
        _end_undelivered(instance, job, dead.error or "", now)


def _end_undelivered(instance: ProcessInstance, job: ServiceJob, why: str, now: datetime) -> None:
    """The process goes on without an optional letter; else it is told by a BPMN error."""
    if job.headers.get("optional") == "true":
        _succeed(instance, job, "message_not_delivered", now)
    else:
        _fail(instance, job, NOT_DELIVERED, why, now, connectors.in_persian(why))


def _told(job: ServiceJob, rows: Sequence[Delivery]) -> str:
    """What the history says: a notice to a group that nobody could be sent was told to nobody."""
    return "nobody_told" if recipients.is_group(job) and not rows else "message_sent"


def _succeed(instance: ProcessInstance, job: ServiceJob, told: str, now: datetime) -> None:
    job.state, job.ended_at, job.next_attempt_at = "done", now, None
    data = {"element": job.element, "template": job.headers.get("template")}
    where = {"request_id": instance.request_id, "instance_id": instance.id}
    entry = history.entry(told, SYSTEM, now, **where, element=job.element, data=data)
    cause = {"kind": "service_task", **data, **history.belonging(job.called_id)}
    if told == "message_sent" and job.type != "email" and not recipients.is_group(job):
        cause["told"] = "customer"
    command = bpmn.CompleteJob(job.key, {})
    processes.advance(instance, command, cause, SYSTEM, now, noted=[entry])


def _fail(
    instance: ProcessInstance,
    job: ServiceJob,
    code: str,
    message: str,
    now: datetime,
    persian: str | None = None,
) -> None:
    """End the job without success.

    The partner's final "no" is a business error that the diagram may catch (BPMN 2.0, 10.5.6);
    uncaught, it stands as a fault. A message that cannot be written is a fault at once.
    """
    job.state, job.next_attempt_at = "failed", None
    session().flush()
    told = {"element": job.element, "code": code, **history.belonging(job.called_id)}
    cause = {"kind": "service_task_failed", **told}
    command: bpmn.Command = bpmn.ThrowError(job.key, code, message, persian=persian)
    if code in (TEMPLATE, CRASHED):
        command = bpmn.FailJob(job.key, code, message, persian)
    processes.advance(instance, command, cause, SYSTEM, now)
