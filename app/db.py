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

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    DateTime,
    Executable,
    MetaData,
    Table,
    TextClause,
    Update,
    bindparam,
    inspect,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import DeclarativeBase, InstanceState, Session, registry

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


def session() -> Session:
    """The session of the running request, command or job."""
    return db.session()


def run(statement: Executable, parameters: Mapping[str, Any] | None = None) -> CursorResult[Any]:
    """The result of a statement on plain columns, on the connection of the session.

    It costs a third of the same through the session. What the session has changed and not
    written yet, the statement does not see: flush before where that matters.
    """
    return session().connection().execute(statement, parameters)


def write(row: Any) -> None:
    """Write at once what changed in the columns of a row that is in the database already.

    One plain statement for the one row: where a step changes a row or two, the session's own
    unit of work, which is left nothing to do, would take several times as long.
    """
    state: InstanceState[Any] = inspect(row)
    old, new = state.committed_state, state.dict
    columns = state.mapper.column_attrs
    if not all(name in columns for name in old):
        session().flush()
        return
    changed = [name for name in old if old[name] != new[name]]
    if changed:
        values = {name: new[name] for name in changed}
        run(_writing(type(row).__table__, tuple(changed)), {**values, "row_id": row.id})
    # What the session itself does after it has written a row.
    state._commit_all(new, session().identity_map)


@lru_cache
def _writing(table: Table, columns: tuple[str, ...]) -> Update:
    values: dict[Any, Any] = {table.c[name]: bindparam(name) for name in columns}
    return update(table).where(table.c.id == bindparam("row_id")).values(values)


def append(table: str, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows of the same columns, in their order; their new ids.

    The text of the statement is the same for any number of rows, so that it is prepared once.
    """
    if not rows:
        return []
    found = run(_appending(table, tuple(rows[0])), {"rows": json.dumps(rows, default=_plain)})
    return list(found.scalars())


@lru_cache
def _appending(table: str, columns: tuple[str, ...]) -> TextClause:
    names = ", ".join(columns)
    return text(
        f"INSERT INTO {table} ({names}) SELECT {names} "  # noqa: S608  # Our own names.
        f"FROM jsonb_populate_recordset(CAST(NULL AS {table}), CAST(:rows AS jsonb)) RETURNING id"
    )


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"a row cannot hold a {type(value).__name__}")


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
