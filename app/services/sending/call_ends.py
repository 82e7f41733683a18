"""How a sending by a channel went, written into its row."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta

import connectors
from app.models import Delivery
from app.services.sending import channel_policy, channels, costs, deliveries
from app.services.sending.call_inputs import MOST
from app.services.sending.call_work import Result
from connectors.contract import Answer
from connectors.errors import DeliveryFailed, Permanent, Transient, Unknown


class AnswerTooLarge(Permanent):
    """The partner did it, but its answer is larger than a process may hold."""

    persian = "طرف مقابل کار را انجام داد، ولی پاسخش بزرگ‌تر از آن است که فرایندی نگه دارد."
    default_code = "reply_too_large"
    may_have_acted = True


def settle(row: Delivery, result: Result, now: datetime) -> DeliveryFailed | None:
    """Write how it went; the failure for which it is given up, if it is."""
    if result.answer is not None:
        return _settle_answer(row, result.answer, now) or result.unfit
    failure = result.failure
    if row.state in deliveries.OVER:
        return None
    if result.is_not_there:
        row.state, row.next_attempt_at = deliveries.CANCELLED, None
    if failure is None:
        return None
    row.error = str(failure)[:2000]
    again = _next_attempt(row, failure, now)
    row.may_have_arrived = row.may_have_arrived or failure.may_have_acted
    if result.is_doubtful or isinstance(failure, Unknown):
        return _settle_doubt(row, result, again)
    if failure.may_have_acted and result.repeats == "ask" and again is not None:
        # Asking costs nothing, and a server may have failed only after it had done it.
        row.state, row.next_attempt_at = deliveries.UNKNOWN, again
        return None
    row.state, row.next_attempt_at = _WAITING_OR_DEAD[again is None], again
    return failure if again is None else None


_WAITING_OR_DEAD = {False: deliveries.WAITING, True: deliveries.DEAD}


def _settle_doubt(row: Delivery, result: Result, again: datetime | None) -> DeliveryFailed | None:
    """Nobody can tell whether the partner has it."""
    if result.repeats == "repeat" and not result.is_doubtful:
        row.state, row.next_attempt_at = _WAITING_OR_DEAD[again is None], again
        return result.failure if again is None else None
    row.state = deliveries.UNKNOWN
    row.next_attempt_at = None if result.repeats == "hold" else again
    return None


def _settle_answer(row: Delivery, answer: Answer, now: datetime) -> DeliveryFailed | None:
    row.error = row.next_attempt_at = None
    if row.state not in (deliveries.DELIVERED, deliveries.FAILED):
        # A report may have been faster than the answer.
        row.state = deliveries.ACCEPTED
    row.sent_at = now
    row.partner_id = answer.id[:200] if answer.id else None
    row.cost, row.currency = costs.amount(answer.cost), costs.currency(answer.currency)
    too_large = check_size(answer)
    if too_large is None:
        row.answer = dict(answer.result)
    return too_large


def check_size(answer: Answer) -> AnswerTooLarge | None:
    """Whether a process may not hold what the partner answered."""
    if len(json.dumps(answer.result).encode()) > MOST:
        return AnswerTooLarge(f"more than {MOST // 1024} kB")
    return None


def _next_attempt(row: Delivery, failure: DeliveryFailed, now: datetime) -> datetime | None:
    if isinstance(failure, Permanent) or row.channel_id is None:
        return None
    asked: timedelta | None = failure.retry_after if isinstance(failure, Transient) else None
    policy = channel_policy.retries(channels.find_by_id(row.channel_id).policy)
    # What was put off has waited without an attempt, so its day begins after that.
    first = max(row.created_at, row.not_before or row.created_at)
    draw = random.random()  # noqa: S311  # Jitter guards against herds, not against people.
    return connectors.next_attempt(row.attempts, first, now, draw, retry_after=asked, policy=policy)
