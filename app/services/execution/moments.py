"""Due moments: one table for timers of processes, timer starts and the steps of ladders."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, any_, bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from app import jobs
from app.db import run, session
from app.models import DueMoment, ProcessInstance
from app.saving import append

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


def plan(rows: Sequence[Row]) -> list[int]:
    """Let rows of one kind come due, with one statement; their ids.

    What a step writes with :func:`app.saving.save` may hold them as well, under ``DueMoment``.
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


def park(moment: DueMoment, now: datetime) -> None:
    """Let the clock pass over the moment of a suspended instance, whose resume does it."""
    moment.queued_at = now


def put_off(moment: DueMoment, due_at: datetime | None = None) -> None:
    """Let a moment come due again, at its own instant or at a later one."""
    moment.queued_at = None
    moment.due_at = due_at or moment.due_at


def wake(now: datetime) -> int:
    """Ask the workers to do what is due; how many of their threads were asked.

    So few jobs are in the queue, however much is due at once: each thread takes one moment after
    the other itself, in due order, for a short while. One of them goes before all other jobs, so
    that letters hold up no timers; the rest go after them, so that timers hold up no letters.
    """
    due, soon, later = run(_WAITING, {"now": now, "most": TAKERS * SHARE}).one()
    missing = [LATER] * max(0, min(TAKERS, -(-due // SHARE)) - 1 - later)
    if due and not soon:
        missing.insert(0, SOON)
    jobs.defer_all([jobs.Order(jobs.TAKE_MOMENTS, {}, priority=one) for one in missing])
    return len(missing)


TAKERS = 32
"""So many threads, over all workers, at most are asked in one second."""
SHARE = 20
"""For so many due moments one more of them is asked."""
SOON, LATER = 10, -10
"""The priorities of doing what is due; all else has 0."""

_DUE = "queued_at IS NULL AND due_at <= :now"
_WAITING = text(f"""
    SELECT (SELECT count(*) FROM (SELECT 1 FROM due_moment WHERE {_DUE}
                                   ORDER BY due_at, id LIMIT :most) due),
           count(*) FILTER (WHERE priority > 0), count(*) FILTER (WHERE priority < 0)
      FROM procrastinate_jobs
     WHERE status = 'todo' AND task_name = '{jobs.TAKE_MOMENTS}'
       AND (scheduled_at IS NULL OR scheduled_at <= now())
""")  # noqa: S608  # All parts are constants of this file and of jobs.


class Claimed(NamedTuple):
    """A moment that nobody else does until the transaction ends."""

    id: int
    kind: str
    due_at: datetime


def claim(now: datetime, after: Claimed | None = None) -> Claimed | None:
    """The first due moment, behind that one if there is one, that nobody has in hand.

    What is claimed is the instance, start or clock that it belongs to, so that each goes through
    its moments in order, and whoever finds it taken looks further instead of waiting. The claim
    ends with the transaction, at once when the worker is killed. It is no lock of a row: steps
    delete these rows, and would wait for a worker that waits for the instance.
    """
    at, number = (after.due_at, after.id) if after else (_EVER, 0)
    rows = run(_CLAIM, {"now": now, "at": at, "id": number}).all()
    return Claimed(*rows[0]) if rows else None


_EVER = datetime.min.replace(tzinfo=UTC)


def _next(at: str, number: str) -> str:
    return f"""
        SELECT id, kind, due_at, coalesce(instance_id, start_id, clock_id) AS owner
          FROM due_moment WHERE {_DUE} AND (due_at, id) > ({at}, {number})
         ORDER BY due_at, id LIMIT 1
    """  # noqa: S608  # As above.


def _claimed(row: str) -> str:
    kinds = f"CASE {row}.kind WHEN '{TIMER}' THEN 1 WHEN '{START}' THEN 2 ELSE 3 END"
    return f"pg_try_advisory_xact_lock({kinds}::bigint << 56 | {row}.owner)"


# One step along the index for each that is taken. Asked for several at once, PostgreSQL would
# rather sort all that is due while it has no statistics of the table.
_CLAIM = text(f"""
    WITH RECURSIVE looked AS (
        SELECT one.*, {_claimed("one")} AS mine FROM ({_next(":at", ":id")}) one
         UNION ALL
        SELECT one.*, {_claimed("one")}
          FROM looked, LATERAL ({_next("looked.due_at", "looked.id")}) one
         WHERE NOT looked.mine)
    SELECT id, kind, due_at FROM looked WHERE mine
""")  # noqa: S608  # As above.


def set_apart(moment_id: int, now: datetime) -> None:
    """Give one that crashed a job of its own, which tries it again and tells when it gives up."""
    _defer(run(_SET_APART, {"id": moment_id, "now": now}).all())


def has_job(timer: DueMoment) -> bool:
    """Whether a job of its own is still to fire this timer; False once it was given up."""
    return bool(run(_HAS_JOB, {"id": timer.id, "lock": f"instance:{timer.instance_id}"}).scalar())


def set_first_apart(now: datetime, limit: int) -> int:
    """Give each of the first due moments a job of its own; how many.

    One statement claims and marks them, whoever else does the same at this instant.
    """
    return _defer(run(_SET_FIRST_APART, {"now": now, "limit": limit}).all())


def _defer(found: Sequence[Any]) -> int:
    jobs.defer_all([_job(row) for row in sorted(found, key=lambda row: (row[-1], row[0]))])
    return len(found)


def _job(row: Sequence[Any]) -> jobs.Order:
    moment_id, kind, owner, _ = row
    named = "instance" if kind == TIMER else kind
    return jobs.Order(TASKS[kind], {"moment_id": moment_id}, lock=f"{named}:{owner}")


_HAS_JOB = text(f"""
    SELECT EXISTS (SELECT 1 FROM procrastinate_jobs
                    WHERE lock = :lock AND status IN ('todo', 'doing')
                      AND task_name = '{jobs.FIRE_TIMER}' AND (args ->> 'moment_id')::bigint = :id)
""")  # noqa: S608  # As above.
_MARKED = "RETURNING id, kind, coalesce(instance_id, start_id, clock_id), due_at"
_SET_APART = text(f"""
    UPDATE due_moment SET queued_at = :now WHERE id = :id AND queued_at IS NULL {_MARKED}
""")  # noqa: S608  # As above.
_SET_FIRST_APART = text(f"""
    UPDATE due_moment SET queued_at = :now
     WHERE id IN (SELECT id FROM due_moment WHERE {_DUE}
                   ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED) {_MARKED}
""")  # noqa: S608  # As above.


def count_missed(before: datetime) -> int:
    """How many moments were due before then and wait still; those of suspended instances wait
    rightly."""
    late = select(func.count()).select_from(DueMoment)
    late = late.where(DueMoment.queued_at.is_(None), DueMoment.due_at < before)
    suspended = select(ProcessInstance.id).where(ProcessInstance.suspended_at.is_not(None))
    waiting = DueMoment.instance_id.is_(None) | DueMoment.instance_id.not_in(suspended)
    return session().scalar(late.where(waiting)) or 0
