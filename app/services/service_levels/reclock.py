"""Letting all running clocks follow a changed setting, in the background and in batches.

A batch is one transaction over some requests: their clocks are locked in the order of their ids,
then the requests are written, the order of every step. What is left is seen from the rows
themselves, so a run that was cut short is simply begun again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    and_,
    any_,
    bindparam,
    exists,
    or_,
    select,
    text,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app import jobs
from app.access import SYSTEM
from app.bulk import write_all
from app.db import run
from app.models import ServiceRequest, SlaClock
from app.models.requests import CLOSED, OPEN, WAITING
from app.objects import columns_of, read
from app.services import history
from app.services.casework import catalogue
from app.services.service_levels import (
    anew,
    clock_rows,
    clock_states,
    clocks,
    sla_settings,
    sla_writing,
    task_clocks,
)

BATCH = 250
"""Requests in one transaction."""


def order_missed(now: datetime) -> None:
    """Order a recount of each setting that running clocks still have an older version of: where
    one failed, or its job is gone. Nothing is ordered while one of them waits or is under way."""
    if run(_ORDERED).scalar():
        return
    for kind in get_args(sla_settings.Kind):
        for key in sla_settings.keys(kind):
            if following(kind, key, 0) or following(kind, key, 0, loose=True):
                sla_writing.order_recount(kind, key, now)


_ORDERED = text(f"""
    SELECT 1 FROM procrastinate_jobs
     WHERE task_name = '{jobs.RECLOCK}' AND status IN ('todo', 'doing') LIMIT 1
""")  # noqa: S608  # A constant of jobs.


def following(kind: sla_settings.Kind, key: str, after: int, *, loose: bool = False) -> int | None:
    """The id of the next request, or of the next loose clock, that is still to be done."""
    facts = {**_facts(kind, key), "after": after, "most": 1}
    if loose:
        return next((one.id for (one,) in read(_LOOSE[kind], facts, SlaClock)), None)
    return next(iter(run(_AFFECTED[kind], facts).scalars()), None)


def bring_batch(
    kind: sla_settings.Kind, key: str, after: int, now: datetime, most: int | None = None
) -> int | None:
    """Let the clocks of the next requests follow the newest version of a setting.

    ``after`` is the id of the last request that was done; the id to go on from, or None at the
    end.
    """
    facts = {**_facts(kind, key), "after": after, "most": most or BATCH}
    ids = run(_OF_POLICY if kind == "policy" else _AFFECTED[kind], facts).scalars()
    if not ids:
        return None
    own = _by_request(ids, (clock for (clock,) in read(_CLOCKS, {"ids": ids}, SlaClock)))
    requests = {one.id: one for (one,) in read(_REQUESTS, {"ids": ids}, ServiceRequest)}
    suspended = clock_states.suspended_of(ids)
    changes = clock_rows.Changes(now)
    entries: list[dict[str, Any]] = []
    pasts = _pasts(key, own) if kind == "policy" else {}
    for request_id, found in own.items():
        entries += _bring(
            requests[request_id], found, (kind, key), changes,
            suspended=request_id in suspended, past=pasts.get(request_id),
        )  # fmt: skip
    changes.write()
    write_all(SlaClock)
    write_all(ServiceRequest)
    history.record(entries)
    return int(ids[-1])


def _facts(kind: sla_settings.Kind, key: str) -> dict[str, Any]:
    version = sla_settings.newest(kind, key)
    services = [one for one, told in catalogue.services().items() if told.policy == key]
    named = {"named": f"{key}@{version}", "any": f"{key}@%"}
    return {"key": key, "version": version, "services": services, **named}


def _by_request(ids: Iterable[int], found: Iterable[SlaClock]) -> dict[int, list[SlaClock]]:
    own: dict[int, list[SlaClock]] = {one: [] for one in ids}
    for clock in found:
        own[clock.request_id or 0].append(clock)
    return own


def _pasts(key: str, own: Mapping[int, Sequence[SlaClock]]) -> Mapping[int, anew.Past]:
    """What happened so far to those to which the policy promises what it did not before."""
    policy = sla_settings.policy(key)
    latest = {one: clock_rows.latest(clocks) for one, clocks in own.items()}
    return anew.of_requests(
        [one for one, known in latest.items() if anew.wanted(policy, known, of_all=True)]
    )


def _bring(
    request: ServiceRequest,
    own: Sequence[SlaClock],
    setting: tuple[sla_settings.Kind, str],
    changes: clock_rows.Changes,
    *,
    suspended: bool,
    past: anew.Past | None,
) -> list[dict[str, Any]]:
    before = _dues(own)
    told = clocks.recount(request, own, changes, suspended=suspended, past=past)
    after = _dues(own)
    moved = [
        {"names": clock.names, "from": _said(before[clock.id]), "to": _said(after[clock.id])}
        for clock in own
        if before[clock.id] != after[clock.id]
    ]
    if not moved:
        return told
    kind, key = setting
    data = {"kind": kind, "key": key, "version": sla_settings.newest(kind, key), "moved": moved}
    entry = history.entry("promises_moved", SYSTEM, changes.now, request_id=request.id, data=data)
    return [*told, entry]


def bring_loose(
    kind: sla_settings.Kind, key: str, after: int, now: datetime, most: int | None = None
) -> int | None:
    """The same for the clocks of tasks that belong to no request; by the ids of clocks."""
    facts = {**_facts(kind, key), "after": after, "most": most or BATCH}
    found = [clock for (clock,) in read(_LOOSE[kind], facts, SlaClock)]
    changes = clock_rows.Changes(now)
    for clock in found:
        task_clocks.recount(clock, changes)
    changes.write()
    write_all(SlaClock)
    return found[-1].id if found else None


def _dues(own: Sequence[SlaClock]) -> Mapping[int, datetime | None]:
    return {clock.id: clock.due_at for clock in own}


def _said(due: datetime | None) -> str | None:
    return due.isoformat() if due is not None else None


_IS_OTHER: Mapping[str, ColumnElement[bool]] = {
    "policy": and_(
        SlaClock.policy == bindparam("key"),
        SlaClock.policy_version != bindparam("version"),
        # What was dropped comes back only while the request is open.
        or_(
            SlaClock.state != clock_rows.DROPPED,
            exists().where(
                ServiceRequest.id == SlaClock.request_id, ServiceRequest.status != CLOSED
            ),
        ),
    ),
    "calendar": and_(
        SlaClock.calendar.like(bindparam("any")), SlaClock.calendar != bindparam("named")
    ),
    "ladder": and_(SlaClock.ladder.like(bindparam("any")), SlaClock.ladder != bindparam("named")),
}
"""Which clocks go by another version than the newest; ``any`` is a pattern of all versions."""
_OPEN = SlaClock.state != clock_rows.STOPPED
_AFFECTED = {
    kind: select(SlaClock.request_id)
    .where(_OPEN, is_other, SlaClock.request_id > bindparam("after"))
    .distinct()
    .order_by(SlaClock.request_id)
    .limit(bindparam("most"))
    for kind, is_other in _IS_OTHER.items()
}
_UNPROMISED = select(ServiceRequest.id).where(
    ServiceRequest.status.in_((OPEN, WAITING)),
    ServiceRequest.next_due_at.is_(None),
    ServiceRequest.service == any_(bindparam("services", type_=ARRAY(String))),
    ServiceRequest.id > bindparam("after"),
    ~exists().where(_OPEN, SlaClock.request_id == ServiceRequest.id, SlaClock.task_key.is_(None)),
)
"""Open requests to which nothing is promised now: a new version may promise them something."""
_BOTH = union(
    _AFFECTED["policy"].subquery().select(),
    _UNPROMISED.order_by(ServiceRequest.id).limit(bindparam("most")).subquery().select(),
).subquery()
_OF_POLICY = select(_BOTH.c[0]).order_by(_BOTH.c[0]).limit(bindparam("most"))
_LOOSE = {
    kind: select(*columns_of(SlaClock))
    .where(_OPEN, is_other, SlaClock.request_id.is_(None), SlaClock.id > bindparam("after"))
    .order_by(SlaClock.id)
    .limit(bindparam("most"))
    .with_for_update()
    for kind, is_other in _IS_OTHER.items()
}
_IDS = bindparam("ids", type_=ARRAY(BigInteger))
_CLOCKS = (
    select(*columns_of(SlaClock))
    .where(SlaClock.request_id == any_(_IDS), clock_rows.RUNS)
    .order_by(SlaClock.id)
    .with_for_update()
)
_REQUESTS = select(*columns_of(ServiceRequest)).where(ServiceRequest.id == any_(_IDS))
