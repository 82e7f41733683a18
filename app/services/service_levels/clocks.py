"""The clocks of a request, started, paused and stopped by what happens to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import bpmn
import sla
from app.models import ProcessInstance, ServiceRequest, SlaClock
from app.services import history
from app.services.casework import catalogue, terms
from app.services.execution.diagrams import Diagrams
from app.services.service_levels import anew, clock_rows, clock_states, sla_settings, task_clocks
from app.services.service_levels.clock_entries import Entries
from app.services.service_levels.clock_rows import Changes, latest
from app.services.service_levels.clock_states import Happened
from app.services.service_levels.clock_versions import end_left, take_up
from app.services.service_levels.one_clock import (
    choose,
    is_over,
    is_untouched,
    keep,
    ledgers_after,
    new_clock,
    set_ledger,
)


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
        over = is_over(clock, metric, what)
        if over and metric.key not in fresh:
            continue
        choice = choose(request, facts, policy, metric, clock)
        if over:
            entries += take_up(request, policy, metric, known, choice, what, past or (), changes)
            continue
        if clock is not None and is_untouched(clock, metric, what, choice):
            keep(clock, metric, choice, changes)
            continue
        followed = ledgers_after(clock, metric, what, choice, changes.now)
        for number, ledger in enumerate(followed):
            clock = clock if number == 0 and clock else new_clock(request, policy, metric, clock)
            entries += set_ledger(request, clock, ledger, metric, choice, changes)
            known[metric.key] = clock
    entries += end_left(request, policy, known.values(), what, changes)
    show_next(request, known.values())
    return entries


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
