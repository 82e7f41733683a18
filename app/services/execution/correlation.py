"""A message from outside finds the processes that wait for it, or begins those that it starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.access import Actor, may_see_request, may_speak_for_customer
from app.db import session
from app.errors import Forbidden, NoSuch
from app.models import ProcessInstance, Subscription
from app.services.casework import messages
from app.services.deployment import definitions, start_events
from app.services.execution import listening, processes, starts


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
    Raises NothingWaits when nobody hears it; nothing is kept for later. Instances that the actor
    may not tell this, see ``check_may_tell``, hear nothing.
    """
    query = select(Subscription.instance_id).where(
        Subscription.message == name, Subscription.correlation == correlation
    )
    # All of them are locked before the first one takes its step, which locks its request, so that
    # two messages for processes of one request never wait for each other crosswise.
    waiting = [processes.lock(one) for one in sorted(set(session().scalars(query)))]
    heard = [
        instance
        for instance in waiting
        if _may_tell(instance, name, actor)
        and listening.deliver_to(instance.id, name, correlation, variables, actor, now)
    ]
    known = {definitions.find(instance.definition_id).key for instance in heard}
    begun = starts.by_name(start_events.MESSAGE, name, variables, actor, now, spare=known)
    if not (heard or begun):
        raise listening.NothingWaits(name=name[:80])
    return Heard(heard, begun)


def check_may_tell(instance: ProcessInstance, name: str, actor: Actor) -> None:
    """Raise NoSuch for who may not see the request of an instance, and Forbidden for who says
    what only its customer may say: nobody else decides in their place."""
    request = instance.request
    if request is None:
        return
    if not may_see_request(actor, request):
        raise NoSuch(**processes.named(instance.id))
    if name in messages.OF_THE_CUSTOMER and not may_speak_for_customer(actor, request):
        raise Forbidden


def _may_tell(instance: ProcessInstance, name: str, actor: Actor) -> bool:
    try:
        check_may_tell(instance, name, actor)
    except (NoSuch, Forbidden):
        return False
    return True
