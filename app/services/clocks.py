"""The clocks of a request, started, paused and stopped by what happens to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import bpmn
import sla
from app.access import SYSTEM
from app.models import ProcessInstance, ServiceRequest, SlaClock
from app.services import (
    anew,
    catalogue,
    clock_rows,
    clock_states,
    history,
    sla_settings,
    task_clocks,
    terms,
)
from app.services.clock_rows import Changes, latest, ledger_of
from app.services.clock_states import CLOSED, Happened
from app.services.diagrams import Diagrams

Entries = list[dict[str, Any]]


def start(request: ServiceRequest, now: datetime) -> Changes:
    """Start the clocks that run from the submission on; they are written with the first step of
    the process, which takes them on."""
    changes = Changes(now)
    what = Happened(frozenset({"submitted"}), frozenset({f"status:{request.status}"}))
    _bring(request, [], what, changes)
    return changes


def follow(
    instance: ProcessInstance,
    found: Diagrams,
    outcome: bpmn.Outcome,
    now: datetime,
    *,
    moments: Collection[str] = (),
    fresh: Collection[str] = (),
    of_tasks_only: bool = False,
    clocks: Sequence[SlaClock] | None = None,
    changes: Changes | None = None,
) -> Entries:
    """Bring the clocks after a step of the process; the history entries to write.

    ``moments`` happened besides what the outcome tells, ``fresh`` are the keys of the tasks that
    came with the step. With ``of_tasks_only`` the request's own clocks are left alone, since it
    was closed before. ``clocks`` are locked already when the caller has read them. ``changes``
    takes what is to be written by the caller, with the step; it is written here without. Clocks
    go on while the process is suspended, unless their policy says otherwise.
    """
    request = instance.request
    if request is None and not task_clocks.may_have(found):
        return []
    clocks = _locked(instance) if clocks is None else clocks
    states, written = clock_states.after_step(instance, found, outcome), changes is None
    changes = Changes(now) if changes is None else changes
    entries: Entries = []
    if request is not None and not of_tasks_only:
        happened = clock_states.moments_of(request, found, outcome) | {*moments}
        entries += _bring(request, clocks, Happened(happened, states), changes)
    entries += task_clocks.follow(instance, found, outcome, clocks, fresh, states, changes)
    if written:
        changes.write()
    if request is not None:
        # Clocks that began with this step are among both when it is the first one.
        clock_rows.remember(request, list(dict.fromkeys([*clocks, *changes.new])))
    return entries


def _locked(instance: ProcessInstance) -> list[SlaClock]:
    if instance.request_id is None:
        return clock_rows.of_instance(instance.id)
    # What the step has changed so far need not be written for this; clocks it has not changed.
    return clock_rows.of_request(instance.request_id, lock=True, flush=False)


def happened(request: ServiceRequest, moments: Collection[str], now: datetime) -> None:
    """Bring the clocks after something that is no step of a process: ``told:customer``,
    ``reopened``; the history is written."""
    _touch(request, Happened(frozenset(moments), None), now)


def renew(request: ServiceRequest, now: datetime) -> None:
    """Bring the clocks after the terms, the priority or the settings changed."""
    clocks = _held(request)
    terms.renew(request)
    suspended = bool(clock_states.suspended_of([request.id]))
    _write(request, clocks, _changed_settings(request, suspended), now)


def recount(
    request: ServiceRequest,
    clocks: Sequence[SlaClock],
    changes: Changes,
    *,
    suspended: bool,
    past: anew.Past | None = None,
) -> Entries:
    """Bring these locked clocks, which are all of the request, after the settings changed; the
    history entries to write. ``suspended``: whether a process of the request is; ``past``: what
    happened to it so far, when it has been read."""
    clock_rows.forget()
    entries = _bring(request, clocks, _changed_settings(request, suspended), changes, past)
    for clock in clocks:
        if clock.task_key is not None and clock.state != clock_rows.STOPPED:
            task_clocks.recount(clock, changes)
    return entries


def _changed_settings(request: ServiceRequest, suspended: bool) -> Happened:
    """Nothing happened, but a policy may name now what it did not name before."""
    return Happened(frozenset(), None, clock_states.of_row(request, suspended=suspended))


def _touch(request: ServiceRequest, what: Happened, now: datetime) -> None:
    _write(request, _held(request), what, now)


def _held(request: ServiceRequest) -> list[SlaClock]:
    """The locked clocks; the request is read after it, since a step may have changed it while
    this one waited."""
    clocks = clock_rows.of_request(request.id, lock=True)
    clock_rows.read_anew(request)
    return clocks


def _write(
    request: ServiceRequest, clocks: Sequence[SlaClock], what: Happened, now: datetime
) -> None:
    clock_rows.forget()
    changes = Changes(now)
    entries = _bring(request, clocks, what, changes)
    changes.write()
    history.record(entries)


def _bring(
    request: ServiceRequest,
    clocks: Iterable[SlaClock],
    what: Happened,
    changes: Changes,
    past: anew.Past | None = None,
) -> Entries:
    known = latest(clocks)
    policy = policy_of(request, known)
    if policy is None:
        return []
    entries: Entries = []
    facts = terms.facts_of(request)
    fresh = anew.wanted(policy, known, of_all=past is not None) if request.is_open else ()
    if fresh and past is None:
        past = anew.of_requests([request.id])[request.id]
    for metric in policy.metrics.values():
        clock = known.get(metric.key)
        over = _is_over(clock, metric, what)
        if over and metric.key not in fresh:
            continue
        choice = _choose(request, facts, policy, metric, clock)
        if over:
            entries += _take_up(request, policy, metric, known, choice, what, past or (), changes)
            continue
        if clock is not None and _is_untouched(clock, metric, what, choice):
            _keep(clock, metric, choice, changes)
            continue
        followed = _followed(clock, metric, what, choice, changes.now)
        for number, ledger in enumerate(followed):
            clock = clock if number == 0 and clock else _new(request, policy, metric, clock)
            entries += _set(request, clock, ledger, metric, choice, changes)
            known[metric.key] = clock
    entries += _end_left(request, policy, known.values(), what, changes)
    show_next(request, known.values())
    return entries


def _end_left(
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
            after = sla.drop(before, _not_before(before, changes.now), CLOSED)
            changes.set(clock, after)
            entries += _told(request, clock, after, metric, changes.now)
    return entries


def _drop(
    request: ServiceRequest, clock: SlaClock, policy: sla.Policy, changes: Changes
) -> Entries:
    """End a clock whose metric the policy names no longer; it goes on should that come back."""
    before, version = ledger_of(clock), _newest(policy, clock)
    after = sla.drop(before, _not_before(before, changes.now), f"policy:{policy.key}@{version}")
    changes.set(clock, after)
    _settle(clock, policy)
    missed = _is_missed(clock, after)
    told = _told(request, clock, after, None, changes.now) if missed else []
    return [*told, _of_policy("promise_dropped", request, clock, version, changes.now)]


def _settle(clock: SlaClock, policy: sla.Policy) -> None:
    """Note that a dropped clock follows the newest version."""
    if clock.state == clock_rows.DROPPED:
        clock.policy_version = _newest(policy, clock)


def _take_up(
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
    at = _not_before(before, changes.now)
    moments = [*anew.since(past, clock), what.moments]
    states = what.besides | (what.states or frozenset())
    after = sla.take_up(before, metric, at, choice=choice, past=moments, states=states)
    if not after or after[0] == before:
        return []
    is_new = clock is None
    clock = clock or _new(request, policy, metric, None)
    _judge(clock, metric, choice, changes.now)
    changes.set(clock, after[0], is_new=is_new)
    known[metric.key] = clock
    version = int(choice.origin.partition("@")[2])
    return [_of_policy("promise_taken_up", request, clock, version, changes.now)]


def _of_policy(
    kind: str, request: ServiceRequest, clock: SlaClock, version: int, now: datetime
) -> dict[str, Any]:
    """The history entry of what a new version of the policy did to a promise."""
    data = {"metric": clock.metric, "names": clock.names, "version": version}
    return history.entry(kind, SYSTEM, now, request_id=request.id, data=data)


def _outlives(metric: sla.Metric, what: Happened) -> bool:
    return CLOSED not in what.moments or metric.starts_on(what.moments)


def _newest(policy: sla.Policy, clock: SlaClock | None) -> int:
    at_least = clock.policy_version if clock else 0
    return sla_settings.newest("policy", policy.key, at_least=at_least)


def _is_over(clock: SlaClock | None, metric: sla.Metric, what: Happened) -> bool:
    """Whether the clock has not begun and does not now, or has stopped and stays so."""
    if clock is None:
        return not metric.starts_on(what.moments)
    return clock.state in clock_rows.OVER and sla.REOPENED not in what.moments


def _is_untouched(clock: SlaClock, metric: sla.Metric, what: Happened, choice: sla.Choice) -> bool:
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


def _keep(clock: SlaClock, metric: sla.Metric, choice: sla.Choice, changes: Changes) -> None:
    if _judge(clock, metric, choice, changes.now):
        changes.plan(clock, ledger_of(clock))


def _choose(
    request: ServiceRequest,
    facts: Mapping[str, str | None],
    policy: sla.Policy,
    metric: sla.Metric,
    clock: SlaClock | None,
) -> sla.Choice:
    """What is promised now to a request with these facts; its calendar in the newest version."""
    version = _newest(policy, clock)
    own = terms.calendar_of(request)
    choice = policy.choose(metric, facts, version, calendar=own)
    besides = clock.calendar if clock else ""
    reference = sla_settings.reference("calendar", choice.calendar, besides=besides)
    return replace(choice, calendar=reference)


def _followed(
    clock: SlaClock | None, metric: sla.Metric, what: Happened, choice: sla.Choice, now: datetime
) -> tuple[sla.Ledger, ...]:
    before = ledger_of(clock) if clock else None
    return sla.follow(
        before,
        metric,
        _not_before(before, now),
        choice=choice,
        moments=what.moments,
        states=what.besides | (_as_it_was(before) if what.states is None else what.states),
    )


def _as_it_was(ledger: sla.Ledger | None) -> frozenset[str]:
    return frozenset(ledger.paused_for if ledger else ())


def _not_before(ledger: sla.Ledger | None, now: datetime) -> datetime:
    """The moment of this step for the ledger.

    A step takes its moment before it waits for the lock of its instance, so one that came
    later may have been written first; the ledger goes on from there.
    """
    return now if ledger is None else max(now, ledger.entries[-1].at)


def _new(
    request: ServiceRequest, policy: sla.Policy, metric: sla.Metric, before: SlaClock | None
) -> SlaClock:
    return SlaClock(
        request_id=request.id,
        policy=policy.key,
        metric=metric.key,
        cycle=before.cycle + 1 if before else 1,
        names=dict(metric.names),
        done={},
    )


def _set(
    request: ServiceRequest,
    clock: SlaClock,
    ledger: sla.Ledger,
    metric: sla.Metric,
    choice: sla.Choice,
    changes: Changes,
) -> Entries:
    is_new = clock.ledger is None
    if not is_new and clock.state in clock_rows.OVER and ledger.phase in clock_rows.OVER:
        return []
    same = not is_new and ledger == ledger_of(clock)
    moved = _judge(clock, metric, choice, changes.now)
    if same and moved:
        changes.plan(clock, ledger)
    if same:
        return []
    changes.set(clock, ledger, is_new=is_new)
    return _told(request, clock, ledger, metric, changes.now)


def _judge(clock: SlaClock, metric: sla.Metric, choice: sla.Choice, now: datetime) -> bool:
    """Keep why that much is promised, and by which versions; whether the ladder is another."""
    version, rule = int(choice.origin.partition("@")[2]), choice.to_json()
    if clock.policy_version != version or clock.rule != rule:
        clock.policy_version, clock.rule = version, rule
    ladder = None
    if metric.ladder is not None:
        ladder = sla_settings.reference("ladder", metric.ladder, besides=clock.ladder or "")
    return clock_rows.go_by(clock, ladder, now)


def _told(
    request: ServiceRequest,
    clock: SlaClock,
    ledger: sla.Ledger,
    metric: sla.Metric | None,
    now: datetime,
) -> Entries:
    if ledger.stopped_at is None:
        return []
    data = {"metric": clock.metric, "names": clock.names}
    # The due moment has just been reckoned from this very ledger.
    if not _is_missed(clock, ledger):
        # What is promised no longer was neither kept nor broken; a promise that is made again
        # and again is noted once it is over.
        over = metric is None or ledger.phase == clock_rows.DROPPED
        silent = over or (metric is not None and ledger.entries[-1].reason in metric.repeat)
        kept = history.entry("promise_kept", SYSTEM, now, request_id=request.id, data=data)
        return [] if silent else [kept]
    if clock.broken_at is not None:
        return []
    clock.broken_at = now
    return [broken_entry(clock, now)]


def _is_missed(clock: SlaClock, ledger: sla.Ledger) -> bool:
    """What :func:`sla.state` says of a clock that is over."""
    due, ended = clock.due_at, ledger.stopped_at
    return due is not None and ended is not None and ended > due


def broken_entry(clock: SlaClock, now: datetime) -> dict[str, Any]:
    """The history entry of a promise that was not kept in time."""
    data = {"metric": clock.metric, "names": clock.names}
    return history.entry("promise_broken", SYSTEM, now, request_id=clock.request_id, data=data)


def show_next(request: ServiceRequest, clocks: Collection[SlaClock]) -> None:
    """Let the request say which of its promises is due next."""
    running = [clock for clock in clocks if clock.state == "running" and clock.due_at]
    first = min(running, key=lambda clock: (clock.due_at, clock.metric), default=None)
    request.next_due_at = first.due_at if first else None
    request.next_risk_at = first.risk_at if first else None
    request.next_metric = first.metric if first else None


def policy_of(request: ServiceRequest, clocks: Mapping[str, SlaClock]) -> sla.Policy | None:
    """The policy that the request's clocks were started by, else that of its service, in its
    newest version; a request outlives its service's place in the catalogue."""
    service = catalogue.services().get(request.service)
    first = next(iter(clocks.values()), None)
    key = first.policy if first else (service.policy if service else "")
    if not key or not sla_settings.has("policy", key):
        return None
    newest = sla_settings.newest("policy", key, at_least=first.policy_version if first else 0)
    return sla_settings.policy(f"{key}@{newest}")
