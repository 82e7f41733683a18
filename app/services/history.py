"""The append-only past: every change leaves its event in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from app.access import Actor
from app.db import session
from app.models import Event
from app.models.history import SUBJECT
from app.saving import append


def entry(
    kind: str,
    actor: Actor,
    now: datetime,
    *,
    request_id: int | None = None,
    instance_id: int | None = None,
    element: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """One row for ``record``."""
    return {
        "kind": kind,
        "at": now,
        "request_id": request_id,
        "instance_id": instance_id,
        "element": element,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_names": dict(actor.names),
        "data": dict(data or {}),
    }


def record(entries: Sequence[dict[str, Any]]) -> None:
    """Write the entries in their order with one statement."""
    append(Event, entries)


def note(kind: str, actor: Actor, now: datetime, **facts: Any) -> None:
    """Write one entry; the keywords are those of ``entry``."""
    record([entry(kind, actor, now, **facts)])


def of_request(request_id: int, *, after: int = 0, limit: int = 200) -> list[Event]:
    """The events of a request, oldest first."""
    query = select(Event).where(Event.request_id == request_id, Event.id > after)
    return list(session().scalars(query.order_by(Event.id).limit(limit)))


def of_instance(instance_id: int, *, after: int = 0, limit: int = 200) -> list[Event]:
    """The events of one process instance, oldest first."""
    query = select(Event).where(Event.instance_id == instance_id, Event.id > after)
    return list(session().scalars(query.order_by(Event.id).limit(limit)))


def last_of(instance_id: int, kind: str) -> Event | None:
    """The newest event of that kind of one process instance, if there is one."""
    query = select(Event).where(Event.instance_id == instance_id, Event.kind == kind)
    return session().scalar(query.order_by(Event.id.desc()).limit(1))


def deeds_of(element: str, limit: int = 50) -> list[Event]:
    """What was done with something of which no request tells, such as ``message:12``; the newest
    first."""
    # The condition stands in the text itself, or no plan could use the index of these.
    query = select(Event).where(text(SUBJECT), Event.element == element)
    return list(session().scalars(query.order_by(Event.id.desc()).limit(limit)))


CALLED = "called"


def belonging(called_id: int | None) -> dict[str, int]:
    """What an event tells of an element of a called process: the id of its version."""
    return {} if called_id is None else {CALLED: called_id}


def path_of(instance_id: int, called_id: int | None = None) -> tuple[list[str], list[str]]:
    """The elements entered and the sequence flows taken so far, for the marked diagram: that of
    the instance's own process, or of one that it called."""
    query = select(Event.data).where(Event.instance_id == instance_id, Event.kind == "step")
    told = session().scalars(query.order_by(Event.id))
    steps = (item for data in told for item in data.get("trace", ()))
    trace = [item for item in steps if item.get(CALLED) == called_id]
    elements = dict.fromkeys(item["element"] for item in trace if item.get("element"))
    flows = dict.fromkeys(item["flow"] for item in trace if item.get("flow"))
    return list(elements), list(flows)
