"""Promises: the clocks of a request, started, paused and stopped by what happens to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sla
from app.models import ServiceRequest, SlaClock
from app.services.service_levels import clock_rows, clocks, sla_settings
from app.services.service_levels.clocks import follow, happened, renew, start

__all__ = [
    "Promise", "clocks_of", "follow", "happened", "next_of", "of_request", "preview", "renew",
    "start",
]  # fmt: skip


@dataclass(frozen=True)
class Promise:
    """One promise as people see it; ``remaining`` is working time, negative once overdrawn."""

    metric: str
    names: Mapping[str, str]
    customer_names: Mapping[str, str]
    late: Mapping[str, str]
    state: str
    """``on_track``, ``at_risk``, ``broken``, ``paused``, ``kept``, ``missed``,
    ``dropped`` or ``uncountable``."""
    due_at: datetime | None
    stopped_at: datetime | None
    remaining: timedelta
    target: timedelta
    cycle: int = 1
    """Which turn it is of a promise that repeats."""
    calendar: str = ""
    """By which calendar it is counted, in its version: ``iran@3``."""
    policy: str = ""
    """``complaint@2``."""
    rule: Mapping[str, Any] = field(default_factory=dict)
    """Why that much is promised: ``when`` the facts of the rule, ``over`` those that it beats."""
    waits_for: tuple[str, ...] = ()
    """Why it stands, such as ``waits:customer``; nothing unless it is paused."""

    @property
    def used(self) -> float:
        """How much of the promised time is used up, from 0 to 1."""
        return min(1.0, max(0.0, 1 - self.remaining / self.target)) if self.target else 1.0


def clocks_of(request_id: int, *, lock: bool = False) -> Mapping[str, SlaClock]:
    """The clocks of a request by metric, each that of its last cycle, in the order they started.

    With ``lock`` nobody else notes or stops them until the transaction ends.
    """
    return clock_rows.latest(clock_rows.of_request(request_id, lock=lock))


def of_request(request: ServiceRequest, now: datetime) -> list[Promise]:
    """The promises of a request as they stand now, in the policy's order."""
    found = clocks_of(request.id)
    policy = clocks.policy_of(request, found)
    if policy is None:
        return []
    return [
        _promise(metric, found[metric.key], now)
        for metric in policy.metrics.values()
        if metric.key in found
    ]


def _promise(metric: sla.Metric, clock: SlaClock, now: datetime) -> Promise:
    ledger = clock_rows.ledger_of(clock)
    return Promise(
        metric=metric.key,
        names=metric.names,
        customer_names=metric.customer_names,
        late=metric.late,
        state=sla.state(ledger, clock_rows.calendar, now),
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        remaining=sla.remaining(ledger, clock_rows.calendar, now),
        target=ledger.target,
        cycle=clock.cycle,
        calendar=clock.calendar,
        policy=f"{clock.policy}@{clock.policy_version}",
        rule=clock.rule,
        waits_for=ledger.paused_for,
    )


@dataclass(frozen=True)
class Preview:
    """What would be promised to a request that is opened now."""

    metric: sla.Metric
    choice: sla.Choice
    due_at: datetime


def preview(policy: sla.Policy, facts: Mapping[str, str | None], now: datetime) -> list[Preview]:
    """When a request with these facts, opened now, would be due at the latest, by metric; for a
    policy that need not be saved yet. Raises NoSuch for a calendar that nobody has."""
    chosen = [(metric, policy.choose(metric, facts)) for metric in policy.metrics.values()]
    return [
        Preview(
            metric,
            choice,
            sla.add_working_time(sla_settings.calendar(choice.calendar), now, choice.target),
        )
        for metric, choice in chosen
    ]


def next_of(promises: Collection[Promise]) -> Promise | None:
    """The promise to show first: the running one that is due earliest, else a paused one."""
    running = [(p.due_at, p.metric, p) for p in promises if p.stopped_at is None and p.due_at]
    if running:
        return min(running, key=lambda item: item[:2])[2]
    return next((p for p in promises if p.state == "paused"), None)
