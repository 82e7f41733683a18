"""``/api/v1/instances``: listed by pages, operated on, moved to another version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.app.api import diagrams

Api = Callable[[str], FlaskClient]
ONE_STEP = "/api/v1/processes/one-step"


@pytest.fixture
def admin(api: Api) -> FlaskClient:
    """An administrator, with three runs of one step and one that stands with a fault."""
    client = api("admin")
    for source in (diagrams.one_step(), diagrams.narrow_gate()):
        client.post("/api/v1/processes", data=source, content_type="application/xml")
    for _ in range(3):
        client.post(f"{ONE_STEP}/instances", json={"variables": {"a": 1}})
    client.post("/api/v1/processes/narrow-gate/instances", json={})
    return client


def ids(client: FlaskClient, query: str) -> list[int]:
    answer = client.get(f"/api/v1/instances?{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [item["id"] for item in answer.get_json()["items"]]


def test_they_are_listed_newest_first_page_by_page(admin: FlaskClient) -> None:
    first = admin.get("/api/v1/instances?limit=3").get_json()
    assert [item["id"] for item in first["items"]] == [4, 3, 2]
    assert ids(admin, f"limit=3&cursor={first['next']}") == [1]
    assert first["items"][0] == {
        "id": 4, "process": "narrow-gate", "version": 1, "request": None, "state": "active",
        "tokens": ["gate"], "has_fault": True, "started_at": first["items"][0]["started_at"],
        "suspended_at": None, "ended_at": None,
    }  # fmt: skip


def test_they_are_narrowed(admin: FlaskClient) -> None:
    admin.post("/api/v1/instances/2/suspend", json={})
    admin.post("/api/v1/instances/3/cancel", json={"reason": "a test"})
    assert ids(admin, "process=one-step") == [3, 2, 1]
    assert ids(admin, "state=active") == [4, 1]
    assert ids(admin, "state=suspended") == [2]
    assert ids(admin, "state=terminated") == [3]
    assert ids(admin, "faulty=true") == [4]
    assert ids(admin, "element=do") == [2, 1]
    assert ids(admin, "process=one-step&version=2") == []


def test_a_step_of_a_suspended_process_is_a_conflict_that_says_so(
    admin: FlaskClient, api: Api
) -> None:
    stopped = admin.post("/api/v1/instances/1/suspend", json={"reason": "a doubt"}).get_json()
    assert stopped["suspended_at"]
    assert stopped["state"] == "suspended"
    (listed,) = admin.get("/api/v1/instances?state=suspended").get_json()["items"]
    assert listed["state"] == "suspended"
    task = stopped["tasks"][0]["id"]
    answer = api("narges").post(f"/api/v1/tasks/{task}/complete", json={"data": {}})
    assert answer.status_code == 409
    assert answer.get_json()["type"].endswith("/instance-suspended")
    assert admin.post("/api/v1/instances/1/resume", json={}).get_json()["suspended_at"] is None
    answer = api("narges").post(f"/api/v1/tasks/{task}/complete", json={"data": {}})
    assert answer.status_code == 200


def test_what_cannot_be_done_is_a_conflict_in_the_readers_language(admin: FlaskClient) -> None:
    body = {"token": "do", "to": "nowhere"}
    said = admin.post("/api/v1/instances/1/move", json=body, headers={"Accept-Language": "fa"})
    assert said.status_code == 409
    assert said.get_json()["type"].endswith("/operation-refused")
    assert said.get_json()["detail"] == "در این نسخهٔ فرایند عنصر «nowhere» نیست."


def test_variables_change_a_token_moves_and_a_fault_is_skipped(admin: FlaskClient) -> None:
    place = admin.get("/api/v1/instances/1").get_json()["places"][0]
    changed = admin.post("/api/v1/instances/1/variables", json={"variables": {"a": 2}})
    assert changed.get_json()["variables"] == {"a": 2}
    moved = admin.post("/api/v1/instances/1/move", json={"token": place["key"], "to": "e"})
    assert moved.get_json()["state"] == "completed"
    fault = admin.get("/api/v1/instances/4").get_json()["faults"][0]["id"]
    refused = admin.post(f"/api/v1/instances/4/faults/{fault}/skip", json={})
    assert (refused.status_code, "f2, f3" in refused.get_json()["detail"]) == (409, True)
    body = {"flow": "f2", "variables": {"amount": 9}}
    skipped = admin.post(f"/api/v1/instances/4/faults/{fault}/skip", json=body).get_json()
    assert (skipped["state"], skipped["variables"]) == ("completed", {"amount": 9})


def test_instances_move_page_by_page_and_say_what_would_happen(admin: FlaskClient) -> None:
    renamed = diagrams.one_step().replace(b'"do"', b'"work"')
    admin.post("/api/v1/processes", data=renamed, content_type="application/xml")
    body: dict[str, Any] = {"version": 2, "dry_run": True, "limit": 2}
    plan = admin.post(f"{ONE_STEP}/migrate", json=body).get_json()
    assert [item["verdict"] for item in plan["items"]] == ["refused", "refused"]
    assert "no element “do”" in plan["items"][0]["reasons"][0]
    body = {**body, "map": {"do": "work"}, "dry_run": False}
    done = admin.post(f"{ONE_STEP}/migrate", json=body).get_json()
    assert done["items"][0]["tokens"] == [
        {"key": "2", "element": "do", "to": "work", "verdict": "changed"}
    ]
    rest = admin.post(f"{ONE_STEP}/migrate", json={**body, "cursor": done["next"]}).get_json()
    assert [item["instance"] for item in (*done["items"], *rest["items"])] == [1, 2, 3]
    assert rest["next"] is None
    assert admin.get("/api/v1/instances/1").get_json()["version"] == 2
