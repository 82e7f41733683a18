"""Two statements on one way to the server: a lock, and what is read behind it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Flag
from time import monotonic
from unittest.mock import patch

import pytest
from flask import Flask
from psycopg.pq import TransactionStatus
from sqlalchemy import text
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from app.access import SYSTEM
from app.db import run, run_behind, transaction
from app.held_back import hold_back
from app.models import Event
from app.services import history
from app.services.accounts import people
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.patience import patient

OFTEN = 7
"""As often as a statement is asked until the driver has prepared it."""

_LOCK = text("SELECT id FROM staff_user WHERE id = CAST(:id AS bigint) FOR UPDATE")
_READ = text("SELECT login, email FROM staff_user WHERE id <> CAST(:id AS bigint) ORDER BY login")
_CHANGE = text("UPDATE staff_user SET email = 'x@example.com' WHERE id <> CAST(:id AS bigint)")
_DIVIDE = text("SELECT 1 / CAST(:id AS bigint) AS q")


@pytest.fixture(params=[True, False], ids=["main thread", "another thread"], autouse=True)
def thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """Prepared statements are waited for otherwise on the main thread, which Ctrl-C reaches."""
    with patch("app.prepared._on_main_thread", return_value=request.param):
        yield


@pytest.fixture
def sara(session: Session) -> int:
    """Whose row is locked."""
    return people.by_login("sara").id


def _prepare(of: int) -> None:
    for statement in (_LOCK, _READ, _CHANGE, _DIVIDE):
        for _ in range(OFTEN):
            run(statement, {"id": of})
    run(text("UPDATE staff_user SET email = 'y@example.com'"))


def _emails(rows: list[tuple[str, str]]) -> set[str]:
    return {email for _, email in rows}


def test_the_second_tells_what_the_first_has_done(session: Session, sara: int) -> None:
    before = run(_READ, {"id": sara}).all()
    assert run_behind(_LOCK, _READ, {"id": sara}).all() == before
    _prepare(sara)
    assert _emails(run(_READ, {"id": sara}).all()) == {"y@example.com"}
    with patch("app.ready.ask", side_effect=AssertionError("they went apart")):
        told = run_behind(_CHANGE, _READ, {"id": sara}).all()
    assert _emails(told) == {"x@example.com"}


def test_the_transaction_begins_with_them(session: Session, sara: int) -> None:
    _prepare(sara)
    session.commit()
    driver = session.connection().connection.driver_connection
    assert driver is not None
    assert driver.info.transaction_status == TransactionStatus.IDLE
    with patch("app.ready.ask", side_effect=AssertionError("they went apart")):
        run_behind(_CHANGE, _READ, {"id": sara})
    assert driver.info.transaction_status == TransactionStatus.INTRANS
    session.rollback()
    assert run(_READ, {"id": sara}).all() == run_behind(_LOCK, _READ, {"id": sara}).all()


def test_an_error_of_either_is_told_and_ends_both(session: Session, sara: int) -> None:
    for first, second in ((_DIVIDE, _READ), (_CHANGE, _DIVIDE)):
        _prepare(1)
        session.commit()
        with pytest.raises(DataError):
            run_behind(first, second, {"id": 0})
        session.rollback()
    assert run(_DIVIDE, {"id": 1}).scalar() == 1


def test_what_is_no_whole_number_is_asked_one_after_the_other(
    session: Session, sara: int
) -> None:  # fmt: skip
    first = text("SELECT CAST(:name AS text)")
    second = text("SELECT login FROM staff_user WHERE login = CAST(:name AS text)")
    for _ in range(OFTEN):
        assert run_behind(first, second, {"name": "sara"}).scalars() == ["sara"]


def test_what_was_held_back_is_written_before_them(
    session: Session, sara: int, clock: MovingClock
) -> None:  # fmt: skip
    assert hold_back([(Event, [history.entry("held", SYSTEM, clock())])], (), None)
    noted = text("SELECT kind FROM event WHERE CAST(:id AS bigint) > 0 ORDER BY id DESC LIMIT 1")
    assert run_behind(_LOCK, noted, {"id": sara}).scalar() == "held"


def test_what_the_first_waited_for_is_seen_by_the_second(app: Flask, sara: int) -> None:
    """Another one holds the lock, changes other rows than the locked one, and ends."""
    prepared, held = Flag(), Flag()

    def ask() -> set[str]:
        with app.app_context():
            with transaction():
                _prepare(sara)
            with transaction(), patch("app.ready.ask", side_effect=AssertionError("apart")):
                assert _emails(run_behind(_LOCK, _READ, {"id": sara}).all()) == {"y@example.com"}
            prepared.set()
            assert held.wait(patient(30))
            with transaction():
                return _emails(run_behind(_LOCK, _READ, {"id": sara}).all())

    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask)
        assert prepared.wait(patient(30))
        with transaction_of(app) as session:
            run(_LOCK, {"id": sara})
            held.set()
            _wait_for_a_lock()
            run(_CHANGE, {"id": sara})
            session.flush()
        assert asked.result(patient(30)) == {"x@example.com"}


def _wait_for_a_lock() -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    ends = monotonic() + patient(30)
    while not run(waiting).scalar():
        assert monotonic() < ends, "nobody waited"
