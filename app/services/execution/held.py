"""What comes while an instance is suspended: kept in its order, to take effect at resume."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from app.access import Actor
from app.db import session
from app.models import HeldMessage, ProcessInstance, Subscription
from app.services.deployment import definitions


def hold(row: Subscription, payload: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Keep a message that reached a subscription of a suspended instance."""
    session().add(
        HeldMessage(
            instance_id=row.instance_id,
            key=row.key,
            message=row.message,
            correlation=row.correlation,
            variables=dict(payload),
            at=now,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_names=dict(actor.names),
        )
    )


def without_taken(instance: ProcessInstance, rows: Sequence[Subscription]) -> list[Subscription]:
    """The subscriptions that a further message may still reach.

    One that is heard but once is used up by the message that is held for it.
    """
    if instance.suspended_at is None:
        return list(rows)
    query = select(HeldMessage.key).where(HeldMessage.instance_id == instance.id)
    taken = frozenset(session().scalars(query))
    return [row for row in rows if row.key not in taken or not _ends_by_hearing(instance, row)]


def _ends_by_hearing(instance: ProcessInstance, row: Subscription) -> bool:
    definition = definitions.load(row.called_id or instance.definition_id)
    return definition.elements[row.element].interrupting


def first(instance_id: int) -> HeldMessage | None:
    """What came first of all that is held for an instance."""
    query = select(HeldMessage).where(HeldMessage.instance_id == instance_id)
    return session().scalar(query.order_by(HeldMessage.at, HeldMessage.id).limit(1))


def sender(message: HeldMessage) -> Actor:
    """Who sent it."""
    return Actor(message.actor_kind, message.actor_id, names=message.actor_names)


def forget(instance_id: int) -> None:
    """Let go of all that is held for an instance that has ended."""
    session().execute(delete(HeldMessage).where(HeldMessage.instance_id == instance_id))
