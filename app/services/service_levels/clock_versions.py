"""Clocks that end or begin because the newest version of their policy says so."""

from __future__ import annotations

from collections.abc import Iterable

import sla
from app.models import ServiceRequest, SlaClock
from app.services.service_levels import anew, clock_rows
from app.services.service_levels.clock_entries import (
    Entries,
    entries_of_end,
    is_missed,
    policy_entry,
)
from app.services.service_levels.clock_rows import Changes, ledger_of
from app.services.service_levels.clock_states import CLOSED, Happened
from app.services.service_levels.one_clock import judge, new_clock, newest, not_before


def end_left(
    request: ServiceRequest,
    policy: sla.Policy,
    clocks: Iterable[SlaClock],
    what: Happened,
    changes: Changes,
) -> Entries:
    """Drop the clocks that nothing would ever stop: those whose metric the policy has dropped,
    and when the request is closed all that the policy lets go on."""
    entries: Entries = []
    for clock in clocks:
        metric = policy.metrics.get(clock.metric)
        if clock.state in clock_rows.OVER:
            _settle(clock, policy)
        elif metric is None:
            entries += _drop(request, clock, policy, changes)
        elif not _outlives(metric, what):
            before = ledger_of(clock)
            after = sla.drop(before, not_before(before, changes.now), CLOSED)
            changes.set(clock, after)
            entries += entries_of_end(request, clock, after, metric, changes.now)
    return entries


def _drop(
    request: ServiceRequest, clock: SlaClock, policy: sla.Policy, changes: Changes
) -> Entries:
    """End a clock whose metric the policy names no longer; it goes on should that come back."""
    before, version = ledger_of(clock), newest(policy, clock)
    after = sla.drop(before, not_before(before, changes.now), f"policy:{policy.key}@{version}")
    changes.set(clock, after)
    _settle(clock, policy)
    missed = is_missed(clock, after)
    told = entries_of_end(request, clock, after, None, changes.now) if missed else []
    return [*told, policy_entry("promise_dropped", request, clock, version, changes.now)]


def _settle(clock: SlaClock, policy: sla.Policy) -> None:
    """Note that a dropped clock follows the newest version."""
    if clock.state == clock_rows.DROPPED:
        clock.policy_version = newest(policy, clock)


def take_up(
    request: ServiceRequest,
    policy: sla.Policy,
    metric: sla.Metric,
    known: dict[str, SlaClock],
    choice: sla.Choice,
    what: Happened,
    past: anew.Past,
    changes: Changes,
) -> Entries:
    """Let the clock of a metric that the policy has got since run from now on, if by what
    happened so far it would; the entries to write."""
    clock = known.get(metric.key)
    before = ledger_of(clock) if clock else None
    at = not_before(before, changes.now)
    moments = [*anew.since(past, clock), what.moments]
    states = what.besides | (what.states or frozenset())
    after = sla.take_up(before, metric, at, choice=choice, past=moments, states=states)
    if not after or after[0] == before:
        return []
    is_new = clock is None
    clock = clock or new_clock(request, policy, metric, None)
    judge(clock, metric, choice, changes.now)
    changes.set(clock, after[0], is_new=is_new)
    known[metric.key] = clock
    version = int(choice.origin.partition("@")[2])
    return [policy_entry("promise_taken_up", request, clock, version, changes.now)]


def _outlives(metric: sla.Metric, what: Happened) -> bool:
    return CLOSED not in what.moments or metric.starts_on(what.moments)
