"""What goes out by a channel: composed and begun in one transaction, carried out outside of any,
and settled in another.

Between them the worker may die. A row found in ``sending`` is therefore of unknown end, and what
happens then is the stated policy of its kind: send it again under the same reference, ask the
partner by that reference first, or leave it to a person.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from app import running
from app.errors import PeygirError
from app.models import Delivery, ProcessInstance, ServiceJob
from app.services.sending import answering, call_inputs, channel_gate, channels, deliveries
from app.services.sending.call_inputs import WORDS
from app.services.sending.channels import Way
from connectors import one_line, registry
from connectors.contract import Order

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
    is_trial: bool = False
    """Whether it tries for all others if the partner is back."""
    is_question: bool = False
    """Whether the partner is only asked after it, and gets nothing it does not have."""


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
    return deliveries.new(
        request_id=instance.request_id,
        job_id=job.id,
        channel=way.task_type[:16],
        channel_id=way.id,
        recipient=way.key if to is None else to,
        recipient_name="",
        language=request.language if request else running.settings().language,
        subject=one_line(words.get("subject", ""))[:300],
        body=words.get("body", ""),
        payload=found if to is None else {k: v for k, v in found.items() if k not in WORDS},
        urgent=False,
        created_at=now,
    )


def begin(row: Delivery, now: datetime, *, is_question: bool = False) -> Call | None:
    """What to carry out, its attempt counted; None when it needs nothing now: it is over, its
    next attempt lies in the future, or its channel puts it off. With ``is_question`` the partner
    is asked after it and gets nothing."""
    if row.state in deliveries.OVER or row.channel_id is None:
        return None
    if row.next_attempt_at is not None and row.next_attempt_at > now:
        return None
    way = channels.find_by_id(row.channel_id)
    doubt = _doubt_of(row)
    deliveries.keep_doubt(row)
    if is_apart(way):
        _hand_over(row, doubt)
        return None
    leave = channel_gate.ask(way, row.not_before, now, urgent=row.urgent)
    if leave.until is not None:
        is_sure = doubt == "none" or _may_repeat(way)
        row.state = deliveries.WAITING if is_sure else deliveries.UNKNOWN
        row.not_before = row.next_attempt_at = leave.until
        return None
    row.state, row.next_attempt_at = deliveries.SENDING, None
    row.attempts += 1
    return Call(
        row.id or 0, way, order_of(row, way), doubt, leave.is_shaken, leave.is_trial, is_question
    )


def can_ask(row: Delivery) -> bool:
    """Whether the partner knows our reference of this message, so that it can be asked after it."""
    if row.channel_id is None:
        return False
    way = channels.find_by_id(row.channel_id)
    try:
        opened = channels.open_(way)
        return opened.connector.repeats_of(order_of(row, way), opened.options) == "ask"
    except PeygirError:
        return False
    except Exception as error:  # noqa: BLE001  # A stranger's kind may raise anything.
        # Its words are not logged, since they may hold a secret.
        name = type(error).__name__
        log.error("the connector of channel %s crashed with %s", way.key, name)  # noqa: TRY400
        return False


def is_apart(way: Way) -> bool:
    """Whether a process of its own carries out what goes by this channel."""
    kind = registry.find(way.kind)
    return kind is not None and kind.apart


def _may_repeat(way: Way) -> bool:
    """Whether a copy does no harm, so that a doubt need not be kept in mind."""
    kind = registry.find(way.kind)
    return kind is not None and kind.repeats == "repeat" and way.task_type == deliveries.EMAIL


def is_told_of(way: Way) -> bool:
    """Whether rows of this channel may be written by whoever has not locked their process: by
    reports, or by the process that carries its orders out. Of mail neither is true: who marks a
    letter that came back locks its process first."""
    kind = registry.find(way.kind)
    is_plain = kind is not None and not kind.apart and "report" not in kind.abilities
    return way.task_type != deliveries.EMAIL or not is_plain


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
    order = Order(
        reference=row.reference,
        written_at=row.created_at,
        inputs={**words, **payload},
        to=to,
        name=row.recipient_name,
        subject=row.subject,
        body=row.body,
        language=row.language,
        unsubscribe=answering.unsubscribe_link(row),
        organisation=running.settings().organisation.get(row.language, ""),
        attempt=row.attempts,
    )
    return answering.ordered(order, row) if to and way.task_type == "email" else order


def _writes(way: Way) -> bool:
    """Whether somebody is written to; else a system is called."""
    kind = registry.find(way.kind)
    return kind is not None and call_inputs.writes(kind)
