"""The clocks of user tasks: each step of work that promises a time has one of its own.

The diagram says what is promised: a due date of the task's schedule, or the property ``sla`` (a
working time such as ``PT4H``, or FEEL that gives one). It stands still while the instance is
suspended and during what the property ``sla_pause`` lists (``waits:customer, waits:partner``);
``ladder`` names an escalation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

import bpmn
import sla
from app.access import SYSTEM
from app.db import run
from app.models import ProcessInstance, ServiceRequest, SlaClock
from app.objects import made
from app.services import history
from app.services.casework import terms
from app.services.desk import task_titles
from app.services.execution.diagrams import Diagrams
from app.services.service_levels import sla_settings, working_time
from app.services.service_levels.clock_rows import RUNNING, STOPPED, Changes, go_by, ledger_of

ENTERED, LEFT = "entered", "left"
_SUSPENDED = "waits:suspended"
_DAY_AND_NIGHT = "always"
"""The calendar by which a date is counted: it comes when it comes."""
_AT_LEAST = timedelta(seconds=1)


def may_have(found: Diagrams) -> bool:
    """Whether tasks of the process can have clocks at all."""
    return any(one.type == "userTask" for one in found.own.elements.values()) or bool(found.called)


def calendar_key(request: ServiceRequest | None) -> str:
    """By which calendar the work on a request is counted: that of its branch, else our own."""
    return (request and terms.calendar_of(request)) or working_time.own_key()


def follow(
    instance: ProcessInstance,
    found: Diagrams,
    outcome: bpmn.Outcome,
    clocks: Iterable[SlaClock],
    fresh: Collection[str],
    states: Collection[str],
    changes: Changes,
) -> list[dict[str, Any]]:
    """Bring the clocks of an instance's tasks after a step; the history entries to write.

    ``fresh`` are the keys of the tasks that came with the step.
    """
    waiting = bpmn.by_key(outcome.user_tasks)
    entries, moved = [], {}
    for clock in clocks:
        if clock.instance_id != instance.id or clock.state == STOPPED:
            continue
        task, due = waiting.get(clock.task_key or ""), clock.due_at
        if task is not None and _is_untouched(clock, _pauses(found, task), states):
            continue
        entries += _bring(clock, task, found, states, changes)
        if task is not None and clock.due_at != due:
            moved[task.key] = clock.due_at
    _move_due(instance.id, moved)
    for key in fresh:
        if key in waiting:
            _start(instance, found, waiting[key], states, changes)
    return entries


def _is_untouched(clock: SlaClock, pauses: Collection[str], states: Collection[str]) -> bool:
    """Whether the clock of a task that still waits runs on as it did, and need not be read."""
    if clock.state != RUNNING or any(one in states for one in pauses):
        return False
    key = clock.calendar.partition("@")[0]
    return sla_settings.reference("calendar", key, besides=clock.calendar) == clock.calendar


def _bring(
    clock: SlaClock,
    task: bpmn.WaitingTask | None,
    found: Diagrams,
    states: Collection[str],
    changes: Changes,
) -> list[dict[str, Any]]:
    before = ledger_of(clock)
    (after,) = sla.follow(
        before,
        _metric(clock.metric, clock.names, _pauses(found, task)),
        max(changes.now, before.entries[-1].at),
        choice=_choice(before.target, _newest(before)),
        moments={LEFT} if task is None else (),
        states=states,
    )
    if after == before:
        return []
    changes.set(clock, after)
    return _late(clock, after)


def recount(clock: SlaClock, changes: Changes) -> None:
    """Bring a locked clock that runs or stands after its calendar or its ladder changed."""
    before, due = ledger_of(clock), clock.due_at
    calendar = _newest(before)
    after = before
    if calendar != before.calendar:
        at = max(changes.now, before.entries[-1].at)
        after = sla.retarget(before, at, before.target, "", calendar)
    if clock.ladder is not None:
        key = clock.ladder.partition("@")[0]
        newest = sla_settings.reference("ladder", key, besides=clock.ladder)
        go_by(clock, newest, changes.now)
    changes.set(clock, after)
    if clock.due_at != due and clock.instance_id is not None:
        _move_due(clock.instance_id, {clock.task_key or "": clock.due_at})


def _newest(ledger: sla.Ledger) -> str:
    key = ledger.calendar.partition("@")[0]
    return sla_settings.reference("calendar", key, besides=ledger.calendar)


def _late(clock: SlaClock, ledger: sla.Ledger) -> list[dict[str, Any]]:
    """What was done too late is noted, unless that was noted when it became due."""
    ended, due = ledger.stopped_at, clock.due_at
    if ended is None or due is None or ended <= due or clock.broken_at is not None:
        return []
    clock.broken_at = ended
    return [late_entry(clock, ended)]


def late_entry(clock: SlaClock, now: datetime) -> dict[str, Any]:
    """The history entry of a step of work that was not done in time."""
    where = {"request_id": clock.request_id, "instance_id": clock.instance_id}
    return history.entry(
        "task_late", SYSTEM, now, **where, element=clock.metric, data={"names": clock.names}
    )


def _start(
    instance: ProcessInstance,
    found: Diagrams,
    task: bpmn.WaitingTask,
    states: Collection[str],
    changes: Changes,
) -> None:
    choice = _promised(found, task, instance.request, changes.now)
    if choice is None:
        return
    names = task_titles.names_of(found, task)
    metric = _metric(task.element, names, _pauses(found, task))
    (ledger,) = sla.follow(
        None, metric, changes.now, choice=choice, moments={ENTERED}, states=states
    )
    ladder = found.property_of(task, "ladder")
    known = bool(ladder) and sla_settings.has("ladder", ladder or "")
    facts = {
        "request_id": instance.request_id,
        "instance_id": instance.id,
        "task_key": task.key,
        "policy": "",
        "policy_version": 1,
        "metric": task.element,
        "cycle": 1,
        "names": names,
        "rule": {},
        "ladder": sla_settings.reference("ladder", ladder or "") if known else None,
        "done": {},
    }
    changes.set(made(SlaClock, facts), ledger, is_new=True)


def _promised(
    found: Diagrams, task: bpmn.WaitingTask, request: ServiceRequest | None, now: datetime
) -> sla.Choice | None:
    length = promise_of(found, task)
    if task.due_at is not None:
        calendar = sla_settings.reference("calendar", _DAY_AND_NIGHT)
        return _choice(max(task.due_at - now, _AT_LEAST), calendar)
    if length is None:
        return None
    calendar = sla_settings.reference("calendar", calendar_key(request))
    return _choice(length, calendar)


def promise_of(found: Diagrams, task: bpmn.WaitingTask) -> timedelta | None:
    """The working time that the property ``sla`` promises, written out or as FEEL that gives such a
    text or a duration; None without one, and where the expression gives neither."""
    said = found.property_of(task, "sla")
    if not said:
        return None
    try:
        if not said.startswith("="):
            return sla.parse_duration(said)
        value = bpmn.feel.evaluate(said.removeprefix("="), task.variables)
        length = sla.parse_duration(value) if isinstance(value, str) else value
    except (bpmn.feel.FeelError, ValueError):
        return None
    fits = isinstance(length, timedelta) and timedelta(0) < length <= sla.LONGEST
    return length if fits else None


def _choice(target: timedelta, calendar: str) -> sla.Choice:
    return sla.Choice(target, calendar, sla.Rule({}, target))


def _metric(key: str, names: Mapping[str, str], pauses: tuple[str, ...]) -> sla.Metric:
    return sla.Metric(
        key, names, names, start=(ENTERED,), stop=(LEFT,), pause=pauses, rules=(), late={}
    )


def _pauses(found: Diagrams, task: bpmn.WaitingTask | None) -> tuple[str, ...]:
    listed = (task and found.property_of(task, "sla_pause")) or ""
    named = [one.strip() for one in listed.split(",")]
    return (_SUSPENDED, *(one for one in named if sla.is_state(one)))


def _move_due(instance_id: int, moved: Mapping[str, datetime | None]) -> None:
    """Let tasks say when their clocks are due; a paused one is due at no moment."""
    if moved:
        keys = list(moved)
        facts = {"instance": instance_id, "keys": keys, "due": [moved[key] for key in keys]}
        run(_MOVE_DUE, facts)


_MOVE_DUE = text("""
    UPDATE user_task SET due_at = moved.due_at
      FROM unnest(CAST(:keys AS text[]), CAST(:due AS timestamptz[])) AS moved (key, due_at)
     WHERE user_task.instance_id = :instance AND user_task.key = moved.key
""")
