"""Promises in working time: calendars, policies and clocks, all pure, with ``now`` passed in."""

from __future__ import annotations

from sla.calendar import (
    Calendar,
    NoWorkingTime,
    Shift,
    add_working_days,
    add_working_time,
    next_opening,
    working_time_between,
)
from sla.calendar_files import calendars, load_calendar
from sla.clock import AT_RISK_FROM, State, due_at, elapsed, moment_at, remaining, risk_at, state
from sla.duration import WORKING_DAY, parse_duration
from sla.follow import follow
from sla.ledger import (
    Entry,
    Ledger,
    LedgerRefused,
    Phase,
    from_json,
    pause,
    resume,
    retarget,
    start,
    stop,
    to_json,
)
from sla.policy import PRIORITIES, Metric, Policy, load_policy, policies
from sla.strict import SettingsRefused
from sla.tick import run_ticker

__all__ = [
    "AT_RISK_FROM", "PRIORITIES", "WORKING_DAY", "Calendar", "Entry", "Ledger", "LedgerRefused",
    "Metric", "NoWorkingTime", "Phase", "Policy", "SettingsRefused", "Shift", "State",
    "add_working_days", "add_working_time", "calendars", "due_at", "elapsed", "follow",
    "from_json", "load_calendar", "load_policy", "moment_at", "next_opening", "parse_duration",
    "pause", "policies", "remaining", "resume", "retarget", "risk_at", "run_ticker", "start",
    "state", "stop", "to_json", "working_time_between",
]  # fmt: skip
