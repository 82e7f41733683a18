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
from sla.clock import (
    AT_RISK_FROM,
    Reckoning,
    State,
    due_at,
    elapsed,
    moment_at,
    remaining,
    risk_at,
    state,
)
from sla.conditions import is_state
from sla.duration import LONGEST, WORKING_DAY, parse_duration
from sla.follow import REOPENED, follow, take_up
from sla.ical import closures_from_ical
from sla.ladder import BREACH, BROKEN, EMPTY, Action, Ladder, LadderStep, step_moments, steps_of
from sla.ladder_files import ONE_MORE, ladders, load_ladder
from sla.ledger import (
    Calendars,
    Entry,
    Ledger,
    LedgerRefused,
    Phase,
    drop,
    from_json,
    pause,
    reopen,
    resume,
    retarget,
    start,
    stop,
    to_json,
)
from sla.lines import key_lines, line_of, line_with
from sla.policy import Metric, Policy, load_policy, policies
from sla.public_holidays import Country, Holiday
from sla.rules import FACTS, PRIORITIES, Choice, Rule
from sla.seasons import DateRange, IslamicMonth, Season, YearlyRange
from sla.story import Names, Reason, Told, story
from sla.strict import AllWrong, SettingsRefused, Wrong, open_table
from sla.tick import run_ticker
from sla.week import DayHours, week_of

__all__ = [
    "AT_RISK_FROM", "BREACH", "BROKEN", "EMPTY", "FACTS", "LONGEST", "ONE_MORE", "PRIORITIES",
    "REOPENED", "WORKING_DAY", "Action", "AllWrong", "Calendar", "Calendars", "Choice", "Closure",
    "Country", "DateRange", "DayHours", "Entry", "Holiday", "IslamicMonth", "Ladder", "LadderStep",
    "Ledger", "LedgerRefused", "Metric", "Names", "NoWorkingTime", "Opening", "Phase", "Policy",
    "Reason", "Reckoning", "Rule", "Season", "SettingsRefused", "Shift", "State", "Told",
    "Wrong", "YearlyRange", "add_working_days", "add_working_time", "calendars",
    "closures_from_ical", "drop", "due_at", "dump_calendar", "elapsed", "follow", "from_json",
    "is_state", "key_lines", "ladders", "line_of", "line_with", "load_calendar", "load_ladder",
    "load_policy", "moment_at", "next_closing", "next_opening", "open_table", "parse_duration",
    "pause", "policies", "remaining", "reopen", "resume", "retarget", "risk_at", "run_ticker",
    "start", "state", "step_moments", "steps_of", "stop", "story", "take_up", "to_json",
    "week_of", "working_time_before", "working_time_between", "works_on",
]  # fmt: skip
