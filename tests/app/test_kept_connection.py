"""Transactions that follow each other on one connection."""

from __future__ import annotations

import psycopg
import pytest
from flask import Flask
from psycopg.pq import TransactionStatus
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.connections import has_news
from app.db import db, is_away, kept_connection, run, session, transaction
from app.services.accounts import people

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
