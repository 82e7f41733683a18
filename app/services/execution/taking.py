"""Who carries out a queued service task: workers take the rows of ``service_job`` themselves.

A claim locks the instance and takes the first task of it. It is marked with the number of the
worker in the transaction that begins it, so that it stays taken while a letter is on its way,
and comes back when that worker falls silent. What crashes gets a job of its own in the queue,
which tries it again and tells when it gives up.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, String, bindparam, func, literal_column, or_, select, text
from sqlalchemy.orm import aliased

from app import jobs
from app.db import run
from app.models import ProcessInstance, ServiceJob
from app.objects import columns_of, read
from app.services.execution import job_rows, processes
from app.services.execution.job_rows import Held

QUEUE = 0
"""Stands for the worker's number where the queue has a job of its own for the service task."""
CHANNEL = "peygir_service_job"
"""On which PostgreSQL tells of each service task that waits for a worker."""
SUSPECTS = 20
"""More service tasks than a worker has threads."""


class Claim(NamedTuple):
    """A service task whose instance is locked until the transaction ends."""

    held: Held
    """With the clocks of its request."""
    more: bool
    """Whether others were waiting too."""

    @property
    def job_id(self) -> int:
        """Of the task."""
        return self.held.job.id


def claim() -> Claim | None:
    """The first service task that waits, where nobody else works at its instance now.

    Those of one instance are taken in their order, one after the other. Who asks must look again
    whether it still waits: another one may have taken it before the lock was held.
    """
    found = read(_CLAIM, {}, *job_rows.MODELS)
    return Claim(job_rows.hold(found[0]), found[0][-1]) if found else None


_other = aliased(ServiceJob)
# The states stand in the text itself: by a plan for any state, the index of those that wait
# could not be used.
_QUEUED = literal_column("'queued'", String)
_UNTAKEN = (ServiceJob.state == _QUEUED) & ServiceJob.taken_by.is_(None)
_MORE = (
    select(literal_column("1"))
    .select_from(_other)
    .where(_other.state == _QUEUED, _other.taken_by.is_(None), _other.id != ServiceJob.id)
    .exists()
)
_BEHIND = (
    select(literal_column("1"))
    .select_from(_other)
    .where(_other.instance_id == ServiceJob.instance_id, _other.state == _QUEUED)
    .where(or_(_other.id < ServiceJob.id, _other.taken_by.is_not(None)))
    .exists()
)
_CLAIM: Select[Any] = (
    job_rows.locking(job_rows.CLOCKS, skip_locked=True)
    .add_columns(_MORE)
    .where(_UNTAKEN, ProcessInstance.suspended_at.is_(None), ~_BEHIND)
    .order_by(ServiceJob.id)
    .limit(1)
)


def next_of(instance: ProcessInstance) -> Claim | None:
    """The first service task that waits of an instance whose lock is held and which has just
    taken a step. ``more`` tells of others than were known before this step."""
    queued = processes.queued_alone(instance)
    if queued is not None and not (instance.request_id and any(map(_tells_of_clocks, queued))):
        return Claim(Held(instance, queued[0], []), len(queued) > 1) if queued else None
    wanted = {"instance_id": instance.id, "request_id": instance.request_id}
    found = read(_NEXT, wanted, ServiceJob)
    if not found:
        return None
    [(job, clocks, more)] = found
    return Claim(Held(instance, job, clocks or []), more)


def _tells_of_clocks(job: ServiceJob) -> bool:
    return job.type == "notify"


_NEXT = (
    select(*columns_of(ServiceJob), job_rows.CLOCKS_OF, _MORE)
    .where(ServiceJob.instance_id == bindparam("instance_id"), _UNTAKEN, ~_BEHIND)
    .order_by(ServiceJob.id)
    .limit(1)
    # Who sets tasks apart does not lock their instance.
    .with_for_update(of=ServiceJob, key_share=True, skip_locked=True)
)


def is_any_waiting() -> bool:
    """Whether service tasks wait, also those whose instance or predecessor is at work now."""
    return bool(run(_ANY).scalar())


_ANY = select(
    select(literal_column("1"))
    .select_from(ServiceJob)
    .join(ProcessInstance, ServiceJob.instance_id == ProcessInstance.id)
    .where(_UNTAKEN, ProcessInstance.suspended_at.is_(None))
    .exists()
)


def count_waiting(before: datetime) -> int:
    """How many were queued for the first time before then and wait still; those of suspended
    instances wait rightly."""
    return int(run(_COUNT, {"before": before}).scalar_one())


_COUNT = (
    select(func.count())
    .select_from(ServiceJob)
    .join(ProcessInstance, ServiceJob.instance_id == ProcessInstance.id)
    .where(_UNTAKEN, ProcessInstance.suspended_at.is_(None))
    .where(ServiceJob.attempts == 0, ServiceJob.created_at < bindparam("before"))
)


def announce(instance_id: int) -> None:
    """Tell the workers of the service tasks of an instance that goes on."""
    run(_ANNOUNCE, {"id": instance_id})


def let_go(job_id: int) -> None:
    """Let one wait again that is still to be done: its instance was suspended meanwhile. One that
    a process of its own carries out has no moment either at which it would be tried again."""
    run(_LET_GO, {"id": job_id})


def set_apart(job_id: int) -> None:
    """Give one that crashed a job of its own, unless it is over."""
    _defer(run(_SET_APART, {"id": job_id}).all())


def give_back(silence: float, me: int) -> list[int]:
    """Give jobs of their own to what workers had taken that gave no sign for so many seconds;
    the ids. ``me`` asks, and is alive."""
    return _defer(run(_GIVE_BACK, {"silence": silence, "me": me}).all())


def set_first_apart() -> list[int]:
    """Give the first ones that wait jobs of their own, which are not tried for ever: one of them
    may have brought a worker down before it was marked as taken."""
    return _defer(run(_SET_FIRST_APART, {"limit": SUSPECTS}).all())


def _defer(found: Sequence[Any]) -> list[int]:
    orders = [_order(*row) for row in sorted(found)]
    jobs.defer_all(orders)
    return [row[0] for row in found]


def _order(job_id: int, instance_id: int) -> jobs.Order:
    return jobs.Order(jobs.RUN_SERVICE_JOB, {"job_id": job_id}, f"instance:{instance_id}")


_ANNOUNCE = text(f"""
    SELECT pg_notify('{CHANNEL}', '') FROM service_job
     WHERE instance_id = :id AND state = 'queued' AND taken_by IS NULL LIMIT 1
""")  # noqa: S608  # Constants of this file, as below.
_LET_GO = text(f"""
    UPDATE service_job SET state = 'queued', taken_by = NULL
     WHERE id = :id AND (state = 'queued' AND taken_by <> {QUEUE}
                         OR state = 'waiting' AND next_attempt_at IS NULL)
""")  # noqa: S608
_SET_APART = text(f"""
    UPDATE service_job SET taken_by = {QUEUE} WHERE id = :id AND state = 'queued'
    RETURNING id, instance_id
""")  # noqa: S608
# Rows that a step holds are left to it; waiting for them crosswise would be a deadlock.
_GIVE_BACK = text(f"""
    UPDATE service_job SET taken_by = {QUEUE}
     WHERE id IN (
        SELECT id FROM service_job
         WHERE state = 'queued' AND taken_by NOT IN ({QUEUE}, :me)
           AND NOT EXISTS (SELECT 1 FROM procrastinate_workers worker
                            WHERE worker.id = taken_by
                              AND worker.last_heartbeat > now() - make_interval(secs => :silence))
           FOR UPDATE SKIP LOCKED)
    RETURNING id, instance_id
""")  # noqa: S608
_SET_FIRST_APART = text(f"""
    UPDATE service_job SET taken_by = {QUEUE}
     WHERE id IN (SELECT id FROM service_job WHERE state = 'queued' AND taken_by IS NULL
                   ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING id, instance_id
""")  # noqa: S608
