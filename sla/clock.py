"""What a clock says: pure functions of its ledger, the calendars it names and the present moment.

A promise is kept when the clock stops at or before its due moment. Both are read from the wall:
work that is due at the close of a day and done in the evening is late, although no working time
has passed in between.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sla.calendar import NoWorkingTime, add_working_time, working_time_between
from sla.calendar_model import Calendar
from sla.ledger import Calendars, Ledger

State = Literal[
    "on_track", "at_risk", "broken", "paused", "kept", "missed", "dropped", "uncountable"
]

AT_RISK_FROM = 0.75
"""The last quarter of a promise is at risk: one hour of four, two days and a half of ten."""


def elapsed(ledger: Ledger, calendars: Calendars, now: datetime) -> timedelta:
    """Return the working time counted until ``now``: pauses left out, later entries too.

    Each stretch is measured by the calendar that was in force in it.
    """
    total = timedelta(0)
    for began, ended, calendar in ledger.spans():
        until = now if ended is None else min(ended, now)
        if until > began:
            total += working_time_between(calendars(calendar), began, until)
    return total


def remaining(ledger: Ledger, calendars: Calendars, now: datetime) -> timedelta:
    """Return the working time that is left of the promise; negative once it is overdrawn."""
    return ledger.target - elapsed(ledger, calendars, now)


class Reckoning:
    """When so much of a promise is used up, for who asks several times: the ledger is read once,
    and the same length is reckoned once."""

    def __init__(self, ledger: Ledger, calendars: Calendars) -> None:
        self.ledger, self._calendars = ledger, calendars
        self._spans = list(ledger.spans())
        self._known: dict[timedelta, datetime | None] = {}

    def due_at(self, target: timedelta | None = None) -> datetime | None:
        """Return what :func:`due_at` does."""
        length = self.ledger.target if target is None else target
        if length not in self._known:
            self._known[length] = self._reckon(length)
        return self._known[length]

    def risk_at(self) -> datetime | None:
        """Return what :func:`risk_at` does."""
        return self.due_at(self.ledger.target * AT_RISK_FROM)

    def _reckon(self, missing: timedelta) -> datetime | None:
        last = len(self._spans)
        for number, (began, ended, key) in enumerate(self._spans, 1):
            calendar = self._calendars(key)
            if ended is None or (number == last and ended == self.ledger.stopped_at):
                return _reached(calendar, began, missing)
            worked = working_time_between(calendar, began, ended)
            if worked >= missing:
                reached = add_working_time(calendar, began, missing)
                if reached < ended:
                    return reached
            missing -= worked
        return None


def _reached(calendar: Calendar, began: datetime, length: timedelta) -> datetime | None:
    """When that much has been worked; None when the calendar never holds so much."""
    try:
        return add_working_time(calendar, began, length)
    except NoWorkingTime:
        return None


def due_at(
    ledger: Ledger, calendars: Calendars, target: timedelta | None = None
) -> datetime | None:
    """Return the instant (in UTC) at which the promise is, or was, due.

    None while the clock is paused with time left: it has no due moment until it goes on; and the
    same when it was stopped during such a pause, and when its calendar never holds that much. For
    a clock stopped while it ran it is the moment that counted then. ``target`` asks the same of
    another length than the ledger's own; when that much had been counted before a ``retargeted``
    entry, the moment lies before it.
    """
    return Reckoning(ledger, calendars).due_at(target)


def moment_at(ledger: Ledger, calendars: Calendars, share: float) -> datetime | None:
    """Return when this share of the promise (0.5, 0.75, 1) is used up, as :func:`due_at` does."""
    return due_at(ledger, calendars, ledger.target * share)


def risk_at(ledger: Ledger, calendars: Calendars) -> datetime | None:
    """Return when the promise comes at risk: three quarters of it are used up."""
    return moment_at(ledger, calendars, AT_RISK_FROM)


def state(ledger: Ledger, calendars: Calendars, now: datetime) -> State:
    """Return how the promise stands at ``now``.

    ``kept`` and ``missed`` are for stopped clocks; one that was dropped before it was due is
    ``dropped``, for nobody kept it. A clock that runs by a calendar which never holds that much
    working time is ``uncountable``. A broken promise stays ``broken`` also while the
    clock is paused, until it stops or gets a longer target.
    """
    due = due_at(ledger, calendars)
    if ledger.stopped_at is not None:
        if due is not None and ledger.stopped_at > due:
            return "missed"
        return "dropped" if ledger.phase == "dropped" else "kept"
    if due is not None and now > due:
        return "broken"
    if ledger.phase == "paused":
        return "paused"
    if due is None:
        return "uncountable"
    risk = risk_at(ledger, calendars)
    return "at_risk" if risk is not None and now >= risk else "on_track"
