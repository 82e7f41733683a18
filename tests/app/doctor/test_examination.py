"""The doctor: a healthy house is called healthy, and each ill is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import jobs, migrate
from app.access import SYSTEM
from app.clock import LEADER_LOCK
from app.doctor import examination, processes
from app.services.sending import channel_gate, channel_settings, channels, keys
from app.services.sending.channel_settings import Draft
from connectors.gate import TRIP
from tests.app.services.story import submit
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

Examine = Callable[[], tuple[int, str]]


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


@contextmanager
def connected(app: Flask, name: str) -> Iterator[None]:
    """Somebody whose connection has this name."""
    from app.db import db

    with app.app_context(), db.engine.connect() as connection:
        connection.execute(
            text("SELECT set_config('application_name', :name, false)"), {"name": name}
        )
        yield
        connection.execute(text("RESET application_name"))


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
        (-1, "problem  the calendar iran knows moving holidays until 2077-03-19 only"),
        (0, "note     the calendar iran knows moving holidays until 2077-03-19 only"),
        (180, "note     the calendar iran knows moving holidays until 2077-03-19 only"),
        (181, "ok       the calendar iran knows its holidays"),
    ],
)
def test_a_calendar_that_runs_out_is_noticed(
    clock: MovingClock, examine: Examine, days: int, told: str
) -> None:
    last = datetime(2077, 3, 19, 12, tzinfo=UTC)
    clock.move(seconds=(last - timedelta(days=days) - clock()).total_seconds())
    assert told in examine()[1]


def test_dead_parts_are_missed(examine: Examine) -> None:
    code, said = examine()
    assert code == 1
    assert "no worker is alive" in said
    assert "no clock ticks" in said


def test_a_worker_that_was_killed_just_now_counts_as_dead(app: Flask, examine: Examine) -> None:
    with transaction_of(app) as session:
        session.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
    assert "no worker is alive" in examine()[1]
    with connected(app, "peygir worker 7@here"):
        assert "workers alive: 1" in examine()[1]


@pytest.mark.usefixtures("living_parts")
def test_tables_of_another_release_are_noticed(examine: Examine, session: Session) -> None:
    session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    session.commit()
    code, said = examine()
    assert code == 1
    assert f"the tables are at 0000, not {migrate.head()}; run: peygir migrate" in said


HARM = {
    "DELETE FROM user_task": "tasks (6 is missing)",
    "UPDATE user_task SET state = 'cancelled', ended_at = now()": "tasks (6 is missing)",
    "UPDATE user_task SET element = 'x'": "tasks (6 says element 'x', not 'assess')",
    "UPDATE user_task SET candidate_groups = '{}'": "says candidate_groups [], not ['intake']",
    "INSERT INTO due_moment (kind, instance_id, key, element, due_at)"
    " SELECT 'timer', id, 'stray', 'x', now() + interval '1 year' FROM process_instance":
        "timers (stray is one too many)",
    "DELETE FROM subscription": "messages (",
    "UPDATE subscription SET correlation = 'x'": "says correlation 'x', not 'R-000001'",
    "UPDATE process_instance SET tokens = '{x}'": "instance (tokens says value ['x'], not",
    "UPDATE process_instance SET has_fault = true": "has_fault says value True, not False",
    "INSERT INTO fault (instance_id, key, element, code, message, texts, raised_at)"
    " SELECT id, 'stray', 'x', 'x', 'x', '{}', now() FROM process_instance":
        "faults (stray is one too many)",
    "INSERT INTO signal_subscription (instance_id, key, element, signal)"
    " SELECT id, 'stray', 'x', 'x' FROM process_instance": "signals (stray is one too many)",
    "UPDATE delivery SET state = 'waiting', next_attempt_at = now()": "letters (",
}  # fmt: skip
"""What is done to the tables, and what the doctor says of it."""


@pytest.mark.usefixtures("living_parts")
@pytest.mark.parametrize("harm", HARM)
def test_a_table_that_tells_another_story_is_found_and_mended(
    app: Flask,
    api: Callable[[str], FlaskClient],
    run_jobs: Callable[[], int],
    harm: str,
) -> None:
    complain(api)
    run_jobs()
    before = rows(app)
    with transaction_of(app) as session:
        session.execute(text(harm))
    code, said = look(app)
    assert (code, "disagree on" in said) == (1, True), said
    assert HARM[harm] in said
    code, said = look(app, repair=True)
    assert (code, "repaired instance 1" in said) == (0, True), said
    assert look(app)[0] == 0
    assert rows(app) == before


def look(app: Flask, *, repair: bool = False) -> tuple[int, str]:
    said: list[str] = []
    with app.app_context():
        code = examination.examine(app, said.append, repair=repair)
    return code, "\n".join(said)


def rows(app: Flask) -> dict[str, list[Any]]:
    """What the tables hold, but for what is counted on with every writing."""
    columns = {
        "user_task": "key, element, names, candidate_groups, state, ended_at, due_at",
        "due_moment": "key, element, due_at",
        "subscription": "key, element, message, correlation",
        "signal_subscription": "key, element, signal",
        "service_job": "key, element, type, state",
        "process_instance": "tokens, has_fault, status",
    }
    with transaction_of(app) as session:
        return {
            table: [
                tuple(row)
                for row in session.execute(text(f"SELECT {named} FROM {table} ORDER BY 1"))
            ]
            for table, named in columns.items()
        }


@pytest.mark.usefixtures("living_parts")
def test_a_step_that_is_under_way_is_neither_waited_for_nor_taken_for_a_difference(
    app: Flask, api: Callable[[str], FlaskClient], run_jobs: Callable[[], int]
) -> None:
    from app.db import db

    complain(api)
    run_jobs()
    with app.app_context(), db.engine.connect() as step:
        step.execute(text("SELECT id FROM process_instance FOR UPDATE"))
        step.execute(text("DELETE FROM user_task"))
        code, said = look(app)
        step.rollback()
    assert code == 0, said


@pytest.mark.usefixtures("living_parts")
def test_every_batch_is_looked_at(
    app: Flask, api: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "BATCH", 1)
    for _ in range(3):
        complain(api)
    with transaction_of(app) as session:
        session.execute(text("UPDATE process_instance SET tokens = '{}' WHERE id > 1"))
    code, said = look(app, repair=True)
    assert code == 0, said
    assert [f"instance {number}: " in said for number in (1, 2, 3)] == [False, True, True]


@pytest.mark.usefixtures("living_parts")
def test_claims_drafts_and_due_moments_survive_the_mending(
    app: Flask, api: Callable[[str], FlaskClient], run_jobs: Callable[[], int]
) -> None:
    complain(api)
    run_jobs()
    narges = api("narges")
    task = narges.get("/api/v1/tasks").get_json()["items"][0]["id"]
    narges.put(f"/api/v1/tasks/{task}/draft", json={"data": {"severity": "low"}})
    before = narges.get(f"/api/v1/tasks/{task}").get_json()
    with transaction_of(app) as session:
        session.execute(text("UPDATE user_task SET element = 'x', state = 'cancelled'"))
    assert look(app, repair=True)[0] == 0
    assert narges.get(f"/api/v1/tasks/{task}").get_json() == before


@pytest.mark.usefixtures("living_parts")
def test_a_job_that_got_lost_is_made_again(
    app: Flask, api: Callable[[str], FlaskClient], run_jobs: Callable[[], int]
) -> None:
    complain(api)
    with transaction_of(app) as session:
        session.execute(text("UPDATE service_job SET state = 'cancelled'"))
        session.execute(text("DELETE FROM procrastinate_jobs"))
    code, said = look(app, repair=True)
    assert (code, "jobs (" in said) == (0, True), said
    assert run_jobs() > 0
    assert look(app)[0] == 0


@pytest.mark.usefixtures("living_parts")
def test_what_an_ended_process_left_behind_is_found_and_mended(
    app: Flask, api: Callable[[str], FlaskClient], run_jobs: Callable[[], int]
) -> None:
    complain(api)
    run_jobs()
    api("admin").post("/api/v1/instances/1/cancel", json={"reason": "a test"})
    with transaction_of(app) as session:
        session.execute(text("UPDATE user_task SET state = 'open', ended_at = NULL"))
    code, said = look(app, repair=True)
    assert (code, "tasks (6 is one too many)" in said) == (0, True), said
    assert look(app)[0] == 0


@pytest.mark.usefixtures("living_parts")
def test_a_state_that_cannot_be_read_is_named_and_left_alone(
    app: Flask, api: Callable[[str], FlaskClient], run_jobs: Callable[[], int]
) -> None:
    complain(api)
    run_jobs()
    with transaction_of(app) as session:
        session.execute(text("UPDATE process_instance SET state = 'broken'"))
    before = rows(app)
    code, said = look(app, repair=True)
    assert (code, "its state cannot be read" in said) == (1, True), said
    assert rows(app) == before


@pytest.mark.usefixtures("living_parts")
@pytest.mark.parametrize(
    ("queued_at", "complaint"),
    [
        ("NULL", "moments that are due and not done: 1"),
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
                "INSERT INTO due_moment (kind, instance_id, key, element, due_at, queued_at)"
                f" SELECT 'timer', id, 'late', 'x', '2026-05-01', {queued_at}"
                "   FROM process_instance"
            )
        )
    code, said = examine()
    assert code == 1
    assert complaint in said


@pytest.mark.usefixtures("living_parts")
@pytest.mark.parametrize(
    ("queued_at", "complaint"),
    [
        ("NULL", "moments that are due and not done: 1"),
        ("now()", "due moments whose job is gone: 1"),
    ],
)
def test_a_process_that_did_not_begin_is_found(
    app: Flask, examine: Examine, queued_at: str, complaint: str
) -> None:
    with transaction_of(app) as session:
        session.execute(
            text(
                "WITH start AS (INSERT INTO start_subscription (definition_id, element, kind)"
                " SELECT min(id), 's', 'timer' FROM process_definition RETURNING id)"
                " INSERT INTO due_moment (kind, start_id, key, due_at, queued_at)"
                f" SELECT 'start', id, 's', '2026-05-01', {queued_at} FROM start"
            )
        )
    code, said = examine()
    assert (code, complaint in said) == (1, True), said


@pytest.mark.usefixtures("living_parts")
def test_moments_of_a_suspended_process_are_not_missed(
    app: Flask, api: Callable[[str], FlaskClient], run_jobs: Callable[[], int], examine: Examine
) -> None:
    complain(api)
    run_jobs()
    api("admin").post("/api/v1/instances/1/suspend", json={})
    with transaction_of(app) as session:
        # The promises of its request go on.
        session.execute(text("UPDATE due_moment SET due_at = '2026-05-01' WHERE kind = 'timer'"))
    _, said = examine()
    assert "no due moment was missed" in said


@pytest.mark.usefixtures("living_parts")
def test_a_job_that_was_given_up_is_found(app: Flask, examine: Examine) -> None:
    with transaction_of(app) as session:
        jobs.defer(jobs.FIRE_TIMER, moment_id=1)
        session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))
    code, said = examine()
    assert code == 1
    assert "jobs given up: 1" in said


@pytest.mark.usefixtures("living_parts")
def test_a_job_that_nobody_takes_up_is_found(app: Flask, examine: Examine) -> None:
    with transaction_of(app) as session:
        jobs.defer(jobs.FIRE_TIMER, moment_id=1)
        late = {"late": timedelta(hours=1)}
        session.execute(text("UPDATE procrastinate_events SET at = at - :late"), late)
    code, said = examine()
    assert code == 1
    assert "jobs that nobody takes up: 1" in said


@pytest.mark.usefixtures("living_parts")
def test_a_service_task_that_nobody_takes_up_is_found(
    app: Flask, clock: MovingClock, examine: Examine
) -> None:
    with transaction_of(app):
        submit(clock())
    assert examine()[0] == 0
    clock.move(hours=1)
    assert "jobs that nobody takes up: 1" in examine()[1]


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


@pytest.mark.usefixtures("partner")
def test_a_channel_that_cannot_be_used_or_is_left_alone_is_named(
    app: Flask, examine: Examine, clock: MovingClock, data: Path
) -> None:
    draft = Draft("birds", "parrot", options={"place": "garden"}, secrets={"token": "sesame-9"})
    with transaction_of(app):
        channel_settings.save(draft, SYSTEM, clock())
        for _ in range(TRIP):
            channel_gate.note_failure(channels.find("birds"), clock())
    said = examine()[1]
    assert "channels that are on: 1" in said
    assert "channel birds failed and is left alone until" in said
    assert "channel birds: " not in said
    file = data / keys.FILE
    kept = file.read_text()
    try:
        file.unlink()
        app.extensions.pop("peygir.channels")
        code, said = examine()
    finally:
        file.write_text(kept)
    assert code == 1
    assert "channel birds: The stored secrets cannot be read" in said
    file.chmod(0o644)
    assert f"chmod 600 {file}" in examine()[1]
    file.chmod(0o600)
