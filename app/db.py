"""The database session and the one place that commits.

An edge (handler, command, job) opens exactly one transaction with ``with transaction():``;
services never commit. Returning commits, raising rolls everything back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import psycopg
from flask_sqlalchemy import SQLAlchemy
from psycopg.types.json import set_json_loads
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Executable,
    MetaData,
    Table,
    TextClause,
    bindparam,
    inspect,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import (
    DeclarativeBase,
    InstanceState,
    Session,
    make_transient_to_detached,
    registry,
)
from sqlalchemy.orm.attributes import set_committed_value

from app.ready import Rows, ask

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


TYPES: dict[Any, Any] = {
    datetime: DateTime(timezone=True),
    int: BigInteger,
    dict[str, Any]: JSONB,
    dict[str, str]: JSONB,
    list[Any]: JSONB,
}
"""UTC instants, 64-bit keys and JSONB documents wherever a model does not say otherwise."""


class Base(DeclarativeBase):
    """What Flask-SQLAlchemy derives the models' base from."""

    registry = registry(metadata=MetaData(naming_convention=NAMING), type_annotation_map=TYPES)


db = SQLAlchemy(
    model_class=Base,
    disable_autonaming=True,
    session_options={"expire_on_commit": False},
)

if TYPE_CHECKING:

    class Model(DeclarativeBase):
        """Base of every table (Flask-SQLAlchemy builds the real one at run time)."""

else:
    Model = db.Model


class Cursor(psycopg.Cursor[Any]):
    """psycopg's cursor, telling of its columns only what SQLAlchemy asks: names and types.

    The whole description takes longer to make than most of our rows to read.
    """

    @property
    def description(self) -> Any:
        """A tuple for each column (PEP 249); None where there are no rows to speak of."""
        found = self.pgresult
        if found is None or not found.nfields:
            return None
        return [
            ((found.fname(n) or b"").decode(), found.ftype(n), *_NOTHING_MORE)
            for n in range(found.nfields)
        ]


_NOTHING_MORE = (None,) * 5


def session() -> Session:
    """The session of the running request, command or job."""
    return db.session()


def run(statement: Executable, parameters: Mapping[str, Any] | None = None) -> Rows:
    """The rows of a statement on plain columns, on the connection of the session.

    It costs a quarter of the same through the session, when the statement is the same object
    every time. What the session has changed and not written yet, the statement does not see:
    flush before where that matters.
    """
    return ask(_connection(session()), statement, parameters or {})


def _connection(work: Session) -> Connection:
    """The connection of the session; while its transaction lasts, it is asked for once."""
    held: tuple[Any, Connection] | None = work.info.get(_HELD)
    current = work.get_transaction()
    if held is not None and current is not None and held[0] is current and current.is_active:
        return held[1]
    connection = work.connection()
    work.info[_HELD] = (work.get_transaction(), connection)
    return connection


_HELD = "connection"


def columns_of(*models: Any) -> list[Any]:
    """All columns of these models, as a statement for :func:`read` selects them."""
    return [model.__table__.c[name] for model in models for name in _names(model)]


def read(
    statement: Executable,
    parameters: Mapping[str, Any],
    *models: Any,
    flush: bool = True,
) -> list[tuple[Any, ...]]:
    """The rows of a statement as objects of the session, one of each model or None where an
    outer join found nothing; what the session holds already is brought up to date. Values of
    further columns follow the objects.

    The statement selects ``columns_of`` the models. The session's own way takes twice as long.
    With ``flush`` the session writes first what it has changed, as it would do itself.
    """
    work = session()
    if flush and (work.new or work.identity_map.check_modified()):
        work.flush()
    rows = run(statement, parameters).all()
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
    mapper = inspect(model)
    key = mapper.identity_key_from_primary_key((values["id"],))
    known = work.identity_map.get(key)
    if known is not None:
        for name, value in values.items():
            set_committed_value(known, name, value)
        return known
    made = mapper.class_manager.new_instance()
    made.__dict__.update(values)
    state: State = inspect(made)
    # What the session itself does with a row that it has read.
    state.key, state.session_id = key, work.hash_key
    work.identity_map.add(state)
    return made


def adopt_json(model: Any, row: Mapping[str, Any]) -> Any:
    """A row that PostgreSQL gave as JSON (``to_jsonb``) as an object of the session."""
    values = {name: row[name] for name in _names(model)}
    for name in _instants(model):
        if values[name] is not None:
            values[name] = datetime.fromisoformat(values[name])
    return _object(session(), model, values)


@lru_cache(maxsize=64)
def _instants(model: Any) -> tuple[str, ...]:
    columns = model.__table__.c
    return tuple(name for name in _names(model) if isinstance(columns[name].type, DateTime))


def append(model: type[Any], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows of the same columns, in their order; their new ids.

    The text of the statement is the same for any number of rows, so that it is prepared once.
    """
    if not rows:
        return []
    statement = _appending(model.__table__, tuple(rows[0]))
    return run(statement, {"rows": _packed(rows)}).scalars()


def insert(row: Model) -> None:
    """Write a new row now; it gets its id and belongs to the session from now on.

    Its columns without a value must be NULL or have a default that is read later on demand. The
    session's own unit of work takes several times as long for it.
    """
    given = type(row).__table__.c.keys()
    values = {name: row.__dict__[name] for name in given if name in row.__dict__}
    statement = _inserting(type(row).__table__, tuple(values))
    row.id = run(statement, values).scalar_one()  # type: ignore[attr-defined]
    make_transient_to_detached(row)
    session().add(row)


@lru_cache(maxsize=256)
def _inserting(table: Table, columns: tuple[str, ...]) -> Executable:
    places: dict[str, Any] = {name: bindparam(name) for name in columns}
    return table.insert().values(places).returning(table.c.id)


def values_of(row: Model) -> dict[str, Any]:
    """The columns of a row that is not written yet, as :func:`append` takes them."""
    columns: Sequence[str] = type(row).__table__.c.keys()
    return {name: getattr(row, name) for name in columns if name != "id"}


@lru_cache(maxsize=1024)
def _appending(table: Table, columns: tuple[str, ...]) -> TextClause:
    return text(_insertion(table, columns, "rows") + " RETURNING id")


def save(
    added: Sequence[Added],
    removed: Sequence[tuple[type[Any], Sequence[int]]] = (),
    *,
    ids_of: type[Any] | None = None,
) -> list[int]:
    """Write all that changed in the session's rows, add rows and delete some, with one statement.

    ``added`` pairs a model with rows of the same columns; they are inserted in their order, and
    the new ids of the model ``ids_of`` are given back. ``removed`` pairs a model with ids; no
    added row may take the place of one of them, since of two parts of a statement neither comes
    first. The session's own unit of work would take several times as long for the few rows of a
    step, and it is left nothing to do.
    """
    work = session()
    states = _dirty(work)
    if work.new or work.deleted or not all(map(_is_plain, states)):
        work.flush()
        states = _dirty(work)
    changes = [(state, names) for state in states if (names := _changed(state))]
    inserts = [(model, found) for model, found in added if found]
    gone = [(model.__table__, ids) for model, ids in removed if ids]
    new: list[int] = []
    if changes or inserts or gone:
        tables = tuple(table for table, _ in gone)
        wanted = ids_of.__table__ if ids_of is not None else None
        statement = _saving(_updated(changes), _inserted(inserts), tables, wanted)
        new = [row[0] for row in run(statement, _values(changes, inserts, gone)).all() if row]
    for state in states:
        # What the session itself does after it has written a row.
        state._commit_all(state.dict, work.identity_map)
    return new


Added = tuple[type[Any], Sequence[Mapping[str, Any]]]
State = InstanceState[Any]
Changes = Sequence[tuple[State, tuple[str, ...]]]
Inserts = Sequence[tuple[type[Any], Sequence[Mapping[str, Any]]]]
Shapes = tuple[tuple[Table, tuple[str, ...]], ...]


def _dirty(work: Session) -> list[State]:
    """The changed rows, in the same order every time, so that the statement for them is one
    that is prepared already."""
    return sorted(map(inspect, work.dirty), key=_place)


def _place(state: State) -> tuple[str, int]:
    return state.class_.__tablename__, state.dict["id"]


def _is_plain(state: State) -> bool:
    """Whether only columns changed, no relationships, which the unit of work must resolve."""
    columns = state.mapper.column_attrs
    return all(name in columns for name in state.committed_state)


def _changed(state: State) -> tuple[str, ...]:
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
    values |= {f"d{number}": list(ids) for number, (_, ids) in enumerate(gone)}
    return values | {f"i{number}": _packed(rows) for number, (_, rows) in enumerate(inserts)}


@lru_cache(maxsize=1024)
def _saving(
    updates: Shapes, inserts: Shapes, gone: tuple[Table, ...], wanted: Table | None
) -> TextClause:
    """The one statement for changes, new rows and deletions of these shapes."""
    parts, types, answer = [], [], ""
    for number, (table, names) in enumerate(updates):
        changes = ", ".join(f"{name} = :u{number}_{name}" for name in names)
        parts.append(f"UPDATE {table.name} SET {changes} WHERE id = :u{number}_id")  # noqa: S608
        types += [bindparam(f"u{number}_{n}", type_=table.c[n].type) for n in ("id", *names)]
    for number, table in enumerate(gone):
        parts.append(f"DELETE FROM {table.name} WHERE id = ANY(:d{number})")  # noqa: S608
        types.append(bindparam(f"d{number}", type_=ARRAY(BigInteger)))
    for number, (table, names) in enumerate(inserts):
        insertion = _insertion(table, names, f"i{number}")
        if table is wanted:
            answer = f" id FROM part{len(parts)} ORDER BY id"
            insertion += " RETURNING id"
        parts.append(insertion)
    named = ", ".join(f"part{number} AS ({part})" for number, part in enumerate(parts))
    return text(f"WITH {named} SELECT{answer}").bindparams(*types)


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
    raise TypeError(f"a row cannot hold a {type(value).__name__}")


# Made once: json.dumps makes an encoder for every call that names a default.
_packed = json.JSONEncoder(default=_plain).encode
_unpack = json.JSONDecoder().raw_decode


def read_document(data: bytes) -> Any:
    """The value of a JSON document as PostgreSQL sends it, in UTF-8.

    ``json.loads`` looks for the encoding of each document and for blanks around it, which takes
    as long as reading most of ours.
    """
    return _unpack(data.decode().lstrip())[0]


set_json_loads(read_document)  # type: ignore[arg-type]  # The driver gives bytes alone.


def is_away(error: BaseException | None) -> bool:
    """Whether the error says that the database does not answer now, and may again soon.

    The connection cannot be made, broke, was ended by the server, or none became free.
    """
    if isinstance(error, PoolTimeout):
        return True
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None)
        lost = error.connection_invalidated or state is None or state[:2] in _AWAY
        return lost and isinstance(error.orig, psycopg.OperationalError)
    return False


_AWAY = ("08", "53", "57")
"""SQLSTATE classes: connection exception, insufficient resources, operator intervention."""


def end_reading() -> None:
    """End what was only read with a commit.

    The session itself would roll it back, and with every rollback the driver forgets all
    statements that it has prepared on the connection. Nothing is written by this: what the
    session has changed is not flushed, and is lost as before.
    """
    work = session()
    if work.in_transaction() and not work.info.get("transaction"):
        driver = work.connection().connection.dbapi_connection
        if driver is not None:
            driver.commit()


def require_no_transaction() -> None:
    """Raises RuntimeError inside of :func:`transaction`, for what must never hold one open."""
    if session().info.get("transaction"):
        raise RuntimeError("this may not happen inside a transaction")


@contextmanager
def transaction() -> Iterator[Session]:
    """One transaction around the work of one edge.

    Opening a second one inside it is a mistake of the caller, since the inner commit
    would tear the outer work in two.
    """
    work = session()
    if work.info.get("transaction"):
        raise RuntimeError("a transaction is already open at this edge")
    work.info["transaction"] = True
    try:
        yield work
        work.commit()
    except BaseException:
        work.rollback()
        raise
    finally:
        work.info.pop("transaction", None)


@contextmanager
def snapshot() -> Iterator[Session]:
    """A look at one instant, for what compares tables with each other while others write.

    It holds no locks, changes nothing, and forgets every row it read when it ends, so that a
    long row of them needs little memory and keeps nobody waiting.
    """
    work = session()
    if work.info.get("transaction"):
        raise RuntimeError("a transaction is already open at this edge")
    work.rollback()
    work.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    work.execute(text("SET TRANSACTION READ ONLY"))
    try:
        yield work
    finally:
        work.rollback()
        work.expunge_all()
