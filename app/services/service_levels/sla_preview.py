"""When a request would be due, by settings that need not be saved yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sla
from app.errors import NoSuch
from app.models import Branch
from app.services.casework import catalogue
from app.services.service_levels import sla_settings
from app.services.service_levels.sla_settings import Kind, Parsed


@dataclass(frozen=True)
class Case:
    """A request that somebody thinks of."""

    service: str
    opened_at: datetime
    facts: Mapping[str, str | None]
    """``service``, ``priority``, ``tier``, ``contract``, ``branch``."""
    branch: Branch | None = None


@dataclass(frozen=True)
class Due:
    """What would be promised, when it would be due, and when the ladder would be climbed."""

    metric: sla.Metric
    choice: sla.Choice
    calendar: sla.Calendar
    due_at: datetime
    steps: Sequence[tuple[sla.LadderStep, datetime]]


@dataclass(frozen=True)
class Draft:
    """One setting as it is being edited; all others count as they are saved."""

    kind: Kind
    key: str
    parsed: Parsed

    def calendar(self, key: str) -> sla.Calendar:
        """The calendar of that key; raises NoSuch."""
        if isinstance(self.parsed, sla.Calendar) and key == self.key:
            return self.parsed
        return sla_settings.calendar(key)

    def ladder(self, key: str | None) -> sla.Ladder:
        """The ladder of that key, an empty one without a key; raises NoSuch."""
        if isinstance(self.parsed, sla.Ladder) and key == self.key:
            return self.parsed
        return sla_settings.ladder(key) if key else sla.EMPTY

    def is_used(self, policy: sla.Policy) -> bool:
        """Whether the policy names what is edited."""
        if isinstance(self.parsed, sla.Calendar):
            return self.key in policy.calendars()
        return not isinstance(self.parsed, sla.Ladder) or self.key in policy.ladders()

    def as_if_used(self, policy: sla.Policy) -> sla.Policy:
        """The policy as it would be if it named what is edited."""
        if isinstance(self.parsed, sla.Calendar):
            return replace(policy, calendar=self.key)
        metrics = {key: replace(one, ladder=self.key) for key, one in policy.metrics.items()}
        return replace(policy, metrics=metrics)

    def policy(self, service: str) -> sla.Policy | None:
        """The policy by which a request of that service is promised."""
        if isinstance(self.parsed, sla.Policy):
            return self.parsed
        found = catalogue.services().get(service)
        known = found is not None and found.policy and sla_settings.has("policy", found.policy)
        return sla_settings.policy(found.policy) if found and found.policy and known else None


def preview(draft: Draft, case: Case) -> list[Due]:
    """When that request would be due, metric by metric.

    Raises NoSuch for what nobody has, and ``sla.NoWorkingTime`` for a calendar that is never open.
    """
    policy = draft.policy(case.service)
    if policy is None:
        raise NoSuch(en=f"policy of {case.service}", fa=f"سیاست {case.service}")
    if not draft.is_used(policy):
        policy = draft.as_if_used(policy)
    return [_due(draft, policy, metric, case) for metric in policy.metrics.values()]


def _due(draft: Draft, policy: sla.Policy, metric: sla.Metric, case: Case) -> Due:
    own = case.branch.calendar if case.branch else None
    choice = policy.choose(metric, case.facts, calendar=own)
    calendar = draft.calendar(choice.calendar)
    ledger = sla.start(case.opened_at, choice.target, "", choice.calendar)
    steps = sla.step_moments(ledger, draft.ladder(metric.ladder), lambda _: calendar)
    due = sla.add_working_time(calendar, case.opened_at, choice.target)
    return Due(metric, choice, calendar, due, [one for one in steps if one[0].key != sla.BROKEN])
