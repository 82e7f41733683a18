"""What a policy or a ladder names that nothing will ever bring about.

A policy may be written before its process is deployed, so these only warn; a ladder that begins
processes without end is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import bpmn
import sla
from app.services.casework import catalogue
from app.services.deployment.shipped import DIAGRAMS
from app.services.execution.diagrams import CLOSED_STAGE
from app.services.service_levels.sla_possible import Wrong

_WHEN = ("start", "pause", "resume", "repeat", "stop", "drop")


@dataclass(frozen=True)
class World:
    """What policies and ladders may name."""

    services: Mapping[str, catalogue.Service]
    branches: frozenset[str] | None
    """None where nobody knows them."""
    process: Callable[[str], bpmn.Definition | None]
    """The newest version of a process."""
    ladder: Callable[[str], sla.Ladder | None]


def shipped() -> World:
    """What comes with the product, for files that are looked at without an installation."""
    return World(catalogue.services(), None, _shipped_processes().get, sla.ladders().get)


@cache
def _shipped_processes() -> Mapping[str, bpmn.Definition]:
    read = (bpmn.parse(path.read_bytes(), path.name) for path in DIAGRAMS.glob("*.bpmn"))
    return {one.key: one for one in read}


def doubts(found: sla.Policy | sla.Ladder | sla.Calendar, world: World) -> list[Wrong]:
    """What is odd, though it can be used."""
    if not isinstance(found, sla.Policy):
        return []
    return [*_unknown_facts(found, world), *_unknown_moments(found, world)]


def _unknown_facts(policy: sla.Policy, world: World) -> Iterator[Wrong]:
    """Rules for services and branches that nobody has."""
    known = {"service": frozenset(world.services), "branch": world.branches}
    for metric in policy.metrics.values():
        for rule in metric.rules:
            for fact, names in known.items():
                value = rule.when.get(fact)
                if value is not None and names is not None and value not in names:
                    place = rule.place.removesuffix("target")
                    fa = {"service": "خدمت", "branch": "شعبه"}[fact]
                    yield Wrong(
                        f"metrics.{metric.key}.{place}{fact}",
                        f"there is no {fact} “{value}”, so that this rule never applies",
                        f"{fa} «{value}» وجود ندارد و این قاعده هرگز به کار نمی‌آید",
                    )


def _unknown_moments(policy: sla.Policy, world: World) -> Iterator[Wrong]:
    """Elements, stages and messages that no process of the policy's services has."""
    keys = {one.process for one in world.services.values() if one.policy == policy.key}
    found = [world.process(key) for key in sorted(keys)]
    made = [one for one in found if one is not None]
    if not made or len(made) < len(found):
        return
    known = frozenset(name for one in made for name in _moments(one))
    for metric in policy.metrics.values():
        for when in _WHEN:
            for one in getattr(metric, when):
                if one.partition(":")[0] in _NAMED and one not in known:
                    yield _never(f"metrics.{metric.key}.{when}", one, made)


_NAMED = {
    "entered": ("element", "گامی"),
    "left": ("element", "گامی"),
    "stage": ("stage", "مرحله‌ای"),
    "message": ("message", "پیامی"),
}


def _never(key: str, named: str, made: Iterable[bpmn.Definition]) -> Wrong:
    kind, _, name = named.partition(":")
    en, fa = _NAMED[kind]
    where = ", ".join(one.key for one in made)
    return Wrong(
        key,
        f"{where} has no {en} “{name}”, so that {named} never happens",
        f"در {where} {fa} به نام «{name}» نیست؛ {named} هرگز رخ نمی‌دهد",
    )


def _moments(definition: bpmn.Definition) -> Iterator[str]:
    for key, element in definition.elements.items():
        yield from (f"entered:{key}", f"left:{key}")
        if "stage" in element.properties:
            yield f"stage:{element.properties['stage']}"
    yield from (f"stage:{one.key}" for one in definition.stages)
    yield from (f"message:{name}" for name in definition.messages)
    yield f"stage:{CLOSED_STAGE}"


def endless(found: object, world: World) -> list[Wrong]:
    """A ladder that begins a process whose tasks climb it again, whose clocks begin the process
    again, and so on without end."""
    if not isinstance(found, sla.Ladder):
        return []
    return [
        _endless(f"steps.{number}.actions", process, found.key)
        for number, step in enumerate(found.steps, 1)
        for process in _begun(step)
        if _leads_back(process, found, world, frozenset())
    ]


def _endless(key: str, process: str, ladder: str) -> Wrong:
    return Wrong(
        key,
        f"the tasks of process {process} climb {ladder} again, so that it would begin without end",
        f"کارهای فرایند {process} خود از {ladder} بالا می‌روند و این آغازها پایانی نخواهد داشت",
    )


def _begun(step: sla.LadderStep) -> list[str]:
    return [one.to[0] for one in step.actions if one.kind == "start_process"]


def _leads_back(process: str, to: sla.Ladder, world: World, seen: frozenset[str]) -> bool:
    """Whether the tasks of a process climb that ladder, or one that begins such a process."""
    made = world.process(process)
    if made is None or process in seen:
        return False
    named = {one.properties.get("ladder", "") for one in made.elements.values()}
    if to.key in named:
        return True
    others = (world.ladder(key) for key in sorted(named) if key)
    begun = [key for other in others if other for step in other.steps for key in _begun(step)]
    return any(_leads_back(key, to, world, seen | {process}) for key in begun)
