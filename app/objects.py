"""Rows of the database as objects of the session, without the session's own loader.

That takes twice as long. What is done here is what it does itself; ``tests/app/test_ready.py``
would tell when a new version of it does otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, Executable, inspect
from sqlalchemy.orm import InstanceState, Session
from sqlalchemy.orm.attributes import instance_state

from app.db import run, run_behind, session


def columns_of(*models: Any) -> list[Any]:
    """All columns of these models, as a statement for :func:`read` selects them."""
    return [model.__table__.c[name] for model in models for name in _names(model)]


def read(
    statement: Executable,
    parameters: Mapping[str, Any],
    *models: Any,
    flush: bool = True,
    behind: Executable | None = None,
) -> list[tuple[Any, ...]]:
    """The rows of a statement as objects of the session, one of each model or None where an
    outer join found nothing; what the session holds already is brought up to date. Values of
    further columns follow the objects.

    The statement selects ``columns_of`` the models. The session's own way takes twice as long.
    With ``flush`` the session writes first what it has changed, as it would do itself. ``behind``
    which statement it is run, one that locks what it reads; both ask for whole numbers alone.
    """
    work = session()
    if flush and (work.new or work.identity_map.check_modified()):
        work.flush()
    if behind is None:
        rows = run(statement, parameters).all()
    else:
        rows = run_behind(behind, statement, parameters).all()
    return [_objects(work, row, models) for row in rows]


def _objects(work: Session, row: Sequence[Any], models: Sequence[Any]) -> tuple[Any, ...]:
    found, start = [], 0
    for model in models:
        names = _names(model)
        values = dict(zip(names, row[start : start + len(names)], strict=True))
        start += len(names)
        found.append(None if values["id"] is None else _object(work, model, values))
    return (*found, *row[start:])


@lru_cache(maxsize=64)
def _names(model: Any) -> tuple[str, ...]:
    return tuple(one.key for one in inspect(model).column_attrs if not one.deferred)


def _object(work: Session, model: type[Any], values: dict[str, Any]) -> Any:
    base, manager = _made_by(model)  # type: ignore[arg-type]  # A class can be hashed.
    # What ``identity_key_from_primary_key`` of the mapper gives.
    key = (base, (values["id"],), None)
    known = work.identity_map.get(key)
    if known is not None:
        held: InstanceState[Any] = instance_state(known)
        # As ``set_committed_value`` does for one column, for all of them at once.
        held.dict.update(values)
        held._commit(held.dict, values)
        return known
    made = manager.new_instance()
    made.__dict__.update(values)
    state: InstanceState[Any] = instance_state(made)
    # What the session itself does with a row that it has read.
    state.key, state.session_id = key, work.hash_key
    work.identity_map.add(state)
    return made


def made(model: Any, values: dict[str, Any]) -> Any:
    """An object of a model that is to be written by ``app.saving``, with the values of its columns;
    those that are not given are None.

    The model's own way asks for each column who wants to hear of its change.
    """
    found = _made_by(model)[1].new_instance()
    found.__dict__.update(values)
    return found


@lru_cache(maxsize=64)
def _made_by(model: type[Any]) -> tuple[type[Any], Any]:
    """By which class the session knows the objects of a model, and what makes them."""
    mapper = inspect(model)
    return mapper._identity_class, mapper.class_manager


def adopt(model: Any, row: dict[str, Any]) -> Any:
    """A row with all its columns, as it was just written, as an object of the session."""
    return _object(session(), model, row)


def adopt_json(model: Any, row: Mapping[str, Any]) -> Any:
    """A row that PostgreSQL gave as JSON (``to_jsonb``) as an object of the session."""
    values = {name: row[name] for name in _names(model)}
    for name in _instants(model):
        if values[name] is not None:
            values[name] = datetime.fromisoformat(values[name])
    for name in _decimals(model):
        if values[name] is not None:
            values[name] = Decimal(str(values[name]))
    return _object(session(), model, values)


@lru_cache(maxsize=64)
def _instants(model: Any) -> tuple[str, ...]:
    columns = model.__table__.c
    return tuple(name for name in _names(model) if isinstance(columns[name].type, DateTime))


@lru_cache(maxsize=64)
def _decimals(model: Any) -> tuple[str, ...]:
    columns = model.__table__.c
    return tuple(name for name in _names(model) if columns[name].type.python_type is Decimal)
