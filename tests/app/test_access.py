"""Who may do what, as a table: every route and every kind of person.

A row is keyed by the Flask endpoint; a note in brackets tells several rows of one endpoint
apart. Its cells are for: nobody, a program, staff of another group, the right staff, a
manager, an administrator. ``in`` means that the route was open (what it then said about the
body or the state is not the question here), a number is the status at the door, ``login`` is
the way to the sign-in page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access import RULES
from tests.app.api import diagrams
from tests.app.api.test_requests import submit

Api = Callable[[str], FlaskClient]

ACTORS = (None, "partner", "babak", "narges", "maryam", "admin")
CLOSED = (401, 403, 404)


class Row(NamedTuple):
    """One call, and what each actor gets."""

    call: str
    cells: str
    body: Mapping[str, Any] | None = None


TABLE: dict[str, Row] = {
    "api-docs.openapi_json": Row("GET /api/v1/openapi.json", "in in in in in in"),
    "reference.show_problem": Row("GET /api/v1/problems/conflict", "in in in in in in"),
    "requests.submit_request": Row("POST /api/v1/requests", "401 in in in in in", {}),
    "requests.list_requests": Row("GET /api/v1/requests", "401 in in in in in"),
    "requests.show_request": Row("GET /api/v1/requests/{own}", "401 in in in in in"),
    "requests.show_request (another's)": Row(
        "GET /api/v1/requests/{theirs}", "401 404 in in in in"
    ),
    "requests.show_request (confidential)": Row(
        "GET /api/v1/requests/{secret}", "401 404 404 404 in 404"
    ),
    "requests.list_history": Row("GET /api/v1/requests/{own}/history", "401 in in in in in"),
    "requests.list_history (confidential)": Row(
        "GET /api/v1/requests/{secret}/history", "401 404 404 404 in 404"
    ),
    "requests.list_messages": Row("GET /api/v1/requests/{own}/messages", "401 in in in in in"),
    "requests.send_message": Row(
        "POST /api/v1/requests/{own}/messages", "401 in in in in in", {"body": "Hello"}
    ),
    "requests.send_message (a note)": Row(
        "POST /api/v1/requests/{own}/messages",
        "401 403 in in in in",
        {"body": "Hello", "direction": "internal"},
    ),
    "requests.send_message (confidential)": Row(
        "POST /api/v1/requests/{secret}/messages", "401 404 404 404 in 404", {"body": "Hello"}
    ),
    "requests.answer_decision": Row(
        "POST /api/v1/requests/{own}/answer", "401 in 403 403 403 403", {"answer": "accept"}
    ),
    "requests.answer_decision (another's)": Row(
        "POST /api/v1/requests/{theirs}/answer", "401 404 403 403 403 403", {"answer": "accept"}
    ),
    "requests.add_attachments": Row(
        "POST /api/v1/requests/{own}/attachments", "401 in in in in in"
    ),
    "requests.list_attachments": Row(
        "GET /api/v1/requests/{own}/attachments", "401 in in in in in"
    ),
    "requests.list_attachments (confidential)": Row(
        "GET /api/v1/requests/{secret}/attachments", "401 404 404 404 in 404"
    ),
    "requests.download_attachment": Row(
        "GET /api/v1/requests/{theirs}/attachments/{file}", "401 404 in in in in"
    ),
    "tasks.list_tasks": Row("GET /api/v1/tasks", "401 403 in in in in"),
    "tasks.show_task": Row("GET /api/v1/tasks/{task}", "401 403 404 in in in"),
    "tasks.claim_task": Row("POST /api/v1/tasks/{task}/claim", "401 403 404 in in in"),
    "tasks.save_draft": Row("PUT /api/v1/tasks/{task}/draft", "401 403 404 in in in", {}),
    "tasks.assign_task": Row(
        "POST /api/v1/tasks/{task}/assign", "401 403 404 in in in", {"assignee": "omid"}
    ),
    "tasks.unclaim_task": Row("POST /api/v1/tasks/{task}/unclaim", "401 403 404 in in in"),
    "tasks.complete_task": Row("POST /api/v1/tasks/{task}/complete", "401 403 404 in in in", {}),
    "processes.deploy_process": Row("POST /api/v1/processes", "401 403 403 403 403 in"),
    "processes.list_processes": Row("GET /api/v1/processes", "401 403 in in in in"),
    "processes.show_process": Row("GET /api/v1/processes/one-step", "401 403 in in in in"),
    "processes.start_instance": Row(
        "POST /api/v1/processes/one-step/instances", "401 403 403 403 403 in", {}
    ),
    "instances.show_instance": Row("GET /api/v1/instances/{instance}", "401 403 in in in in"),
    "instances.show_instance (confidential)": Row(
        "GET /api/v1/instances/{secret_instance}", "401 403 404 404 in 404"
    ),
    "instances.send_message": Row(
        "POST /api/v1/instances/{instance}/messages",
        "401 403 403 403 403 in",
        {"name": "paid", "correlation": "1"},
    ),
    "instances.retry_fault": Row(
        "POST /api/v1/instances/{gate}/faults/{fault}/retry", "401 403 403 403 in in", {}
    ),
    "requests.withdraw_request (another's)": Row(
        "POST /api/v1/requests/{theirs}/withdraw", "401 404 403 403 403 403", {}
    ),
    "requests.withdraw_request": Row(
        "POST /api/v1/requests/{own}/withdraw", "401 in 403 403 403 403", {}
    ),
}
"""In the order in which the calls are made, since the last ones change what the first ones see."""


@pytest.fixture
def world(api: Api, run_jobs: Callable[[], int]) -> dict[str, Any]:
    """One of each: requests of several people, a task for intake, runs, a fault, a file."""
    admin = api("admin")
    for source in (diagrams.one_step(), diagrams.narrow_gate()):
        admin.post("/api/v1/processes", data=source, content_type="application/xml")
    own = submit(api("partner")).get_json()["number"]
    theirs = submit(api("sara")).get_json()["number"]
    about = {"about": "staff", "confidential": True}
    secret = submit(api("sara"), data=about).get_json()["number"]
    run_jobs()
    files = f"/api/v1/requests/{theirs}/attachments"
    gate = admin.post("/api/v1/processes/narrow-gate/instances", json={}).get_json()
    seen = api("maryam").get("/api/v1/tasks").get_json()["items"]
    tasks = {task["request"]: task for task in seen}
    return {
        "own": own,
        "theirs": theirs,
        "secret": secret,
        "file": admin.post(files, data=_a_file()).get_json()["items"][0]["id"],
        "task": tasks[own]["id"],
        "instance": tasks[own]["instance"],
        "secret_instance": tasks[secret]["instance"],
        "gate": gate["id"],
        "fault": gate["faults"][0]["id"],
    }


def _a_file() -> dict[str, Any]:
    return {"file": (BytesIO(b"a note"), "note.txt")}


def test_the_table_holds(
    app: Flask, api: Api, login: Callable[[str], FlaskClient], world: dict[str, Any]
) -> None:
    """Given one of each, when everybody calls everything, then the table tells what happens."""
    people: dict[tuple[str, str | None], FlaskClient] = {}

    def client(path: str, actor: str | None) -> FlaskClient:
        door = "api" if path.startswith("/api/") else "web"
        if (door, actor) not in people:
            enter = app.test_client if actor is None else lambda: _enter(door, actor)
            people[door, actor] = enter()
        return people[door, actor]

    def _enter(door: str, actor: str) -> FlaskClient:
        return api(actor) if door == "api" else login(actor)

    wrong = []
    for name, row in TABLE.items():
        method, path = row.call.format_map(world).split(" ", 1)
        for actor, expected in zip(ACTORS, row.cells.split(), strict=True):
            answer = client(path, actor).open(path, method=method, json=row.body)
            found = _tell(answer.status_code, answer.headers.get("Location", ""))
            if found != expected:
                wrong.append(f"{name}: {actor or 'nobody'} got {found}, not {expected}")
    assert not wrong, "\n".join(wrong)


def _tell(status: int, location: str) -> str:
    if status in (302, 303) and location.startswith("/login"):
        return "login"
    return str(status) if status in CLOSED else "in"


def test_every_route_has_a_rule(app: Flask) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert routes - {"static"} <= set(RULES)


def test_every_rule_has_a_route(app: Flask) -> None:
    assert set(RULES) <= {rule.endpoint for rule in app.url_map.iter_rules()}


def test_every_route_of_the_interface_is_in_the_table(app: Flask) -> None:
    told = {name.partition(" ")[0] for name in TABLE}
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert routes <= told
