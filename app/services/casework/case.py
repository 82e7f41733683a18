"""What a step means for the request: its stage, status, priority, promises and history."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import bpmn
from app.access import SYSTEM, Actor
from app.models import ProcessInstance, ServiceRequest, SlaClock
from app.models.requests import OPEN, WAITING
from app.services import history
from app.services.execution import broadcasts
from app.services.execution.diagrams import CLOSED_STAGE, Diagrams
from app.services.service_levels import promises
from app.services.service_levels.clock_rows import Changes

PRIORITIES = ("urgent", "high", "normal", "low")

_TOLD = {
    "timer": "timer_fired",
    "decided": "decision_made",
    "error": "error_raised",
    "signal": "signal_caught",
    "thrown": "signal_thrown",
    "escalation": "escalation_caught",
    "uncaught": "escalation_uncaught",
    "condition": "condition_met",
    "compensated": "step_undone",
    "fault": "fault_raised",
    "completed": "process_completed",
    "terminated": "process_terminated",
}
"""The kinds of trace that a person wants to read of, and their names in the history."""


def follow(
    instance: ProcessInstance,
    found: Diagrams,
    outcome: bpmn.Outcome,
    cause: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    *,
    clocks: Sequence[SlaClock] | None = None,
    fresh: Collection[str] = (),
    changes: Changes | None = None,
) -> list[dict[str, Any]]:
    """Bring the request and all clocks after the step; the history entries to write.

    ``clocks`` are those of the request, locked, when they have been read already; ``fresh`` are
    the keys of the tasks that came with the step. ``changes`` takes what becomes of clocks, for
    the caller to write; without, it is written here.
    """
    entries = [_step_entry(instance, found, outcome, cause, actor, now)]
    entries += _told(instance, found, outcome, now)
    request = instance.request
    was_closed = request is not None and not request.is_open
    moments = _heard(cause)
    if request is not None:
        status = request.status
        entries += _follow_request(request, instance, found, outcome, now)
        moments |= {f"status:{request.status}"} if request.status != status else set()
    told = promises.follow(
        instance, found, outcome, now,
        moments=moments, fresh=fresh, of_tasks_only=was_closed, clocks=clocks,
        changes=changes,
    )  # fmt: skip
    if request is not None and told:
        request.updated_at = now
    return entries + told


def _heard(cause: Mapping[str, Any]) -> set[str]:
    """What led to the step, as policies name it."""
    moments = {f"message:{cause['message']}"} if cause.get("kind") == "message" else set()
    return moments | ({f"told:{cause['told']}"} if "told" in cause else set())


def _step_entry(
    instance: ProcessInstance,
    found: Diagrams,
    outcome: bpmn.Outcome,
    cause: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    trace = [
        {k: v for k, v in (("kind", t.kind), ("element", t.element), ("flow", t.flow)) if v}
        | _belongs(found, t)
        for t in outcome.trace
    ]
    data = {"cause": dict(cause), "trace": trace}
    return history.entry("step", actor, now, **_where(instance), data=data)


def _belongs(found: Diagrams, told: bpmn.Trace) -> dict[str, int]:
    """Which called process an entry is about; nothing for the own one."""
    return history.belonging(found.id_of(told))


def _where(instance: ProcessInstance) -> dict[str, Any]:
    return {"request_id": instance.request_id, "instance_id": instance.id}


def _told(
    instance: ProcessInstance, found: Diagrams, outcome: bpmn.Outcome, now: datetime
) -> Iterable[dict[str, Any]]:
    for item in outcome.trace:
        if item.kind in _TOLD and not (item.kind == "thrown" and "signal" not in item.data):
            yield history.entry(
                _TOLD[item.kind],
                SYSTEM,
                now,
                **_where(instance),
                element=item.element,
                data={**item.data, **_belongs(found, item)},
            )


def tell_stopped(
    instance: ProcessInstance, stopped: Iterable[broadcasts.Stopped], now: datetime
) -> list[dict[str, Any]]:
    """The history entries for signals that were not sent, since they would go on for ever."""
    return [
        history.entry(
            "signal_stopped", SYSTEM, now, **_where(instance), element=one.thrown.element,
            data={"signal": one.thrown.signal, "why": one.why},
        )
        for one in stopped
    ]  # fmt: skip


def _follow_request(
    request: ServiceRequest,
    instance: ProcessInstance,
    found: Diagrams,
    outcome: bpmn.Outcome,
    now: datetime,
) -> list[dict[str, Any]]:
    before = (request.stage, request.priority, request.status)
    _read_variables(request, outcome.variables)
    _read_stage(request, found, outcome, now)
    _read_waiting(request, found, outcome)
    _read_end(request, found, outcome, now)
    entries = _changes(request, instance, before, now)
    if entries:
        request.updated_at = now
    return entries


def _read_variables(request: ServiceRequest, variables: Mapping[str, Any]) -> None:
    if variables.get("priority") in PRIORITIES:
        request.priority = variables["priority"]
    if isinstance(variables.get("outcome"), str) and request.is_open:
        request.outcome = variables["outcome"][:80]


def _read_stage(
    request: ServiceRequest, found: Diagrams, outcome: bpmn.Outcome, now: datetime
) -> None:
    for item in outcome.trace:
        stage = found.stage_of(item) if item.kind == "entered" else None
        if stage and request.is_open:
            request.stage = stage
            if stage == CLOSED_STAGE:
                ended_as = found.property_of(item, "outcome")
                request.close(ended_as or request.outcome or CLOSED_STAGE, now)


def _read_waiting(request: ServiceRequest, found: Diagrams, outcome: bpmn.Outcome) -> None:
    if not request.is_open:
        return
    standing = (found.property_of(place, "waits") for place in outcome.places)
    request.waits_for = next((waits for waits in standing if waits), None)
    request.status = WAITING if request.waits_for else OPEN


def _read_end(
    request: ServiceRequest, found: Diagrams, outcome: bpmn.Outcome, now: datetime
) -> None:
    for element_id in outcome.end_elements:
        ended_as = found.own.elements[element_id].properties.get("outcome")
        if ended_as and request.is_open:
            request.close(ended_as, now)
    if outcome.status != "active" and request.is_open:
        request.close(request.outcome or outcome.status, now)


def _changes(
    request: ServiceRequest,
    instance: ProcessInstance,
    before: tuple[str | None, str, str],
    now: datetime,
) -> list[dict[str, Any]]:
    pairs = zip(
        ("stage", "priority", "status"),
        before,
        (request.stage, request.priority, request.status),
        strict=True,
    )
    return [
        history.entry(
            f"{name}_changed", SYSTEM, now, **_where(instance), data={"from": old, "to": new}
        )
        for name, old, new in pairs
        if old != new
    ]
