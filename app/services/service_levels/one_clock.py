"""One clock of a request, and what becomes of it when something happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sla
from app.models import ServiceRequest, SlaClock
from app.objects import made
from app.services.casework import terms
from app.services.service_levels import clock_rows, sla_settings
from app.services.service_levels.clock_entries import Entries, entries_of_end
from app.services.service_levels.clock_rows import Changes, ledger_of
from app.services.service_levels.clock_states import Happened


def newest(policy: sla.Policy, clock: SlaClock | None) -> int:
    """The newest version of the policy, at least the one that the clock goes by."""
    at_least = clock.policy_version if clock else 0
    return sla_settings.newest("policy", policy.key, at_least=at_least)


def is_over(clock: SlaClock | None, metric: sla.Metric, what: Happened) -> bool:
    """Whether the clock has not begun and does not now, or has stopped and stays so."""
    if clock is None:
        return not metric.starts_on(what.moments)
    return clock.state in clock_rows.OVER and sla.REOPENED not in what.moments


def is_untouched(clock: SlaClock, metric: sla.Metric, what: Happened, choice: sla.Choice) -> bool:
    """Whether the clock runs on as it did; most do in most steps, and need not be read then."""
    promised = (choice.target.total_seconds(), choice.calendar)
    return (
        clock.state == "running"
        and promised == (clock.target_seconds, clock.calendar)
        and not metric.stops_on(what.moments)
        and not metric.drops_on(what.moments)
        and not metric.repeats_on(what.moments)
        and not metric.pauses_from(what.moments)
        and not metric.pauses_while((what.states or frozenset()) | what.besides)
    )


def keep(clock: SlaClock, metric: sla.Metric, choice: sla.Choice, changes: Changes) -> None:
    """Let one that nothing touched go by the newest ladder."""
    if judge(clock, metric, choice, changes.now):
        changes.plan(clock, ledger_of(clock))


def choose(
    request: ServiceRequest,
    facts: Mapping[str, str | None],
    policy: sla.Policy,
    metric: sla.Metric,
    clock: SlaClock | None,
) -> sla.Choice:
    """What is promised now to a request with these facts; its calendar in the newest version."""
    version = newest(policy, clock)
    own = terms.calendar_of(request)
    choice = policy.choose(metric, facts, version, calendar=own)
    besides = clock.calendar if clock else ""
    reference = sla_settings.reference("calendar", choice.calendar, besides=besides)
    return sla.Choice(choice.target, reference, choice.rule, choice.over, choice.origin)


def ledgers_after(
    clock: SlaClock | None, metric: sla.Metric, what: Happened, choice: sla.Choice, now: datetime
) -> tuple[sla.Ledger, ...]:
    """The clock's ledger after what happened, and those of the clocks that begin behind it."""
    before = ledger_of(clock) if clock else None
    return sla.follow(
        before,
        metric,
        not_before(before, now),
        choice=choice,
        moments=what.moments,
        states=what.besides | (_as_it_was(before) if what.states is None else what.states),
    )


def _as_it_was(ledger: sla.Ledger | None) -> frozenset[str]:
    return frozenset(ledger.paused_for if ledger else ())


def not_before(ledger: sla.Ledger | None, now: datetime) -> datetime:
    """The moment of this step for the ledger.

    A step takes its moment before it waits for the lock of its instance, so one that came
    later may have been written first; the ledger goes on from there.
    """
    return now if ledger is None else max(now, ledger.entries[-1].at)


def new_clock(
    request: ServiceRequest, policy: sla.Policy, metric: sla.Metric, before: SlaClock | None
) -> SlaClock:
    """The clock of a metric that begins, behind the one before it if there is one."""
    facts = {
        "request_id": request.id,
        "policy": policy.key,
        "metric": metric.key,
        "cycle": before.cycle + 1 if before else 1,
        "names": dict(metric.names),
        "done": {},
    }
    clock: SlaClock = made(SlaClock, facts)
    return clock


def set_ledger(
    request: ServiceRequest,
    clock: SlaClock,
    ledger: sla.Ledger,
    metric: sla.Metric,
    choice: sla.Choice,
    changes: Changes,
) -> Entries:
    """Let a clock have this ledger if it is another one; the history entries to write."""
    is_new = clock.ledger is None
    if not is_new and clock.state in clock_rows.OVER and ledger.phase in clock_rows.OVER:
        return []
    same = not is_new and ledger == ledger_of(clock)
    moved = judge(clock, metric, choice, changes.now)
    if same and moved:
        changes.plan(clock, ledger)
    if same:
        return []
    changes.set(clock, ledger, is_new=is_new)
    return entries_of_end(request, clock, ledger, metric, changes.now)


def judge(clock: SlaClock, metric: sla.Metric, choice: sla.Choice, now: datetime) -> bool:
    """Keep why that much is promised, and by which versions; whether the ladder is another."""
    version, rule = int(choice.origin.partition("@")[2]), choice.to_json()
    if clock.policy_version != version or clock.rule != rule:
        clock.policy_version, clock.rule = version, rule
    ladder = None
    if metric.ladder is not None:
        ladder = sla_settings.reference("ladder", metric.ladder, besides=clock.ladder or "")
    return clock_rows.go_by(clock, ladder, now)
