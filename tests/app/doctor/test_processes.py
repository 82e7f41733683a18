"""Tables that tell another story than the engine are found and mended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.doctor import examination, processes
from tests.app.doctor.house import complain
from tests.support.application import transaction_of

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
