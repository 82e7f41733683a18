"""Timers of processes: each wakes the engine once, at its moment or as soon after as possible."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select, tuple_
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value

import bpmn
from app.access import SYSTEM
from app.db import session
from app.models import DueMoment, ProcessInstance, ServiceRequest
from app.objects import columns_of, read
from app.services import history
from app.services.execution import moments, processes


def fire(moment_id: int, now: datetime) -> bool:
    """Wake the engine for one timer; False when it is gone, moved or not yet due.

    A job that runs twice finds the row gone the second time, since the step that the timer
    takes removes it in the same transaction.
    """
    found = _locked(moment_id)
    if found is None:
        return False
    instance, timer, earlier = found
    if timer.due_at > now:
        # The time of this machine is behind that of the one that made the job.
        moments.put_off(timer)
        return False
    if instance.suspended_at is not None:
        moments.park(timer, now)
        return False
    if earlier is not None and not _is_its_turn(timer, earlier, now):
        return False
    cause = {
        "kind": "timer",
        "element": timer.element,
        "due_at": timer.due_at.isoformat(),
        **history.belonging(timer.called_id),
    }
    try:
        processes.advance(instance, bpmn.FireTimer(timer.key), cause, SYSTEM, now)
    except (bpmn.UnknownKey, processes.InstanceEnded):
        session().delete(timer)
        return False
    return True


def _is_its_turn(timer: DueMoment, earlier_id: int, now: datetime) -> bool:
    """Whether the earlier timer of the instance was given up; else this one goes behind it.

    Whoever looks for due moments may pass over the earlier one: another worker had it in hand
    and died, or it has a job of its own. Behind that job this timer gets one as well, for jobs
    of one instance run in the order they were made.
    """
    earlier = session().get_one(DueMoment, earlier_id)
    if earlier.queued_at is not None and not moments.has_job(earlier):
        return True
    moments.put_off(timer)
    if earlier.queued_at is not None:
        session().flush()
        moments.set_apart(timer.id, now)
    return False


def _locked(moment_id: int) -> tuple[ProcessInstance, DueMoment, int | None] | None:
    """The instance, whose lock is held, its timer, and the id of the first one that was due
    before it and is still to come; None when the timer is gone."""
    instance = processes.locked(_LOCK, {"id": moment_id})
    if instance is None:
        return None
    found = read(_READ, {"id": moment_id}, DueMoment, ServiceRequest)
    if not found:
        return None
    [(timer, request, earlier_id)] = found
    set_committed_value(instance, "request", request)
    return instance, timer, earlier_id


_other = aliased(DueMoment)
_EARLIER = (
    select(_other.id)
    .where(_other.instance_id == DueMoment.instance_id)
    .where(tuple_(_other.due_at, _other.id) < tuple_(DueMoment.due_at, DueMoment.id))
    .order_by(_other.due_at, _other.id)
    .limit(1)
    .scalar_subquery()
)
_THIS_MOMENT = DueMoment.id == bindparam("id")
_LOCK = processes.locking(
    ProcessInstance.id == select(DueMoment.instance_id).where(_THIS_MOMENT).scalar_subquery()
)
# Read after the lock is held: what another step made of them meanwhile counts.
_READ = (
    select(*columns_of(DueMoment, ServiceRequest), _EARLIER)
    .join(ProcessInstance, ProcessInstance.id == DueMoment.instance_id)
    .outerjoin(ServiceRequest, ServiceRequest.id == ProcessInstance.request_id)
    .where(_THIS_MOMENT)
)
