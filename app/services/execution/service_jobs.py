"""Service tasks: the token is parked, the worker acts, the result takes the next step.

``begin`` and ``settle`` are the two transactions around the sending. Between them the worker
may die: the job runs again, finds the same deliveries and sends under the same references.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import NamedTuple

import bpmn
import connectors
from app.db import session
from app.models import Delivery, ProcessInstance, ServiceJob
from app.services import job_types
from app.services.execution import job_ends, job_orders, job_rows, processes, taking
from app.services.execution.job_orders import Order as Order
from app.services.sending import call_ends, call_work, deliveries
from app.services.sending.call_work import Result as Result


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
        return job_orders.begin(instance, job, clocks, worker, now)
    _do(instance, job, do, now)
    if claim is not None:
        _do_at_once(instance, now)
    return []


def _is_anothers(job: ServiceJob, worker: int) -> bool:
    return job.state == "queued" and job.taken_by not in (None, worker)


def _do(instance: ProcessInstance, job: ServiceJob, do: job_types.Do, now: datetime) -> None:
    """Do it and take the next step; what a refused deed has written is undone."""
    writes = job_types.writes_before_refusing(job.type)
    try:
        with session().begin_nested() if writes else nullcontext():
            result = do(instance, job, job_orders.inputs_of(instance, job), now)
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


class Next(NamedTuple):
    """The service task that follows one in its instance, begun in the transaction that settled
    that one."""

    job_id: int
    orders: list[Order]
    """What to send; nothing when its channel puts it off, or when it ended as it was begun."""
    more: bool
    """Whether others wait, also of other instances."""


def settle(
    job_id: int,
    results: Sequence[Result],
    now: datetime,
    *,
    at_once: bool = False,
    then_for: int | None = None,
) -> Next | None:
    """Write how each letter went; the process goes on, waits for the next attempt, or is told
    that the message could not be delivered.

    With ``at_once`` what the product does itself next is done in the same transaction.
    ``then_for`` is the number of the worker who carried it out and takes what is to be sent
    next by the same instance: this is begun, and given back, unless the task was taken from
    the worker meanwhile.
    """
    found = job_rows.to_settle(job_id)
    if found is None or found.held.is_over:
        letters = found.letters if found else []
        _settle_deliveries(letters, results, now)
        if found and found.held.is_left:
            settled = {one.delivery_id for one in results}
            deliveries.leave(one for one in letters if one.id in settled)
        taking.let_go(job_id)
        return None
    instance, job, _ = found.held
    failures = _settle_deliveries(found.letters, results, now)
    job_ends.go_on(instance, job, found.letters, now, failures, standing=found.standing)
    if job.state != "done":
        return None
    if at_once:
        _do_at_once(instance, now)
    if then_for is None or job.taken_by != then_for:
        return None
    return _begin_next(instance, then_for, now)


def _begin_next(instance: ProcessInstance, worker: int, now: datetime) -> Next | None:
    """Begin what this instance sends next: its lock is held and its state is at hand."""
    claim = taking.next_of(instance) if _waiting(instance) else None
    if claim is None or job_types.find(claim.held.job.type) is not None:
        return None
    job = claim.held.job
    orders = job_orders.begin(instance, job, claim.held.more, worker, now)
    return Next(job.id, orders, claim.more)


def give_up(job_id: int, reason: str, now: datetime) -> None:
    """Let the service task stand with a fault that a manager sees and retries."""
    held = job_rows.held(job_id, job_rows.WITH_CLOCKS)
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
