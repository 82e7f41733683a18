"""Signals from outside, and the step that an instance takes when it hears one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

import bpmn
from app.access import SYSTEM, Actor
from app.db import session
from app.errors import Invalid
from app.models import ProcessInstance, SignalDelivery, SignalStart, SignalSubscription
from app.services import history
from app.services.execution import broadcasts, processes
from app.services.texts import told_to

LONGEST_NAME = 200


def throw(name: str, variables: Mapping[str, Any], actor: Actor, now: datetime) -> broadcasts.Sent:
    """Throw a signal at every instance that waits for it, and begin the processes it starts.

    Raises Invalid for a name that no process can wait for, and for variables that none can keep.
    Nothing is kept for who begins to wait later.
    """
    signal = name.strip()
    if not 0 < len(signal) <= LONGEST_NAME:
        raise Invalid({"name": [_name_it(actor)]})
    try:
        sent = broadcasts.send(signal, bpmn.plain_variables(variables), now)
    except bpmn.BadVariables as error:
        raise Invalid({"variables": [told_to(actor, error)]}) from error
    told = {"signal": signal, "reached": sent.reached, "begun": sent.begun}
    history.note("signal_sent", actor, now, data=told)
    return sent


def _name_it(actor: Actor) -> str:
    if actor.language == "fa":
        return "نام سیگنال را در ۱ تا ۲۰۰ نویسه بنویسید."
    return f"Name the signal, in 1 to {LONGEST_NAME} characters."


def deliver(delivery_id: int, now: datetime) -> bool:
    """Let one place hear a signal; False when it waits no longer, or has heard it already.

    A suspended instance hears it when it is resumed. What an instance cannot keep, since it holds
    so much already, is named in its history: tried again it would fail again.
    """
    query = select(SignalDelivery.instance_id).where(SignalDelivery.id == delivery_id)
    instance_id = session().scalar(query)
    if instance_id is None:
        return False
    instance = processes.lock(instance_id)
    delivery = session().get(SignalDelivery, delivery_id, populate_existing=True)
    if delivery is None or instance.suspended_at is not None:
        return False
    thrown, place = delivery.thrown, _place(instance_id, delivery.key)
    session().delete(delivery)
    if place is None or instance.status != "active":
        return False
    cause = {
        "kind": "signal",
        **broadcasts.led_to_by(thrown),
        "element": place.element,
        **history.belonging(place.called_id),
    }
    command = bpmn.DeliverSignal(place.key, thrown.variables)
    try:
        processes.advance(instance, command, cause, SYSTEM, now)
    except bpmn.UnknownKey:
        return False
    except Invalid as wrong:
        where = {"request_id": instance.request_id, "instance_id": instance_id}
        told = {"signal": thrown.signal, "why": str(wrong)}
        history.note("signal_not_kept", SYSTEM, now, **where, element=place.element, data=told)
        return False
    return True


def _place(instance_id: int, key: str) -> SignalSubscription | None:
    query = select(SignalSubscription).where(
        SignalSubscription.instance_id == instance_id, SignalSubscription.key == key
    )
    return session().scalar(query)


def begin(start_id: int, now: datetime) -> ProcessInstance | None:
    """A new instance of the process that a signal begins; None when it has begun already."""
    query = select(SignalStart).where(SignalStart.id == start_id)
    row = session().scalar(query.with_for_update().execution_options(populate_existing=True))
    if row is None:
        return None
    thrown, definition, element = row.thrown, row.definition, row.element
    session().delete(row)
    told = broadcasts.led_to_by(thrown)
    return processes.start(definition, thrown.variables, SYSTEM, now, at=element, told=told)


def first_unheard(instance_id: int) -> SignalDelivery | None:
    """The oldest signal that is on its way to an instance."""
    query = select(SignalDelivery).where(SignalDelivery.instance_id == instance_id)
    return session().scalar(query.order_by(SignalDelivery.id).limit(1))


def awaited_by(instance_id: int) -> list[SignalSubscription]:
    """The signals that an instance waits for, oldest first."""
    query = select(SignalSubscription).where(SignalSubscription.instance_id == instance_id)
    return list(session().scalars(query.order_by(SignalSubscription.id)))
