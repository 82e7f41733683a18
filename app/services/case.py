"""What a step means for the request: its stage, status, priority, promises and history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import bpmn
from app.access import SYSTEM, Actor
from app.models import ProcessInstance, ServiceRequest
from app.models.requests import OPEN, WAITING
from app.services import history, promises

PRIORITIES = ("urgent", "high", "normal", "low")
CLOSED_STAGE = "closed"

_TOLD = {
    "timer": "timer_fired",
    "decided": "decision_made",
    "error": "error_raised",
    "fault": "fault_raised",
    "completed": "process_completed",
    "terminated": "process_terminated",
}
"""The kinds of trace that a person wants to read of, and their names in the history."""


def follow(
    instance: ProcessInstance,
    definition: bpmn.Definition,
    outcome: bpmn.Outcome,
    cause: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> list[dict[str, Any]]:
    """Bring the request after the step; the history entries to write."""
    entries = [_step_entry(instance, outcome, cause, actor, now)]
    entries += _told(instance, outcome, now)
    if instance.request is not None:
        entries += _follow_request(instance.request, instance, definition, outcome, now)
    return entries


def _step_entry(
    instance: ProcessInstance,
    outcome: bpmn.Outcome,
    cause: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    trace = [
        {k: v for k, v in (("kind", t.kind), ("element", t.element), ("flow", t.flow)) if v}
        for t in outcome.trace
    ]
    data = {"cause": dict(cause), "trace": trace}
    return history.entry("step", actor, now, **_where(instance), data=data)


def _where(instance: ProcessInstance) -> dict[str, Any]:
    return {"request_id": instance.request_id, "instance_id": instance.id}


def _told(
    instance: ProcessInstance, outcome: bpmn.Outcome, now: datetime
) -> Iterable[dict[str, Any]]:
    for item in outcome.trace:
        if item.kind in _TOLD:
            yield history.entry(
                _TOLD[item.kind],
                SYSTEM,
                now,
                **_where(instance),
                element=item.element,
                data=item.data,
            )


def _follow_request(
    request: ServiceRequest,
    instance: ProcessInstance,
    definition: bpmn.Definition,
    outcome: bpmn.Outcome,
    now: datetime,
) -> list[dict[str, Any]]:
    before = (request.stage, request.priority, request.status)
    was_open = request.is_open
    _read_variables(request, outcome.variables)
    _read_stage(request, definition, outcome, now)
    _read_waiting(request, definition, outcome)
    _read_end(request, definition, outcome, now)
    entries = _changes(request, instance, before, now)
    if was_open:
        suspended = instance.suspended_at is not None
        entries += promises.follow(request, definition, outcome, now, suspended=suspended)
    if entries:
        request.updated_at = now
    return entries


def _read_variables(request: ServiceRequest, variables: Mapping[str, Any]) -> None:
    if variables.get("priority") in PRIORITIES:
        request.priority = variables["priority"]
    if isinstance(variables.get("outcome"), str) and request.is_open:
        request.outcome = variables["outcome"][:80]


def _read_stage(
    request: ServiceRequest, definition: bpmn.Definition, outcome: bpmn.Outcome, now: datetime
) -> None:
    for item in outcome.trace:
        element = definition.elements.get(item.element or "")
        stage = element.properties.get("stage") if element and item.kind == "entered" else None
        if stage and request.is_open:
            request.stage = stage
            if stage == CLOSED_STAGE:
                ended_as = element.properties.get("outcome") if element else None
                request.close(ended_as or request.outcome or CLOSED_STAGE, now)


def _read_waiting(
    request: ServiceRequest, definition: bpmn.Definition, outcome: bpmn.Outcome
) -> None:
    if not request.is_open:
        return
    standing = (definition.elements[token].properties.get("waits") for token in outcome.tokens)
    request.waits_for = next((waits for waits in standing if waits), None)
    request.status = WAITING if request.waits_for else OPEN


def _read_end(
    request: ServiceRequest, definition: bpmn.Definition, outcome: bpmn.Outcome, now: datetime
) -> None:
    for element_id in outcome.end_elements:
        ended_as = definition.elements[element_id].properties.get("outcome")
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
