"""What may be done with a run next: steps to begin, places to move to, a newer version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from flask_babel import gettext as _

import bpmn
from app.access import Actor
from app.models import Fault, ProcessDefinition, ProcessInstance
from app.services import history
from app.services.deployment import definitions
from app.services.execution import diagrams, instances, migrating, processes
from app.web import task_page
from app.web.entries import named


class Offer(NamedTuple):
    """An ad-hoc subprocess that runs, with the steps that staff may begin in it now."""

    key: str
    name: str
    steps: Sequence[tuple[str, str]]
    """Each as element and name."""


class Stop(NamedTuple):
    """Who lets a run stand still, and why."""

    who: str
    reason: str


class Standing(NamedTuple):
    """A token: its key, the name of its element, and of the called process that it stands in."""

    key: str
    name: str
    inside: str


class Targets(NamedTuple):
    """The elements of one process before which a token may be put."""

    name: str
    elements: Sequence[tuple[str, str]]


class Newer(NamedTuple):
    """The newest version of a run's process, and what would become of the run there."""

    row: ProcessDefinition
    move: migrating.InstanceMove
    tokens: Sequence[tuple[str, str]]
    """Where a token would stand otherwise than now: the names before and after."""


def of_run(run: ProcessInstance, elements: task_page.ElementNames) -> list[Offer]:
    """The steps that staff may begin in a run now; only its processes that hold such are read."""
    if run.status != "active" or not _may_hold(run):
        return []
    return activatable(run, processes.inspect(run).activatable, elements)


def _may_hold(run: ProcessInstance) -> bool:
    versions = [run.definition_id, *(one.definition_id for one in diagrams.called_by(run))]
    drawn = (element for one in versions for element in definitions.load(one).elements.values())
    return any(element.type == "adHocSubProcess" for element in drawn)


def activatable(
    run: ProcessInstance, found: Sequence[bpmn.Activatable], elements: task_page.ElementNames
) -> list[Offer]:
    """The ad-hoc subprocesses of a run that goes on."""
    if run.status != "active" or run.suspended_at is not None:
        return []
    drawn = diagrams.of(run)
    return [_offer(one, drawn.id_of(one), elements) for one in found if one.elements]


def _offer(one: bpmn.Activatable, called_id: int | None, elements: task_page.ElementNames) -> Offer:
    def name(element: str) -> str:
        return named(elements.get(diagrams.place(element, called_id), {})) or element

    return Offer(one.key, name(one.element), [(step, name(step)) for step in one.elements])


def standing(found: instances.InstanceView, elements: task_page.ElementNames) -> list[Standing]:
    """Every token of a run that has not ended."""
    if found.row.status != "active":
        return []
    drawn = diagrams.of(found.row)
    called = {one.definition_id: one for one in found.called}
    told = []
    for place in found.places:
        called_id = drawn.id_of(place)
        name = named(elements.get(diagrams.place(place.element, called_id), {}))
        inside = called.get(called_id or 0)
        within = (named(inside.names) or inside.key) if inside else ""
        told.append(Standing(place.key, name or place.element, within))
    return told


def stop_of(run: ProcessInstance) -> Stop | None:
    """Who suspended the run and why; none while it goes on."""
    if run.suspended_at is None:
        return None
    event = history.last_of(run.id, "instance_suspended")
    told = event.data if event else {}
    return Stop(named(event.actor_names) if event else "", str(told.get("reason") or ""))


_NO_TARGETS = ("startEvent", "boundaryEvent")


def targets(run: ProcessInstance) -> list[Targets]:
    """The elements of the run's own process and of those it called to which flows lead, and
    which lie where something runs now."""
    called = [(one.definition_id, one.tokens) for one in diagrams.called_by(run) if one.tokens]
    versions = [(run.definition_id, run.tokens), *called]
    return [_targets(definitions.find(version), tokens) for version, tokens in versions]


def _targets(row: ProcessDefinition, tokens: Sequence[str]) -> Targets:
    drawn = definitions.load(row.id)
    reached = {target for _, target in drawn.flows.values()}
    found = [
        (key, named(element.names) or key)
        for key, element in drawn.elements.items()
        if key in reached
        and element.type not in _NO_TARGETS
        and _is_node(element.type)
        and (element.inside is None or element.inside in tokens)
    ]
    return Targets(named(row.names) or row.key, found)


def _is_node(kind: str) -> bool:
    return kind.endswith(("ask", "Event", "Gateway", "ubProcess", "callActivity", "transaction"))


_CHOOSING = ("exclusiveGateway", "inclusiveGateway")


def ways_out(run: ProcessInstance, fault: Fault) -> list[tuple[str, str]]:
    """The flows by which a gateway that faulted may be left, each with what is written at it
    and where it leads; none for anything else."""
    drawn = definitions.load(fault.called_id or run.definition_id)
    element = drawn.elements.get(fault.element)
    if element is None or element.type not in _CHOOSING:
        return []
    return [
        (flow, _way(named(drawn.flow_names[flow]), _name(drawn.elements, target)))
        for flow, (source, target) in drawn.flows.items()
        if source == fault.element
    ]


def _way(name: str, target: str) -> str:
    words: str = _("to “%(step)s”", step=target)
    return f"{name}: {words}" if name else words


def newer(run: ProcessInstance, person: Actor) -> Newer | None:
    """The newest version, when the run is not of it and has not ended."""
    if run.status != "active":
        return None
    own = definitions.find(run.definition_id)
    newest = definitions.latest(own.key)
    if newest.id == own.id:
        return None
    order = migrating.order(own.key, newest.version, {}, person)
    return judged(newest, run, migrating.preview(order, run.id, person))


def reasons_of(move: migrating.InstanceMove) -> dict[str, str]:
    """Why a run cannot be moved, in each language."""
    return {lang: " ".join(one[lang] for one in move.reasons) for lang in ("en", "fa")}


def judged(newest: ProcessDefinition, run: ProcessInstance, move: migrating.InstanceMove) -> Newer:
    """What would become of a run, with the names of the elements."""
    before = definitions.load(run.definition_id).elements
    after = definitions.load(newest.id).elements
    moved = [
        (_name(before, one.element), _name(after, one.to))
        for one in move.tokens
        if one.verdict == "changed" and one.to
    ]
    return Newer(newest, move, moved)


def _name(elements: Mapping[str, Any], key: str) -> str:
    element = elements.get(key)
    return (named(element.names) if element else "") or key
