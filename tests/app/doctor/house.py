"""A house for the doctor: who is connected, who holds a lock, and what there is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.db import db

Examine = Callable[[], tuple[int, str]]


@contextmanager
def connected(app: Flask, name: str) -> Iterator[None]:
    """Somebody whose connection has this name."""
    with app.app_context(), db.engine.connect() as connection:
        connection.execute(
            text("SELECT set_config('application_name', :name, false)"), {"name": name}
        )
        yield
        connection.execute(text("RESET application_name"))


@contextmanager
def holding(app: Flask, lock: int) -> Iterator[None]:
    with app.app_context(), db.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": lock})
        yield
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": lock})


def complain(api: Callable[[str], FlaskClient]) -> None:
    answer = api("partner").post(
        "/api/v1/requests",
        json={
            "service": "complaint",
            "subject": "The lift stands still",
            "description": "Since this morning.",
            "customer": {"name": "Ali", "email": "ali@example.org"},
            "data": {"about": "product"},
        },
    )
    assert answer.status_code == 201, answer.get_data(as_text=True)
