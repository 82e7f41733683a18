"""Deployed files: versions by content, parsed once in each process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import undefer

import bpmn
from app.access import Actor
from app.db import session
from app.errors import DeploymentRefused, NotFound
from app.models import ProcessDefinition
from app.services import history, references, start_events

LARGEST_FILE = 2 * 1024 * 1024


def deploy(
    filename: str, source: bytes, actor: Actor, now: datetime, *, shipped: bool = False
) -> ProcessDefinition:
    """A new version with this content; the newest one itself when it has the very same bytes.

    Raises DeploymentRefused with every finding when the file would run wrongly or names a
    form, a group, a decision, a message or a job type that does not exist.
    """
    row = read(filename, source)
    session().execute(select(func.pg_advisory_xact_lock(func.hashtext(f"{row.kind}:{row.key}"))))
    newest = newest_of(row.kind, row.key)
    if newest is not None and newest.sha256 == row.sha256:
        return newest
    row.version = newest.version + 1 if newest else 1
    row.deployed_at, row.deployed_by, row.shipped = now, actor.id, shipped
    session().add(row)
    session().flush()
    if row.kind == "bpmn":
        with _refusals():
            start_events.arm(row, bpmn.parse(source, filename), now)
    history.note("deployed", actor, now, data={"key": row.key, "version": row.version})
    return row


def read(filename: str, source: bytes) -> ProcessDefinition:
    """The file as a row that is not stored yet; raises DeploymentRefused."""
    with _refusals():
        return _read_decision(source, filename) if _is_dmn(source) else _read(source, filename)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except bpmn.Refused as refusal:
        raise DeploymentRefused(refusal.findings) from refusal


def _is_dmn(source: bytes) -> bool:
    return b"omg.org/spec/DMN" in source[:4000]


def _read(source: bytes, filename: str) -> ProcessDefinition:
    definition = bpmn.parse(source, filename)
    missing = references.check(definition, filename)
    if missing:
        raise DeploymentRefused([*missing, *definition.warnings])
    return _row("bpmn", definition.key, definition.names, filename, source)


def _read_decision(source: bytes, filename: str) -> ProcessDefinition:
    model = bpmn.parse_decision(source, filename)
    row = _row("dmn", model.id, {"en": model.name}, filename, source)
    row.decisions = list(model.decisions)
    return row


def _row(
    kind: str, key: str, names: Mapping[str, str], filename: str, source: bytes
) -> ProcessDefinition:
    return ProcessDefinition(
        kind=kind,
        key=key,
        names=dict(names),
        filename=filename or f"{key}.{kind}",
        source=source,
        sha256=hashlib.sha256(source).hexdigest(),
        decisions=[],
    )


def _versions(kind: str, key: str) -> Select[ProcessDefinition]:
    return select(ProcessDefinition).where(
        ProcessDefinition.kind == kind, ProcessDefinition.key == key
    )


def newest_of(kind: str, key: str) -> ProcessDefinition | None:
    """The newest version under that key, if there is one."""
    query = _versions(kind, key).order_by(ProcessDefinition.version.desc()).limit(1)
    return session().scalar(query)


def latest(key: str, kind: str = "bpmn") -> ProcessDefinition:
    """The newest version under that key; raises NotFound."""
    row = newest_of(kind, key)
    if row is None:
        raise NotFound
    return row


def list_latest() -> list[ProcessDefinition]:
    """The newest version of every deployed file, by kind and key."""
    query = (
        select(ProcessDefinition)
        .ext(distinct_on(ProcessDefinition.kind, ProcessDefinition.key))
        .order_by(ProcessDefinition.kind, ProcessDefinition.key, ProcessDefinition.version.desc())
    )
    return list(session().scalars(query))


def versions(key: str, kind: str = "bpmn") -> list[ProcessDefinition]:
    """All versions under that key, newest first."""
    query = _versions(kind, key).order_by(ProcessDefinition.version.desc())
    return list(session().scalars(query))


def find(definition_id: int) -> ProcessDefinition:
    """The row of that id; raises NotFound."""
    row = session().get(ProcessDefinition, definition_id)
    if row is None:
        raise NotFound
    return row


def source_of(definition_id: int) -> bytes:
    """The deployed bytes."""
    query = select(ProcessDefinition).where(ProcessDefinition.id == definition_id)
    return session().scalars(query.options(undefer(ProcessDefinition.source))).one().source


def pin_decisions(definition: bpmn.Definition) -> dict[str, int]:
    """The newest table for each decision that the process calls, ``{decision id: row id}``."""
    if not definition.decisions:
        return {}
    query = (
        select(ProcessDefinition.id, ProcessDefinition.decisions)
        .where(
            ProcessDefinition.kind == "dmn",
            ProcessDefinition.decisions.overlap(list(definition.decisions)),
        )
        .order_by(ProcessDefinition.id)
    )
    found = {name: row_id for row_id, names in session().execute(query) for name in names}
    return {name: found[name] for name in definition.decisions if name in found}


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
    return bpmn.parse_decision(source_of(definition_id), find(definition_id).filename)


def forget() -> None:
    """Empty the caches; a test that starts over with a new database needs it."""
    _cached.cache_clear()
    _cached_decision.cache_clear()
