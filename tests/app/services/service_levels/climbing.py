"""A ladder to climb, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import sla
from app.models import DueMoment, Event, ServiceRequest, SlaClock
from app.services.service_levels import clock_rows, ladders, promises, sla_settings, sla_writing
from tests.app.services.story import actor

LADDER = """
key = "complaint"
names = {fa = "پیگیری", en = "Escalation"}
[[steps]]
key = "first"
at = "50%"
names = {fa = "نخست", en = "First"}
actions = [ACTIONS]
"""


def moments(session: Session, *metrics: str) -> list[DueMoment]:
    """What waits for the clocks of these metrics, earliest first."""
    query = select(DueMoment).join(SlaClock, SlaClock.id == DueMoment.clock_id)
    if metrics:
        query = query.where(SlaClock.metric.in_(metrics))
    return list(session.scalars(query.order_by(DueMoment.due_at, DueMoment.id)))


def climb_all(session: Session, now: datetime) -> int:
    """Do every moment that has come, as the clock and the workers do; how many steps."""
    done = 0
    while waiting := [one.id for one in moments(session) if one.due_at <= now]:
        session.flush()
        done += sum(ladders.climb(moment, now) for moment in waiting)
        session.flush()
        session.expire_all()
    return done


def use_ladder(actions: str, now: datetime) -> None:
    """Let the ladder of complaints have one step at half of the time."""
    source = LADDER.replace("ACTIONS", actions)
    sla_writing.save("ladder", "complaint", source, actor("admin"), now)


def escalations(session: Session, request: ServiceRequest) -> list[dict[str, Any]]:
    query = select(Event.data).where(
        Event.request_id == request.id, Event.kind == "promise_escalated"
    )
    return list(session.scalars(query.order_by(Event.id)))


def clock_of(request: ServiceRequest, metric: str) -> SlaClock:
    return promises.clocks_of(request.id)[metric]


def moment_of(session: Session, clock: SlaClock, step: str) -> datetime:
    """When the step comes, as the ledger says it now."""
    ladder = sla_settings.ladder(clock.ladder or "")
    ledger = clock_rows.ledger_of(clock)
    found = sla.step_moments(ledger, ladder, clock_rows.calendar)
    return {one.key: instant for one, instant in found}[step]
