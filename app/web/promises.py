"""A promise as a page shows it: its state, its moment, the time left."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from app.models import ServiceRequest, UserTask
from app.models.requests import WAITING
from app.services.inbox import AT_RISK, BROKEN, ON_TRACK, PAUSED, Row

STATE_OF = {BROKEN: "bad", AT_RISK: "risk", ON_TRACK: "ok", PAUSED: "pause"}


class Promise(NamedTuple):
    """What the chip and the card say; ``state`` is ok, risk, bad, pause, or "" for none."""

    state: str
    due_at: datetime | None = None
    left: timedelta = timedelta(0)
    """Wall-clock time until it is due; negative once it is late."""
    waits_for: str | None = None


def of_row(row: Row, now: datetime) -> Promise:
    """The promise of a task in the inbox."""
    waits_for = row.task.request.waits_for if row.task.request else None
    return _promise(STATE_OF.get(row.bucket, ""), row.due_at, waits_for, now)


def of_request(request: ServiceRequest, now: datetime) -> Promise:
    """The next promise of a request."""
    due, risk = request.next_due_at, request.next_risk_at
    if request.status == WAITING:
        state = "pause"
    elif due is None:
        state = ""
    elif due <= now:
        state = "bad"
    else:
        state = "risk" if risk and risk <= now else "ok"
    return _promise(state, due, request.waits_for, now)


def _promise(state: str, due: datetime | None, waits_for: str | None, now: datetime) -> Promise:
    return Promise(state, due, due - now if due else timedelta(0), waits_for)


def share_of(task: UserTask, now: datetime) -> float | None:
    """How much of the time until the task's nearer promise has passed; None when unknown."""
    request = task.request
    dues = [(task.due_at, task.created_at)]
    if request is not None:
        dues.append((request.next_due_at, request.created_at))
    known = [(due, begun) for due, begun in dues if due is not None]
    if not known:
        return None
    due, begun = min(known)
    return min((now - begun) / (due - begun), 1.0) if due > begun else 1.0
