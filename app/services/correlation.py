"""A message from outside finds the processes that wait for it, or begins those that it starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.access import Actor
from app.db import session
from app.models import ProcessInstance, Subscription
from app.services import definitions, messages, processes, start_events, starts


@dataclass(frozen=True)
class Heard:
    """Who heard a message: instances that waited for it, and those that it began."""

    delivered: Sequence[ProcessInstance]
    started: Sequence[ProcessInstance]


def publish(
    name: str, correlation: str, variables: Mapping[str, Any], actor: Actor, now: datetime
) -> Heard:
    """Give the message to every instance that waits for it under this correlation key.

    A process with a start event for it begins, unless one of its instances has heard it already.
    Raises NothingAsked when nobody hears it; nothing is kept for later.
    """
    query = select(Subscription.instance_id).where(
        Subscription.message == name, Subscription.correlation == correlation
    )
    waiting = sorted(set(session().scalars(query)))
    heard = [
        processes.find(instance_id)
        for instance_id in waiting
        if messages.deliver_to(instance_id, name, correlation, variables, actor, now)
    ]
    known = {definitions.find(instance.definition_id).key for instance in heard}
    begun = starts.by_name(start_events.MESSAGE, name, variables, actor, now, spare=known)
    if not (heard or begun):
        raise messages.NothingAsked
    return Heard(heard, begun)
