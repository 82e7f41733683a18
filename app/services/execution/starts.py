"""Processes that begin by a moment, a message, a signal or a condition, not by hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

import bpmn
from app.access import SYSTEM, Actor
from app.db import session
from app.errors import Invalid
from app.models import DueMoment, ProcessDefinition, ProcessInstance, StartSubscription
from app.services.deployment import definitions, start_events
from app.services.execution import moments, processes
from app.services.service_levels import working_time
from app.services.texts import told_to


def by_timer(moment_id: int, now: datetime) -> ProcessInstance | None:
    """A new instance for a due start timer; None when it is gone or not yet due.

    The subscription is locked and its moment moved on to the next turn in the same transaction,
    so each turn begins one instance, however often its job runs. Turns missed in an outage begin
    one.
    """
    row = _locked(moment_id)
    moment = moments.fresh(moment_id)
    if row is None or moment is None:
        return None
    if moment.due_at > now:
        moments.put_off(moment)
        return None
    told = {"timer": row.element, "due_at": moment.due_at.isoformat()}
    definition = row.definition
    _move_on(row, moment, now)
    return processes.start(definition, {}, SYSTEM, now, at=row.element, told=told)


def _locked(moment_id: int) -> StartSubscription | None:
    query = select(StartSubscription).where(
        StartSubscription.id
        == select(DueMoment.start_id).where(DueMoment.id == moment_id).scalar_subquery()
    )
    return session().scalar(query.with_for_update().execution_options(populate_existing=True))


def _move_on(row: StartSubscription, moment: DueMoment, now: datetime) -> None:
    turn = bpmn.Moment(moment.due_at, row.every, row.turns_left)
    following = bpmn.next_moment(turn, now)
    if following is None:
        session().delete(moment)
        session().delete(row)
    else:
        moments.put_off(moment, following.due_at)
        row.turns_left = following.left


def by_name(
    kind: str,
    name: str,
    variables: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    *,
    spare: Collection[str] = (),
) -> list[ProcessInstance]:
    """A new instance of each process that a message or signal of that name begins.

    The processes to ``spare`` are left alone.
    """
    rows = [row for row in start_events.of_name(kind, name) if row.definition.key not in spare]
    return [
        processes.start(row.definition, variables, actor, now, at=row.element, told={kind: name})
        for row in rows
    ]


@dataclass(frozen=True)
class Judged:
    """What came of judging the conditions: the instances begun, and what could not be judged."""

    started: Sequence[ProcessInstance]
    failed: Sequence[Failure]


@dataclass(frozen=True)
class Failure:
    """A start event whose condition failed."""

    definition: ProcessDefinition
    element: str
    message: str


def by_condition(variables: Mapping[str, Any], actor: Actor, now: datetime) -> Judged:
    """A new instance of each process whose start condition is true of these variables.

    A condition that cannot be judged begins nothing and holds up no other.
    """
    started, failed = [], []
    for row in start_events.of_kind(start_events.CONDITIONAL):
        try:
            if _holds(row, variables, actor, now):
                begun = processes.start(row.definition, variables, actor, now, at=row.element)
                started.append(begun)
        except bpmn.ConditionFailed as error:
            failed.append(Failure(row.definition, row.element, told_to(actor, error)))
    return Judged(started, failed)


def _holds(
    row: StartSubscription, variables: Mapping[str, Any], actor: Actor, now: datetime
) -> bool:
    definition = definitions.load(row.definition_id)
    functions = working_time.functions(now)
    try:
        return bpmn.condition_holds(definition, row.element, variables, now, functions)
    except bpmn.BadVariables as error:
        raise Invalid({"variables": [told_to(actor, error)]}) from error
