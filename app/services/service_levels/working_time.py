"""The organisation's working time, for task clocks, promises and timers in diagrams."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sla
from app import running
from app.services.service_levels import sla_settings


def own_key() -> str:
    """The key of the organisation's own calendar."""
    settings = running.settings()
    return settings.calendar


def calendar(key: str | None = None) -> sla.Calendar:
    """The calendar ``iran@3``, or the newest version of ``iran``; the organisation's own without
    a key. Raises NoSuch."""
    return sla_settings.calendar(key or own_key())


def functions(now: datetime) -> Mapping[str, Callable[..., Any]]:
    """The functions that diagrams may call beside FEEL's own; both give an instant. The calendar
    is looked for only when one is called."""
    return _functions(calendar, now)


def functions_of(calendar: sla.Calendar, now: datetime) -> Mapping[str, Callable[..., Any]]:
    """The same by any calendar."""
    return _functions(lambda: calendar, now)


def _functions(by: Callable[[], sla.Calendar], now: datetime) -> Mapping[str, Callable[..., Any]]:
    def working_time_from_now(duration: timedelta) -> datetime:
        return sla.add_working_time(by(), now, duration)

    def working_days_from_now(days: int) -> datetime:
        return sla.add_working_days(by(), now, int(days))

    return {
        "working_time_from_now": working_time_from_now,
        "working_days_from_now": working_days_from_now,
    }
