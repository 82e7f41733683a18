"""Whether a connection to the database still lives, told without asking the server each time."""

from __future__ import annotations

import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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


def answer_for_first_use(engine: Engine) -> None:
    """Let :func:`unasked` say to the pool of this engine when it need not ask the server."""
    dialect: Any = engine.dialect
    ask = dialect.do_ping
    dialect.do_ping = lambda connection: _here.trusted or ask(connection)


@contextmanager
def unasked() -> Iterator[None]:
    """Take a connection from the pool without the question whether it lives: what is asked on it
    next shows that just as well, and is such that it can be asked again."""
    _here.trusted = True
    try:
        yield
    finally:
        _here.trusted = False


class _Here(threading.local):
    trusted = False


_here = _Here()
