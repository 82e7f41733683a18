"""A connection is asked whether it lives only when something has come on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text

from app.connections import ask_only_when_told
from tests.support.processes import wait_until

Asked = list[bool]
"""What each question to the server was answered with."""


@pytest.fixture
def asked() -> Asked:
    return []


@pytest.fixture
def engine(app: Flask, asked: Asked) -> Iterator[Engine]:
    made = create_engine(app.extensions["peygir.settings"].engine_url, pool_pre_ping=True)
    dialect: Any = made.dialect
    ping = dialect.do_ping

    def ask(connection: object) -> bool:
        asked.append(False)
        asked[-1] = bool(ping(connection))
        return asked[-1]

    dialect.do_ping = ask
    ask_only_when_told(made)
    yield made
    made.dispose()


def pid(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def test_a_quiet_connection_is_used_without_a_question(engine: Engine, asked: Asked) -> None:
    first = pid(engine)
    assert [pid(engine) for _ in range(3)] == [first] * 3
    assert asked == []


def test_one_that_the_server_has_ended_is_replaced(engine: Engine, asked: Asked) -> None:
    first = pid(engine)
    other = create_engine(engine.url)
    with other.connect() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend({first})"))
        still = text(f"SELECT count(*) FROM pg_stat_activity WHERE pid = {first}")
        wait_until(lambda: connection.execute(still).scalar_one() == 0, 10)
    other.dispose()
    assert pid(engine) != first
    assert asked == [False]
