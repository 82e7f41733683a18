"""What a channel is asked to do, done outside of any transaction; no secret comes back from it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.db import end_reading, require_no_transaction
from app.errors import PeygirError
from app.services.sending import channel_gate, channels, plain_results
from app.services.sending.calls import Call
from app.services.sending.channels import Opened
from connectors import json_values
from connectors.contract import Answer, NotAble, Repeats
from connectors.errors import DeliveryFailed, Health, Transient, Unknown
from connectors.masking import masked, masked_failure, masked_values

log = logging.getLogger(__name__)


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
    is_not_there: bool = False
    """Whether the partner, which was only asked, does not have it."""
    unfit: DeliveryFailed | None = None
    """What is wrong with the answer, which then has no result."""


class NotUsable(Transient):
    """The channel cannot be used now."""

    persian = "این کانال اکنون به کار نمی‌آید."
    default_code = "channel_unusable"
    health = "unknown"


class Undecided(Unknown):
    """Nobody can tell whether the partner took it, so a person decides."""

    persian = "معلوم نیست طرف مقابل آن را گرفته باشد؛ یک نفر باید تصمیم بگیرد."
    default_code = "unknown_outcome"
    health = "unknown"


class Crashed(Unknown):
    """The connector failed in the middle of its work."""

    persian = "رابط در میان کار خود شکست خورد."
    default_code = "crashed"
    health = "unknown"


def perform(call: Call) -> Result:
    """Carry out one call, outside any transaction; nothing that comes back holds a secret."""
    require_no_transaction()
    try:
        opened = channels.open_(call.way)
    except PeygirError as error:
        unusable = NotUsable(error.message("en"))
        return Result(call.delivery_id, unusable, is_doubtful=call.doubt != "none")
    # What the channel needs may have been read just now; the partner may take minutes.
    end_reading()
    try:
        return _masked(
            _carried_out(call, opened), opened.secrets, f"{call.way.kind} ({call.way.key})"
        )
    except Exception as error:  # noqa: BLE001  # A stranger's kind may raise or return anything.
        return Result(call.delivery_id, _crashed(call, error), repeats="hold", is_doubtful=True)


def _carried_out(call: Call, opened: Opened) -> Result:
    if call.is_question:
        return _asked(call, opened) or Result(call.delivery_id, None, is_not_there=True)
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
        answer = opened.connector.ask_after(call.order, opened.options)
    except Transient as failure:
        return Result(number, failure, repeats="ask", is_doubtful=True)
    except (DeliveryFailed, NotAble) as failure:
        told = failure if isinstance(failure, DeliveryFailed) else Crashed(str(failure))
        return Result(number, told, repeats="hold", is_doubtful=True)
    except Exception as error:  # noqa: BLE001  # A stranger's kind may raise anything.
        return Result(number, _crashed(call, error), repeats="hold", is_doubtful=True)
    return None if answer is None else _answered(call, answer)


def _sent(call: Call, opened: Opened) -> Result:
    try:
        return _answered(call, opened.connector.send(call.order, opened.options))
    except DeliveryFailed as failure:
        return Result(call.delivery_id, failure)
    except Exception as error:  # noqa: BLE001  # A stranger's kind may raise anything.
        return Result(call.delivery_id, _crashed(call, error))


def _answered(call: Call, answer: object) -> Result:
    """What a kind has returned; of anything else than an answer nobody knows what it means."""
    if isinstance(answer, Answer):
        return Result(call.delivery_id, None, answer)
    return Result(call.delivery_id, _crashed(call, TypeError()), is_doubtful=True)


def _crashed(call: Call, error: Exception) -> Crashed:
    # The message is not logged, since it may hold a secret; where it happened, is.
    name, key = type(error).__name__, call.way.key
    places = traceback.extract_tb(error.__traceback__)[-TRACED:]
    where = ", ".join(f"{one.filename}:{one.lineno}" for one in reversed(places))
    log.error("the connector of channel %s crashed with %s at %s", key, name, where or "its answer")
    return Crashed(name)


TRACED = 3
"""So many of the innermost places are told of a crash."""


def _masked(result: Result, hidden: tuple[str, ...], kind: str) -> Result:
    failure, answer = result.failure, result.answer
    if failure is not None:
        failure.detail = json_values.storable(failure.detail)
        masked_failure(failure, hidden)
        failure.result = _told(failure, kind)
    if answer is None:
        return result
    values, unfit = _read(answer, kind)
    answer = replace(
        answer,
        id=answer.id and masked(json_values.storable(answer.id), hidden),
        words=masked(answer.words, hidden),
        result=masked_values(values, hidden),
    )
    return replace(result, answer=answer, unfit=unfit and masked_failure(unfit, hidden))


def _read(answer: Answer, kind: str) -> tuple[Mapping[str, Any], DeliveryFailed | None]:
    """What the partner said as JSON. It has done its work and must not be asked for it once more,
    so what cannot be told is a fault of the connector."""
    try:
        return plain_results.plain(answer.result, kind), None
    except plain_results.NotJson as unfit:
        log.error("%s", unfit)  # noqa: TRY400  # Where it was raised tells nothing.
        return {}, unfit


def _told(failure: DeliveryFailed, kind: str) -> Mapping[str, Any]:
    """What a failure tells a diagram; nothing where that is no JSON."""
    try:
        return plain_results.plain(failure.result, kind)
    except plain_results.NotJson as unfit:
        log.error("%s", unfit)  # noqa: TRY400  # Where it was raised tells nothing.
        return {}


def note_health(call: Call, result: Result, now: datetime) -> None:
    """Tell the breaker of the channel how it went."""
    if health_of(result) == "ill":
        channel_gate.note_failure(call.way, now, on_trial=call.is_trial)
    else:
        channel_gate.note_success(call.way.id, now)


def is_worth_noting(call: Call, result: Result) -> bool:
    """Whether the breaker of the channel must be told; what tells nothing of the partner neither
    opens nor closes it."""
    health = health_of(result)
    return health == "ill" or (health == "well" and call.is_shaken)


def health_of(result: Result) -> Health:
    """What a result tells of the partner."""
    return "well" if result.failure is None else result.failure.health
