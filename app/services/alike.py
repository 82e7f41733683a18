"""Standing faults that are alike, which one cause has brought about and one deed may mend.

Alike are faults of one step of one process with one code, such as a service task whose partner
answers with one status, in whatever version of the process they stand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from app import jobs
from app.access import Actor, mender, requests_seen_by
from app.db import session
from app.errors import Forbidden
from app.models import Fault, ProcessDefinition, ProcessInstance
from app.services import faults, people
from app.services.reasons import read_reason

MOST = 200
"""Groups, or faults of one group, that one page shows."""


@dataclass(frozen=True)
class Place:
    """What faults have in common: the key of the process in which the step is drawn (a called
    one has its own), the step and the code."""

    process: str
    element: str
    code: str


@dataclass(frozen=True)
class Group:
    """Faults that are alike."""

    place: Place
    count: int
    since: datetime
    """When the oldest was raised."""
    newest: Fault
    """With its instance and request, as ``faults.list_open`` gives them."""
    differ: bool
    """Whether they say different things, of which that of the newest is one."""


def list_groups(actor: Actor) -> list[Group]:
    """The standing faults that the actor may see, in groups, the oldest first."""
    rows = session().execute(_GROUPS.where(_seen_by(actor))).all()
    query = _WITH_RUNS.where(Fault.id.in_([row.newest for row in rows]))
    newest = {fault.id: fault for fault in session().scalars(query)}
    return [
        Group(Place(*row[:3]), row.many, row.since, newest[row.newest], row.told > 1)
        for row in rows
    ]


def list_of(place: Place, actor: Actor) -> list[Fault]:
    """The standing faults of one group that the actor may see, the oldest first."""
    found = _of(place, actor).with_only_columns(Fault.id).order_by(Fault.raised_at, Fault.id)
    query = _WITH_RUNS.where(Fault.id.in_(found.limit(MOST)))
    return list(session().scalars(query.order_by(Fault.raised_at, Fault.id)))


def count_of(place: Place, actor: Actor) -> int:
    """How many there are, also those that a page does not show."""
    return session().scalar(_of(place, actor).with_only_columns(func.count())) or 0


def retry_all(place: Place, reason: str, actor: Actor) -> int:
    """Let the worker try all of them again, each by itself; how many there are.

    Each gets its entry in the history, with the actor and the reason. What was resolved in the
    meantime, by somebody else or by a second order, is left alone.
    """
    if not mender(actor):
        raise Forbidden
    said = read_reason(reason, actor)
    found = list(session().scalars(_of(place, actor).with_only_columns(Fault.id)))
    orders = [
        jobs.Order(jobs.RETRY_FAULT, {"fault_id": one, "user_id": actor.id, "reason": said})
        for one in sorted(found)
    ]
    jobs.defer_all(orders)
    return len(orders)


def retry_one(fault_id: int, user_id: int, reason: str, now: datetime) -> None:
    """Do one of them, in the name of who ordered it, if they still may.

    Raises what ``faults.retry`` raises.
    """
    for user in people.of_ids([user_id]):
        faults.retry(fault_id, {}, people.actor_of(user), now, reason=reason)


_DRAWN = func.coalesce(Fault.called_id, ProcessInstance.definition_id)
_PLACE: Sequence[Any] = (ProcessDefinition.key, Fault.element, Fault.code)


def _standing(query: Select[Any]) -> Select[Any]:
    return (
        query.select_from(Fault)
        .join(Fault.instance)
        .join(ProcessDefinition, ProcessDefinition.id == _DRAWN)
        .outerjoin(ProcessInstance.request)
        .where(Fault.resolved_at.is_(None))
    )


def _seen_by(actor: Actor) -> Any:
    return or_(ProcessInstance.request_id.is_(None), requests_seen_by(actor))


def _of(place: Place, actor: Actor) -> Select[Any]:
    where = zip(_PLACE, (place.process, place.element, place.code), strict=True)
    return _standing(select(Fault)).where(_seen_by(actor), *(row == one for row, one in where))


_GROUPS = (
    _standing(
        select(
            *_PLACE,
            func.count().label("many"),
            func.min(Fault.raised_at).label("since"),
            func.max(Fault.id).label("newest"),
            func.count(Fault.message.distinct()).label("told"),
        )
    )
    .group_by(*_PLACE)
    .order_by(func.min(Fault.raised_at), func.min(Fault.id))
    .limit(MOST)
)
_WITH_RUNS = select(Fault).options(
    joinedload(Fault.instance).options(
        joinedload(ProcessInstance.request), joinedload(ProcessInstance.definition)
    )
)


def arguments_of(place: Place) -> Mapping[str, str]:
    """The place as the query of an address."""
    return {"process": place.process, "step": place.element, "code": place.code}
