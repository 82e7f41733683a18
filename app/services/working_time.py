"""The organisation's working time, for task clocks, promises and timers in diagrams."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import current_app

import sla
from app.config import Settings


def calendar(key: str | None = None) -> sla.Calendar:
    """The calendar of that key; the organisation's own without one."""
    settings: Settings = current_app.extensions["peygir.settings"]
    return sla.calendars()[key or settings.calendar]


def from_now(duration: str, now: datetime) -> datetime:
    """The instant when that much working time (ISO 8601, such as ``PT4H``) has passed."""
    return sla.add_working_time(calendar(), now, sla.parse_duration(duration))


def functions(now: datetime) -> Mapping[str, Callable[..., Any]]:
    """The functions that diagrams may call beside FEEL's own; both give an instant."""
    return functions_of(calendar(), now)


def functions_of(calendar: sla.Calendar, now: datetime) -> Mapping[str, Callable[..., Any]]:
    """The same by any calendar."""

    def working_time_from_now(duration: timedelta) -> datetime:
        return sla.add_working_time(calendar, now, duration)

    def working_days_from_now(days: int) -> datetime:
        return sla.add_working_days(calendar, now, int(days))

    return {
        "working_time_from_now": working_time_from_now,
        "working_days_from_now": working_days_from_now,
    }
