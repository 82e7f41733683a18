"""Rows written with few statements, whose texts stay the same and are prepared once.

The session's own unit of work takes several times as long for the few rows of a step.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Executable, Table, TextClause, bindparam, text
from sqlalchemy.orm import InstanceState, Mapper, Session, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_state

from app.db import Model, run, session
from app.holding_session import HELD, write_held
from app.ready import array_text

Added = tuple[type[Any], Sequence[Mapping[str, Any]]]
Removed = tuple[type[Any], Sequence[int]]
State = InstanceState[Any]
Changes = Sequence[tuple[State, tuple[str, ...]]]
Inserts = Sequence[tuple[type[Any], Sequence[Mapping[str, Any]]]]
Shapes = tuple[tuple[Table, tuple[str, ...]], ...]


class Part(NamedTuple):
    """Named parts of a WITH clause, separated by commas, and the values of their parameters."""

    sql: str
    values: Mapping[str, Any]


def append(model: type[Any], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows of the same columns, in their order; their new ids.

    The text of the statement is the same for any number of rows, so that it is prepared once.
    """
    if not rows:
        return []
    statement = _appending(model.__table__, tuple(rows[0]))
    return run(statement, {"rows": packed(rows)}).scalars()


def insert(row: Model, added: Added | None = None, *, by: str = "") -> None:
    """Write a new row now; it gets its id and belongs to the session from now on.

    ``added`` are rows of another model that refer to the new one by their column ``by``; they are
    written with the same statement, in their order. Columns of the new row without a value must
    be NULL or have a default that is read later on demand. The session's own unit of work takes
    several times as long for it.
    """
    given = type(row).__table__.c.keys()
    values = {name: row.__dict__[name] for name in given if name in row.__dict__}
    model, rows = added or (None, ())
    if model is None or not rows:
        statement = _inserting(type(row).__table__, tuple(values))
    else:
        names = tuple(name for name in rows[0] if name != by)
        statement = _inserting_with(type(row).__table__, tuple(values), model.__table__, names, by)
        values["added"] = packed(rows)
    row.id = run(statement, values).scalar_one()  # type: ignore[attr-defined]
    make_transient_to_detached(row)
    session().add(row)


@lru_cache(maxsize=256)
def _inserting(table: Table, columns: tuple[str, ...]) -> Executable:
    places: dict[str, Any] = {name: bindparam(name) for name in columns}
    return table.insert().values(places).returning(table.c.id)


@lru_cache(maxsize=256)
def _inserting_with(
    table: Table, columns: tuple[str, ...], other: Table, names: tuple[str, ...], by: str
) -> TextClause:
    places = ", ".join(f":{name}" for name in columns)
    types = [bindparam(name, type_=table.c[name].type) for name in columns]
    return text(
        f"WITH new AS (INSERT INTO {table.name} ({', '.join(columns)}) "  # noqa: S608  # Our own.
        f"VALUES ({places}) RETURNING id), "
        f"added AS (INSERT INTO {other.name} ({by}, {', '.join(names)}) "
        f"SELECT new.id, {', '.join(f'one.{name}' for name in names)} FROM new, "
        f"jsonb_populate_recordset(CAST(NULL AS {other.name}), CAST(:added AS jsonb)) one) "
        "SELECT id FROM new"
    ).bindparams(*types)


def values_of(row: Model) -> dict[str, Any]:
    """The columns of a row that is not written yet, as :func:`append` takes them."""
    held = row.__dict__
    return {name: held.get(name) for name in _written(type(row))}


@lru_cache(maxsize=64)
def _written(model: type[Model]) -> tuple[str, ...]:
    """All columns but the number that the database gives."""
    return tuple(name for name in model.__table__.c.keys() if name != "id")  # noqa: SIM118


@lru_cache(maxsize=1024)
def _appending(table: Table, columns: tuple[str, ...]) -> TextClause:
    return text(_insertion(table, columns, "rows") + " RETURNING id")


def save(
    added: Sequence[Added],
    removed: Sequence[Removed] = (),
    *,
    ids_of: type[Any] | None = None,
    besides: Part | None = None,
) -> list[int]:
    """Write all that changed in the session's rows, add rows and delete some, with one statement.

    ``added`` pairs a model with rows of the same columns; they are inserted in their order, and
    the new ids of the model ``ids_of`` are given back. ``removed`` pairs a model with ids; no
    added row may take the place of one of them, since of two parts of a statement neither comes
    first. ``besides`` is what somebody else has to write, in the same statement. The session's
    own unit of work would take several times as long for the few rows of a step, and it is left
    nothing to do. What was held back (``app.held_back``) goes out with it, where nothing is in
    the way.
    """
    work = session()
    held = work.info.get(HELD)
    if held is not None and (removed or besides or not is_quiet(work)):
        write_held(work)
        held = None
    if not is_quiet(work):
        work.flush()
    if held is not None:
        del work.info[HELD]
        added, removed, besides = [*held.take_in(), *added], held.removed, held.besides
    return write(work, added, removed, ids_of, besides)


def write(
    work: Session,
    added: Sequence[Added],
    removed: Sequence[Removed],
    ids_of: type[Any] | None,
    besides: Part | None,
) -> list[int]:
    """The same as ``save``, whatever else the session has to do."""
    states = changed_rows(work)
    changes = [(state, names) for state in states if (names := changed_columns(state))]
    inserts = [(model, found) for model, found in added if found]
    gone = [(model.__table__, ids) for model, ids in removed if ids]
    new: list[int] = []
    if changes or inserts or gone or besides:
        tables = tuple((table, len(ids)) for table, ids in gone)
        wanted = ids_of.__table__ if ids_of is not None else None
        first = besides.sql if besides else ""
        statement = _saving(_updated(changes), _inserted(inserts), tables, wanted, first)
        values = _values(changes, inserts, gone)
        if besides:
            values |= besides.values
        new = [row[0] for row in run(statement, values).all() if row]
    for state in states:
        # What the session itself does after it has written a row.
        state._commit_all(state.dict, work.identity_map)
    return new


def is_quiet(work: Session) -> bool:
    """Whether nothing but plain columns of known rows changed."""
    return not (work.new or work.deleted) and all(map(is_plain, map(instance_state, work.dirty)))


FEW = 4


def each_of(column: str, name: str, count: int) -> list[str]:
    """The conditions that find rows by so many numbers, whose parameters :func:`one_by_one` gives.

    Each number stands for itself: by a plan that was made for a list of them while the table was
    small, all its rows are read, those also that are long gone.
    """
    if count > FEW:
        return [f"{column} = ANY(CAST(:{name} AS bigint[]))"]
    return [f"{column} = CAST(:{name}{number} AS bigint)" for number in range(count)]


def one_by_one(name: str, ids: Sequence[int]) -> dict[str, Any]:
    """The parameters for the conditions of :func:`each_of`."""
    if len(ids) > FEW:
        return {name: array_text(ids)}
    return {f"{name}{number}": one for number, one in enumerate(ids)}


def changed_rows(work: Session) -> list[State]:
    """The changed rows, in the same order every time, so that the statement for them is one
    that is prepared already."""
    return sorted(map(instance_state, work.dirty), key=place_of)


def place_of(state: State) -> tuple[str, int]:
    """The table and the id of a row."""
    return state.class_.__tablename__, state.dict["id"]


def is_plain(state: State) -> bool:
    """Whether only columns changed, no relationships, which the unit of work must resolve."""
    return _columns(state.mapper).issuperset(state.committed_state)


@lru_cache(maxsize=64)
def _columns(mapper: Mapper[Any]) -> frozenset[str]:
    return frozenset(mapper.column_attrs.keys())


def changed_columns(state: State) -> tuple[str, ...]:
    """The names of the columns that hold another value than was read, sorted."""
    old, new = state.committed_state, state.dict
    return tuple(sorted(name for name in old if old[name] != new[name]))


def _updated(changes: Changes) -> Shapes:
    return tuple((state.class_.__table__, names) for state, names in changes)


def _inserted(inserts: Inserts) -> Shapes:
    return tuple((model.__table__, tuple(rows[0])) for model, rows in inserts)


def _values(
    changes: Changes, inserts: Inserts, gone: Sequence[tuple[Table, Sequence[int]]]
) -> dict[str, Any]:
    values = {
        f"u{number}_{name}": state.dict[name]
        for number, (state, names) in enumerate(changes)
        for name in ("id", *names)
    }
    for number, (_, ids) in enumerate(gone):
        values |= one_by_one(f"d{number}_", ids)
    return values | {f"i{number}": packed(rows) for number, (_, rows) in enumerate(inserts)}


@lru_cache(maxsize=1024)
def _saving(
    updates: Shapes,
    inserts: Shapes,
    gone: tuple[tuple[Table, int], ...],
    wanted: Table | None,
    first: str,
) -> TextClause:
    """The one statement for changes, new rows and deletions of these shapes, behind the first
    parts that were written elsewhere."""
    parts, types, answer = [], [], ""
    for number, (table, names) in enumerate(updates):
        changes = ", ".join(f"{name} = :u{number}_{name}" for name in names)
        parts.append(f"UPDATE {table.name} SET {changes} WHERE id = :u{number}_id")  # noqa: S608
        types += [bindparam(f"u{number}_{n}", type_=table.c[n].type) for n in ("id", *names)]
    for number, (table, count) in enumerate(gone):
        of = each_of("id", f"d{number}_", count)
        parts += [f"DELETE FROM {table.name} WHERE {one}" for one in of]  # noqa: S608
    for number, (table, names) in enumerate(inserts):
        insertion = _insertion(table, names, f"i{number}")
        if table is wanted:
            answer = f" id FROM part{len(parts)} ORDER BY id"
            insertion += " RETURNING id"
        parts.append(insertion)
    named = [f"part{number} AS ({part})" for number, part in enumerate(parts)]
    whole = ", ".join([first, *named] if first else named)
    return text(f"WITH {whole} SELECT{answer}").bindparams(*types)


@lru_cache(maxsize=1024)
def _insertion(table: Table, columns: tuple[str, ...], parameter: str) -> str:
    names = ", ".join(columns)
    return (
        f"INSERT INTO {table.name} ({names}) SELECT {names} "  # noqa: S608  # Our own names.
        f"FROM jsonb_populate_recordset(CAST(NULL AS {table.name}), CAST(:{parameter} AS jsonb))"
    )


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"a row cannot hold a {type(value).__name__}")


# Rows as JSON. Made once: json.dumps makes an encoder for every call that names a default. No row
# holds itself, which the encoder would look for in each list and object.
packed = json.JSONEncoder(default=_plain, check_circular=False, separators=(",", ":")).encode
