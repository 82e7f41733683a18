"""A service task with all that its work needs, read by the statement that locks its instance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Select,
    and_,
    bindparam,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value

from app.models import Delivery, ProcessInstance, ServiceJob, ServiceRequest, SlaClock
from app.objects import adopt_json, columns_of, read
from app.services.execution import open_rows


class Held(NamedTuple):
    """A service task whose instance is locked until the transaction ends."""

    instance: ProcessInstance
    """With its request."""
    job: ServiceJob
    more: list[dict[str, Any]]
    """The rows that were asked for besides, oldest first."""

    @property
    def is_over(self) -> bool:
        """Whether nothing is to be done now; a suspended instance takes it up when resumed."""
        return self.is_left or self.instance.suspended_at is not None

    @property
    def is_left(self) -> bool:
        """Whether nobody waits for it any more: its process went on or ended without it."""
        return self.job.state not in ("queued", "waiting") or self.instance.status != "active"


MODELS = (ProcessInstance, ServiceJob, ServiceRequest)
"""Of what an answer to ``locking`` begins with."""


class Question(NamedTuple):
    """What is asked for a service task, and what once more when the first answer was too old."""

    first: Select[Any]
    again: Select[Any]


# A statement that waited for the lock gives instance and job as they are then, and all other
# rows as they were before. What another step made of these meanwhile counts, too.
_earlier, _job_earlier = aliased(ProcessInstance), aliased(ServiceJob)
_IS_FRESH = and_(
    _earlier.revision == ProcessInstance.revision, _job_earlier.attempts == ServiceJob.attempts
)


def locking(besides: Any, **options: Any) -> Select[Any]:
    """The question for a service task with its instance, which is locked, its request, whether
    the answer is fresh, and rows as JSON besides."""
    return _locking((*columns_of(*MODELS), _IS_FRESH, besides), **options)


def _locking(columns: Iterable[Any], **options: Any) -> Select[Any]:
    query = (
        select(*columns)
        .join(ServiceJob, ServiceJob.instance_id == ProcessInstance.id)
        .join(_earlier, _earlier.id == ProcessInstance.id)
        .join(_job_earlier, _job_earlier.id == ServiceJob.id)
        .outerjoin(ServiceRequest, ServiceRequest.id == ProcessInstance.request_id)
    )
    # As in ``processes.locking``. The job is locked as well, so that it is read as it is.
    return query.with_for_update(of=(ProcessInstance, ServiceJob), key_share=True, **options)


def _asking(besides: Any) -> Question:
    again = (
        select(*columns_of(ServiceJob, ServiceRequest), besides)
        .join(ProcessInstance, ProcessInstance.id == ServiceJob.instance_id)
        .outerjoin(ServiceRequest, ServiceRequest.id == ProcessInstance.request_id)
    )
    return Question(locking(besides).where(_THIS_JOB), again.where(_THIS_JOB))


def _gathered(model: Any, condition: Any) -> Any:
    name = model.__tablename__
    rows: ColumnElement[Any] = literal_column(f"jsonb_agg(to_jsonb({name}) ORDER BY {name}.id)")
    return select(rows).select_from(model).where(condition).scalar_subquery()


_THIS_JOB = ServiceJob.id == bindparam("job_id")
CLOCKS = _gathered(SlaClock, SlaClock.request_id == ProcessInstance.request_id)
CLOCKS_OF = _gathered(SlaClock, SlaClock.request_id == bindparam("request_id", type_=BigInteger))
WITH_CLOCKS = _asking(CLOCKS)
"""For a service task with the clocks of its request."""


def held(job_id: int, question: Question) -> Held | None:
    """The service task as it is once the lock is held; None when there is no such."""
    found = read(question.first, {"job_id": job_id}, *MODELS)
    return hold(found[0], question.again) if found else None


def hold(answer: Sequence[Any], again: Select[Any] = WITH_CLOCKS.again) -> Held:
    """What an answer to ``locking`` tells, in which all that is too old is read once more."""
    instance, job, request, is_fresh, more = answer[:5]
    if not is_fresh:
        values = {"job_id": job.id}
        [(job, request, more)] = read(again, values, ServiceJob, ServiceRequest)
    set_committed_value(instance, "request", request)
    return Held(instance, job, more or [])


class Settled(NamedTuple):
    """A service task that is to be settled, with all that its next step needs."""

    held: Held
    letters: list[Delivery]
    """Oldest first, locked until the transaction ends."""
    standing: open_rows.Standing | None
    """What the tables hold for the instance, with an id for the next service task; None when that
    must be read now."""


def to_settle(job_id: int) -> Settled | None:
    """The service task as it is once the lock is held; None when there is no such."""
    found = read(_TO_SETTLE, {"job_id": job_id}, *MODELS)
    if not found:
        return None
    instance, job, request, is_fresh, has_waited, letters, next_job, *parts = found[0]
    if is_fresh and not has_waited:
        set_committed_value(instance, "request", request)
        rows = [adopt_json(Delivery, row) for row in letters or ()]
        standing = open_rows.standing_of(parts, next_job)
        return Settled(Held(instance, job, []), rows, standing)
    held = hold((instance, job, None, False, None))
    return Settled(held, letters_of(job_id), None)


def _settling() -> Select[Any]:
    """One statement in which everything is read after the instance is locked, since all other
    parts ask the first one which instance it is. They see the tables as they were when it began,
    but locked rows as they are."""
    own = [column.label(f"c{number}") for number, column in enumerate(columns_of(*MODELS))]
    which = (
        ProcessInstance.id.label("instance_id"),
        ProcessInstance.request_id.label("request_id"),
        ServiceJob.id.label("job_id"),
    )
    held = _locking((*own, _IS_FRESH.label("is_fresh"), *which)).where(_THIS_JOB).cte("held")
    letter = (
        select(Delivery.__table__)
        .where(Delivery.job_id == select(held.c.job_id).scalar_subquery())
        .order_by(Delivery.id)
        .with_for_update(of=Delivery)
        .cte("letter")
    )
    rows: ColumnElement[Any] = literal_column("json_agg(letter ORDER BY letter.id)", JSONB)
    return select(
        *(held.c[one.name] for one in own),
        held.c.is_fresh,
        # Whoever waited must look again at what others may have written meanwhile.
        literal_column("clock_timestamp() > statement_timestamp() + interval '5 ms'", Boolean),
        select(rows).select_from(letter).scalar_subquery(),
        # Asked for when the lock is held, so that later tasks of an instance have greater ids.
        literal_column(f"nextval('{ServiceJob.__tablename__}_id_seq')", BigInteger),
        *open_rows.parts_held(held),
    )


_TO_SETTLE = _settling()


def letters_of(job_id: int) -> list[Delivery]:
    """The letters of a service task, oldest first, locked until the transaction ends."""
    return [row for (row,) in read(_LETTERS, {"job_id": job_id}, Delivery)]


_LETTERS = (
    select(*columns_of(Delivery))
    .where(Delivery.job_id == bindparam("job_id"))
    .order_by(Delivery.id)
    .with_for_update()
)


def promised(rows: Iterable[Mapping[str, Any]]) -> dict[str, datetime | None]:
    """When the promises fall due that these rows of clocks measure, by what that is."""
    due = ((row["metric"], row["due_at"]) for row in rows)
    return {metric: at and datetime.fromisoformat(at) for metric, at in due}


def next_of(instance: ProcessInstance) -> ServiceJob | None:
    """The first queued service task of a locked instance, unless somebody has taken it."""
    found = read(_NEXT, {"instance_id": instance.id}, ServiceJob)
    job: ServiceJob | None = found[0][0] if found else None
    return job if job is not None and job.taken_by is None else None


_NEXT = (
    select(*columns_of(ServiceJob))
    .where(ServiceJob.instance_id == bindparam("instance_id"), ServiceJob.state == "queued")
    .order_by(ServiceJob.id)
    .limit(1)
)
