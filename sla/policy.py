"""Policies: what is promised to the customer, as data.

A policy is one file, ``sla/policies/<key>.toml``: for each metric its name for staff and for
the customer, when its clock starts, pauses and stops, how much working time is promised for
each priority, and in words what follows when the promise is broken.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from sla.duration import parse_duration
from sla.strict import Table, open_table

FOLDER = Path(__file__).with_name("policies")
PRIORITIES = ("urgent", "high", "normal", "low")
USUAL_PRIORITY = "normal"

_MOMENT = re.compile(
    r"submitted|closed|(?:left|entered):[A-Za-z_][\w.-]*|stage:[A-Za-z_][\w-]*", re.ASCII
)
_WAIT = re.compile(r"waits:(customer|partner|suspended)")


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
    targets: Mapping[str, timedelta]
    """Working time for each of the four priorities."""
    late: Mapping[str, str]
    """What follows when the promise is broken."""

    def target(self, priority: str | None) -> timedelta:
        """Return the working time promised; an unknown or missing priority counts as normal."""
        return self.targets.get(priority or USUAL_PRIORITY, self.targets[USUAL_PRIORITY])

    def starts_on(self, moments: Collection[str]) -> bool:
        """Tell whether any of these moments (``submitted``, ``stage:answer``) starts the clock."""
        return any(one in moments for one in self.start)

    def stops_on(self, moments: Collection[str]) -> bool:
        """Tell whether any of these moments (``left:acknowledge``, ``closed``) stops the clock."""
        return any(one in moments for one in self.stop)

    def pauses_while(self, waiting_for: Collection[str]) -> bool:
        """Tell whether the clock stands while these (``customer``, ``partner``) are awaited.

        ``suspended`` is awaited while an operator lets the process stand still.
        """
        return any(one.removeprefix("waits:") in waiting_for for one in self.pause)


@dataclass(frozen=True)
class Policy:
    """The promises made for one kind of request."""

    key: str
    names: Mapping[str, str]
    calendar: str
    """The key of the calendar by which working time is counted."""
    metrics: Mapping[str, Metric]
    """In the order in which they are shown."""


@cache
def policies() -> Mapping[str, Policy]:
    """Return the shipped policies by key, read once."""
    files = sorted(FOLDER.glob("*.toml"))
    read = [load_policy(file.read_bytes(), file.name) for file in files]
    return {policy.key: policy for policy in read}


def load_policy(source: bytes, file: str) -> Policy:
    """Read one policy; raises ``SettingsRefused`` with file, key and what is wrong."""
    top = open_table(source, file)
    policy = Policy(
        top.key(), top.names("names"), top.take("calendar", str), _metrics(top.table("metrics"))
    )
    top.finish()
    return policy


def _metrics(table: Table) -> Mapping[str, Metric]:
    keys = table.unread()
    if not keys:
        raise table.refuse("", "holds no metric", "هیچ سنجه‌ای ندارد")
    return {key: _metric(key, table.table(key)) for key in keys}


def _metric(key: str, table: Table) -> Metric:
    metric = Metric(
        key=key,
        names=table.names("names"),
        customer_names=table.names("customer_names"),
        start=_conditions(table, "start"),
        stop=_conditions(table, "stop"),
        pause=table.read("pause", table.texts("pause", optional=True), _wait),
        targets=_targets(table),
        late=table.names("late"),
    )
    table.finish()
    return metric


def _conditions(table: Table, key: str) -> tuple[str, ...]:
    found = table.read(key, table.texts(key), _moment)
    if not found:
        raise table.refuse(key, "must name a moment", "باید دست‌کم یک زمان را نام ببرد")
    return found


def _moment(text: str) -> str:
    if not _MOMENT.fullmatch(text):
        known = "submitted, closed, entered:<element>, left:<element>, stage:<key>"
        raise ValueError(f"{text[:60]!r} is none of {known}")
    return text


def _wait(text: str) -> str:
    if not _WAIT.fullmatch(text):
        raise ValueError(f"{text[:60]!r} is none of waits:customer, waits:partner, waits:suspended")
    return text


def _targets(table: Table) -> Mapping[str, timedelta]:
    """Read ``target`` (for every priority) or the table ``targets`` (for each of the four)."""
    if "target" in table.unread():
        same = table.read("target", [table.take("target", str)], parse_duration)[0]
        return dict.fromkeys(PRIORITIES, same)
    inner = table.table("targets")
    found = {one: inner.read(one, [inner.take(one, str)], parse_duration)[0] for one in PRIORITIES}
    inner.finish()
    return found
