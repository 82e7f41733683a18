"""Whether a connection to the database still lives, told without asking the server each time."""

from __future__ import annotations

import select
from typing import Any

from sqlalchemy import Engine


def has_news(connection: Any) -> bool:
    """Whether something has come on a connection of the driver that nobody has read.

    A server that ends a connection, or the system that closes it, says so.
    """
    lines = select.poll()
    lines.register(connection.fileno(), select.POLLIN | select.POLLPRI)
    return bool(lines.poll(0))


def ask_only_when_told(engine: Engine) -> None:
    """Let the pool ask the server whether a connection lives only when something has come on it;
    else it asks before each use."""
    dialect: Any = engine.dialect
    ask = dialect.do_ping
    dialect.do_ping = lambda connection: not has_news(connection) or ask(connection)
