"""Policies: what is promised to the customer, as data.

A policy is one file, ``sla/policies/<key>.toml``: for each metric its name for staff and for
the customer, when its clock starts, pauses and stops, how much working time is promised for
whom (:mod:`sla.rules`), and in words what follows when the promise is broken.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Literal

from sla.conditions import is_state, read_moments, read_pauses
from sla.rules import PRIORITIES, Choice, Rule, choose, read_rules
from sla.strict import AllWrong, Table, open_table

FOLDER = Path(__file__).with_name("policies")
Reopening = Literal["continue", "restart", "ignore"]


@dataclass(frozen=True)
class Metric:
    """One promise of a policy."""

    key: str
    names: Mapping[str, str]
    """In the words of staff."""
    customer_names: Mapping[str, str]
    """In the customer's words."""
    start: tuple[str, ...]
    stop: tuple[str, ...]
    pause: tuple[str, ...]
    """States during which the clock stands, and moments from which on it stands."""
    rules: tuple[Rule, ...]
    late: Mapping[str, str]
    """What follows when the promise is broken."""
    resume: tuple[str, ...] = ()
    """Moments that end what a moment in ``pause`` began."""
    drop: tuple[str, ...] = ()
    """Moments that end the clock without the promise being met, such as a withdrawal; of a step
    that also stops it, the stop counts."""
    repeat: tuple[str, ...] = ()
    """Moments at which the promise is met and made again: the next cycle begins."""
    reopen: Reopening = "ignore"
    """What a reopened request does to a clock that has stopped: it goes on, begins anew, or
    stays as it is."""
    ladder: str | None = None
    """The key of the escalation ladder."""

    def target(self, priority: str | None) -> timedelta:
        """Return the working time promised when nothing but the priority is known."""
        return self.choose({"priority": priority}, "").target

    def choose(self, facts: Mapping[str, str | None], calendar: str, origin: str = "") -> Choice:
        """Return what is promised to a request with these facts; the policy's own ``calendar``
        counts unless a rule names another. ``origin`` is the policy in its version."""
        return choose(self.rules, facts, calendar, origin)

    def starts_on(self, moments: Collection[str]) -> bool:
        """Tell whether any of these moments (``submitted``, ``stage:answer``) starts the clock."""
        return any(map(moments.__contains__, self.start))

    def stops_on(self, moments: Collection[str]) -> bool:
        """Tell whether any of these moments (``left:acknowledge``, ``closed``) stops the clock."""
        return any(map(moments.__contains__, self.stop))

    def drops_on(self, moments: Collection[str]) -> bool:
        """Tell whether any of these moments (``closed``) ends the clock with nothing fulfilled."""
        return any(map(moments.__contains__, self.drop))

    def repeats_on(self, moments: Collection[str]) -> bool:
        """Tell whether any of these moments (``told:customer``) begins the next cycle."""
        return any(map(moments.__contains__, self.repeat))

    def pauses_while(self, states: Collection[str]) -> tuple[str, ...]:
        """Return those of these states (``waits:customer``) during which the clock stands.

        ``waits:suspended`` holds while an operator lets the process stand still.
        """
        return tuple(one for one in self.pause if is_state(one) and one in states)

    def pauses_from(self, moments: Collection[str]) -> tuple[str, ...]:
        """Return those of these moments from which on the clock stands."""
        return tuple(one for one in self.pause if not is_state(one) and one in moments)

    def resumes_on(self, moments: Collection[str]) -> bool:
        """Tell whether any of these moments ends what a moment began."""
        return any(map(moments.__contains__, self.resume))


@dataclass(frozen=True)
class Policy:
    """The promises made for one kind of request."""

    key: str
    names: Mapping[str, str]
    calendar: str
    """The key of the calendar by which working time is counted."""
    metrics: Mapping[str, Metric]
    """In the order in which they are shown."""
    fact_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What people call the tiers and contract levels that rules ask for: by ``tier:gold`` and
    ``contract:premium``."""

    def calendars(self) -> frozenset[str]:
        """Return the keys of all calendars that it counts by."""
        rules = (rule for metric in self.metrics.values() for rule in metric.rules)
        return frozenset({self.calendar, *(one.calendar for one in rules if one.calendar)})

    def ladders(self) -> frozenset[str]:
        """Return the keys of all ladders that it names."""
        return frozenset(one.ladder for one in self.metrics.values() if one.ladder)

    def choose(
        self,
        metric: Metric,
        facts: Mapping[str, str | None],
        version: int | None = None,
        calendar: str | None = None,
    ) -> Choice:
        """Return what is promised to a request with these facts, by this version.

        ``calendar`` is one that comes before the policy's own, such as that of a branch.
        """
        origin = self.key if version is None else f"{self.key}@{version}"
        return metric.choose(facts, calendar or self.calendar, origin)


@cache
def policies() -> Mapping[str, Policy]:
    """Return the shipped policies by key, read once."""
    files = sorted(FOLDER.glob("*.toml"))
    read = [load_policy(file.read_bytes(), file.name) for file in files]
    return {policy.key: policy for policy in read}


def load_policy(source: bytes, file: str, told: AllWrong | None = None) -> Policy:
    """Read one policy; raises ``SettingsRefused`` with file, key and what is wrong. All that is
    wrong is noted in ``told``."""
    return open_table(source, file, told).whole(_policy)


def _policy(top: Table) -> Policy:
    return Policy(
        top.key(), top.names("names"), top.take("calendar", str), _metrics(top.table("metrics")),
        {**_called(top, "tiers", "tier"), **_called(top, "levels", "contract")},
    )  # fmt: skip


def _called(top: Table, key: str, fact: str) -> Mapping[str, Mapping[str, str]]:
    """Read what the values of a fact are called, in a table of its own: ``[tiers.gold]``."""
    table = top.table(key, optional=True)
    return {f"{fact}:{one}": table.names(one) for one in table.unread()}


def _metrics(table: Table) -> Mapping[str, Metric]:
    keys = table.unread()
    if not keys:
        table.tell("", "holds no metric", "هیچ سنجه‌ای ندارد")
    read = {key: table.table(key).part(partial(_metric, key)) for key in keys}
    return {key: metric for key, metric in read.items() if metric is not None}


def _metric(key: str, table: Table) -> Metric:
    metric = Metric(
        key=key,
        names=table.names("names"),
        customer_names=table.names("customer_names"),
        start=read_moments(table, "start"),
        stop=read_moments(table, "stop"),
        pause=read_pauses(table, "pause"),
        resume=read_moments(table, "resume", optional=True),
        drop=read_moments(table, "drop", optional=True),
        repeat=read_moments(table, "repeat", optional=True),
        reopen=_reopening(table),
        rules=table.part(read_rules) or (),
        late=table.names("late"),
        ladder=table.take("ladder", str) if "ladder" in table.unread() else None,
    )
    table.finish()
    _refuse_endless_pause(metric, table)
    _refuse_stop_at_start(metric, table)
    return metric


def _reopening(table: Table) -> Reopening:
    value = table.take("reopen", str, "ignore")
    found = [known for known in _REOPENINGS if known == value]
    if not found:
        known = ", ".join(_REOPENINGS)
        table.tell("reopen", f"is none of {known}", f"هیچ‌یک از {known} نیست")
        return "ignore"
    return found[0]


_REOPENINGS: tuple[Reopening, ...] = ("continue", "restart", "ignore")


def _refuse_stop_at_start(metric: Metric, table: Table) -> None:
    """A clock that stops when it starts would keep every promise at once."""
    for one in metric.stop:
        if one in metric.start:
            table.tell("stop", f"{one} starts the clock as well", f"{one} ساعت را آغاز هم می‌کند")


def _refuse_endless_pause(metric: Metric, table: Table) -> None:
    """A clock that stands from a moment on needs another moment to go on."""
    from_moments = any(not is_state(one) for one in metric.pause)
    if from_moments and not metric.resume:
        table.tell(
            "resume", "must name the moment that ends the pause", "باید پایان توقف را نام ببرد"
        )
    if metric.resume and not from_moments:
        table.tell(
            "resume",
            "has nothing to end: pause names states only, which end by themselves",
            "کاری ندارد: حالت‌هایی که در pause آمده‌اند خود پایان می‌یابند",
            unless=("pause",),
        )


__all__ = ["FOLDER", "PRIORITIES", "Metric", "Policy", "load_policy", "policies"]
