"""Escalation: the steps of a clock's ladder, each done once for each due instant.

A clock has one due moment, that of its next step. Whoever climbs holds the lock of the request's
instances and of its clocks, does all steps that have come, writes down each with its instant, and
lets the next one come due; so no step is done twice, whoever dies when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert as upsert

import bpmn
import sla
from app.access import SYSTEM
from app.db import session
from app.errors import PeygirError
from app.models import DueMoment, ProcessInstance, ServiceRequest, SlaClock, SlaStep
from app.objects import columns_of, read
from app.services import history
from app.services.execution import moments, processes
from app.services.service_levels import (
    clock_entries,
    clock_rows,
    escalations,
    sla_settings,
    task_clocks,
)

Entry = dict[str, Any]


@dataclass(frozen=True)
class Coming:
    """A step that has come, and for which instant."""

    step: sla.LadderStep
    due_at: datetime


def climb(moment_id: int, now: datetime) -> int:
    """Do every step that has come for the clock of a due moment; how many were done.

    None is done when the moment is gone or not yet due, or when the clock has stopped.
    """
    held = _hold(moment_id)
    moment = moments.fresh(moment_id) if held else None
    if held is None or moment is None:
        return 0
    if moment.due_at > now:
        # The worker's clock is behind that of the clock process: the moment is handed back.
        moments.put_off(moment)
        return 0
    session().delete(moment)
    session().flush()
    clock, request, instances = held
    done = 0
    while (coming := _coming(clock, now)) is not None:
        _do(coming, clock, request, instances, now)
        done += 1
    _plan_next(clock, now)
    return done


def _hold(
    moment_id: int,
) -> tuple[SlaClock, ServiceRequest | None, Sequence[ProcessInstance]] | None:
    """Lock the instances, then the clocks, in the order of every step."""
    row = session().execute(_OWNER, {"moment": moment_id}).one_or_none()
    if row is None:
        return None
    instances = [processes.lock(one) for one in _instances(row.request_id, row.instance_id)]
    request = None
    if row.request_id is not None:
        found = clock_rows.of_request(row.request_id, lock=True)
        [(request,)] = read(_REQUEST, {"id": row.request_id}, ServiceRequest)
    else:
        found = clock_rows.of_instance(row.instance_id)
    clock = next((one for one in found if one.id == row.id), None)
    return (clock, request, instances) if clock is not None else None


_OWNER = (
    select(SlaClock.id, SlaClock.request_id, SlaClock.instance_id)
    .join(DueMoment, DueMoment.clock_id == SlaClock.id)
    .where(DueMoment.id == bindparam("moment"))
)
_REQUEST = select(*columns_of(ServiceRequest)).where(ServiceRequest.id == bindparam("id"))


def _instances(request_id: int | None, instance_id: int | None) -> list[int]:
    """The instances that still go on, in the order in which they are locked."""
    own = ProcessInstance.request_id == request_id
    if request_id is None:
        own = ProcessInstance.id == instance_id
    query = select(ProcessInstance.id).where(own, ProcessInstance.status == "active")
    return list(session().scalars(query.order_by(ProcessInstance.id)))


def _coming(clock: SlaClock, now: datetime) -> Coming | None:
    """The next step, if it has come."""
    if clock.state in clock_rows.OVER:
        return None
    key, instant = clock_rows.next_step(clock, clock_rows.ledger_of(clock), now)
    if key is None or instant is None or instant > now:
        return None
    ladder = sla_settings.ladder(clock.ladder) if clock.ladder else sla.EMPTY
    step = next(one for one in (sla.BREACH, *ladder.steps) if one.key == key)
    return Coming(step, instant)


def _do(
    coming: Coming,
    clock: SlaClock,
    request: ServiceRequest | None,
    instances: Sequence[ProcessInstance],
    now: datetime,
) -> None:
    """Do one step. It is written down before, so that what it leads to finds it done."""
    step, due_at = coming.step, coming.due_at
    clock.done = {**clock.done, step.key: due_at.isoformat()}
    clock.next_step, clock.next_step_at = None, None
    row = {"clock_id": clock.id, "step": step.key, "due_at": due_at, "done_at": now}
    won = upsert(SlaStep).values(row).on_conflict_do_nothing().returning(SlaStep.id)
    if session().scalar(won) is None:
        return
    if step.key == sla.BROKEN:
        _note_broken(clock, now)
        return
    case = escalations.Case(clock, request, instances, step, now)
    told = [_attempt(case, action) for action in step.actions]
    data = {
        "metric": clock.metric,
        "names": clock.names,
        "step": step.key,
        "step_names": dict(step.names),
        "due_at": due_at.isoformat(),
        "did": told,
    }
    where = {"request_id": clock.request_id, "instance_id": clock.instance_id}
    history.note("promise_escalated", SYSTEM, now, **where, data=data)


def _note_broken(clock: SlaClock, now: datetime) -> None:
    if clock.broken_at is not None:
        return
    clock.broken_at = now
    entry = clock_entries.broken_entry if clock.task_key is None else task_clocks.late_entry
    history.record([entry(clock, now)])


def _attempt(case: escalations.Case, action: sla.Action) -> dict[str, Any]:
    """Do one action; one that cannot be done is told and holds up no other."""
    try:
        with session().begin_nested():
            done = escalations.act(case, action)
    except (PeygirError, bpmn.BpmnError) as error:
        return {"action": action.kind, "to": list(action.to), "failed": _why(error)}
    return {"action": action.kind, "to": list(action.to), **done}


def _why(error: PeygirError | bpmn.BpmnError) -> dict[str, str]:
    if isinstance(error, PeygirError):
        return {language: error.message(language) for language in ("fa", "en")}
    # The engine's own words are English alone.
    return {"fa": f"فرایند آن را نپذیرفت: {error}", "en": f"The process refused it: {error}"}


def _plan_next(clock: SlaClock, now: datetime) -> None:
    """Let the next step come due, whatever the actions have planned meanwhile."""
    clock.next_step, clock.next_step_at = None, None
    changes = clock_rows.Changes(now)
    changes.plan(clock, clock_rows.ledger_of(clock))
    if changes.planned:
        changes.write()
    else:
        moments.cancel([clock.id])
