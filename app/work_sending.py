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
from app.away import is_away
from app.db import kept_connection, require_no_transaction, transaction
from app.services.execution import job_orders, service_jobs, taking
from app.services.sending import call_work, calls, deliveries

log = logging.getLogger(__name__)


class Look(NamedTuple):
    """What came of looking for a service task."""

    claim: taking.Claim | None
    """The one that was carried out, if any."""
    more: bool
    """Whether others wait; without a claim, those whose instance somebody else is at work at."""


def take_service_job(
    worker: int, tell_others: Callable[[], None], is_ending: Callable[[], bool] = lambda: False
) -> Look:
    """Carry out the first service task that waits, and what its process sends after that. Others
    are told before anything is sent when it was not the only one.

    Raises Crashed for one that should get a job of its own, which tries it again.
    """
    with kept_connection():
        return _take_service_job(worker, tell_others, is_ending)


def _take_service_job(
    worker: int, tell_others: Callable[[], None], is_ending: Callable[[], bool]
) -> Look:
    claim = None
    try:
        with transaction():
            claim = taking.claim()
            if claim is None:
                return Look(None, taking.is_any_waiting())
            orders = service_jobs.begin(claim.job_id, clock_now(), worker=worker, claim=claim)
        if claim.more:
            tell_others()
    except Exception as error:
        if claim is None:
            raise
        raise Crashed(claim.job_id) from error
    begun = service_jobs.Next(claim.job_id, orders, claim.more)
    return Look(claim, _carry_out_in_a_row(begun, worker, is_ending))


MOST_IN_A_ROW = 10
"""How many service tasks of one instance a thread carries out before it looks for others."""


def _carry_out_in_a_row(
    begun: service_jobs.Next, worker: int, is_ending: Callable[[], bool]
) -> bool:
    """Carry out what was begun and what the same instance sends after it; whether others wait."""
    left, more = MOST_IN_A_ROW, begun.more
    while begun.orders:
        left -= 1
        try:
            following = _carry_out(begun, worker if left else None, is_ending)
        except Crashed:
            raise
        except Exception as error:
            raise Crashed(begun.job_id) from error
        if following is None:
            break
        begun, more = following, more or following.more
    return more


def _carry_out(
    begun: service_jobs.Next, worker: int | None, is_ending: Callable[[], bool]
) -> service_jobs.Next | None:
    results = [_done(order) for order in begun.orders]
    noted = _worth_noting(begun.orders, results)
    # A channel that is not in order must hear of this before it is asked for leave again.
    then_for = None if noted or is_ending() else worker
    following = _settle_and_go_on(begun.job_id, results, then_for)
    _note_health(noted)
    return following


class Crashed(Exception):
    """A service task could not be carried out; ``job_ids`` tells which, and which one may have
    been begun with its end, for the answer of the database was lost."""

    def __init__(self, *job_ids: int) -> None:
        super().__init__(f"service jobs {job_ids} crashed")
        self.job_ids = job_ids


def set_service_jobs_apart(job_ids: Sequence[int]) -> None:
    """Give service tasks that crashed jobs of their own, which try them again."""
    with transaction():
        for job_id in job_ids:
            taking.set_apart(job_id)


def is_service_job_waiting() -> bool:
    """Whether service tasks wait that nobody could take just now."""
    with transaction():
        return taking.is_any_waiting()


def _done(order: service_jobs.Order) -> call_work.Result:
    if isinstance(order.work, calls.Call):
        return call_work.perform(order.work)
    return call_work.Result(order.delivery_id, send(order.work))


Noted = Sequence[tuple[calls.Call, call_work.Result]]


def _worth_noting(
    orders: Sequence[service_jobs.Order], results: Sequence[call_work.Result]
) -> Noted:
    """Of what the breakers of channels must be told."""
    both = [(order.work, result) for order, result in zip(orders, results, strict=True)]
    told = [(work, result) for work, result in both if isinstance(work, calls.Call)]
    return [(work, result) for work, result in told if call_work.is_worth_noting(work, result)]


def _note_health(noted: Noted) -> None:
    """Tell the breakers, each in a transaction of its own: the row of a channel's state is held by
    nobody who waits for anything else."""
    for work, result in noted:
        with transaction():
            call_work.note_health(work, result, clock_now())


def _settle_and_go_on(
    job_id: int, results: Sequence[call_work.Result], then_for: int | None
) -> service_jobs.Next | None:
    """Settle with what the product does itself next, and begin what is to be sent next. Should
    that crash, the task is settled alone: it must not undo that a letter went out. It is then
    left to the next claim, whose crashes are counted."""
    following = None
    try:
        with transaction():
            following = service_jobs.settle(
                job_id, results, clock_now(), at_once=True, then_for=then_for
            )
    except Exception as error:
        if is_away(error):
            raise Crashed(job_id, *([following.job_id] if following else [])) from error
        log.exception("what comes after service job %s crashed and is tried alone", job_id)
        _settle(job_id, results)
        return None
    return following


def _settle(job_id: int, results: Sequence[call_work.Result]) -> None:
    with transaction():
        service_jobs.settle(job_id, results, clock_now())
        jobs.finish()


def run_service_job(job_id: int) -> None:
    """Carry out one service task that has a job of its own and let its process go on."""
    with transaction():
        orders = service_jobs.begin(job_id, clock_now())
    if orders:
        results = [_done(order) for order in orders]
        _settle(job_id, results)
        _note_health(_worth_noting(orders, results))


def give_up_service_job(job_id: int, reason: str) -> None:
    """Let a service task stand with a fault, since carrying it out crashed on every attempt."""
    with transaction():
        service_jobs.give_up(job_id, reason, clock_now())


def send_delivery(delivery_id: int) -> None:
    """Send one message that no service task waits for."""
    with transaction():
        row = deliveries.find(delivery_id)
        begun = job_orders.begin_row(row, clock_now()) if row is not None else None
    if begun is None:
        return
    order = service_jobs.Order(delivery_id, begun)
    result = _done(order)
    with transaction():
        row = deliveries.find(delivery_id)
        if row is not None:
            service_jobs.settle_row(row, result, clock_now())
    _note_health(_worth_noting([order], [result]))


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
