"""How a clock follows its request: one pure step from what happened to the next ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sla.conditions import is_state
from sla.ledger import Ledger, drop, pause, reopen, resume, retarget, start, stop
from sla.policy import Metric
from sla.rules import Choice

REOPENED = "reopened"
"""The moment at which a closed request is opened again."""


def follow(
    ledger: Ledger | None,
    metric: Metric,
    now: datetime,
    *,
    choice: Choice,
    moments: Collection[str] = (),
    states: Collection[str] = (),
) -> tuple[Ledger, ...]:
    """Return the ledger after one step of the request; the same when nothing changed.

    None before and nothing after it: the clock has not started. When a cycle ends and the next
    begins, the second ledger is that of the new one. ``moments`` happened in this step
    (``submitted``, ``left:assess``, ``told:customer``), ``states`` hold after it
    (``waits:customer``), and ``choice`` is what the policy promises now; its calendar names a
    version.
    """
    if ledger is None:
        if not metric.starts_on(moments):
            return ()
        return (_go_on(_start(now, choice), metric, now, moments, states),)
    if ledger.stopped_at is None:
        return _live(_retargeted(ledger, now, choice), metric, now, choice, moments, states)
    if REOPENED not in moments or metric.reopen == "ignore":
        return (ledger,)
    if metric.reopen == "restart":
        return ledger, _go_on(_start(now, choice), metric, now, moments, states)
    again = _retargeted(reopen(ledger, now, REOPENED), now, choice)
    return (_go_on(again, metric, now, moments, states),)


def take_up(
    ledger: Ledger | None,
    metric: Metric,
    now: datetime,
    *,
    choice: Choice,
    past: Iterable[Collection[str]],
    states: Collection[str] = (),
) -> tuple[Ledger, ...]:
    """Return what becomes of a clock when the policy promises anew what it did not before.

    ``past`` holds the moments of each step so far: all since the submission for a clock that
    never started, those since it was dropped for another. By them the clock runs or stands from
    now on, with the time it had counted before, or it stays as it is: not yet begun, or met
    while nobody counted.
    """
    standing = _standing(ledger, metric, past)
    if standing is None:
        return () if ledger is None else (ledger,)
    if ledger is None:
        again = _start(now, choice)
    else:
        again = _retargeted(reopen(ledger, now, f"policy:{choice.origin}"), now, choice)
    reasons = sorted({*standing, *metric.pauses_while(states)})
    return (pause(again, now, ",".join(reasons)) if reasons else again,)


def _standing(
    ledger: Ledger | None, metric: Metric, past: Iterable[Collection[str]]
) -> set[str] | None:
    """The moments from which on the clock would stand by now; None when it would not go on."""
    runs = _left_out(ledger)
    over = ledger is not None and not runs
    begun = _begun(ledger)
    for moments in past:
        if REOPENED in moments and over and metric.reopen != "ignore":
            runs, over = True, False
        runs = runs or (not over and metric.starts_on(moments))
        if runs and (metric.stops_on(moments) or metric.drops_on(moments)):
            runs, over = False, True
        resumes = metric.resumes_on(moments) or metric.repeats_on(moments)
        begun = (set() if resumes else begun) | {*metric.pauses_from(moments)}
    return begun if runs else None


def _left_out(ledger: Ledger | None) -> bool:
    """Whether the clock ended because its policy left the metric out, not by what happened."""
    return ledger is not None and ledger.entries[-1].reason.startswith("policy:")


def _begun(ledger: Ledger | None) -> set[str]:
    """The moments from which on a dropped clock stood when it was dropped."""
    before = Ledger(ledger.entries[:-1]) if ledger else None
    return {one for one in before.paused_for if not is_state(one)} if before else set()


def _start(now: datetime, choice: Choice) -> Ledger:
    return start(now, choice.target, choice.reason, choice.calendar)


def _retargeted(ledger: Ledger, now: datetime, choice: Choice) -> Ledger:
    if (choice.target, choice.calendar) == (ledger.target, ledger.calendar):
        return ledger
    calendar = "" if choice.calendar == ledger.calendar else choice.calendar
    return retarget(ledger, now, choice.target, choice.reason, calendar)


def _live(
    ledger: Ledger,
    metric: Metric,
    now: datetime,
    choice: Choice,
    moments: Collection[str],
    states: Collection[str],
) -> tuple[Ledger, ...]:
    ended = _ended(ledger, metric, now, moments)
    if ended is not None:
        return (ended,)
    if metric.repeats_on(moments):
        ended = stop(ledger, now, _said(metric.repeat, moments))
        return ended, _go_on(_start(now, choice), metric, now, moments, states)
    return (_go_on(ledger, metric, now, moments, states),)


def _ended(
    ledger: Ledger, metric: Metric, now: datetime, moments: Collection[str]
) -> Ledger | None:
    """The ledger after its end: what was fulfilled in the same step is not dropped."""
    if metric.stops_on(moments):
        return stop(ledger, now, _said(metric.stop, moments))
    if metric.drops_on(moments):
        return drop(ledger, now, _said(metric.drop, moments))
    return None


def _go_on(
    ledger: Ledger,
    metric: Metric,
    now: datetime,
    moments: Collection[str],
    states: Collection[str],
) -> Ledger:
    """End it if the same step says so, else let it run or stand as the policy says."""
    ended = _ended(ledger, metric, now, moments)
    if ended is not None:
        return ended
    begun = {one for one in ledger.paused_for if not is_state(one)}
    kept = set() if metric.resumes_on(moments) else begun | {*metric.pauses_from(moments)}
    reasons = sorted({*kept, *metric.pauses_while(states)})
    if ledger.phase == "paused" and (not reasons or kept != begun):
        # What a moment began is remembered by the entry, so a change of it is a new entry.
        ledger = resume(ledger, now, _said(metric.resume, moments))
    return (
        pause(ledger, now, ",".join(reasons)) if reasons and ledger.phase == "running" else ledger
    )


def _said(conditions: Collection[str], moments: Collection[str]) -> str:
    """Which of the conditions came true, for the explanation."""
    return ",".join(one for one in conditions if one in moments)
