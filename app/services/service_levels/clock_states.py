"""What happens to a request and what is so of it, in the words that policies use."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import BigInteger, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

import bpmn
from app.db import run
from app.models import ProcessInstance, ServiceRequest
from app.services.execution.diagrams import Diagrams

CLOSED = "closed"
SUSPENDED = "waits:suspended"


@dataclass(frozen=True)
class Happened:
    """What happened to a request in one step, and what is so after it."""

    moments: frozenset[str]
    states: frozenset[str] | None
    """None: what clocks stand still for is as it was."""
    besides: frozenset[str] = frozenset()
    """What is so as well, whether clocks stood still for it or not."""


def moments_of(request: ServiceRequest, found: Diagrams, outcome: bpmn.Outcome) -> frozenset[str]:
    """What a policy may name. Elements are those of the own process: a called one may use the
    same ids for something else; its stages count, for they are the customer's."""
    own = (item for item in outcome.trace if item.definition is None)
    moments = {f"{t.kind}:{t.element}" for t in own if t.kind in ("entered", "left")}
    for item in outcome.trace:
        stage = found.stage_of(item) if item.kind == "entered" else None
        if stage:
            moments.add(f"stage:{stage}")
    return frozenset(moments if request.is_open else moments | {CLOSED})


def after_step(instance: ProcessInstance, found: Diagrams, outcome: bpmn.Outcome) -> frozenset[str]:
    """What holds after the step."""
    # Hundreds of turns of one activity stand at one element.
    places = {(place.definition, place.element): place for place in outcome.places}
    waits = (found.property_of(place, "waits") for place in places.values())
    states = {f"waits:{one}" for one in waits if one}
    if instance.suspended_at is not None:
        states.add(SUSPENDED)
    if instance.request is not None:
        states |= {f"status:{instance.request.status}", f"stage:{instance.request.stage}"}
    return frozenset(states)


def of_row(request: ServiceRequest, *, suspended: bool) -> frozenset[str]:
    """What holds now, as the rows tell it; of several things that a request waits for, its row
    names one."""
    states = {f"status:{request.status}", f"stage:{request.stage}"}
    if request.waits_for:
        states.add(f"waits:{request.waits_for}")
    return frozenset(states | {SUSPENDED} if suspended else states)


def suspended_of(request_ids: Collection[int]) -> frozenset[int]:
    """Those of these requests of which a process is suspended."""
    return frozenset(run(_SUSPENDED, {"ids": list(request_ids)}).scalars())


_SUSPENDED = (
    select(ProcessInstance.request_id)
    .where(
        ProcessInstance.request_id == any_(bindparam("ids", type_=ARRAY(BigInteger))),
        ProcessInstance.suspended_at.is_not(None),
    )
    .distinct()
)
