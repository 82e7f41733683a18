"""When to try again: full jitter between nothing and a ceiling that grows from 5 s to 6 h.

Pure: the moment, the counts and the draw are given, so a test can go through every case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


@dataclass(frozen=True)
class RetryPolicy:
    """How patiently a delivery is tried again.

    With these figures the ceilings are 5 s, 25 s, 2 min, 10 min, 52 min, 4 h 20 min and then
    6 h: ten attempts that always end within 24 hours.
    """

    first: timedelta = timedelta(seconds=5)
    ceiling: timedelta = timedelta(hours=6)
    factor: int = 5
    attempts: int = 10
    horizon: timedelta = timedelta(hours=24)
    """No attempt is made later than this after the first one."""


STANDARD = RetryPolicy()


def longest_wait(attempts_made: int, policy: RetryPolicy = STANDARD) -> timedelta:
    """Return the ceiling of the wait after so many attempts (1 or more)."""
    if attempts_made < 1:
        raise ValueError("a wait comes after an attempt")
    # Beyond a hundred doublings every ceiling is reached; the bound keeps the number small.
    grown: int = policy.factor ** min(attempts_made - 1, 100)
    if grown >= policy.ceiling / policy.first:
        return policy.ceiling
    return policy.first * grown


def next_attempt(
    attempts_made: int,
    first_at: datetime,
    now: datetime,
    draw: float,
    *,
    retry_after: timedelta | None = None,
    policy: RetryPolicy = STANDARD,
) -> datetime | None:
    """Return the moment of the next attempt, or None when it is time to give up.

    ``draw`` is a random number from 0 to 1. When the other side named a wait, it is honoured
    in full, and the jitter (of the first ceiling) comes on top, so that callers do not return
    all at once.
    """
    if not 0 <= draw <= 1:
        raise ValueError("draw must lie between 0 and 1")
    if attempts_made >= policy.attempts:
        return None
    wait = longest_wait(attempts_made, policy) * draw
    if retry_after is not None:
        wait = max(wait, max(retry_after, timedelta(0)) + policy.first * draw)
    last = first_at + policy.horizon
    return now + wait if wait <= last - now else None


def read_retry_after(text: str, now: datetime) -> timedelta | None:
    """Read a ``Retry-After`` header: seconds or an HTTP date (RFC 9110 10.2.3).

    None for anything else; a date that has passed means no wait.
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text)) if len(text) <= 9 else None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(moment - now, timedelta(0))
