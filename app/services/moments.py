"""Due moments: one table for timers of processes, timer starts and the steps of ladders."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, any_, bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from app import jobs
from app.db import append, run, session
from app.models import DueMoment, ProcessInstance

TIMER, START, LADDER = "timer", "start", "sla"

TASKS = {TIMER: jobs.FIRE_TIMER, START: jobs.START_PROCESS, LADDER: jobs.CLIMB_LADDER}
"""The job that does a moment of each kind; it gets the ``moment_id``."""

Row = dict[str, Any]


def timer_row(
    instance_id: int, key: str, element: str, called_id: int | None, due_at: datetime
) -> Row:
    """A timer of an instance, as :func:`plan` takes it."""
    return {
        "kind": TIMER,
        "instance_id": instance_id,
        "key": key,
        "element": element,
        "called_id": called_id,
        "due_at": due_at,
    }


def start_row(start_id: int, element: str, due_at: datetime) -> Row:
    """The next turn of a timer start; each start subscription has at most one."""
    facts = {"key": element, "element": element, "due_at": due_at}
    return {"kind": START, "start_id": start_id, **facts}


def ladder_row(clock_id: int, step: str, due_at: datetime) -> Row:
    """A step of the ladder of a clock; each step of a clock has at most one moment."""
    return {"kind": LADDER, "clock_id": clock_id, "key": step, "due_at": due_at}


def plan(rows: Sequence[Row]) -> list[int]:
    """Let rows of one kind come due, with one statement; their ids.

    What a step writes with :func:`app.db.save` may hold them as well, under ``DueMoment``.
    """
    return append(DueMoment, rows)


def cancel(clock_ids: Collection[int]) -> None:
    """Let go of all that is still to come for these clocks."""
    if clock_ids:
        run(_CANCEL, {"ids": list(clock_ids)})


_CANCEL = delete(DueMoment.__table__).where(  # type: ignore[arg-type]
    DueMoment.__table__.c.clock_id == any_(bindparam("ids", type_=ARRAY(BigInteger)))
)


def fresh(moment_id: int) -> DueMoment | None:
    """The moment as it is now, for who holds the lock of what it belongs to."""
    return session().get(DueMoment, moment_id, populate_existing=True)


def put_off(moment: DueMoment, due_at: datetime | None = None) -> None:
    """Hand a moment back to the clock, for its own instant or for a later one."""
    moment.queued_at = None
    moment.due_at = due_at or moment.due_at


def enqueue(now: datetime, limit: int) -> int:
    """Make a job of its own for each of the first due moments; how many.

    One statement claims and marks them, whoever else does the same at this moment.
    """
    found = run(_ENQUEUE, {"now": now, "limit": limit}).all()
    jobs.defer_all([_job(row) for row in sorted(found, key=lambda row: (row[-1], row[0]))])
    return len(found)


def _job(row: Sequence[Any]) -> jobs.Order:
    moment_id, kind, owner, _ = row
    named = "instance" if kind == TIMER else kind
    return jobs.Order(TASKS[kind], {"moment_id": moment_id}, lock=f"{named}:{owner}")


# Looked up for each due row alone, and there are few of them.
_NOT_SUSPENDED = """
    NOT EXISTS (SELECT 1 FROM process_instance instance
                 WHERE instance.id = due_moment.instance_id AND instance.suspended_at IS NOT NULL)
"""
_ENQUEUE = text(f"""
    UPDATE due_moment SET queued_at = :now
     WHERE id IN (SELECT id FROM due_moment
                   WHERE queued_at IS NULL AND due_at <= :now AND {_NOT_SUSPENDED}
                   ORDER BY due_at, id LIMIT :limit
                     FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, coalesce(instance_id, start_id, clock_id), due_at
""")  # noqa: S608  # All parts are constants of this file.


def count_missed(before: datetime) -> int:
    """How many moments were due before then and wait still; those of suspended instances wait
    rightly."""
    late = select(func.count()).select_from(DueMoment)
    late = late.where(DueMoment.queued_at.is_(None), DueMoment.due_at < before)
    suspended = select(ProcessInstance.id).where(ProcessInstance.suspended_at.is_not(None))
    waiting = DueMoment.instance_id.is_(None) | DueMoment.instance_id.not_in(suspended)
    return session().scalar(late.where(waiting)) or 0
