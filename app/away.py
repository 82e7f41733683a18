"""Whether the database was away when something failed, so that the same may succeed later."""

from __future__ import annotations

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout


def is_away(error: BaseException | None) -> bool:
    """Whether the error says that the database does not answer now, and may again soon.

    The connection cannot be made, broke, was ended by the server, or none became free.
    """
    if isinstance(error, PoolTimeout):
        return True
    if isinstance(error, psycopg.OperationalError):
        # Of a connection of its own, such as one that holds a lock.
        return error.sqlstate is None or error.sqlstate[:2] in _AWAY
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None)
        lost = error.connection_invalidated or state is None or state[:2] in _AWAY
        return lost and isinstance(error.orig, psycopg.OperationalError)
    return False


_IN_THE_WAY = ("40", "55")
"""SQLSTATE classes: transaction rollback (a deadlock among them), object not in a needed state."""
_AWAY = ("08", "53", "57")
"""SQLSTATE classes: connection exception, insufficient resources, operator intervention."""


def may_pass(error: BaseException) -> bool:
    """Whether the same work may well succeed later: the database was away, or others were in the
    way. What it refuses for good, such as a value that it cannot hold, it refuses again."""
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    return is_away(error) or str(state).startswith(_IN_THE_WAY)
