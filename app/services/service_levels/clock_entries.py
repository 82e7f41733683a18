"""What the history says of the promises of requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sla
from app.access import SYSTEM
from app.models import ServiceRequest, SlaClock
from app.services import history
from app.services.service_levels import clock_rows

Entries = list[dict[str, Any]]


def policy_entry(
    kind: str, request: ServiceRequest, clock: SlaClock, version: int, now: datetime
) -> dict[str, Any]:
    """The history entry of what a new version of the policy did to a promise."""
    data = {"metric": clock.metric, "names": clock.names, "version": version}
    return history.entry(kind, SYSTEM, now, request_id=request.id, data=data)


def entries_of_end(
    request: ServiceRequest,
    clock: SlaClock,
    ledger: sla.Ledger,
    metric: sla.Metric | None,
    now: datetime,
) -> Entries:
    """Whether the promise of a clock that has ended was kept; nothing while it goes on, and
    without a ``metric``, which the policy names no longer, nothing of one that was kept."""
    if ledger.stopped_at is None:
        return []
    data = {"metric": clock.metric, "names": clock.names}
    # The due moment has just been reckoned from this very ledger.
    if not is_missed(clock, ledger):
        # What is promised no longer was neither kept nor broken; a promise that is made again
        # and again is noted once it is over.
        over = metric is None or ledger.phase == clock_rows.DROPPED
        silent = over or (metric is not None and ledger.entries[-1].reason in metric.repeat)
        kept = history.entry("promise_kept", SYSTEM, now, request_id=request.id, data=data)
        return [] if silent else [kept]
    if clock.broken_at is not None:
        return []
    clock.broken_at = now
    return [broken_entry(clock, now)]


def is_missed(clock: SlaClock, ledger: sla.Ledger) -> bool:
    """What :func:`sla.state` says of a clock that is over."""
    due, ended = clock.due_at, ledger.stopped_at
    return due is not None and ended is not None and ended > due


def broken_entry(clock: SlaClock, now: datetime) -> dict[str, Any]:
    """The history entry of a promise that was not kept in time."""
    data = {"metric": clock.metric, "names": clock.names}
    return history.entry("promise_broken", SYSTEM, now, request_id=clock.request_id, data=data)
