"""What goes out by a channel: composed and begun in one transaction, carried out outside of any,
and settled in another.

Between them the worker may die. A row found in ``sending`` is therefore of unknown end, and what
happens then is the stated policy of its kind: send it again under the same reference, ask the
partner by that reference first, or leave it to a person.
"""

from __future__ import annotations

import json
import logging
import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import connectors
from app.db import require_no_transaction
from app.errors import PeygirError
from app.models import Delivery, ProcessInstance, ServiceJob
from app.services import call_inputs, channel_gate, channel_policy, channels, deliveries
from app.services.call_inputs import MOST, WORDS
from app.services.channels import Opened, Way
from connectors import registry
from connectors.contract import Answer, NotAble, Order, Repeats
from connectors.errors import DeliveryFailed, Permanent, Transient, Unknown
from connectors.masking import masked, masked_failure, masked_values

log = logging.getLogger(__name__)

Doubt = Literal["none", "doubtful", "decided"]
"""Whether the partner may have it already, and whether a person has decided to send it again."""


@dataclass(frozen=True)
class Call:
    """One thing that the worker is to carry out by a channel."""

    delivery_id: int
    way: Way
    order: Order
    doubt: Doubt = "none"
    is_shaken: bool = False
    """Whether the channel failed lately."""


@dataclass(frozen=True)
class Result:
    """How the sending of one letter, or one call, went."""

    delivery_id: int
    failure: DeliveryFailed | None
    """Without any secret."""
    answer: Answer | None = None
    repeats: Repeats = "repeat"
    """What to do when the end is unknown."""
    is_doubtful: bool = False
    """Whether the partner may have it though this attempt failed: it could not be asked."""


class NotUsable(Transient):
    """The channel cannot be used now."""

    persian = "این کانال اکنون به کار نمی‌آید."
    default_code = "channel_unusable"


class Undecided(Unknown):
    """Nobody can tell whether the partner took it, so a person decides."""

    persian = "معلوم نیست طرف مقابل آن را گرفته باشد؛ یک نفر باید تصمیم بگیرد."
    default_code = "unknown_outcome"


class Crashed(Unknown):
    """The connector failed in the middle of its work."""

    persian = "رابط در میان کار خود شکست خورد."
    default_code = "crashed"


class AnswerTooLarge(Permanent):
    """The partner did it, but its answer is larger than a process may hold."""

    persian = "طرف مقابل کار را انجام داد، ولی پاسخش بزرگ‌تر از آن است که فرایندی نگه دارد."
    default_code = "reply_too_large"


def compose(
    instance: ProcessInstance, job: ServiceJob, way: Way, inputs: Mapping[str, Any], now: datetime
) -> Delivery:
    """The row of what a service task asks of a channel, to be written.

    Raises Refused, ``connectors.BadAddress`` and DoNotContact.
    """
    kind = call_inputs.kind_of(way)
    found = call_inputs.read(kind, inputs)
    to = call_inputs.address_of(kind, found)
    words = {name: call_inputs.text_of(found, name) for name in WORDS[1:]} if to is not None else {}
    request = instance.request
    return Delivery(
        reference=secrets.token_hex(12),
        request_id=instance.request_id,
        job_id=job.id,
        channel=way.task_type[:16],
        channel_id=way.id,
        recipient=way.key if to is None else to,
        recipient_name="",
        language=request.language if request else deliveries.settings().language,
        subject=" ".join(words.get("subject", "").split())[:300],
        body=words.get("body", ""),
        payload=found if to is None else {k: v for k, v in found.items() if k not in WORDS},
        state=deliveries.QUEUED,
        attempts=0,
        created_at=now,
    )


def begin(row: Delivery, now: datetime) -> Call | None:
    """What to carry out, its attempt counted; None when it needs nothing now: it is over, its
    next attempt lies in the future, or its channel puts it off."""
    if row.state in deliveries.OVER or row.channel_id is None:
        return None
    if row.next_attempt_at is not None and row.next_attempt_at > now:
        return None
    way = channels.find_by_id(row.channel_id)
    doubt = _doubt_of(row)
    if is_apart(way):
        _hand_over(row, doubt)
        return None
    leave = channel_gate.ask(way, row.not_before, now)
    if leave.until is not None:
        row.state = deliveries.WAITING if doubt == "none" else deliveries.UNKNOWN
        row.not_before = row.next_attempt_at = leave.until
        return None
    row.state, row.next_attempt_at = deliveries.SENDING, None
    row.attempts += 1
    return Call(row.id or 0, way, order_of(row, way), doubt, leave.is_shaken)


def is_apart(way: Way) -> bool:
    """Whether a process of its own carries out what goes by this channel."""
    kind = registry.find(way.kind)
    return kind is not None and kind.apart


def _hand_over(row: Delivery, doubt: Doubt) -> None:
    """Leave it to that process, which takes what is queued; what it has taken stays with it, and
    what is in doubt waits for a person."""
    if doubt != "doubtful":
        row.state, row.next_attempt_at = deliveries.QUEUED, None


def _doubt_of(row: Delivery) -> Doubt:
    if row.state not in (deliveries.SENDING, deliveries.UNKNOWN):
        return "none"
    # What a person has tried again begins with a new count of attempts.
    return "decided" if row.attempts == 0 else "doubtful"


def order_of(row: Delivery, way: Way) -> Order:
    """The row in the words of its kind."""
    payload = dict(row.payload or {})
    to = row.recipient if _writes(way) else ""
    words = {"to": to, "subject": row.subject, "body": row.body} if to else {}
    return Order(
        reference=row.reference,
        written_at=row.created_at,
        inputs={**words, **payload},
        to=to,
        name=row.recipient_name,
        subject=row.subject,
        body=row.body,
        language=row.language,
        attempt=row.attempts,
    )


def _writes(way: Way) -> bool:
    """Whether somebody is written to; else a system is called."""
    kind = registry.find(way.kind)
    return kind is not None and call_inputs.writes(kind)


def perform(call: Call) -> Result:
    """Carry out one call, outside any transaction; nothing that comes back holds a secret."""
    require_no_transaction()
    try:
        opened = channels.open_(call.way)
    except PeygirError as error:
        unusable = NotUsable(error.message("en"))
        return Result(call.delivery_id, unusable, is_doubtful=call.doubt != "none")
    return _masked(_carried_out(call, opened), opened.secrets)


def _carried_out(call: Call, opened: Opened) -> Result:
    repeats = opened.connector.repeats_of(call.order, opened.options)
    if call.doubt == "doubtful" and repeats == "hold":
        return Result(call.delivery_id, Undecided(), repeats="hold", is_doubtful=True)
    if call.doubt != "none" and repeats == "ask":
        found = _asked(call, opened)
        if found is not None:
            return found
    return replace(_sent(call, opened), repeats=repeats)


def _asked(call: Call, opened: Opened) -> Result | None:
    """What the partner knows of it; None when it knows nothing, so that it can be sent."""
    number = call.delivery_id
    try:
        answer = opened.connector.ask(call.order.reference, opened.options)
    except Transient as failure:
        return Result(number, failure, repeats="ask", is_doubtful=True)
    except (DeliveryFailed, NotAble) as failure:
        told = failure if isinstance(failure, DeliveryFailed) else Crashed(str(failure))
        return Result(number, told, repeats="hold", is_doubtful=True)
    except Exception as error:  # noqa: BLE001  # A stranger's kind may raise anything.
        return Result(number, _crashed(call, error), repeats="hold", is_doubtful=True)
    return None if answer is None else Result(number, None, answer)


def _sent(call: Call, opened: Opened) -> Result:
    try:
        return Result(call.delivery_id, None, opened.connector.send(call.order, opened.options))
    except DeliveryFailed as failure:
        return Result(call.delivery_id, failure)
    except Exception as error:  # noqa: BLE001  # A stranger's kind may raise anything.
        return Result(call.delivery_id, _crashed(call, error))


def _crashed(call: Call, error: Exception) -> Crashed:
    # The message is not logged, since it may hold a secret.
    name, key = type(error).__name__, call.way.key
    log.error("the connector of channel %s crashed with %s", key, name)
    return Crashed(name)


def _masked(result: Result, hidden: tuple[str, ...]) -> Result:
    failure, answer = result.failure, result.answer
    if failure is not None:
        masked_failure(failure, hidden)
    if answer is not None:
        answer = replace(
            answer,
            words=masked(answer.words, hidden),
            # What is no JSON value becomes a text, so that it can be kept.
            result=masked_values(json.loads(json.dumps(dict(answer.result), default=str)), hidden),
        )
    return replace(result, answer=answer)


def note_health(call: Call, result: Result, now: datetime) -> None:
    """Tell the breaker of the channel how it went."""
    if has_failed(result):
        channel_gate.note_failure(call.way, now)
    else:
        channel_gate.note_success(call.way.id)


def is_worth_noting(call: Call, result: Result) -> bool:
    """Whether the breaker of the channel must be told."""
    return call.is_shaken or has_failed(result)


def has_failed(result: Result) -> bool:
    """Whether the partner itself failed, and not the channel's settings."""
    failure = result.failure
    ours = isinstance(failure, NotUsable | Undecided)
    return isinstance(failure, Transient | Unknown) and not ours


def settle(row: Delivery, result: Result, now: datetime) -> DeliveryFailed | None:
    """Write how it went; the failure for which it is given up, if it is."""
    if result.answer is not None:
        return _settle_answer(row, result.answer, now)
    failure = result.failure
    if failure is None or row.state in deliveries.OVER:
        return None
    row.error = str(failure)[:2000]
    again = _next_attempt(row, failure, now)
    if result.is_doubtful or isinstance(failure, Unknown):
        return _settle_doubt(row, result, again)
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
    row.cost, row.currency = answer.cost, (answer.currency or "")[:8] or None
    if len(json.dumps(answer.result).encode()) > MOST:
        return AnswerTooLarge(f"more than {MOST // 1024} kB")
    row.answer = dict(answer.result)
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
