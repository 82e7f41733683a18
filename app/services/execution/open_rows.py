"""What the tables hold open for one instance, read with one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    text,
    union_all,
)
from sqlalchemy import null as sql_null
from sqlalchemy.dialects.postgresql import JSONB

from app.db import run
from app.models import (
    DueMoment,
    Fault,
    ProcessInstance,
    ServiceJob,
    SignalSubscription,
    SlaClock,
    Subscription,
    UserTask,
)
from app.objects import adopt_json
from app.services.service_levels import clock_rows


@dataclass(frozen=True)
class Standing:
    """What the tables hold for one instance: row ids by engine key, for each table."""

    tasks: Mapping[str, int]
    timers: Mapping[str, tuple[int, datetime]]
    subscriptions: Mapping[str, int]
    jobs: Mapping[str, int]
    faults: Mapping[str, int]
    signals: Mapping[str, int]
    clocks: Sequence[SlaClock] | None = None
    """The clocks of the request, in the order they started, locked until the transaction ends;
    None when they have not been read."""
    messages: Sequence[Mapping[str, Any]] = ()
    """The rows of the subscriptions."""
    next_job: int | None = None
    """The id for a service task that the step queues, where it was fetched beforehand."""


EMPTY = Standing({}, {}, {}, {}, {}, {})
ALONE = replace(EMPTY, clocks=())
"""Nothing stands, and there is no request whose clocks might run."""


def read(instance_id: int, *, ending: str | None = None, request_id: int | None = None) -> Standing:
    """The open rows of one instance, with one statement, and the clocks of the request; without
    a request those of the tasks.

    ``ending`` is the key of the task or job that the step completes; its row is not written yet.
    """
    wanted = {"instance_id": instance_id, "request_id": request_id}
    [parts] = run(_ALONE if request_id is None else _OF_REQUEST, wanted).all()
    return without(standing_of(parts), ending)


def standing_of(parts: Sequence[Any], next_job: int | None = None) -> Standing:
    """What the columns of ``parts_of`` say."""
    clocks, rows, messages = parts
    kinds = ("task", "timer", "job", "fault", "signal")
    tables: dict[str, dict[str, Any]] = {kind: {} for kind in kinds}
    for kind, key, row_id, due_at in rows or ():
        tables[kind][key] = (row_id, datetime.fromisoformat(due_at)) if due_at else row_id
    return Standing(
        tasks=tables["task"],
        timers=tables["timer"],
        subscriptions={row["key"]: row["id"] for row in messages or ()},
        jobs=tables["job"],
        faults=tables["fault"],
        signals=tables["signal"],
        clocks=[adopt_json(SlaClock, clock) for clock in clocks or ()],
        messages=messages or (),
        next_job=next_job,
    )


def without(standing: Standing, ending: str | None) -> Standing:
    """The same without the task or job of that key, which the step completes."""
    if ending is None:
        return standing
    tasks, jobs = dict(standing.tasks), dict(standing.jobs)
    tasks.pop(ending, None)
    jobs.pop(ending, None)
    return replace(standing, tasks=tasks, jobs=jobs)


def parts_of(request: bool) -> tuple[ColumnElement[Any], ...]:
    """The columns of a question that give ``standing_of`` what it reads, for the parameters
    ``instance_id`` and, if there is a ``request``, ``request_id``. The clocks are locked.

    Whoever asks holds the lock of the instance already.
    """
    clocks_of = clock_rows.OF_REQUEST if request else clock_rows.OF_INSTANCE
    clock = _locked(select(SlaClock.__table__).where(clocks_of)).cte("clock")
    return (_told("clock", clock), *_rows_and_messages(_INSTANCE))


def parts_beside() -> tuple[ColumnElement[Any], ...]:
    """The same columns for a question that finds the instance itself, among its tables, and is
    asked behind the lock of it. The clocks are those of the request, none without one."""
    request = literal_column("process_instance.request_id", BigInteger)
    clock = select(SlaClock.__table__).where(SlaClock.request_id == request, clock_rows.RUNS)
    instance = literal_column("process_instance.id", BigInteger)
    return (_told("clock", _locked(clock).subquery("clock")), *_rows_and_messages(instance))


def found_beside(instance: ProcessInstance, parts: Sequence[Any]) -> Standing:
    """What the columns of ``parts_beside`` say; the clocks of an instance without a request are
    read now."""
    return read(instance.id) if instance.request_id is None else standing_of(parts)


def parts_held(held: CTE) -> tuple[ColumnElement[Any], ...]:
    """The same columns for a question that locks the instance itself, in the part ``held``, whose
    columns ``instance_id`` and ``request_id`` tell which it is."""
    clock = select(SlaClock.__table__)
    # Compared with one value, not joined, so that a plan made with few clocks serves for many.
    request = select(held.c.request_id).scalar_subquery()
    alone = select(held.c.instance_id).where(held.c.request_id.is_(None)).scalar_subquery()
    of_request = clock.where(SlaClock.request_id == request, clock_rows.RUNS)
    of_tasks = clock.where(SlaClock.instance_id == alone, clock_rows.OF_TASKS)
    both = [
        select(_locked(one).cte(name))
        for one, name in ((of_request, "clock_of_request"), (of_tasks, "clock_of_task"))
    ]
    clocks = _told("clock", union_all(*both).subquery("clock"))
    return (clocks, *_rows_and_messages(literal_column("held.instance_id", BigInteger)))


def _locked(query: Select[Any]) -> Select[Any]:
    # In the order in which everybody locks them.
    return query.order_by(SlaClock.id).with_for_update(of=SlaClock)


def _told(name: str, rows: FromClause) -> ColumnElement[Any]:
    every: ColumnElement[Any] = literal_column(f"json_agg({name} ORDER BY {name}.id)", JSONB)
    return select(every).select_from(rows).scalar_subquery().label(f"{name}s")


def _rows_and_messages(instance: ColumnElement[int]) -> tuple[ColumnElement[Any], ...]:
    rows = _rows_of_all(instance).subquery("one")
    row = func.json_build_array(rows.c.kind, rows.c.key, rows.c.id, rows.c.due_at)
    message: ColumnElement[Any] = literal_column("json_agg(subscription)", JSONB)
    mine = Subscription.instance_id == instance
    return (
        select(func.json_agg(row, type_=JSONB)).select_from(rows).scalar_subquery().label("rows"),
        select(message).select_from(Subscription).where(mine).scalar_subquery().label("messages"),
    )


_INSTANCE = bindparam("instance_id", type_=BigInteger)


def _rows_of_all(instance: ColumnElement[int]) -> Any:
    return union_all(
        # A plan made while there were few tasks must not walk the index of all open ones.
        _rows("task", instance, UserTask, text("user_task.state || '' = 'open'")),
        _rows("timer", instance, DueMoment, due=DueMoment.due_at),
        _rows("job", instance, ServiceJob, ServiceJob.ended_at.is_(None)),
        _rows("fault", instance, Fault, Fault.resolved_at.is_(None)),
        _rows("signal", instance, SignalSubscription),
    )


def _rows(
    kind: str, instance: ColumnElement[int], model: Any, *conditions: Any, due: Any = None
) -> Any:
    moment = sql_null() if due is None else due
    named: ColumnElement[str] = literal_column(f"'{kind}'")
    query = select(named.label("kind"), model.key, model.id, moment.label("due_at"))
    return query.where(model.instance_id == instance, *conditions)


# Put together once, since that takes longer than the asking.
_OF_REQUEST, _ALONE = select(*parts_of(request=True)), select(*parts_of(request=False))
