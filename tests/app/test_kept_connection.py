"""Transactions that follow each other on one connection."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from flask import Flask
from psycopg.pq import TransactionStatus
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import worker
from app.away import is_away
from app.cli import parts
from app.connections import has_news
from app.db import db, kept_connection, run, session, transaction
from app.models import ProcessInstance, ServiceRequest
from app.services.accounts import people
from app.services.execution import first_instances
from app.services.service_levels import clock_rows

_ME = text("SELECT pg_backend_pid()")
_RENAME = text("UPDATE staff_user SET email = :email WHERE login = 'sara'")


def _driver() -> psycopg.Connection:
    found = session().connection().connection.driver_connection
    assert isinstance(found, psycopg.Connection)
    return found


def _in_use() -> int:
    return int(db.engine.pool.checkedout())  # type: ignore[attr-defined]  # The kind that is used.


def test_it_is_the_same_idle_in_between_and_given_back_at_the_end(app: Flask) -> None:
    with app.app_context():
        with kept_connection():
            with transaction():
                me = run(_ME).scalar()
            assert _driver().info.transaction_status == TransactionStatus.IDLE
            with transaction():
                assert run(_ME).scalar() == me
            assert _in_use() == 1
        assert _in_use() == 0


def test_what_is_changed_in_each_is_committed_with_it(app: Flask) -> None:
    with app.app_context():
        with kept_connection():
            with transaction():
                people.by_login("sara").email = "one@example.com"
            with pytest.raises(ZeroDivisionError), transaction():
                run(_RENAME, {"email": "two@example.com"})
                1 / 0  # noqa: B018
            with transaction():
                assert people.by_login("sara").email == "one@example.com"
        assert people.by_login("sara").email == "one@example.com"


def test_one_that_ended_in_between_is_replaced(app: Flask) -> None:
    with app.app_context(), kept_connection():
        with transaction():
            me = run(_ME).scalar()
        driver = _driver()
        with psycopg.connect(driver.info.dsn, password=driver.info.password) as other:
            other.execute("SELECT pg_terminate_backend(%s, 10000)", [me])
        assert has_news(driver)
        with transaction():
            assert run(_ME).scalar() != me


def test_one_that_is_lost_at_the_end_is_told(app: Flask) -> None:
    with app.app_context(), kept_connection():
        with pytest.raises(DBAPIError) as caught, transaction():
            run(_RENAME, {"email": "three@example.com"})
            driver = _driver()
            with psycopg.connect(driver.info.dsn, password=driver.info.password) as other:
                me = driver.info.backend_pid
                other.execute("SELECT pg_terminate_backend(%s, 10000)", [me])
        assert is_away(caught.value)
        with transaction():
            assert people.by_login("sara").email != "three@example.com"


def test_what_is_kept_for_one_is_not_believed_in_the_next(app: Flask) -> None:
    """Their locks are gone: others may have changed these clocks meanwhile."""
    request = ServiceRequest(id=7)
    with app.app_context(), kept_connection():
        with transaction():
            run(_ME)
            clock_rows.remember(request, [])
            first_instances.note(ProcessInstance(request_id=7, definition_id=3))
            assert clock_rows.remembered(7) == []
            assert first_instances.definition_of(7) == 3
        with transaction():
            run(_ME)
            assert clock_rows.remembered(7) is None
            assert first_instances.definition_of(7) is None


def test_what_one_has_written_stays_in_hand_when_the_next_is_undone(app: Flask) -> None:
    with app.app_context():
        with kept_connection():
            with transaction():
                group = people.ensure_group("night", {"en": "Night", "fa": "شب"})
            with pytest.raises(ZeroDivisionError), transaction():
                run(_ME)
                1 / 0  # noqa: B018
            with transaction():
                group.names = {"en": "Day", "fa": "روز"}
        with transaction():
            assert people.find_group("night").names["en"] == "Day"


def test_a_worker_has_connections_for_all_its_threads_at_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that wait for a slow partner keep theirs, and jobs of the queue need others."""
    made: list[Flask] = []

    def note(app: Flask) -> int:
        made.append(app)
        return 0

    monkeypatch.setattr(parts, "_prepare", lambda name: None)
    monkeypatch.setattr(worker, "run", note)
    settings = replace(app.extensions["peygir.settings"], worker_concurrency=64)
    assert parts.worker(settings) == 0
    with made[0].app_context():
        assert db.engine.pool.size() >= 2 * 64  # type: ignore[attr-defined]  # As above.
