"""The database session and the one place that commits.

An edge (handler, command, job) opens exactly one transaction with ``with transaction():``;
services never commit. Returning commits, raising rolls everything back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg
from flask.globals import app_ctx
from flask_sqlalchemy import SQLAlchemy
from psycopg.pq import TransactionStatus
from psycopg.types.json import set_json_loads
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Executable,
    MetaData,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import (
    DeclarativeBase,
    Session,
    registry,
)

from app.connections import has_news, unasked
from app.holding_session import HELD, HoldingSession, write_held
from app.ready import Rows, ask, ask_behind, translated

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
    session_options={"class_": HoldingSession, "expire_on_commit": False},
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
    # What ``db.session()`` gives, without asking whether it is another kind of session.
    known = _sessions.get(id(_context()))
    found: Session = db.session.registry() if known is None else known
    return found


_context: Any = app_ctx._get_current_object  # type: ignore[attr-defined]
_sessions: Any = db.session.registry.registry


def run(statement: Executable, parameters: Mapping[str, Any] | None = None) -> Rows:
    """The rows of a statement on plain columns, on the connection of the session.

    It costs a quarter of the same through the session, when the statement is the same object
    every time. What the session has changed and not written yet, the statement does not see:
    flush before where that matters.
    """
    work = session()
    if HELD in work.info:
        write_held(work)
    return ask(_connection(work), statement, parameters or {})


def run_behind(
    first: Executable, statement: Executable, parameters: Mapping[str, Any]
) -> Rows:  # fmt: skip
    """The rows of a statement that is run right behind another one, such as the lock of what it
    reads; what that one waited for it sees. All parameters are whole numbers."""
    work = session()
    write_held(work)
    return ask_behind(_connection(work), first, statement, parameters)


def look(statement: Executable, parameters: Mapping[str, Any] | None = None) -> Rows:
    """The same for a statement that changes nothing and locks nothing.

    Outside of :func:`transaction` no transaction is begun for it, which spares the two ways to
    the server that would begin and end one. Each statement sees what is committed by then, in a
    transaction or without.
    """
    work = session()
    if HELD in work.info:
        write_held(work)
    begin = bool(work.info.get("transaction"))
    return ask(_connection(work), statement, parameters or {}, begin=begin)


def look_first(statement: Executable, parameters: Mapping[str, Any]) -> Rows:
    """The same for the first question of a request, which also tells whether the connection to the
    server still lives, so that the pool need not ask that before.

    On one that died it is asked again, on another one.
    """
    work = session()
    if not work.in_transaction() and not work.info.get("transaction"):
        try:
            with unasked():
                connection = work.connection()
            return ask(connection, statement, parameters, begin=False)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            # Nothing but the dead connection is lost by this.
            work.rollback()
    return look(statement, parameters)


def _connection(work: Session) -> Connection:
    """The connection of the session; while its transaction lasts, it is asked for once."""
    current = work.get_transaction()
    if current is not None and current.is_active and current._connections:
        # The books of the transaction, by connection and by engine: the first word of each entry.
        held: Connection = next(iter(current._connections.values()))[0]
        return held
    return work.connection()


_unpack = json.JSONDecoder().raw_decode


def read_document(data: bytes) -> Any:
    """The value of a JSON document as PostgreSQL sends it, in UTF-8.

    ``json.loads`` looks for the encoding of each document and for blanks around it, which takes
    as long as reading most of ours.
    """
    return _unpack(data.decode().lstrip())[0]


set_json_loads(read_document)  # type: ignore[arg-type]  # The driver gives bytes alone.


def end_reading() -> None:
    """End what was only read with a commit.

    The session itself would roll it back, and with every rollback the driver forgets all
    statements that it has prepared on the connection. Nothing is written by this: what the
    session has changed is not flushed, and is lost as before.
    """
    work = session()
    if work.in_transaction() and not work.info.get("transaction"):
        driver = _driver(work)
        # Between the transactions of a kept connection there is nothing to be ended.
        if driver is not None and driver.pgconn.transaction_status != TransactionStatus.IDLE:
            driver.commit()


def this_transaction() -> object | None:
    """What tells the transaction of an edge from each other one, for what is kept as long as it
    lasts; None where none is open. Those of a kept connection are one to the session itself."""
    work = session()
    found: object = work.info.get("transaction") or work.get_transaction()
    return found


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
    work.info["transaction"] = object()
    try:
        if _KEPT in work.info:
            _let_go_if_told(work)
        yield work
        if _KEPT in work.info:
            _commit_and_keep(work)
        else:
            work.commit()
    except BaseException:
        work.rollback()
        raise
    finally:
        work.info.pop("transaction", None)


@contextmanager
def kept_connection() -> Iterator[None]:
    """Let the transactions of one edge that follow each other have the same connection to the
    server, which is given back at the end with all that the session holds: to give it back and
    take it again costs more than BEGIN and COMMIT. Between them it is idle, but nobody else can
    have it: the pool must have enough of them.
    """
    work = session()
    work.info[_KEPT] = True
    try:
        yield
    finally:
        work.close()


_KEPT = "keeps its connection"


def _let_go_if_told(work: Session) -> None:
    """Give a connection on which something has come unasked back to the pool, which asks the
    server whether it lives: it may have ended while nobody used it."""
    driver = _driver(work)
    if driver is not None and has_news(driver):
        work.rollback()


def _commit_and_keep(work: Session) -> None:
    work.flush()
    driver = _driver(work)
    if driver is None:
        work.commit()
        return
    try:
        driver.commit()
    except psycopg.Error as error:
        raise translated(_connection(work), "COMMIT", error) from error
    _count_as_committed(work)


def _count_as_committed(work: Session) -> None:
    """Let the session know that what it has written stays, even when it rolls back the next."""
    current = work.get_transaction()
    if current is not None:
        current._take_snapshot()


def _driver(work: Session) -> Any:
    """The driver's connection that the session holds; None while it holds none."""
    current = work.get_transaction()
    if current is None or not current.is_active or not current._connections:
        return None
    return _connection(work).connection.driver_connection


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
