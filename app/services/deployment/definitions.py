"""Deployed files: versions by content, parsed once in each process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Select, String, bindparam, func, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.orm import undefer

import bpmn
from app.access import Actor
from app.db import run, session
from app.errors import DeploymentRefused, NoSuch
from app.models import Deployment, DeploymentFile, ProcessDefinition
from app.objects import columns_of, read
from app.services import history
from app.services.casework.attachments import safe_name
from app.services.deployment import judging, references, start_events
from app.services.deployment.judging import Looked, Source
from app.services.sending import letters

LARGEST_FILE = 2 * 1024 * 1024


def deploy(
    filename: str,
    source: bytes,
    actor: Actor,
    now: datetime,
    *,
    shipped: bool = False,
    tag: str | None = None,
) -> ProcessDefinition:
    """One file, as ``deploy_together`` does it."""
    return deploy_together([(filename, source)], actor, now, shipped=shipped, tag=tag)[0]


def deploy_together(
    files: Sequence[tuple[str, bytes]],
    actor: Actor,
    now: datetime,
    *,
    shipped: bool = False,
    tag: str | None = None,
) -> list[ProcessDefinition]:
    """A new version of each file, in their order; the newest one itself when it has the very
    same bytes.

    ``tag`` is the version tag of all of them, in place of those that the files give themselves;
    one that a version did not have yet is added to it. Raises DeploymentRefused with every
    finding of every file when one would run wrongly or names what does not exist: neither here
    nor among the other files.
    """
    rows = read_together(files, tag)
    for name in sorted(f"{row.kind}:{row.key}" for row in rows):
        session().execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))
    try:
        stored = [_store(row, actor, now, shipped) for row in rows]
    except bpmn.Refused as refusal:
        raise DeploymentRefused(refusal.findings) from refusal
    _record_deployment({row.id for row in stored}, actor, now)
    return stored


def _store(row: ProcessDefinition, actor: Actor, now: datetime, shipped: bool) -> ProcessDefinition:
    newest = newest_of(row.kind, row.key)
    if newest is not None and newest.sha256 == row.sha256:
        _tag(newest, row.version_tags, actor, now)
        return newest
    row.version = newest.version + 1 if newest else 1
    row.deployed_at, row.deployed_by, row.shipped = now, actor.id, shipped
    session().add(row)
    session().flush()
    if row.kind == "bpmn":
        start_events.arm(row, bpmn.parse(row.source, row.filename), now)
    told = {"key": row.key, "version": row.version, "tags": row.version_tags}
    history.note("deployed", actor, now, data=told)
    return row


def _tag(row: ProcessDefinition, tags: Sequence[str], actor: Actor, now: datetime) -> None:
    """Add the tags that the version does not have; those it has are bound to and stay."""
    new = [tag for tag in tags if tag not in row.version_tags]
    if new:
        row.version_tags = [*row.version_tags, *new]
        session().flush()
        told = {"key": row.key, "version": row.version, "tags": new}
        history.note("tagged", actor, now, data=told)


def _record_deployment(ids: Set[int], actor: Actor, now: datetime) -> None:
    """Remember what was deployed in one go, unless the newest such record says so already."""
    of_any = select(DeploymentFile.deployment_id).where(DeploymentFile.definition_id.in_(ids))
    last = session().scalar(of_any.order_by(DeploymentFile.deployment_id.desc()).limit(1))
    known = select(DeploymentFile.definition_id).where(DeploymentFile.deployment_id == last)
    if ids <= set(session().scalars(known)):
        return
    deployment = Deployment(deployed_at=now, deployed_by=actor.id)
    session().add(deployment)
    session().flush()
    session().add_all(DeploymentFile(deployment_id=deployment.id, definition_id=one) for one in ids)
    session().flush()


def read_together(
    files: Sequence[tuple[str, bytes]], tag: str | None = None
) -> list[ProcessDefinition]:
    """The files as rows that are not stored yet; raises DeploymentRefused with all findings."""
    looked = [judging.look(Source(name, content)) for name, content in files]
    read = [pair for one in looked for pair in _rows_of(one, tag)]
    known = references.installed(references.Beside.of(read, judging.undecided(looked)))
    found = list(judging.judge(looked, known, judging.shipped_fields()))
    if any(one.severity == "error" for one in found):
        raise DeploymentRefused(found)
    return [row for row, _ in read]


def _rows_of(
    one: Looked, tag: str | None
) -> Iterator[tuple[ProcessDefinition, bpmn.Definition | None]]:
    """The row of a file and its process, or nothing for a file that cannot be read."""
    made = one.definition or one.model
    if made is None:
        return
    names = one.definition.names if one.definition else one.model.labels if one.model else {}
    row = _row(one.kind, one.key, names, one.source.name, one.source.content)
    row.decisions = list(one.model.decisions) if one.model else []
    own = one.definition.version_tag if one.definition else None
    row.version_tags = [found for found in [tag or own] if found]
    yield row, one.definition


def _row(
    kind: str, key: str, names: Mapping[str, str], filename: str, source: bytes
) -> ProcessDefinition:
    return ProcessDefinition(
        kind=kind,
        key=key,
        names=dict(names),
        filename=safe_name(filename) if filename else f"{key}.{kind}"[:200],
        source=source,
        sha256=hashlib.sha256(source).hexdigest(),
        decisions=[],
        version_tags=[],
    )


def _versions(kind: str, key: str) -> Select[ProcessDefinition]:
    return select(ProcessDefinition).where(
        ProcessDefinition.kind == kind, ProcessDefinition.key == key
    )


def arm_missing_starts(now: datetime) -> None:
    """Let processes begin by their start events that were deployed before releases knew these."""
    for row in list_latest():
        if row.kind == "bpmn":
            start_events.arm_missing(row, load(row.id), now)


def newest_of(kind: str, key: str) -> ProcessDefinition | None:
    """The newest version under that key, if there is one."""
    found = read(_NEWEST, {"kind": kind, "key": key}, ProcessDefinition)
    return found[0][0] if found else None


_NEWEST = (
    select(*columns_of(ProcessDefinition))
    .where(ProcessDefinition.kind == bindparam("kind"), ProcessDefinition.key == bindparam("key"))
    .order_by(ProcessDefinition.version.desc())
    .limit(1)
)


def latest(key: str, kind: str = "bpmn") -> ProcessDefinition:
    """The newest version under that key; raises NoSuch."""
    row = newest_of(kind, key)
    if row is None:
        raise NoSuch(en=f"process or decision table {key}", fa=f"فرایند یا جدول تصمیم {key}")
    return row


def list_latest(*, after: int | None = None, limit: int | None = None) -> list[ProcessDefinition]:
    """The newest version of every deployed file, by kind and key; all of them, or the next
    after the file of which ``after`` is a version."""
    named = (ProcessDefinition.kind, ProcessDefinition.key)
    query = select(ProcessDefinition).ext(distinct_on(*named))
    if after is not None:
        last = select(*named).where(ProcessDefinition.id == after).correlate(None)
        query = query.where(tuple_(*named) > last.scalar_subquery())
    query = query.order_by(*named, ProcessDefinition.version.desc()).limit(limit)
    return list(session().scalars(query))


def versions(key: str, kind: str = "bpmn") -> list[ProcessDefinition]:
    """All versions under that key, newest first."""
    query = _versions(kind, key).order_by(ProcessDefinition.version.desc())
    return list(session().scalars(query))


def find(definition_id: int) -> ProcessDefinition:
    """The row of that id; raises NoSuch."""
    row = session().get(ProcessDefinition, definition_id)
    if row is None:
        raise NoSuch(en=f"deployed version {definition_id}", fa=f"نسخهٔ منتشرشدهٔ {definition_id}")
    return row


def source_of(definition_id: int) -> bytes:
    """The deployed bytes."""
    query = select(ProcessDefinition).where(ProcessDefinition.id == definition_id)
    return session().scalars(query.options(undefer(ProcessDefinition.source))).one().source


def pin_decisions(definition: bpmn.Definition) -> dict[str, int]:
    """The newest table for each decision that the process calls, ``{decision id: row id}``."""
    if not definition.decisions:
        return {}
    wanted = list(definition.decisions)
    rows = run(_GIVING, {"names": wanted}).all()
    found = {name: row.id for row in rows for name in row.decisions}
    return {name: found[name] for name in wanted if name in found}


def newest_deciding(name: str) -> int | None:
    """The id of the newest table that gives this decision, if there is one."""
    return next((row.id for row in reversed(run(_GIVING, {"names": [name]}).all())), None)


_GIVING = (
    select(ProcessDefinition.id, ProcessDefinition.decisions)
    .where(
        ProcessDefinition.kind == "dmn",
        ProcessDefinition.decisions.overlap(bindparam("names", type_=ARRAY(String))),
    )
    .order_by(ProcessDefinition.id)
)


def load(definition_id: int) -> bpmn.Definition:
    """The parsed process; a version never changes, so it is read from the database once."""
    return _cached(definition_id)


def load_decisions(pinned: Mapping[str, int]) -> dict[str, bpmn.DecisionModel]:
    """The parsed tables of an instance, by decision id."""
    return {name: _cached_decision(row_id) for name, row_id in pinned.items()}


@lru_cache(maxsize=256)
def _cached(definition_id: int) -> bpmn.Definition:
    return bpmn.load(source_of(definition_id), find(definition_id).filename)


@lru_cache(maxsize=256)
def _cached_decision(definition_id: int) -> bpmn.DecisionModel:
    return bpmn.load_decision(source_of(definition_id), find(definition_id).filename)


def warnings_of(row: ProcessDefinition) -> tuple[bpmn.Finding, ...]:
    """What the lint says of a deployed version; of an old one also what refuses it today."""
    return _cached_warnings(row.id, letters.newest_numbers())


@lru_cache(maxsize=256)
def _cached_warnings(
    definition_id: int,
    _worded: frozenset[tuple[str, int]],
) -> tuple[bpmn.Finding, ...]:
    row = find(definition_id)
    looked = judging.look(Source(row.filename, source_of(definition_id)), row.kind)
    return tuple(judging.find_in(looked, judging.shipped_fields(), letters.said_by))


def forget() -> None:
    """Empty the caches; a test that starts over with a new database needs it."""
    _cached_warnings.cache_clear()
    _cached.cache_clear()
    _cached_decision.cache_clear()
