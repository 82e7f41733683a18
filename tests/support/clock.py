"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 5, 2, 6, 0, tzinfo=UTC)
"""Saturday 12 Ordibehesht 1405, half past nine in Tehran: a working day of the Iranian week."""


class MovingClock:
    """Called, it tells the time (UTC); it goes on only by :meth:`move`."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **delta: Any) -> datetime:
        """Goes on by ``timedelta(**delta)`` and tells the new time: ``clock.move(hours=3)``."""
        self.now += timedelta(**delta)
        return self.now
