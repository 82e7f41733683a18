"""A thrown signal on its way to all who wait for it, and to the processes that it begins.

For each of them one row and one job are written in the transaction of the step that threw. The row
is removed in the transaction of the step that hears it or begins by it, so nothing is lost and
nothing happens twice, whenever a worker dies. Who begins to wait later hears the next signal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, or_, select
from sqlalchemy.orm import aliased

import bpmn
from app import jobs
from app.db import run
from app.models import SignalDelivery, SignalStart, SignalSubscription, ThrownSignal
from app.saving import append
from app.services.deployment import start_events

GENERATIONS = 100
"""How many signals may lead to each other without a person, a timer or a worker in between."""
REACH = 10_000
"""How many places and starts the signals may reach that one signal led to in this way."""
NOBODY = -1
"""In place of an instance, where a signal comes from outside."""


@dataclass(frozen=True)
class Sent:
    """How many waiting places hear a signal, and how many processes it begins."""

    reached: int
    begun: int


@dataclass(frozen=True)
class Stopped:
    """A signal that was not sent, and why: ``generations`` or ``reach``."""

    thrown: bpmn.ThrownSignal
    why: str


@dataclass(frozen=True)
class _Chain:
    """The signals that led to one without a pause: how many, and the id of the first."""

    generation: int = 0
    origin: int | None = None


@dataclass(frozen=True)
class _Hearers:
    places: Sequence[Any]
    starts: Sequence[Any]

    @property
    def count(self) -> int:
        return len(self.places) + len(self.starts)


def send_all(
    thrown: Iterable[bpmn.ThrownSignal], thrown_by: int, cause: Mapping[str, Any], now: datetime
) -> list[Stopped]:
    """Send the signals of a step to all instances but the one that threw, which has heard them.

    A signal that too many others led to without a pause is not sent, nor one of a chain that
    has reached too many already: processes that wake each other would go on for ever, or double
    with each signal. Those are given back.
    """
    chain = _Chain(int(cause.get("generation", -1)) + 1, cause.get("origin"))
    stopped = []
    for one in thrown:
        hearers = _hearers(one.signal, thrown_by)
        why = _objection(chain, hearers)
        if why is None:
            _write(one.signal, one.variables, hearers, now, thrown_by, chain)
        else:
            stopped.append(Stopped(one, why))
    return stopped


def _objection(chain: _Chain, hearers: _Hearers) -> str | None:
    """Why a signal is not sent. The first of a chain reaches everybody who waits."""
    if chain.generation >= GENERATIONS:
        return "generations"
    if chain.origin is None or not hearers.count:
        return None
    reached = run(_REACHED, {"origin": chain.origin}).scalar_one()
    return "reach" if reached + hearers.count > REACH else None


def send(signal: str, variables: Mapping[str, Any], now: datetime) -> Sent:
    """Send a signal from outside to every place that waits for it now, and to the processes it
    begins."""
    hearers = _hearers(signal, NOBODY)
    _write(signal, variables, hearers, now, None, _Chain())
    return Sent(len(hearers.places), len(hearers.starts))


def led_to_by(thrown: ThrownSignal) -> dict[str, Any]:
    """What the cause of a step tells that a signal leads to, for the signals that it throws."""
    return {
        "signal": thrown.signal,
        "generation": thrown.generation,
        "origin": thrown.origin or thrown.id,
    }


def _hearers(signal: str, thrown_by: int) -> _Hearers:
    waiting = run(_WAITING, {"signal": signal, "own": thrown_by}).all()
    return _Hearers(waiting, start_events.of_name(start_events.SIGNAL, signal))


def _write(
    signal: str,
    variables: Mapping[str, Any],
    hearers: _Hearers,
    now: datetime,
    thrown_by: int | None,
    chain: _Chain,
) -> None:
    """One row and one job for each who hears it."""
    if not hearers.count:
        return
    row = {
        "signal": signal, "variables": dict(variables), "thrown_at": now, "thrown_by": thrown_by,
        "generation": chain.generation, "origin": chain.origin, "reached": hearers.count,
    }  # fmt: skip
    thrown = {"thrown_id": append(ThrownSignal, [row])[0]}
    places = [{**thrown, "instance_id": w.instance_id, "key": w.key} for w in hearers.places]
    for place, delivery_id in zip(places, append(SignalDelivery, places), strict=True):
        _queue(place["instance_id"], delivery_id)
    begun = [
        {**thrown, "definition_id": s.definition_id, "element": s.element} for s in hearers.starts
    ]
    for start_id in append(SignalStart, begun):
        jobs.defer(jobs.START_BY_SIGNAL, start_id=start_id)


def queue_again(instance_id: int) -> None:
    """Make new jobs for what an instance has not heard yet, in the order it was thrown."""
    query = select(SignalDelivery.id).where(SignalDelivery.instance_id == instance_id)
    for delivery_id in run(query.order_by(SignalDelivery.id)).scalars():
        _queue(instance_id, delivery_id)


def forget_heard(before: datetime) -> None:
    """Remove the signals that everybody has heard who waited for them, and that led to none that
    is still on its way: as long as one is, the whole chain counts."""
    one = aliased(ThrownSignal)
    waits = [
        exists().where(row.thrown_id == one.id) for row in (SignalDelivery, SignalStart)
    ]  # fmt: skip
    chain = func.coalesce(ThrownSignal.origin, ThrownSignal.id)
    unheard = select(func.coalesce(one.origin, one.id)).where(or_(one.thrown_at >= before, *waits))
    run(delete(ThrownSignal).where(chain.not_in(unheard)))


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
_REACHED = select(func.coalesce(func.sum(ThrownSignal.reached), 0)).where(
    ThrownSignal.origin == bindparam("origin")
)
