"""What an operator does to a running instance; each leaves its event, with actor and reason.

Every one of them locks the instance, takes one step and lets the projections follow, so none
can leave a task, a timer, a subscription, a job or a letter behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import bpmn
from app.access import Actor, may_see_request, operator
from app.errors import Forbidden, Invalid, NoSuch
from app.models import ProcessInstance
from app.services import history, texts
from app.services.execution import corrections, diagrams, held, processes, suspension
from app.services.execution.reasons import read_reason, why


def suspend(instance_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Let it stand still until it is resumed; again does nothing more."""
    suspension.suspend(_locked(instance_id, actor), read_reason(reason, actor), actor, now)


def resume(instance_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Let it go on, with all that came meanwhile; one that goes on already stays as it is."""
    suspension.resume(_locked(instance_id, actor), read_reason(reason, actor), actor, now)


def cancel(instance_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """End it at once, for a reason that must be given; its request, if any, is closed."""
    said = read_reason(reason, actor)
    if texts.is_blank(said):
        raise Invalid({"reason": [give_reason(actor)]})
    instance = _locked(instance_id, actor)
    cause = {"kind": "cancelled", "reason": said}
    processes.advance(instance, bpmn.Terminate(said), cause, actor, now)
    held.forget(instance.id)


def change_variables(
    instance_id: int,
    variables: Mapping[str, Any],
    scope: str | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Change variables of the process, or of one open scope: an element or a token's key."""
    instance = _locked(instance_id, actor)
    cause = {
        "kind": "variables_changed", **corrections.told(instance, variables), **why(reason, actor)
    }  # fmt: skip
    if scope:
        cause["scope"] = scope
    _advance(instance, bpmn.SetVariables(variables, scope or None), cause, actor, now)


def move(instance_id: int, token: str, to: str, reason: str, actor: Actor, now: datetime) -> None:
    """Take a token away with all that it holds and put one before another element.

    ``token`` is the key of one, or the element where the only one stands.
    """
    instance = _locked(instance_id, actor)
    place = next((p for p in processes.inspect(instance).places if p.key == token), None)
    left = place.element if place else token
    called = diagrams.of(instance).id_of(place) if place else None
    cause = {
        "kind": "token_moved",
        "element": left,
        "to": to,
        **why(reason, actor),
        **history.belonging(called),
    }
    _advance(instance, bpmn.MoveToken(token, to), cause, actor, now)


def _locked(instance_id: int, actor: Actor) -> ProcessInstance:
    if not operator(actor):
        raise Forbidden
    instance = processes.lock(instance_id)
    if instance.request is not None and not may_see_request(actor, instance.request):
        raise NoSuch(**processes.named(instance_id))
    return instance


def _advance(
    instance: ProcessInstance,
    command: bpmn.Command,
    cause: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> None:
    processes.advance(instance, command, cause, actor, now)
    if instance.status != "active":
        held.forget(instance.id)


def give_reason(actor: Actor) -> str:
    """What is said to who cancels without a reason."""
    if actor.language == "fa":
        return "بنویسید چرا این فرایند لغو می‌شود."
    return "Write why this process is cancelled."
