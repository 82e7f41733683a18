"""Promises in working time: calendars, policies and clocks, all pure, with ``now`` passed in."""

from __future__ import annotations

from sla.calendar import (
    Calendar,
    Closure,
    NoWorkingTime,
    Opening,
    Shift,
    add_working_days,
    add_working_time,
    next_closing,
    next_opening,
    working_time_before,
    working_time_between,
    works_on,
)
from sla.calendar_files import calendars, load_calendar
from sla.calendar_text import dump_calendar
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
from sla.public_holidays import Country, Holiday
from sla.seasons import DateRange, IslamicMonth, Season, YearlyRange
from sla.strict import SettingsRefused, Wrong
from sla.tick import run_ticker
from sla.week import DayHours, week_of

__all__ = [
    "AT_RISK_FROM", "PRIORITIES", "WORKING_DAY", "Calendar", "Closure", "Country", "DateRange",
    "DayHours", "Entry", "Holiday", "IslamicMonth", "Ledger", "LedgerRefused", "Metric",
    "NoWorkingTime", "Opening", "Phase", "Policy", "Season", "SettingsRefused", "Shift", "State",
    "Wrong", "YearlyRange", "add_working_days", "add_working_time", "calendars", "due_at",
    "dump_calendar", "elapsed", "follow", "from_json", "load_calendar", "load_policy", "moment_at",
    "next_closing", "next_opening", "parse_duration", "pause", "policies", "remaining", "resume",
    "retarget", "risk_at", "run_ticker", "start", "state", "stop", "to_json", "week_of",
    "working_time_before", "working_time_between", "works_on",
]  # fmt: skip
