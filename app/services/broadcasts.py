"""A thrown signal on its way to all who wait for it, and to the processes that it begins.

For each of them one row and one job are written in the transaction of the step that threw. The row
is removed in the transaction of the step that hears it or begins by it, so nothing is lost and
nothing happens twice, whenever a worker dies. Who begins to wait later hears the next signal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, exists, select

import bpmn
from app import jobs
from app.db import append, run
from app.models import SignalDelivery, SignalStart, SignalSubscription, ThrownSignal
from app.services import start_events

GENERATIONS = 100
"""How many signals may lead to each other without a person, a timer or a worker in between."""
NOBODY = -1
"""In place of an instance, where a signal comes from outside."""


@dataclass(frozen=True)
class Sent:
    """How many waiting places hear a signal, and how many processes it begins."""

    reached: int
    begun: int


def send_all(
    thrown: Iterable[bpmn.ThrownSignal], thrown_by: int, cause: Mapping[str, Any], now: datetime
) -> list[bpmn.ThrownSignal]:
    """Send the signals of a step to all instances but the one that threw, which has heard them.

    A signal led to by too many others without a pause is not sent: processes that wake each
    other would go on for ever. Those are given back.
    """
    generation = int(cause.get("generation", -1)) + 1
    stopped = []
    for one in thrown:
        if generation >= GENERATIONS:
            stopped.append(one)
            continue
        send(one.signal, one.variables, now, thrown_by=thrown_by, generation=generation)
    return stopped


def send(
    signal: str,
    variables: Mapping[str, Any],
    now: datetime,
    *,
    thrown_by: int | None = None,
    generation: int = 0,
) -> Sent:
    """Send a signal to every place that waits for it now, and to the processes it begins."""
    own = NOBODY if thrown_by is None else thrown_by
    waiting = run(_WAITING, {"signal": signal, "own": own}).all()
    starts = start_events.of_name(start_events.SIGNAL, signal)
    if not (waiting or starts):
        return Sent(0, 0)
    row = {
        "signal": signal, "variables": dict(variables), "thrown_at": now, "thrown_by": thrown_by,
        "generation": generation,
    }  # fmt: skip
    thrown = {"thrown_id": append(ThrownSignal, [row])[0]}
    places = [{**thrown, "instance_id": w.instance_id, "key": w.key} for w in waiting]
    for place, delivery_id in zip(places, append(SignalDelivery, places), strict=True):
        _queue(place["instance_id"], delivery_id)
    begun = [{**thrown, "definition_id": s.definition_id, "element": s.element} for s in starts]
    for start_id in append(SignalStart, begun):
        jobs.defer(jobs.START_BY_SIGNAL, start_id=start_id)
    return Sent(len(places), len(begun))


def queue_again(instance_id: int) -> None:
    """Make new jobs for what an instance has not heard yet, in the order it was thrown."""
    query = select(SignalDelivery.id).where(SignalDelivery.instance_id == instance_id)
    for delivery_id in run(query.order_by(SignalDelivery.id)).scalars():
        _queue(instance_id, delivery_id)


def forget_heard(before: datetime) -> None:
    """Remove the signals that everybody has heard who waited for them."""
    heard = ~exists().where(SignalDelivery.thrown_id == ThrownSignal.id)
    begun = ~exists().where(SignalStart.thrown_id == ThrownSignal.id)
    run(delete(ThrownSignal).where(ThrownSignal.thrown_at < before, heard, begun))


def _queue(instance_id: int, delivery_id: int) -> None:
    lock = f"instance:{instance_id}"
    jobs.defer(jobs.DELIVER_SIGNAL, lock=lock, delivery_id=delivery_id)


_WAITING = (
    select(SignalSubscription.instance_id, SignalSubscription.key)
    .where(
        SignalSubscription.signal == bindparam("signal"),
        SignalSubscription.instance_id != bindparam("own"),
    )
    .order_by(SignalSubscription.id)
)
