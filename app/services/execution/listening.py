"""How a message reaches the processes that listen for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

import bpmn
from app.access import Actor
from app.db import run, session
from app.errors import Conflict
from app.models import ProcessInstance, ServiceRequest, Subscription
from app.objects import adopt_json
from app.services import history
from app.services.deployment import definitions
from app.services.execution import held, processes


class NothingAsked(Conflict):
    """Nothing is asked of you at this moment; your message can still be sent as text."""

    fa = "اکنون پاسخی از شما خواسته نشده است؛ می‌توانید پیام خود را بنویسید و بفرستید."


class NothingWaits(NothingAsked):
    """Nothing waits for the message “{name}” with this correlation key; it was not kept."""

    fa = "چیزی با این کلید تطبیق منتظر پیام «{name}» نیست؛ پیام نگه داشته نشد."


def awaited(request: ServiceRequest) -> frozenset[str]:
    """The names of the messages that the request's processes listen for now.

    What a suspended process was told already, it is not asked again.
    """
    found: set[str] = set()
    for instance in processes.of_request(request.id):
        query = select(Subscription).where(Subscription.instance_id == instance.id)
        rows = list(session().scalars(query))
        found.update(row.message for row in held.without_taken(instance, rows))
    return frozenset(found)


def deliver(
    message: str,
    request: ServiceRequest,
    payload: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    *,
    noted: Sequence[dict[str, Any]] = (),
) -> bool:
    """Give the message to each process of the request that waits for it; whether one did.

    In one instance it goes to one subscription: where a token stands and waits for it, else
    to the listener at the side (a boundary event, an event subprocess). ``noted`` are history
    entries of the message itself, written once it is heard.
    """
    wanted = {"message": message, "correlation": request.number}
    waiting = sorted(set(run(_WAITING_INSTANCES, wanted).scalars()))
    # Locked before the first step, which locks the request: see ``correlation.publish``.
    for instance_id in waiting[1:] and waiting:
        processes.lock(instance_id)
    heard = False
    for instance_id in waiting:
        to_note = () if heard else noted
        told = deliver_to(instance_id, message, request.number, payload, actor, now, noted=to_note)
        heard = heard or told
    return heard


_OF_MESSAGE = (
    Subscription.message == bindparam("message"),
    Subscription.correlation == bindparam("correlation"),
)
_WAITING_INSTANCES = select(Subscription.instance_id).where(*_OF_MESSAGE)


def deliver_to(
    instance_id: int,
    message: str,
    correlation: str,
    payload: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    *,
    noted: Sequence[dict[str, Any]] = (),
) -> bool:
    """Give the message to one instance; False when it does not wait for it."""
    instance, standing = processes.hold(instance_id)
    waiting = [
        adopt_json(Subscription, row)
        for row in sorted(standing.messages, key=lambda row: int(row["id"]))
        if (row["message"], row["correlation"]) == (message, correlation)
    ]
    if instance.suspended_at is not None:
        waiting = held.without_taken(instance, waiting)
    if not waiting or instance.status != "active":
        return False
    first = min(waiting, key=lambda row: _distance(instance, row))
    if instance.suspended_at is not None:
        held.hold(first, payload, actor, now)
        history.record(noted)
        return True
    cause = {
        "kind": "message",
        "message": message,
        "element": first.element,
        **history.belonging(first.called_id),
    }
    command = bpmn.DeliverMessage(first.key, payload)
    processes.advance(instance, command, cause, actor, now, noted=noted, standing=standing)
    return True


def _distance(instance: ProcessInstance, row: Subscription) -> tuple[int, int]:
    definition = definitions.load(row.called_id or instance.definition_id)
    return bpmn.nearness(definition.elements[row.element])
