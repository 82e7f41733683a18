"""What the doctor looks at of running processes: whether tables and engine tell one story."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select

import bpmn
from app.access import TERMINAL
from app.db import session, snapshot, transaction
from app.finding import Finding, Findings
from app.models import Fault, ProcessInstance
from app.services.execution import agreement, processes

BATCH = 100
"""How many instances are read at one instant."""


def check_processes() -> Findings:
    """What the tables say of each instance is what the engine's state says."""
    count, wrong = 0, 0
    for instance_id, told in _compared():
        count += 1
        if told:
            wrong += 1
            yield Finding("problem", f"instance {instance_id}: {told}", instance_id)
    if not wrong:
        yield Finding("ok", f"open instances agree with the engine: {count}")
    faults = session().scalar(select(func.count()).where(Fault.resolved_at.is_(None))) or 0
    if faults:
        yield Finding("note", f"faults that wait for a person: {faults}")


def repair_instance(instance_id: int, now: datetime) -> bool:
    """Tell the tables of one instance anew; false when its state cannot be read."""
    try:
        with transaction():
            agreement.rebuild(instance_id, TERMINAL, now)
    except bpmn.WrongState:
        return False
    return True


def _compared() -> Iterator[tuple[int, str]]:
    """Each open instance, and those ended ones that left something behind, with what differs.

    A batch is read as it stood at one instant, without locks, so that nothing that happens
    meanwhile looks like a difference and nobody waits.
    """
    last = 0
    while True:
        with snapshot():
            batch = [(one.id, _told(one)) for one in agreement.open_after(last, BATCH)]
        if not batch:
            break
        yield from batch
        last = batch[-1][0]
    with snapshot():
        ended = [(one, _told(processes.find(one))) for one in agreement.left_behind(BATCH)]
    yield from ended


def _told(instance: ProcessInstance) -> str:
    """What differs between the tables and the state of one instance, or nothing."""
    try:
        different = agreement.compare(instance)
    except bpmn.WrongState as error:
        return f"its state cannot be read: {error}"
    by_table: dict[str, list[str]] = {}
    for one in different:
        by_table.setdefault(one.table, []).append(str(one).removeprefix(f"{one.table} "))
    told = "; ".join(f"{table} ({', '.join(parts)})" for table, parts in by_table.items())
    return f"tables and engine disagree on {told}" if told else ""
