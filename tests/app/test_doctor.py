"""The doctor: a healthy house is called healthy, and each ill is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import doctor, jobs, migrate
from app.clock import LEADER_LOCK
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

Examine = Callable[[], tuple[int, str]]


@pytest.fixture
def examine(app: Flask) -> Examine:
    """``examine()`` gives the exit code and all that was said."""

    def look() -> tuple[int, str]:
        said: list[str] = []
        with app.app_context():
            code = doctor.examine(app, said.append)
        return code, "\n".join(said)

    return look


@pytest.fixture
def living_parts(app: Flask) -> Iterator[None]:
    """A worker that has just told its heartbeat, and somebody who holds the clock's lock."""
    with transaction_of(app) as session:
        session.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
    with holding(app, LEADER_LOCK):
        yield


@contextmanager
def holding(app: Flask, lock: int) -> Iterator[None]:
    from app.db import db

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


@pytest.mark.usefixtures("living_parts")
def test_a_healthy_house_is_called_healthy(
    api: Callable[[str], FlaskClient], examine: Examine
) -> None:
    complain(api)
    code, said = examine()
    assert code == 0, said
    assert "open instances agree with the engine: 1" in said


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (-1, "problem  the calendar iran knows moving holidays until 2036-03-20 only"),
        (0, "note     the calendar iran knows moving holidays until 2036-03-20 only"),
        (180, "note     the calendar iran knows moving holidays until 2036-03-20 only"),
        (181, "ok       the calendar iran knows its holidays"),
    ],
)
def test_a_calendar_that_runs_out_is_noticed(
    clock: MovingClock, examine: Examine, days: int, told: str
) -> None:
    last = datetime(2036, 3, 20, 12, tzinfo=UTC)
    clock.move(seconds=(last - timedelta(days=days) - clock()).total_seconds())
    assert told in examine()[1]


def test_dead_parts_are_missed(examine: Examine) -> None:
    code, said = examine()
    assert code == 1
    assert "no worker is alive" in said
    assert "no clock ticks" in said


@pytest.mark.usefixtures("living_parts")
def test_tables_of_another_release_are_noticed(examine: Examine, session: Session) -> None:
    session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    session.commit()
    code, said = examine()
    assert code == 1
    assert f"the tables are at 0000, not {migrate.head()}; run: peygir migrate" in said


@pytest.mark.usefixtures("living_parts")
@pytest.mark.parametrize(
    ("harm", "complaint"),
    [
        ("DELETE FROM user_task", "disagree on tasks"),
        ("INSERT INTO timer (instance_id, key, element, due_at)"
         " SELECT id, 'stray', 'x', now() + interval '1 year' FROM process_instance",
         "disagree on timers"),
        ("DELETE FROM subscription", "disagree on messages"),
    ],
)  # fmt: skip
def test_a_table_that_tells_another_story_is_found(
    app: Flask,
    api: Callable[[str], FlaskClient],
    run_jobs: Callable[[], int],
    examine: Examine,
    harm: str,
    complaint: str,
) -> None:
    complain(api)
    run_jobs()
    with transaction_of(app) as session:
        session.execute(text(harm))
    code, said = examine()
    assert code == 1
    assert complaint in said


@pytest.mark.usefixtures("living_parts")
@pytest.mark.parametrize(
    ("queued_at", "complaint"),
    [
        ("NULL", "moments that are due and wait for a clock: 1"),
        ("now()", "due moments whose job is gone: 1"),
    ],
)
def test_a_moment_that_was_missed_is_found(
    app: Flask,
    api: Callable[[str], FlaskClient],
    examine: Examine,
    queued_at: str,
    complaint: str,
) -> None:
    complain(api)
    with transaction_of(app) as session:
        session.execute(
            text(
                "INSERT INTO timer (instance_id, key, element, due_at, queued_at)"
                f" SELECT id, 'late', 'x', '2026-05-01', {queued_at} FROM process_instance"
            )
        )
    code, said = examine()
    assert code == 1
    assert complaint in said


@pytest.mark.usefixtures("living_parts")
def test_a_job_that_was_given_up_is_found(app: Flask, examine: Examine) -> None:
    with transaction_of(app) as session:
        jobs.defer(jobs.FIRE_TIMER, timer_id=1)
        session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))
    code, said = examine()
    assert code == 1
    assert "jobs given up: 1" in said


@pytest.mark.usefixtures("living_parts")
def test_a_job_that_nobody_takes_up_is_found(app: Flask, examine: Examine) -> None:
    with transaction_of(app) as session:
        jobs.defer(jobs.FIRE_TIMER, timer_id=1)
        late = {"late": timedelta(hours=1)}
        session.execute(text("UPDATE procrastinate_events SET at = at - :late"), late)
    code, said = examine()
    assert code == 1
    assert "jobs that nobody takes up: 1" in said


@pytest.mark.usefixtures("living_parts")
def test_a_secret_that_others_can_read_is_found(data: Path, examine: Examine) -> None:
    secret = data / "secret"
    secret.write_text("x")
    secret.chmod(0o644)
    try:
        code, said = examine()
    finally:
        secret.unlink()
    assert code == 1
    assert f"others can read {secret}" in said
