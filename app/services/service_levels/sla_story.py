"""The whole story of a request's promises, as facts: entries of ledgers, steps of ladders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

import sla
from app.db import session
from app.models import Branch, Event, Group, ServiceRequest, SlaClock, SlaStep
from app.services.casework import catalogue
from app.services.deployment import definitions
from app.services.execution import processes
from app.services.service_levels import clock_rows, fact_names, sla_settings, standing

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Step:
    """A step of a ladder that was done, or comes next."""

    key: str
    names: Texts
    at: datetime
    """The instant for which it is, or was, due."""
    done_at: datetime | None
    did: Sequence[Mapping[str, Any]] = ()
    """What each of its actions did, as the history keeps it."""
    plans: Sequence[sla.Action] = ()
    """What it is going to do."""
    names_of: sla.Names = field(default_factory=dict)
    """What the groups are called that it tells or hands work to."""


@dataclass(frozen=True)
class Story:
    """One clock from its start until now."""

    metric: str
    names: Texts
    of_task: bool
    cycle: int
    state: str
    """``on_track``, ``at_risk``, ``broken``, ``paused``, ``kept``, ``missed``,
    ``dropped`` or ``uncountable``."""
    target: timedelta
    counted: timedelta
    """Working time counted until now."""
    remaining: timedelta
    due_at: datetime | None
    stopped_at: datetime | None
    waits_for: tuple[str, ...]
    late: Texts
    """What follows when it is broken; empty for the clock of a task."""
    policy: sla.Reason | None
    calendar: sla.Reason
    always: bool
    """Whether the calendar in force never closes, so that its times are plain hours and days."""
    always_of: Mapping[str, bool]
    """The same for each calendar that it was ever counted by, such as ``iran@3``."""
    rule: Mapping[str, Any]
    """Why that much is promised: ``when`` the facts of the rule, ``over`` those that it beats."""
    told: tuple[sla.Told, ...]
    done: tuple[Step, ...]
    coming: tuple[Step, ...]
    names_of: sla.Names
    """What reasons and facts are called."""

    @property
    def used(self) -> float:
        """How much of the promised time is used up, from 0 to 1."""
        return min(1.0, max(0.0, self.counted / self.target)) if self.target else 1.0

    @property
    def is_over(self) -> bool:
        """Whether its clock has stopped."""
        return self.stopped_at is not None

    def is_always(self, calendar: sla.Reason) -> bool:
        """Whether a calendar that it was counted by never closes."""
        version = f"@{calendar.version}" if calendar.version is not None else ""
        return self.always_of.get(f"{calendar.value}{version}", self.always)


def of_request(request: ServiceRequest, now: datetime) -> list[Story]:
    """All promises of a request and of its tasks, in the order in which they began."""
    clocks = _clocks(request.id)
    done, did = _steps([clock.id for clock in clocks]), _escalated(request.id)
    names = {**_names(request), **_of_versions(clocks)}
    return [_story(clock, done, did, names, now) for clock in clocks]


def _clocks(request_id: int) -> list[SlaClock]:
    query = select(SlaClock).where(SlaClock.request_id == request_id)
    return list(session().scalars(query.order_by(SlaClock.task_key.is_not(None), SlaClock.id)))


def _steps(clock_ids: Sequence[int]) -> list[SlaStep]:
    query = select(SlaStep).where(SlaStep.clock_id.in_(clock_ids)).order_by(SlaStep.id)
    return list(session().scalars(query)) if clock_ids else []


def _escalated(request_id: int) -> Mapping[tuple[str, str, str], Any]:
    """What steps did, by metric, step and due instant."""
    query = select(Event.data).where(
        Event.request_id == request_id, Event.kind == "promise_escalated"
    )
    return {
        (data.get("metric", ""), data.get("step", ""), data.get("due_at", "")): data
        for data in session().scalars(query)
    }


def _story(
    clock: SlaClock,
    steps: Iterable[SlaStep],
    did: Mapping[tuple[str, str, str], Any],
    names: sla.Names,
    now: datetime,
) -> Story:
    ledger, by = clock_rows.ledger_of(clock), clock_rows.calendar
    counted = sla.elapsed(ledger, by, now)
    told = sla.story(ledger, by, names)
    own = [one for one in steps if one.clock_id == clock.id]
    groups = {key: called for key, called in names.items() if key.startswith("group:")}
    return Story(
        metric=clock.metric,
        names=clock.names,
        of_task=clock.task_key is not None,
        cycle=clock.cycle,
        state=sla.state(ledger, by, now),
        target=ledger.target,
        counted=counted,
        remaining=ledger.target - counted,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        waits_for=ledger.paused_for,
        late=_late(clock),
        policy=_policy(clock, names),
        calendar=told[-1].calendar,
        always=standing.is_always(by(ledger.calendar)),
        always_of={
            one.calendar: standing.is_always(by(one.calendar))
            for one in ledger.entries
            if one.calendar
        },
        rule=clock.rule,
        told=told,
        done=tuple(replace(_done(clock, one, did), names_of=groups) for one in own),
        coming=tuple(replace(one, names_of=groups) for one in _coming(clock, ledger, now)),
        names_of=names,
    )


def _ladder(clock: SlaClock) -> sla.Ladder:
    return sla_settings.ladder(clock.ladder) if clock.ladder else sla.EMPTY


def _done(clock: SlaClock, row: SlaStep, did: Mapping[tuple[str, str, str], Any]) -> Step:
    known = {one.key: one.names for one in (sla.BREACH, *_ladder(clock).steps)}
    told = did.get((clock.metric, row.step, row.due_at.isoformat()), {})
    names = told.get("step_names") or known.get(row.step) or {"en": row.step}
    return Step(row.step, names, row.due_at, row.done_at, told.get("did", ()))


def _coming(clock: SlaClock, ledger: sla.Ledger, now: datetime) -> Iterable[Step]:
    """The steps that are still ahead. That it breaks is no step that anybody takes."""
    for step, instant in sla.step_moments(ledger, _ladder(clock), clock_rows.calendar):
        if step.key == sla.BROKEN:
            continue
        if instant > now or (step.key, instant) == (clock.next_step, clock.next_step_at):
            yield Step(step.key, step.names, instant, None, plans=step.actions)


def _late(clock: SlaClock) -> Texts:
    if not clock.policy or not sla_settings.has("policy", clock.policy):
        return {}
    policy = sla_settings.policy(f"{clock.policy}@{clock.policy_version}")
    metric = policy.metrics.get(clock.metric)
    return metric.late if metric else {}


def _policy(clock: SlaClock, names: sla.Names) -> sla.Reason | None:
    if not clock.policy:
        return None
    version = f"policy:{clock.policy}@{clock.policy_version}"
    known = names.get(version) or names.get(f"policy:{clock.policy}", {})
    return sla.Reason("policy", clock.policy, clock.policy_version, known)


def _of_versions(clocks: Iterable[SlaClock]) -> dict[str, Texts]:
    """What the versions were called by which these clocks have gone."""
    named = {f"policy:{one.policy}@{one.policy_version}" for one in clocks if one.policy}
    for clock in clocks:
        for one in clock_rows.ledger_of(clock).entries:
            named |= {part for part in one.reason.split(",") if part.startswith("policy:")}
            named |= {f"calendar:{one.calendar}"} if one.calendar else set()
    return {one: _called(one) for one in named if "@" in one}


def _called(reason: str) -> Texts:
    kind, _, version = reason.partition(":")
    read = sla_settings.calendar if kind == "calendar" else sla_settings.policy
    return read(version).names


def _names(request: ServiceRequest) -> sla.Names:
    """What people call the things that reasons name."""
    names: dict[str, Texts] = {}
    for kind in ("calendar", "policy"):
        read = sla_settings.calendar if kind == "calendar" else sla_settings.policy
        for key in sla_settings.keys("calendar" if kind == "calendar" else "policy"):
            names[f"{kind}:{key}"] = read(key).names
    names |= fact_names.of_policies()
    for run in processes.of_request(request.id):
        definition = definitions.load(run.definition_id)
        for key, element in definition.elements.items():
            names[f"left:{key}"] = names[f"entered:{key}"] = element.names
        names |= {f"stage:{one.key}": one.names for one in definition.stages}
    for key, service in catalogue.services().items():
        names[f"service:{key}"] = service.names
    for branch in session().scalars(select(Branch)):
        names[f"branch:{branch.key}"] = branch.names
    for group in session().scalars(select(Group)):
        names[f"group:{group.key}"] = group.names
    return names
