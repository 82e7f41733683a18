"""Moving running instances to another version of their process, each in a transaction of its own.

The rows of an instance keep their ids: claims, drafts, due moments and clocks stay. What cannot
be moved is refused and stays as it is. Which instances are left is seen from the tables alone, so
that a move that was cut short is simply begun again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

import bpmn
from app.access import Actor, may_see_request, operator, requests_seen_by
from app.db import session
from app.errors import Forbidden, Invalid, NoSuch
from app.models import ProcessDefinition, ProcessInstance
from app.services.casework import case
from app.services.deployment import definitions
from app.services.execution import agreement, diagrams, processes
from app.services.service_levels import working_time


@dataclass(frozen=True)
class Order:
    """Which instances go to which version, and what is called otherwise there."""

    target: ProcessDefinition
    source: ProcessDefinition | None
    """Only instances of this version; None for all other versions."""
    mapping: Mapping[str, str]


@dataclass(frozen=True)
class InstanceMove:
    """What became, or would become, of one instance."""

    instance_id: int
    version: int
    """From which it goes."""
    verdict: str
    """``moved``, ``movable`` (nothing was done yet), ``refused`` or ``done`` (nothing to do)."""
    tokens: tuple[bpmn.TokenMove, ...] = ()
    listeners: tuple[bpmn.ListenerMove, ...] = ()
    reasons: tuple[bpmn.Names, ...] = ()


def order(
    key: str, to: int, mapping: Mapping[str, str], actor: Actor, *, of: int | None = None
) -> Order:
    """The order for instances of a process; raises NoSuch for a version that is not there."""
    if not operator(actor):
        raise Forbidden
    return Order(_version(key, to), None if of is None else _version(key, of), dict(mapping))


def _version(key: str, version: int) -> ProcessDefinition:
    query = select(ProcessDefinition).where(
        ProcessDefinition.kind == "bpmn",
        ProcessDefinition.key == key,
        ProcessDefinition.version == version,
    )
    row = session().scalar(query)
    if row is None:
        raise NoSuch(en=f"version {version} of {key}", fa=f"نسخهٔ {version} از {key}")
    return row


def waiting(order: Order, actor: Actor, *, after: int = 0, limit: int = 100) -> list[int]:
    """The instances that the order is about and that are not there yet, by id; those of requests
    that the actor may not see are left to somebody who may."""
    of_key = ProcessDefinition.key == order.target.key, ProcessDefinition.kind == "bpmn"
    query = (
        select(ProcessInstance.id)
        .join(ProcessInstance.definition)
        .outerjoin(ProcessInstance.request)
        .where(or_(ProcessInstance.request_id.is_(None), requests_seen_by(actor)))
        .where(*of_key, ProcessInstance.definition_id != order.target.id)
        .where(ProcessInstance.status == "active", ProcessInstance.id > after)
    )
    if order.source is not None:
        query = query.where(ProcessInstance.definition_id == order.source.id)
    return list(session().scalars(query.order_by(ProcessInstance.id).limit(limit)))


def preview(order: Order, instance_id: int, actor: Actor) -> InstanceMove:
    """What ``move`` would do with an instance."""
    return _judge(order, _seen(processes.find(instance_id), actor))


def move(order: Order, instance_id: int, actor: Actor, now: datetime) -> InstanceMove:
    """Move one instance, or say why it is refused; a refused one is not changed."""
    instance = _seen(processes.lock(instance_id), actor)
    judged = _judge(order, instance)
    if judged.verdict != "movable":
        return judged
    pinned = _decisions(order, instance)
    found = diagrams.Diagrams(order.target.id, instance.called, instance.started_at)
    try:
        outcome = bpmn.migrate(
            definitions.load(instance.definition_id),
            found.own,
            instance.state,
            order.mapping,
            now,
            decisions=definitions.load_decisions(pinned),
            functions=working_time.functions(now),
            deployed=found,
        )
    except bpmn.CannotOperate as error:
        return InstanceMove(instance_id, judged.version, "refused", reasons=(error.texts,))
    instance.definition_id, instance.decisions = order.target.id, pinned
    instance.state, instance.engine_version = outcome.state, bpmn.ENGINE_VERSION
    entries = case.follow(instance, found, outcome, _cause(order, judged), actor, now)
    agreement.settle(instance, found, outcome, actor, now, noted=entries)
    session().expire(instance, ["definition"])
    return InstanceMove(instance_id, judged.version, "moved", judged.tokens, judged.listeners)


def _seen(instance: ProcessInstance, actor: Actor) -> ProcessInstance:
    if instance.request is not None and not may_see_request(actor, instance.request):
        raise NoSuch(**processes.named(instance.id))
    return instance


def _judge(order: Order, instance: ProcessInstance) -> InstanceMove:
    version = definitions.find(instance.definition_id).version
    if instance.status != "active" or instance.definition_id == order.target.id:
        return InstanceMove(instance.id, version, "done")
    found = diagrams.of(instance)
    new = definitions.load(order.target.id)
    try:
        plan = bpmn.plan_migration(
            found.own, new, instance.state, order.mapping, deployed=found
        )  # fmt: skip
    except bpmn.WrongState as error:
        return InstanceMove(instance.id, version, "refused", reasons=(error.texts,))
    verdict = "refused" if plan.reasons else "movable"
    return InstanceMove(
        instance.id, version, verdict, plan.tokens, plan.listeners, plan.reasons
    )  # fmt: skip


def _decisions(order: Order, instance: ProcessInstance) -> dict[str, Any]:
    """The tables it has asked so far stay; those that only the new version asks are the newest."""
    newest = definitions.pin_decisions(definitions.load(order.target.id))
    return {name: instance.decisions.get(name, row_id) for name, row_id in newest.items()}


def _cause(order: Order, judged: InstanceMove) -> dict[str, Any]:
    changed = {one.element: one.to for one in judged.tokens if one.verdict == "changed"}
    versions = {"from": judged.version, "to": order.target.version}
    return {"kind": "migrated", **versions, **({"changed": changed} if changed else {})}


def read_mapping(pairs: Sequence[str]) -> dict[str, str]:
    """The mapping of ``old=new`` texts; raises Invalid for anything else, or one named twice."""
    found: dict[str, str] = {}
    for pair in pairs:
        old, sign, new = (part.strip() for part in pair.partition("="))
        if not (old and sign and new) or old in found:
            raise Invalid({"map": [f"write each old element once, as old=new, not {pair!r}."]})
        found[old] = new
    return found
