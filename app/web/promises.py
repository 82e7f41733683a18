"""A promise as a page shows it: its state, its moment, the working time left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from flask_babel import gettext as _

from app.models import ServiceRequest
from app.services.desk.inbox import AT_RISK, BROKEN, ON_TRACK, PAUSED, UNPROMISED, Row
from app.services.service_levels import standing
from app.services.service_levels.standing import Found, Standing

STATE_OF = {BROKEN: "bad", AT_RISK: "risk", ON_TRACK: "ok", PAUSED: "pause"}
CHIP_OF = {
    "on_track": "ok", "at_risk": "risk", "broken": "bad", "paused": "pause", "kept": "kept",
    "missed": "bad", "dropped": "dropped",
    "uncountable": "uncountable",
}  # fmt: skip
"""How chips call what clocks say."""


class Promise(NamedTuple):
    """What the chip and the card say; ``state`` is ok, risk, bad, pause, or "" for none."""

    state: str
    due_at: datetime | None = None
    left: timedelta | None = None
    """Working time until it is due; negative once it is late."""
    waits_for: tuple[str, ...] = ()
    """Why the clock stands."""
    names: Mapping[str, str] = {}
    """What is promised; empty for a task's own due moment."""
    share: float | None = None
    """How much of the promised working time is used up."""
    always: bool = False
    """Whether the clock runs day and night, so that all time is working time."""

    @property
    def why(self) -> str:
        """Why the clock stands, in words; empty while it runs."""
        return why_paused(self.waits_for)


def of_rows(rows: Iterable[Row], now: datetime) -> Found:
    """The clocks of the rows of the inbox and of their requests."""
    return standing.of_tasks([one.task for one in rows], now)


def of_row(row: Row, now: datetime, found: Found) -> Promise:
    """The promise of a task in the inbox."""
    task, request = row.task, row.task.request
    own = row.due_at is not None and (request is None or row.due_at != request.next_due_at)
    if row.due_at is not None and own and row.bucket != PAUSED:
        clock = found.tasks.get((task.instance_id, task.key))
        return _of_task(row, row.due_at, clock, now)
    if request is None or row.bucket == UNPROMISED:
        return Promise("")
    return _of_clock(STATE_OF[row.bucket], request, found.of(request), now)


def _of_task(row: Row, due: datetime, clock: Standing | None, now: datetime) -> Promise:
    """The task's own due moment; without a clock it counts from when the task came."""
    state = STATE_OF[row.bucket]
    if clock is not None and clock.due_at == due:
        return Promise(state, due, clock.remaining, share=clock.used, always=clock.always)
    left, whole = standing.left_until(due, now), standing.left_until(due, row.task.created_at)
    share = min(1.0, 1 - left / whole) if whole > timedelta(0) else 1.0
    return Promise(state, due, left, share=share)


def of_request(request: ServiceRequest, now: datetime, found: Found) -> Promise:
    """The next promise of a request."""
    known, due = found.of(request), request.next_due_at
    if not request.is_open:
        return Promise("")
    if due is None:
        first = standing.next_of(known)
        return _of_clock(CHIP_OF[first.state] if first else "", request, known, now)
    risk = request.next_risk_at
    state = "bad" if due <= now else "risk" if risk and risk <= now else "ok"
    return _of_clock(state, request, known, now)


def _of_clock(
    state: str, request: ServiceRequest, known: Sequence[Standing], now: datetime
) -> Promise:
    """The promise with what its clock says; the request itself tells which one is next."""
    first = next((one for one in known if one.metric == request.next_metric), None)
    first = first or standing.next_of(known)
    due = request.next_due_at or (first.due_at if first else None)
    if first is None:
        left = standing.left_until(due, now) if due else None
        return Promise(state, due, left, _words_of(request))
    left = first.remaining
    if due is not None and due != first.due_at:
        left = standing.left_until(due, now, first.calendar)
    return Promise(state, due, left, first.waits_for, first.names, first.used, first.always)


def _words_of(request: ServiceRequest) -> tuple[str, ...]:
    return (f"waits:{request.waits_for}",) if request.waits_for else ()


def why_paused(reasons: Sequence[str]) -> str:
    """Why a clock stands, in the reader's language: what the policy names, in words."""
    return str(_(" and ")).join(dict.fromkeys(_reason(one) for one in reasons))


def _reason(reason: str) -> str:
    known: dict[str, str] = {
        "waits:customer": _("waiting for the customer"),
        "waits:partner": _("waiting for a partner"),
        "waits:suspended": _("the process is suspended"),
        "status:waiting": _("the request waits"),
        "status:open": _("the request is open"),
        "told:customer": _("the customer was told"),
    }
    kind, _colon, name = reason.partition(":")
    kinds = {
        "stage": lambda: _("in the stage “%(name)s”", name=name),
        "entered": lambda: _("since “%(name)s” began", name=name),
        "left": lambda: _("since “%(name)s” ended", name=name),
        "message": lambda: _("since the message “%(name)s”", name=name),
    }
    tell = kinds.get(kind)
    return str(known.get(reason) or (tell() if tell else reason))
