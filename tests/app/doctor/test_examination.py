"""The doctor: a healthy house is called healthy, and each ill is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import jobs, migrate
from app.access import SYSTEM
from app.services.sending import channel_gate, channel_settings, channels, keys
from app.services.sending.channel_settings import Draft
from connectors.gate import TRIP
from tests.app.doctor.house import Examine, complain, connected
from tests.app.services.story import submit
from tests.support.application import transaction_of
from tests.support.clock import MovingClock


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
