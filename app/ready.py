"""Statements that were compiled once and are asked by the driver itself.

SQLAlchemy's own way from a statement to its rows costs three times what the driver needs for
it. What it knows of types is kept here: how values go in and how they come out.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import psycopg
from sqlalchemy import (
    ARRAY,
    CompoundSelect,
    Connection,
    DateTime,
    Executable,
    Integer,
    Numeric,
    Select,
    String,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, MultipleResultsFound, NoResultFound
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from app import prepared

Convert = Callable[[Any], Any]
Make = Callable[[Sequence[Any]], Any]


class Rows:
    """The rows of an answer, all of them read."""

    __slots__ = ("_rows",)

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    def all(self) -> list[Any]:
        """Every row, as a tuple whose columns have names where the statement names them."""
        return self._rows

    def scalars(self) -> list[Any]:
        """The first column of every row."""
        return [row[0] for row in self._rows]

    def one_or_none(self) -> Any:
        """The only row, if there is one; raises MultipleResultsFound."""
        if len(self._rows) > 1:
            raise MultipleResultsFound("more than one row was found where one was expected")
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """The only row; raises NoResultFound or MultipleResultsFound."""
        row = self.one_or_none()
        if row is None:
            raise NoResultFound("no row was found where one was expected")
        return row

    def scalar(self) -> Any:
        """The first column of the first row; None when there is no row."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        """The first column of the only row."""
        return self.one()[0]


@dataclass(frozen=True)
class _Ready:
    sql: str
    values: Mapping[str, Any]
    """Those that stand in the statement itself."""
    inward: Mapping[str, Convert]
    outward: Mapping[int, Convert]
    make: Make


def ask(
    connection: Connection,
    statement: Executable,
    values: Mapping[str, Any],
    *,
    begin: bool = True,
) -> Rows:
    """Run a statement in the transaction of the connection, which begins with it unless
    ``begin`` is false and the statement is prepared.

    Raises what SQLAlchemy itself would raise for the driver's errors.
    """
    ready = _ready(statement, connection.dialect)
    if ready is None:
        result = connection.execute(statement, values)
        return Rows(list(result) if result.returns_rows else [])
    driver: Any = connection.connection.driver_connection
    given = _inward(ready, values)
    try:
        rows = prepared.fetch(driver, ready.sql, given, ready.make, begin=begin)
        if rows is None:
            rows = _fetch(driver, ready, given)
    except psycopg.Error as error:
        raise translated(connection, ready.sql, error) from error
    return Rows(_outward(ready, rows) if ready.outward else rows)


def ask_behind(
    connection: Connection, first: Executable, statement: Executable, values: Mapping[str, Any]
) -> Rows:
    """Run two statements that ask for whole numbers alone, on one way to the server once both are
    prepared; the rows of the second, which begins when the first has ended.

    Raises what SQLAlchemy itself would raise for the driver's errors.
    """
    before, ready = (_ready(one, connection.dialect) for one in (first, statement))
    if before is not None and ready is not None:
        driver: Any = connection.connection.driver_connection
        try:
            rows = prepared.fetch_behind(driver, before.sql, ready.sql, values, ready.make)
        except psycopg.Error as error:
            raise translated(connection, ready.sql, error) from error
        if rows is not None:
            return Rows(_outward(ready, rows) if ready.outward else rows)
    ask(connection, first, values)
    return ask(connection, statement, values)


def _fetch(driver: Any, ready: _Ready, given: Mapping[str, Any]) -> list[Any]:
    with driver.cursor(row_factory=lambda _: ready.make) as cursor:
        cursor.execute(ready.sql, given)
        result = cursor.pgresult
        return cursor.fetchall() if result.ntuples or result.nfields else []


def _inward(ready: _Ready, values: Mapping[str, Any]) -> dict[str, Any]:
    given = {**ready.values, **values}
    for name, convert in ready.inward.items():
        given[name] = convert(given[name])
    return given


def _outward(ready: _Ready, rows: list[Any]) -> list[Any]:
    converted = []
    for row in rows:
        values = list(row)
        for place, convert in ready.outward.items():
            values[place] = convert(values[place])
        converted.append(ready.make(values))
    return converted


def translated(connection: Connection, sql: str, error: psycopg.Error) -> BaseException:
    """What SQLAlchemy would raise for an error of the driver; a lost connection is let go."""
    raw: Any = connection.connection.dbapi_connection
    gone = connection.dialect.is_disconnect(error, raw, None)  # type: ignore[arg-type]
    if gone:
        connection.invalidate(error)
    return DBAPIError.instance(
        sql, None, error, psycopg.Error, connection_invalidated=gone, dialect=connection.dialect
    )


@lru_cache(maxsize=2048)
def _ready(statement: Executable, dialect: Dialect) -> _Ready | None:
    """The compiled statement; None for one whose text depends on its values."""
    compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
    if not isinstance(compiled, SQLCompiler) or _varies(compiled):
        return None
    return _Ready(
        compiled.string,
        {name: bind.effective_value for name, bind in compiled.binds.items()},
        _inward_of(compiled, dialect),
        _outward_of(statement, dialect),
        _make_of(statement),
    )


def _varies(compiled: SQLCompiler) -> bool:
    """Whether values become part of the text, or some are worked out only at each execution."""
    changing = compiled.post_compile_params or compiled.literal_execute_params
    return bool(changing or compiled.escaped_bind_names or compiled.prefetch)


def _inward_of(compiled: SQLCompiler, dialect: Dialect) -> dict[str, Convert]:
    found = {name: _convert_of(bind.type, dialect) for name, bind in compiled.binds.items()}
    return {name: convert for name, convert in found.items() if convert is not None}


def _convert_of(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """How a value goes in. The statement says of what type such texts are."""
    known: Any = kind.dialect_impl(dialect)
    if isinstance(known, DateTime) and known.render_bind_cast:
        return _instant
    if isinstance(known, ARRAY) and known.render_bind_cast and _is_simple(known):
        return array_text
    convert: Convert | None = known.bind_processor(dialect)
    return convert


def _is_simple(kind: ARRAY[Any]) -> bool:
    """Whether it is a row of texts or whole numbers."""
    return kind.dimensions in (None, 1) and isinstance(kind.item_type, String | Integer)


def _instant(value: datetime | None) -> str | None:
    # What the driver does, which looks for a way to do it anew each time.
    return None if value is None else str(value)


def array_text(values: Sequence[str | int | None] | None) -> str | None:
    """Texts or whole numbers as PostgreSQL reads an array of them.

    The driver's own way takes several times as long, for it looks through each list first.
    """
    return None if values is None else f"{{{','.join(map(_item, values))}}}"


def _item(value: str | int | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(int(value))


def _outward_of(statement: Executable, dialect: Dialect) -> dict[int, Convert]:
    if not isinstance(statement, Select | CompoundSelect):
        return {}
    types = [column.type.dialect_impl(dialect) for column in statement.selected_columns]
    # The driver gives numbers as they are wanted; to judge that, their types would ask for a row.
    wanted = [(n, kind) for n, kind in enumerate(types) if not isinstance(kind, Numeric)]
    found = {n: kind.result_processor(dialect, None) for n, kind in wanted}
    return {n: convert for n, convert in found.items() if convert is not None}


def _make_of(statement: Executable) -> Make:
    if not isinstance(statement, Select | CompoundSelect):
        return tuple
    names = [str(column.key) for column in statement.selected_columns]
    row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]
    make: Make = row._make
    return make
