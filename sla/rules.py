"""Rules: how much is promised to whom; of all that apply the most specific one counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, partial
from typing import Any

from sla.duration import parse_duration
from sla.strict import Table

PRIORITIES = ("urgent", "high", "normal", "low")
USUAL_PRIORITY = "normal"
FACTS = ("contract", "tier", "branch", "service", "priority")
"""What a rule may ask about, the weightiest first: it decides between rules that name equally
many facts."""

_MOST_RULES = 500


@dataclass(frozen=True)
class Rule:
    """A length of working time, and for which requests it is promised."""

    when: Mapping[str, str] = field(hash=False)
    """Facts that must all be so: ``{"tier": "gold", "priority": "urgent"}``; none: any request."""
    target: timedelta
    calendar: str | None = None
    """The key of a calendar of its own; None: the policy's."""
    place: str = field(default="", compare=False)
    """Where the target stands in the metric: ``target``, ``targets.high``, ``rules.2.target``."""

    def applies(self, facts: Mapping[str, str | None]) -> bool:
        """Tell whether every fact that the rule names is so."""
        return self.when.items() <= facts.items()

    @cached_property
    def weight(self) -> tuple[int, int]:
        """How specific it is: the number of facts, then which ones."""
        places = [1 << (len(FACTS) - FACTS.index(name)) for name in self.when]
        return len(places), sum(places)


@dataclass(frozen=True)
class Choice:
    """What is promised for one request, and why."""

    target: timedelta
    calendar: str
    """The calendar by which the working time is counted."""
    rule: Rule
    over: tuple[Rule, ...] = ()
    """The other rules that apply, each less specific than the one before."""
    origin: str = ""
    """The policy in its version, ``complaint@3``."""

    @property
    def reason(self) -> str:
        """The same in short, as ledgers keep it: ``policy:complaint@3,tier:gold``."""
        said = [f"policy:{self.origin}"] if self.origin else []
        said += [f"{name}:{self.rule.when[name]}" for name in FACTS if name in self.rule.when]
        return ",".join(said)

    def to_json(self) -> dict[str, Any]:
        """Return as plain data why this was chosen: ``when`` of the rule and of those it beats,
        and whether the calendar is the rule's own."""
        return {
            "when": dict(self.rule.when),
            "over": [dict(one.when) for one in self.over],
            "own_calendar": self.rule.calendar is not None,
        }


def choose(
    rules: Sequence[Rule], facts: Mapping[str, str | None], calendar: str, origin: str = ""
) -> Choice:
    """Return what is promised to a request with these facts.

    The rule that names the most facts wins; among equals the one that names the weightier fact
    (see ``FACTS``). A priority that is missing or unknown counts as normal. ``calendar`` is the
    policy's own, ``origin`` the policy in its version.
    """
    known = {**facts, "priority": usual(facts.get("priority"))}
    applying = [one for one in rules if one.applies(known)]
    if len(applying) > 1:
        applying.sort(key=lambda one: one.weight, reverse=True)
    best, *others = applying
    return Choice(best.target, best.calendar or calendar, best, tuple(others), origin)


def usual(priority: str | None) -> str:
    """Return a priority that rules may name."""
    return priority if priority in PRIORITIES else USUAL_PRIORITY


def read_rules(table: Table) -> tuple[Rule, ...]:
    """Read ``target``, ``targets`` (for each of the four priorities) and ``rules`` of a metric.

    There must be one for every request, and never two for the same facts.
    """
    given = set(table.unread())
    rules = (table.part(_one_for_all) or []) if "target" in given else []
    if "targets" in given or not given & {"target", "rules"}:
        rules += table.part(partial(_by_priority, with_usual="target" not in given)) or []
    rules += _listed(table)
    if not any(not one.when for one in rules):
        table.tell(
            "target",
            "is missing: nothing is promised to a request that no rule fits",
            "نیامده است: برای درخواستی که هیچ قاعده‌ای به آن نمی‌خورد زمانی نیست",
            unless=("targets", "rules"),
        )
    _refuse_equals(table, rules)
    return tuple(rules)


def _one_for_all(table: Table) -> list[Rule]:
    target = table.read("target", [table.take("target", str)], parse_duration)[0]
    return [Rule({}, target, place="target")]


def _by_priority(table: Table, *, with_usual: bool) -> list[Rule]:
    """One rule for each priority; the normal one also for every other request."""
    inner = table.table("targets")
    read = {one: inner.read(one, [inner.take(one, str)], parse_duration) for one in PRIORITIES}
    inner.finish()
    found = {one: target[0] for one, target in read.items()}
    rules = [
        Rule({"priority": one}, target, place=f"targets.{one}") for one, target in found.items()
    ]
    usual_one = Rule({}, found[USUAL_PRIORITY], place=f"targets.{USUAL_PRIORITY}")
    return [usual_one, *rules] if with_usual else rules


def _listed(table: Table) -> list[Rule]:
    tables = table.tables("rules", optional=True)
    if len(tables) > _MOST_RULES:
        table.tell("rules", f"more than {_MOST_RULES}", f"بیش از {_MOST_RULES} قاعده است")
        return []
    places = (f"rules.{number}.target" for number in range(1, len(tables) + 1))
    read = (one.part(partial(_rule, place)) for one, place in zip(tables, places, strict=True))
    return [one for one in read if one is not None]


def _rule(place: str, table: Table) -> Rule:
    when = {name: table.take(name, str) for name in FACTS if name in table.unread()}
    if when.get("priority", USUAL_PRIORITY) not in PRIORITIES:
        known = ", ".join(PRIORITIES)
        table.tell("priority", f"is none of {known}", f"هیچ‌یک از {known} نیست")
    target = table.read("target", [table.take("target", str)], parse_duration)
    calendar = table.take("calendar", str) if "calendar" in table.unread() else None
    table.finish()
    return Rule(when, target[0], calendar, place)


def _refuse_equals(table: Table, rules: Sequence[Rule]) -> None:
    seen: list[Mapping[str, str]] = []
    for rule in rules:
        if rule.when in seen:
            facts = ", ".join(f"{name} {value}" for name, value in rule.when.items())
            told = facts[:80] or "any request"
            en, fa = f"two are for {told}", f"دو قاعده برای یک چیز است: {facts[:80] or 'همه'}"
            table.tell("rules", en, fa)
        seen.append(rule.when)
