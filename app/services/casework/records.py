"""What is on record about a request and a customer: the memory that whoever answers reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from app.access import Actor, parties_seen_by, requests_seen_by
from app.db import session
from app.errors import NoSuch
from app.models import (
    Event,
    Interaction,
    Party,
    ProcessInstance,
    ServiceRequest,
    SlaClock,
    User,
    UserTask,
)


@dataclass(frozen=True)
class Standing:
    """How a customer stands with us, counted over the requests that the reader may see."""

    total: int
    open: int
    kept: int
    broken: int

    @property
    def earlier(self) -> int:
        """The requests beside the one that is looked at."""
        return max(self.total - 1, 0)


def find_customer(party_id: int, actor: Actor) -> Party:
    """The customer with every way to reach them; raises NoSuch also for who may not see them."""
    query = select(Party).where(Party.id == party_id, parties_seen_by(actor))
    party = session().scalar(query.options(selectinload(Party.contact_points)))
    if party is None:
        raise NoSuch(en=f"customer {party_id}", fa=f"مشتری {party_id}")
    return party


def standing_of(party_id: int, actor: Actor) -> Standing:
    """The customer's requests, and the promises we kept and broke in them."""
    mine = (ServiceRequest.customer_id == party_id, requests_seen_by(actor))
    counted = select(func.count(), func.count().filter(ServiceRequest.status != "closed")).where(
        *mine
    )
    total, still_open = session().execute(counted).one()
    promised = (
        select(
            func.count().filter(
                SlaClock.broken_at.is_(None), SlaClock.stopped_at.is_not(None), _IS_KEPT
            ),
            func.count().filter(SlaClock.broken_at.is_not(None)),
        )
        .select_from(SlaClock)
        .join(ServiceRequest, ServiceRequest.id == SlaClock.request_id)
        .where(*mine)
    )
    kept, broken = session().execute(promised).one()
    return Standing(total, still_open, kept, broken)


_IS_KEPT = SlaClock.state != "dropped"
"""What was promised no longer was not kept."""


def interactions_of_customer(party_id: int, actor: Actor, limit: int = 100) -> list[Interaction]:
    """What was said with the customer in every request the actor may see, newest first."""
    query = (
        select(Interaction)
        .join(ServiceRequest, ServiceRequest.id == Interaction.request_id)
        .where(Interaction.party_id == party_id, requests_seen_by(actor))
        .order_by(Interaction.at.desc(), Interaction.id.desc())
        .limit(limit)
    )
    return list(session().scalars(query))


def last_from_customer(request_id: int) -> Interaction | None:
    """The newest message that the customer sent about the request."""
    query = select(Interaction).where(
        Interaction.request_id == request_id, Interaction.direction == "inbound"
    )
    return session().scalar(query.order_by(Interaction.at.desc()).limit(1))


def tasks_of_request(request_id: int) -> list[UserTask]:
    """The finished and the open tasks of a request, in the order of their work."""
    query = (
        select(UserTask)
        .where(UserTask.request_id == request_id, UserTask.state != "cancelled")
        .options(joinedload(UserTask.assignee))
        .order_by(UserTask.ended_at.asc().nulls_last(), UserTask.id)
    )
    return list(session().scalars(query))


def events_of_instance(instance_id: int, limit: int = 300) -> list[Event]:
    """The newest events of one run, newest first."""
    query = select(Event).where(Event.instance_id == instance_id)
    return list(session().scalars(query.order_by(Event.id.desc()).limit(limit)))


def events_of_request(request_id: int, limit: int = 300) -> list[Event]:
    """The newest events of a request, newest first."""
    query = select(Event).where(Event.request_id == request_id)
    return list(session().scalars(query.order_by(Event.id.desc()).limit(limit)))


def named_users(request: ServiceRequest) -> Sequence[User]:
    """Who may see a confidential request by name."""
    return list(session().scalars(select(User).where(User.id.in_(request.named_users))))


def count_instances() -> dict[int, tuple[int, int]]:
    """Per deployed version: how many runs there are, and how many still go on."""
    query = select(
        ProcessInstance.definition_id,
        func.count(),
        func.count().filter(ProcessInstance.status == "active"),
    ).group_by(ProcessInstance.definition_id)
    return {row_id: (total, active) for row_id, total, active in session().execute(query)}


def instances_of(definition_ids: Sequence[int], limit: int = 50) -> list[ProcessInstance]:
    """The newest runs of these versions."""
    query = (
        select(ProcessInstance)
        .where(ProcessInstance.definition_id.in_(definition_ids))
        .options(joinedload(ProcessInstance.request), joinedload(ProcessInstance.definition))
        .order_by(ProcessInstance.id.desc())
        .limit(limit)
    )
    return list(session().scalars(query))


def instances_calling(sha256: str, limit: int = 50) -> list[ProcessInstance]:
    """The newest runs that go on and have called the process of that file."""
    query = (
        select(ProcessInstance)
        .where(ProcessInstance.status == "active", ProcessInstance.called.has_key(sha256))
        .options(joinedload(ProcessInstance.request), joinedload(ProcessInstance.definition))
        .order_by(ProcessInstance.id.desc())
        .limit(limit)
    )
    return list(session().scalars(query))
