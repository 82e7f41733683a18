"""The doctor called, with the parts of the installation that live."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from app.clock import LEADER_LOCK
from app.doctor import examination
from tests.app.doctor.house import Examine, connected, holding
from tests.support.application import transaction_of


@pytest.fixture
def examine(app: Flask) -> Examine:
    """``examine()`` gives the exit code and all that was said."""

    def look() -> tuple[int, str]:
        said: list[str] = []
        with app.app_context():
            code = examination.examine(app, said.append)
        return code, "\n".join(said)

    return look


@pytest.fixture
def living_parts(app: Flask) -> Iterator[None]:
    """A worker that has just told its heartbeat, and somebody who holds the clock's lock."""
    with transaction_of(app) as session:
        session.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
    with holding(app, LEADER_LOCK), connected(app, "peygir worker 7@here"):
        yield
