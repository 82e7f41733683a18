"""What surrounds one reading of answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, tzinfo


@dataclass(frozen=True)
class Setting:
    """The language of the messages, the zone of the clock times, and today's date there."""

    language: str
    zone: tzinfo = UTC
    today: date | None = None
    """Without it, dates in the past are not told apart."""
