"""A connection is asked whether it lives only where nothing else would tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, text

from app.connections import ask_only_when_told
from tests.app.api.test_requests import submit
from tests.support.patience import wait_until
from tests.support.statements import statements

PING = ";"
"""What the driver's dialect asks to learn whether a connection lives."""
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


def end_connections(app: Flask) -> None:
    """Let the server end every connection to this database but the one that says so."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()"
    url = app.extensions["peygir.settings"].engine_url
    # Within one transaction it would see the same connections all the time.
    other = create_engine(url, isolation_level="AUTOCOMMIT")
    with other.connect() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
        still = text(f"SELECT count(*) {others}")
        wait_until(lambda: connection.execute(still).scalar_one() == 0, 10)
    other.dispose()


def test_a_token_tells_whether_the_connection_lives(api: Callable[[str], FlaskClient]) -> None:
    client = api("sara")
    assert client.get("/api/v1/tasks").status_code == 200
    with statements() as sent:
        assert client.get("/api/v1/tasks").status_code == 200
    assert sent and PING not in sent


def test_what_asks_for_no_token_first_asks_the_server(api: Callable[[str], FlaskClient]) -> None:
    client = api("sara")
    assert client.get("/readyz").status_code == 200
    with statements() as sent:
        assert client.get("/readyz").status_code == 200
    assert PING in sent


def test_a_token_is_looked_up_again_where_the_connection_has_died(
    app: Flask, api: Callable[[str], FlaskClient]
) -> None:
    client = api("sara")
    for _ in range(2):
        assert [client.get("/api/v1/tasks").status_code for _ in range(4)] == [200] * 4
        end_connections(app)


def test_a_change_is_made_once_where_the_connection_has_died(
    app: Flask, api: Callable[[str], FlaskClient]
) -> None:
    client = api("partner")
    assert submit(client).status_code == 201
    end_connections(app)
    assert submit(client).status_code == 201
    items = api("sara").get("/api/v1/requests").get_json()["items"]
    assert len(items) == 2
