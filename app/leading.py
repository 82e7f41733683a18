"""One of several processes leads: for a mailbox, for a channel.

The lock that elects it lives and dies with a connection of its own, so when the process or its
machine dies, another one takes over within seconds.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from flask import Flask
from psycopg.conninfo import make_conninfo

from app.config import Settings
from connectors import NotConnected, longest_wait

_OPTIONS = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"


@contextmanager
def leader(app: Flask, lock: int, number: int, name: str) -> Iterator[psycopg.Connection | None]:
    """A connection that holds the advisory lock of these two numbers, or None while another
    process holds it; ``name`` tells in the database who it is."""
    settings: Settings = app.extensions["peygir.settings"]
    conninfo = make_conninfo(settings.conninfo, application_name=name)
    with psycopg.connect(conninfo, autocommit=True, options=_OPTIONS) as connection:
        locked = "SELECT pg_try_advisory_lock(%s, %s)"
        row = connection.execute(locked, [lock, number]).fetchone()
        yield connection if row and row[0] else None


@contextmanager
def turn(app: Flask, lock: int, number: int, name: str) -> Iterator[None]:
    """Wait until no other process holds the advisory lock of these two numbers, then hold it.

    Raises NotConnected when that takes longer than anybody should need.
    """
    settings: Settings = app.extensions["peygir.settings"]
    conninfo = make_conninfo(settings.conninfo, application_name=name)
    with psycopg.connect(conninfo, autocommit=True, options=_OPTIONS) as connection:
        connection.execute(f"SET lock_timeout = '{LONGEST_TURN}s'")
        try:
            connection.execute("SELECT pg_advisory_lock(%s, %s)", [lock, number])
        except psycopg.errors.LockNotAvailable:
            raise NotConnected("another process asks just now") from None
        yield


LONGEST_TURN = 60
"""Seconds."""


def pause(failures: int) -> float:
    """Seconds until the next try: at random below a ceiling that grows to five minutes."""
    ceiling = min(longest_wait(failures).total_seconds(), 300.0)
    return 1.0 + random.random() * ceiling  # noqa: S311  # Against herds, not against people.
