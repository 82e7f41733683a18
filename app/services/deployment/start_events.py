"""What begins a process by itself: armed when a version is deployed, taken back with it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

import bpmn
from app.db import session
from app.models import ProcessDefinition, StartSubscription
from app.services.execution import moments
from app.services.service_levels import working_time

MESSAGE, SIGNAL, TIMER, CONDITIONAL = "message", "signal", "timer", "conditional"


def arm(row: ProcessDefinition, definition: bpmn.Definition, now: datetime) -> None:
    """Let this version begin by its start events, and no other version of the process.

    A date that is over begins nothing. Raises ``bpmn.Refused`` when a timer gives no moment.
    """
    same = select(ProcessDefinition.id).where(
        ProcessDefinition.kind == row.kind, ProcessDefinition.key == row.key
    )
    session().execute(delete(StartSubscription).where(StartSubscription.definition_id.in_(same)))
    for point in definition.starts:
        _arm_one(row, definition, point, now)
    session().flush()


def arm_missing(row: ProcessDefinition, definition: bpmn.Definition, now: datetime) -> None:
    """Let a version that was deployed by a release without start subscriptions begin by its
    messages, signals and conditions.

    Timers are left alone: one that waits no longer has had all its turns.
    """
    query = select(StartSubscription.element).where(StartSubscription.definition_id == row.id)
    known = frozenset(session().scalars(query))
    for point in definition.starts:
        if point.element not in known and point.kind != TIMER:
            _arm_one(row, definition, point, now)
    session().flush()


def _arm_one(
    row: ProcessDefinition, definition: bpmn.Definition, point: bpmn.StartPoint, now: datetime
) -> None:
    if point.kind == "none":
        return
    found = StartSubscription(
        definition_id=row.id, element=point.element, kind=point.kind, name=point.name
    )
    first = _first(definition, point, now) if point.kind == TIMER else None
    if first is not None:
        found.every, found.turns_left = first.every, first.left
    elif point.kind == TIMER:
        return
    session().add(found)
    if first is not None:
        session().flush()
        moments.plan([moments.start_row(found.id, found.element, first.due_at)])


def _first(
    definition: bpmn.Definition, point: bpmn.StartPoint, now: datetime
) -> bpmn.Moment | None:
    return bpmn.first_moment(definition, point.element, now, working_time.functions(now))


def tell(definition: bpmn.Definition, language: str | None) -> str:
    """That the process does not begin in the way that was asked for, and how it does."""
    words = _KINDS_FA if language == "fa" else _KINDS
    known = [
        f"{point.element} ({words[point.kind]}{f' “{point.name}”' if point.name else ''})"
        for point in definition.starts
    ]
    if language == "fa":
        return f"فرایند این‌گونه آغاز نمی‌شود؛ آغازهای آن: {'، '.join(known)}."
    return f"The process does not begin in this way; it begins at: {', '.join(known)}."


_KINDS = {
    "none": "plain", MESSAGE: "message", SIGNAL: "signal", TIMER: "timer",
    CONDITIONAL: "condition",
}  # fmt: skip
_KINDS_FA = {
    "none": "ساده", MESSAGE: "پیام", SIGNAL: "سیگنال", TIMER: "زمان‌سنج", CONDITIONAL: "شرط",
}  # fmt: skip


def armed() -> dict[int, list[StartSubscription]]:
    """All that may begin processes by itself or by what comes, by the id of the version."""
    found: dict[int, list[StartSubscription]] = {}
    query = select(StartSubscription).order_by(StartSubscription.id)
    for row in session().scalars(query):
        found.setdefault(row.definition_id, []).append(row)
    return found


def of_definition(definition_id: int) -> list[StartSubscription]:
    """What may begin that version by itself or by what comes; nothing for one that was followed
    by a newer one."""
    query = select(StartSubscription).where(StartSubscription.definition_id == definition_id)
    return list(session().scalars(query.order_by(StartSubscription.id)))


def of_name(kind: str, name: str) -> list[StartSubscription]:
    """The start events that wait for that message or signal, oldest first."""
    query = select(StartSubscription).where(
        StartSubscription.kind == kind, StartSubscription.name == name
    )
    return list(session().scalars(query.order_by(StartSubscription.id)))


def of_kind(kind: str) -> list[StartSubscription]:
    """The start events of that kind, oldest first."""
    query = select(StartSubscription).where(StartSubscription.kind == kind)
    return list(session().scalars(query.order_by(StartSubscription.id)))
