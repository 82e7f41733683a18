"""What the worker does for service tasks and letters: the transactions around the sending.

No network is touched inside a transaction: ``begin`` commits, then it goes out, then the result is
settled in a transaction of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

from flask import current_app

import connectors
from app import clock_now, jobs
from app.db import is_away, require_no_transaction, transaction
from app.services.execution import service_jobs, taking
from app.services.sending import call_work, calls, deliveries

log = logging.getLogger(__name__)


class Look(NamedTuple):
    """What came of looking for a service task."""

    claim: taking.Claim | None
    """The one that was carried out, if any."""
    more: bool
    """Whether others wait; without a claim, those whose instance somebody else is at work at."""


def take_service_job(worker: int, tell_others: Callable[[], None]) -> Look:
    """Carry out the first service task that waits. Others are told before anything is sent when
    it was not the only one.

    Raises Crashed for one that should get a job of its own, which tries it again.
    """
    claim = None
    try:
        with transaction():
            claim = taking.claim()
            if claim is None:
                return Look(None, taking.is_any_waiting())
            job_id = claim.job_id
            orders = service_jobs.begin(job_id, clock_now(), worker=worker, claim=claim)
        if claim.more:
            tell_others()
        if orders:
            _carry_out(job_id, orders, at_once=True)
    except Exception as error:
        if claim is None:
            raise
        raise Crashed(claim.job_id) from error
    return Look(claim, claim.more)


class Crashed(Exception):
    """A service task could not be carried out; ``job_id`` tells which."""

    def __init__(self, job_id: int) -> None:
        super().__init__(f"service job {job_id} crashed")
        self.job_id = job_id


def set_service_job_apart(job_id: int) -> None:
    """Give a service task that crashed a job of its own, which tries it again."""
    with transaction():
        taking.set_apart(job_id)


def is_service_job_waiting() -> bool:
    """Whether service tasks wait that nobody could take just now."""
    with transaction():
        return taking.is_any_waiting()


def _carry_out(job_id: int, orders: Sequence[service_jobs.Order], *, at_once: bool = False) -> None:
    results = [_done(order) for order in orders]
    _settle(job_id, results, at_once=at_once)
    for order, result in zip(orders, results, strict=True):
        _note_health(order.work, result)


def _done(order: service_jobs.Order) -> call_work.Result:
    if isinstance(order.work, calls.Call):
        return call_work.perform(order.work)
    return call_work.Result(order.delivery_id, send(order.work))


def _note_health(work: connectors.Letter | calls.Call, result: call_work.Result) -> None:
    """Tell the breaker of a channel, in a transaction of its own: the row of its state is held by
    nobody who waits for anything else."""
    if isinstance(work, calls.Call) and call_work.is_worth_noting(work, result):
        with transaction():
            call_work.note_health(work, result, clock_now())


def _settle(job_id: int, results: Sequence[call_work.Result], *, at_once: bool) -> None:
    if at_once and _settle_and_go_on(job_id, results):
        return
    with transaction():
        service_jobs.settle(job_id, results, clock_now())
        jobs.finish()


def _settle_and_go_on(job_id: int, results: Sequence[call_work.Result]) -> bool:
    """Settle with what the product does itself next; false when that crashed, which must not
    undo that a letter went out. It is then left to the next claim, whose crashes are counted."""
    try:
        with transaction():
            service_jobs.settle(job_id, results, clock_now(), at_once=True)
    except Exception as error:
        if is_away(error):
            raise
        log.exception("what comes after service job %s crashed and is tried alone", job_id)
        return False
    return True


def run_service_job(job_id: int) -> None:
    """Carry out one service task that has a job of its own and let its process go on."""
    with transaction():
        orders = service_jobs.begin(job_id, clock_now())
    if orders:
        _carry_out(job_id, orders)


def give_up_service_job(job_id: int, reason: str) -> None:
    """Let a service task stand with a fault, since carrying it out crashed on every attempt."""
    with transaction():
        service_jobs.give_up(job_id, reason, clock_now())


def send_delivery(delivery_id: int) -> None:
    """Send one message that no service task waits for."""
    with transaction():
        row = deliveries.find(delivery_id)
        begun = service_jobs.begin_row(row, clock_now()) if row is not None else None
    if begun is None:
        return
    order = service_jobs.Order(delivery_id, begun)
    result = _done(order)
    with transaction():
        row = deliveries.find(delivery_id)
        if row is not None:
            service_jobs.settle_row(row, result, clock_now())
    _note_health(order.work, result)


def send(letter: connectors.Letter) -> connectors.DeliveryFailed | None:
    """Send by SMTP or into the file outbox; the failure, or nothing when it was taken.

    A slow server would hold up everybody who waits for a row, so no transaction may be open.
    """
    require_no_transaction()
    settings = current_app.extensions["peygir.settings"]
    try:
        connectors.sender(settings.smtp_url, settings.outbox)(letter)
    except connectors.DeliveryFailed as failure:
        return failure
    except OSError as error:
        return connectors.Transient(type(error).__name__)
    return None
