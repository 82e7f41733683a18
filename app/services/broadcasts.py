"""A thrown signal on its way: one delivery, with one job, for each place that waits for it.

The deliveries and their jobs are written in the transaction of the step that threw. Each is
removed in the transaction of the step that hears it, so nothing is lost and nothing is heard
twice, whenever a worker dies. Who begins to wait later hears the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, exists, select

import bpmn
from app import jobs
from app.db import append, run
from app.models import SignalDelivery, SignalSubscription, ThrownSignal

NOBODY = -1
"""In place of an instance, where a signal comes from outside."""


def send_all(thrown: Iterable[bpmn.ThrownSignal], thrown_by: int, now: datetime) -> None:
    """Send the signals of a step to all instances but the one that threw, which has heard them."""
    for one in thrown:
        send(one.signal, one.variables, now, thrown_by=thrown_by)


def send(
    signal: str, variables: Mapping[str, Any], now: datetime, *, thrown_by: int | None = None
) -> int:
    """Send a signal to every place that waits for it now; how many those are."""
    found = {"signal": signal, "own": NOBODY if thrown_by is None else thrown_by}
    waiting = run(_WAITING, found).all()
    if not waiting:
        return 0
    row = {
        "signal": signal, "variables": dict(variables), "thrown_at": now, "thrown_by": thrown_by,
    }  # fmt: skip
    thrown_id = append(ThrownSignal, [row])[0]
    rows = [
        {"thrown_id": thrown_id, "instance_id": place.instance_id, "key": place.key}
        for place in waiting
    ]
    for place, delivery_id in zip(waiting, append(SignalDelivery, rows), strict=True):
        _queue(place.instance_id, delivery_id)
    return len(rows)


def queue_again(instance_id: int) -> None:
    """Make new jobs for what an instance has not heard yet, in the order it was thrown."""
    query = select(SignalDelivery.id).where(SignalDelivery.instance_id == instance_id)
    for delivery_id in run(query.order_by(SignalDelivery.id)).scalars():
        _queue(instance_id, delivery_id)


def forget_heard(before: datetime) -> None:
    """Remove the signals that everybody has heard who waited for them."""
    heard = ~exists().where(SignalDelivery.thrown_id == ThrownSignal.id)
    run(delete(ThrownSignal).where(ThrownSignal.thrown_at < before, heard))


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
