"""What the worker does for each job but those that send: each opens the transaction of its own."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from app import clock_now, jobs
from app.away import is_away
from app.db import session, transaction
from app.errors import PeygirError
from app.services.accounts import safety
from app.services.bulk_sending import mailing_sending
from app.services.casework import linked
from app.services.execution import abandoned, alike, moments, retries, signals, starts, timers
from app.services.intake import partner_calls, sms_parts, unheard_calls
from app.services.service_levels import ladders, renewing, sla_settings
from app.services.service_levels import reclock as reclock_service

log = logging.getLogger(__name__)


def take_moments() -> None:
    """Do what is due, one moment after the other, each in a transaction of its own.

    When the worker that began with it has died, one of the first moments may have brought it
    down: these get jobs of their own, which are not tried for ever.
    """
    if jobs.is_repeated():
        with transaction():
            moments.set_first_apart(clock_now(), SUSPECTS)
        return
    until, last = time.monotonic() + SPELL, None
    while time.monotonic() < until and (last := _take_next(last)) is not None:
        session().expunge_all()


SPELL = 0.5
"""Seconds after which a thread that does what is due lets the next job have its turn."""
SUSPECTS = 20
"""More moments than a worker has threads."""


def _take_next(last: moments.Claimed | None) -> moments.Claimed | None:
    found = None
    try:
        with transaction():
            now = clock_now()
            found = moments.claim(now, last)
            if found is not None:
                _DO[found.kind](found.id, now)
    except Exception as error:
        if found is None or is_away(error):
            raise
        log.exception("moment %s crashed; a job of its own tries it again", found.id)
        with transaction():
            moments.set_apart(found.id, clock_now())
    return found


_DO: Mapping[str, Callable[[int, datetime], object]] = {
    moments.TIMER: timers.fire,
    moments.START: starts.by_timer,
    moments.LADDER: ladders.climb,
}


def fire_timer(moment_id: int) -> None:
    """Wake the engine for one due timer."""
    with transaction():
        timers.fire(moment_id, clock_now())


def climb_ladder(moment_id: int) -> None:
    """Do what a promise's ladder says for a moment that has come."""
    with transaction():
        ladders.climb(moment_id, clock_now())


def reclock(kind: sla_settings.Kind, key: str) -> None:
    """Let all running clocks follow a changed setting, some requests at a time."""
    for loose in (False, True):
        after: int | None = 0
        while after is not None:
            after = _reclock_some(kind, key, after, loose=loose)


def _reclock_some(kind: sla_settings.Kind, key: str, after: int, *, loose: bool) -> int | None:
    """One batch; when it crashes, its requests one by one, so that a bad one holds up no other."""
    try:
        return _reclock(kind, key, after, loose=loose)
    except Exception as error:
        if is_away(error):
            raise
        log.warning("clocks could not follow %s %s together: %s", kind, key, error)
    last: int | None = after
    for _ in range(reclock_service.BATCH):
        if last is not None:
            last = _reclock_one(kind, key, last, loose=loose)
    return last


def _reclock_one(kind: sla_settings.Kind, key: str, after: int, *, loose: bool) -> int | None:
    try:
        return _reclock(kind, key, after, loose=loose, most=1)
    except Exception as error:
        if is_away(error):
            raise
        with transaction():
            bad = reclock_service.following(kind, key, after, loose=loose)
        what = "clock" if loose else "request"
        log.exception("the clocks of %s %s could not follow %s %s", what, bad, kind, key)
        return bad


def _reclock(
    kind: sla_settings.Kind, key: str, after: int, *, loose: bool, most: int | None = None
) -> int | None:
    bring = reclock_service.bring_loose if loose else reclock_service.bring_batch
    try:
        with transaction():
            return bring(kind, key, after, clock_now(), most)
    finally:
        # What was written need not be kept in mind.
        session().expunge_all()


def renew_terms(
    party_id: int | None = None, branch: str | None = None, branch_before: str | None = None
) -> None:
    """Let the open requests of a customer or a branch follow what was agreed anew, one by one, so
    that a bad one holds up no other."""
    about, after = renewing.About(party_id, branch, branch_before), 0
    while True:
        with transaction():
            found = renewing.following(about, after)
        if found is None:
            return
        after = found
        try:
            with transaction():
                renewing.bring(found, about, clock_now())
        except Exception as error:
            if is_away(error):
                raise
            log.exception("the promises of request %s could not follow its terms", found)


def start_process(moment_id: int) -> None:
    """Begin a process whose start timer is due."""
    with transaction():
        starts.by_timer(moment_id, clock_now())


def deliver_signal(delivery_id: int) -> None:
    """Let one waiting place hear a signal."""
    with transaction():
        signals.deliver(delivery_id, clock_now())


def start_by_signal(start_id: int) -> None:
    """Begin a process that a signal starts."""
    with transaction():
        signals.begin(start_id, clock_now())


def tell_process(request_id: int, message: str, data: dict[str, Any]) -> None:
    """Let the processes of one request hear what another one has to say."""
    with transaction():
        linked.deliver(request_id, message, data, clock_now())
        jobs.finish_or_undo()


def tell_customer(request_id: int, template: str, variables: dict[str, Any]) -> None:
    """Tell the customer of one request what happened to another one that it hangs on."""
    with transaction():
        linked.write(request_id, template, variables, clock_now())
        jobs.finish_or_undo()


def mend_fault(fault_id: int, user_id: int, **deed: Any) -> None:
    """Do to one of many faults what was ordered for all; what cannot be done any more stays as
    it is."""
    try:
        with transaction():
            alike.mend_one(fault_id, user_id, alike.Deed(**deed), clock_now())
            jobs.finish_or_undo()
    except PeygirError as refused:
        log.info("fault %s is left as it is: %s", fault_id, refused)


def offer_call(call_id: int) -> None:
    """Offer what a partner told once more to the processes that may wait for it by now."""
    with transaction():
        partner_calls.offer_again(call_id, clock_now())
        jobs.finish_or_undo()


def advance_mailing(mailing_id: int) -> None:
    """Begin a mailing, hand over its next recipients, or find it done."""
    with transaction():
        mailing_sending.advance(mailing_id, clock_now())
        jobs.finish()


def tick() -> None:
    """One beat of the clock: workers are asked to do what is due."""
    with transaction():
        now = clock_now()
        moments.wake(now)
        retries.enqueue(now)
        mailing_sending.wake(now)


def tidy() -> None:
    """Take up what was queued and never done, and forget what no longer guards anything."""
    with transaction():
        abandoned.take_up(clock_now())
    with transaction():
        reclock_service.order_missed(clock_now())
    with transaction():
        jobs.defer(jobs.FORGET_MAILS, queueing_lock=jobs.FORGET_MAILS)
    with transaction():
        safety.prune(clock_now())
        partner_calls.prune(clock_now())
        unheard_calls.prune(clock_now())
        sms_parts.prune(clock_now())
