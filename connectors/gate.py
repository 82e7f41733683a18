"""When a channel may be used: its circuit breaker, its rate and its quiet hours.

Pure: states and the moment are given, and what comes back is what to keep.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

TRIP = 5
"""Failures one after the other that open the breaker."""
FIRST, LONGEST = timedelta(seconds=30), timedelta(minutes=15)
"""How long it stays open the first time, and at most; each trial that fails doubles it."""
TRIAL = timedelta(minutes=2)
"""How long the others wait for the one sending that is let through when that time is over."""
BURST = timedelta(seconds=10)
"""How much of a rate may be used at once."""


@dataclass(frozen=True)
class Breaker:
    """How often a partner has failed in a row, and until when it is left alone."""

    failures: int = 0
    open_until: datetime | None = None

    def after_failure(self, now: datetime, *, on_trial: bool = False) -> Breaker:
        """One failure more; from the fifth on the partner is left alone for a while.

        What was on its way when the breaker opened tells nothing new, so it changes nothing:
        only the sending that tries whether the partner is back lengthens the wait.
        """
        if self.is_open(now) and not on_trial:
            return self
        failures = self.failures + 1
        if failures < TRIP:
            return Breaker(failures, self.open_until)
        # Beyond twenty doublings the longest is reached; the bound keeps the number small.
        wait = min(FIRST * 2 ** min(failures - TRIP, 20), LONGEST)
        return Breaker(failures, now + wait)

    def is_open(self, now: datetime) -> bool:
        """Whether nothing may be sent now."""
        return self.open_until is not None and now < self.open_until

    def is_on_trial(self, now: datetime) -> bool:
        """Whether the next sending is the trial that tells if the partner is back."""
        return self.open_until is not None and not self.is_open(now)

    def trying(self, now: datetime) -> Breaker:
        """While one sending tries, the others wait for how it goes."""
        return Breaker(self.failures, now + TRIAL)


@dataclass(frozen=True)
class Rate:
    """A token bucket whose tokens may be taken in advance, so that who waits holds a place in
    the row and asks only once."""

    per_minute: int
    tokens: float | None = None
    """What was left when it was last counted; below zero for places taken in advance, None
    while it is full."""
    counted_at: datetime | None = None

    @property
    def capacity(self) -> float:
        return max(self.per_minute * (BURST / timedelta(minutes=1)), 1.0)

    def take(self, now: datetime) -> tuple[Rate, datetime | None]:
        """The bucket with one token less, and when the one who took it may go; None for now."""
        left = self._filled(now) - 1
        taken = Rate(self.per_minute, left, now)
        if left >= 0:
            return taken, None
        return taken, now + timedelta(minutes=-left / self.per_minute)

    def take_some(self, now: datetime, most: int) -> tuple[Rate, int]:
        """The bucket without as many tokens as there are for now, and how many that were: no
        more than ``most``, and none in advance."""
        filled = self._filled(now)
        count = min(int(filled), most)
        return Rate(self.per_minute, filled - count, now), count

    def _filled(self, now: datetime) -> float:
        if self.tokens is None or self.counted_at is None:
            return self.capacity
        minutes = max(now - self.counted_at, timedelta(0)) / timedelta(minutes=1)
        return min(self.tokens + minutes * self.per_minute, self.capacity)


@dataclass(frozen=True)
class Quiet:
    """Hours of the local day in which nothing is sent, over midnight when they end before they
    begin; none when both are the same."""

    start: time
    end: time

    def over_at(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When the quiet hours that hold now are over, in UTC; None when none hold."""
        local = now.astimezone(zone)
        clock = local.time().replace(fold=0)
        if not self._holds(clock):
            return None
        day = local.date() + timedelta(days=1 if clock >= self.end else 0)
        # A local time that a summer time leaves out comes back as the one that takes its place.
        ends = datetime.combine(day, self.end, zone).astimezone(UTC)
        # One that comes twice ends with its first coming, unless that has gone by.
        again = datetime.combine(day, self.end.replace(fold=1), zone).astimezone(UTC)
        return ends if ends > now else again

    def _holds(self, clock: time) -> bool:
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end
