"""Statements that the driver has prepared on a connection, asked without a cursor around them.

A cursor costs more than such a statement itself. The driver goes on to keep the books of what
is prepared: here they are read only. Where a statement is not in them, or the connection is in
an unusual state, nothing is done and the cursor's way remains.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from psycopg.adapt import Transformer
from psycopg.errors import OperationalError, error_from_result
from psycopg.generators import execute
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

try:
    # The driver names its parameters by position when it prepares; only it knows how.
    from psycopg._queries import _query2pg
except ImportError:  # Another version of the driver: the cursor's way remains.
    _query2pg = None  # type: ignore[assignment]

Make = Callable[[Sequence[Any]], Any]

USUAL = (TransactionStatus.INTRANS, TransactionStatus.IDLE)


def fetch(
    driver: Any, sql: str, values: Mapping[str, Any], make: Make, *, begin: bool = True
) -> list[Any] | None:
    """The rows of a prepared statement, each made by ``make``; None when it is not prepared.
    With ``begin`` it begins a transaction when none is open.

    Raises the driver's own errors.
    """
    if _query2pg is None:
        return None
    status = driver.pgconn.transaction_status
    books = driver._prepared
    if status not in USUAL or driver._pipeline is not None or books._to_flush:
        return None
    query, formats, order = _text(sql)
    adapting = _adapting(driver)
    asked = [values[name] for name in order]
    given = adapting.dump_sequence(asked, formats)
    key = (query, adapting.types or ())
    name = books._names.get(key)
    if name is None:
        return None
    with driver.lock:
        begins = begin and status == TransactionStatus.IDLE and not driver.autocommit
        if begins and all(type(value) is int for value in asked):
            result = _begun_with(driver, name, asked)
        else:
            result = _answer(driver, begins, name, given, adapting.formats)
    return _rows(adapting, result, make, driver)


def fetch_behind(
    driver: Any, first: str, sql: str, values: Mapping[str, Any], make: Make
) -> list[Any] | None:
    """The rows of a prepared statement that is sent together with another one, of which nothing
    is read, and with BEGIN when no transaction is open. Each sees what is committed when it
    begins itself, so what the first one waited for the second one knows. None when either is not
    prepared, or asks for anything but whole numbers.

    Raises the driver's own errors.
    """
    status = driver.pgconn.transaction_status
    if _query2pg is None or status not in USUAL or driver.autocommit:
        return None
    if driver._pipeline is not None or driver._prepared._to_flush:
        return None
    adapting, asked = _adapting(driver), []
    for one in (first, sql):
        query, formats, order = _text(one)
        numbers = [values[name] for name in order]
        adapting.dump_sequence(numbers, formats)
        name = driver._prepared._names.get((query, adapting.types or ()))
        if name is None or any(type(number) is not int for number in numbers):
            return None
        asked.append(_executing(name, numbers))
    with driver.lock:
        begins = status == TransactionStatus.IDLE
        result = _said_to(driver, [driver._get_tx_start_command(), *asked] if begins else asked)
    return _rows(adapting, result, make, driver)


def _begun_with(driver: Any, name: bytes, numbers: Sequence[Any]) -> Any:
    """What the server says to a prepared statement that is sent together with BEGIN, which spares
    a way to the server. Only whole numbers can stand in its text as they are."""
    return _said_to(driver, [driver._get_tx_start_command(), _executing(name, numbers)])


def _executing(name: bytes, numbers: Sequence[int]) -> bytes:
    of = ",".join(map(str, numbers)).encode()
    return b"EXECUTE %b%b" % (name, of and b"(%b)" % of)


def _said_to(driver: Any, statements: Sequence[bytes]) -> Any:
    """What the server says to the last of these, or to the first that fails: it begins none of
    those behind that one."""
    server, asked = driver.pgconn, b";".join(statements)
    if _on_main_thread():
        server.send_query(asked)
        return driver.wait(execute(server))[-1]
    return _require(driver, server.exec_(asked))


def _answer(driver: Any, begins: bool, name: bytes, given: Any, formats: Any) -> Any:
    """What the server says to a prepared statement, before which a transaction may begin.

    The main thread waits as the driver does, so that Ctrl-C ends a long wait. Any other waits
    within libpq, which lets other threads go on once for each statement; the driver's own way
    lets them go on before the statement is sent as well.
    """
    server = driver.pgconn
    if _on_main_thread():
        if begins:
            driver.wait(driver._start_query())
        server.send_query_prepared(name, given, formats)
        return driver.wait(execute(server))[-1]
    if begins:
        _require(driver, server.exec_(driver._get_tx_start_command()))
    return _require(driver, server.exec_prepared(name, given, formats))


def _on_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _require(driver: Any, result: Any) -> Any:
    """The result, if the server gave it; raises the driver's errors."""
    if driver.pgconn.status == ConnStatus.BAD:
        raise OperationalError(driver.pgconn.get_error_message())
    if result.status == ExecStatus.FATAL_ERROR:
        raise error_from_result(result, encoding=driver.info.encoding)
    return result


def _adapting(driver: Any) -> Any:
    """What turns values into those of the server and back, the same as long as a connection
    lives: a new one would look up anew how each type is read. It knows the settings of the
    connection, such as its time zone, as they were at the first question; nobody changes them."""
    known = driver.__dict__.get(_ADAPTING)
    if known is None:
        known = driver.__dict__[_ADAPTING] = Transformer(driver)
    return known


_ADAPTING = "peygir_adapting"


def _rows(adapting: Any, result: Any, make: Make, driver: Any) -> list[Any]:
    if result.status == ExecStatus.TUPLES_OK:
        adapting.set_pgresult(result)
        rows: list[Any] = adapting.load_rows(0, result.ntuples, make)
        adapting.set_pgresult(None)
        return rows
    if result.status == ExecStatus.COMMAND_OK:
        return []
    raise error_from_result(result, encoding=driver.info.encoding)


@lru_cache(maxsize=2048)
def _text(sql: str) -> tuple[bytes, Sequence[Any], Sequence[str]]:
    query, formats, order, _ = _query2pg(sql.encode(), "utf-8")
    return query, formats, order or ()
