"""Tasks over HTTP: found, claimed by one, completed once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.access import Actor
from app.api.schemas.tasks import ListedTaskSchema, TaskSchema, show, show_listed
from app.services.desk.task_lists import Named, TaskLine
from app.services.service_levels import standing
from tests.app.api import diagrams
from tests.app.api.test_requests import submit
from tests.support.clock import MovingClock

Api = Callable[[str], FlaskClient]
ASSESSED = {"kind": "complaint", "severity": "low", "impact": "low", "complexity": "low"}


@pytest.fixture
def path(api: Api, run_jobs: Callable[[], int]) -> str:
    """The address of the first task of a complaint, which waits for intake."""
    number = submit(api("partner")).get_json()["number"]
    run_jobs()
    (task,) = api("narges").get(f"/api/v1/tasks?request={number}").get_json()["items"]
    return f"/api/v1/tasks/{task['id']}"


@pytest.fixture
def plain(api: Api) -> str:
    """The address of a task without a form, which waits for intake."""
    api("admin").post("/api/v1/processes", data=diagrams.one_step(), content_type="application/xml")
    started = api("admin").post("/api/v1/processes/one-step/instances", json={})
    return f"/api/v1/tasks/{started.get_json()['tasks'][0]['id']}"


def complete(client: FlaskClient, path: str, data: Mapping[str, Any]) -> TestResponse:
    return client.post(f"{path}/complete", json={"data": data})


def test_a_task_tells_all_that_is_needed_to_do_it(api: Api, path: str) -> None:
    task = api("narges").get(path).get_json()
    assert task["names"] == {"en": "Assess the complaint", "fa": "ارزیابی شکایت"}
    assert task["candidate_groups"] == ["intake"]
    assert task["form_schema"]["id"] == "complaint-assess"
    assert task["data"]["request"]["subject"] == "The washing machine leaks"
    assert task["draft"] is None


def test_other_groups_do_not_see_it(api: Api, path: str) -> None:
    assert api("babak").get(path).status_code == 404
    assert api("babak").get("/api/v1/tasks").get_json()["items"] == []
    for action in ("claim", "unclaim", "complete"):
        assert api("babak").post(f"{path}/{action}").status_code == 404
    assert complete(api("babak"), path, ASSESSED).status_code == 404


def test_two_people_cannot_claim_it(api: Api, path: str) -> None:
    assert api("narges").post(f"{path}/claim").get_json()["assignee"] == "narges"
    assert api("narges").post(f"{path}/claim").status_code == 200
    answer = api("omid").post(f"{path}/claim")
    assert answer.status_code == 409
    assert answer.get_json()["detail"] == "Narges has already claimed this task."
    assert api("omid").get(path).get_json()["assignee"] == "narges"


def test_of_many_who_claim_at_once_one_wins(api: Api, path: str) -> None:
    clients = [api(login) for login in ("narges", "omid", "maryam", "admin")]
    start, statuses = threading.Barrier(len(clients)), []

    def claim(client: FlaskClient) -> None:
        start.wait()
        statuses.append(client.post(f"{path}/claim").status_code)

    threads = [threading.Thread(target=claim, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409, 409, 409]


def test_a_task_goes_back_and_to_a_colleague(api: Api, path: str) -> None:
    api("narges").post(f"{path}/claim")
    assert api("omid").post(f"{path}/unclaim").status_code == 409
    assert api("narges").post(f"{path}/unclaim").get_json()["assignee"] is None
    given = api("narges").post(f"{path}/assign", json={"assignee": "omid"})
    assert given.get_json()["assignee"] == "omid"
    wrong = api("omid").post(f"{path}/assign", json={"assignee": "nobody"})
    assert wrong.status_code == 422
    assert "assignee" in wrong.get_json()["errors"]


def test_a_draft_waits_for_its_owner(api: Api, path: str) -> None:
    api("narges").post(f"{path}/claim")
    kept = api("narges").put(f"{path}/draft", json={"data": {"severity": "high"}})
    assert kept.status_code == 200
    assert api("narges").get(path).get_json()["draft"] == {"severity": "high"}
    assert api("omid").put(f"{path}/draft", json={"data": {}}).status_code == 409


def test_a_wrong_field_is_named_and_changes_nothing(api: Api, path: str) -> None:
    before = api("narges").get(path).get_json()
    answer = complete(api("narges"), path, {"severity": "enormous", "colour": "red"})
    assert answer.status_code == 422
    assert {"data.severity", "data.impact", "data.colour"} <= set(answer.get_json()["errors"])
    assert api("narges").get(path).get_json() == before


def test_completing_takes_the_process_on(api: Api, path: str) -> None:
    done = complete(api("narges"), path, ASSESSED).get_json()
    assert (done["state"], done["assignee"]) == ("completed", "narges")
    query = f"/api/v1/tasks?request={done['request']}"
    assert api("maryam").get(query).get_json()["items"][0]["element"] != "assess"
    finished = api("narges").get(path).get_json()
    assert finished["data"]["severity"] == "low"


def test_completing_twice_answers_409_and_changes_nothing(api: Api, path: str) -> None:
    number = complete(api("narges"), path, ASSESSED).get_json()["request"]
    history = f"/api/v1/requests/{number}/history"
    before = api("narges").get(path).get_json(), api("narges").get(history).get_json()
    answer = complete(api("narges"), path, {**ASSESSED, "severity": "high"})
    assert answer.status_code == 409
    assert answer.get_json()["type"].endswith("/problems/task-closed")
    assert before == (api("narges").get(path).get_json(), api("narges").get(history).get_json())
    assert api("narges").post(f"{path}/claim").status_code == 409


def test_anothers_task_is_not_completed(api: Api, path: str) -> None:
    api("omid").post(f"{path}/claim")
    assert complete(api("narges"), path, ASSESSED).status_code == 409


def test_of_many_who_complete_at_once_one_wins(api: Api, plain: str) -> None:
    client, statuses = api("narges"), []
    start = threading.Barrier(4)

    def finish() -> None:
        start.wait()
        statuses.append(complete(client, plain, {"by": "me"}).status_code)

    threads = [threading.Thread(target=finish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409, 409, 409]


def test_lists_are_narrowed(api: Api, path: str, plain: str) -> None:
    def listed(query: str) -> set[str]:
        items = api("maryam").get(f"/api/v1/tasks?{query}").get_json()["items"]
        return {f"/api/v1/tasks/{item['id']}" for item in items}

    api("narges").post(f"{path}/claim")
    instance = api("narges").get(plain).get_json()["instance"]
    assert listed("") == {path, plain}
    assert listed("group=intake&state=open") == {path, plain}
    assert listed("group=quality") == set()
    assert listed("assignee=narges") == {path}
    assert listed("assignee=omid") == set()
    assert listed(f"instance={instance}") == {plain}
    complete(api("narges"), plain, {})
    assert listed("state=completed") == {plain}
    assert listed("") == {path}


def test_lists_come_in_pages(api: Api, path: str, plain: str) -> None:
    first = api("narges").get("/api/v1/tasks?limit=1").get_json()
    rest = api("narges").get(f"/api/v1/tasks?limit=1&cursor={first['next']}").get_json()
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [1, 1, None]
    assert first["items"] != rest["items"]


@pytest.mark.parametrize("query", ["state=lost", "instance=x", "instance=0", "group=%00"])
def test_a_wrong_query_names_its_field(api: Api, query: str) -> None:
    answer = api("narges").get(f"/api/v1/tasks?{query}")
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {query.split("=")[0]}


@pytest.mark.parametrize("number", ["0", "-1", "9" * 30, "x", "1%00", "1.0", "٣"])
def test_a_number_that_no_task_has_is_not_found(api: Api, number: str) -> None:
    answer = api("narges").get(f"/api/v1/tasks/{number}")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "value",
    [
        "نیم‌فاصله و 🚰 و \u202e\u0085",
        "",
        "x" * 100_000,
        2**53 - 1,
        -(2**53) + 1,
        0.1,
        5e-324,
        1e15,
        True,
        None,
        [],
        {"a": [{"b": None}], "": 0, "کلید": {}},
    ],
    ids=repr,
)
def test_what_is_accepted_comes_back_equal(api: Api, plain: str, value: object) -> None:
    assert complete(api("narges"), plain, {"value": value}).status_code == 200
    task = api("narges").get(plain).get_json()
    assert task["data"] == {"value": value}
    instance = api("admin").get(f"/api/v1/instances/{task['instance']}").get_json()
    assert instance["state"] == "completed"
    assert instance["variables"]["value"] == value


UNSTORABLE = [
    ('{"data": {"note": "a\\u0000b"}}', "data.note"),
    ('{"data": {"note": ["\\ud800"]}}', "data.note[0]"),
    ('{"data": {"a\\u0000": 1}}', "data.a\\u0000"),
    ('{"data": {"\\udfff": 1}}', "data.\\udfff"),
    ('{"data": {"n": NaN}}', "data.n"),
    ('{"data": {"n": -Infinity}}', "data.n"),
    ('{"data": {"n": 1e999}}', "data.n"),
    ('{"data": {"n": 9007199254740992}}', "data.n"),
    ('{"data": {"n": -1e300}}', "data.n"),
    ('{"data": ' + "[" * 60 + "]" * 60 + "}", "data" + "[0]" * 32),
    ('{"data": {}, "more": 1}', "more"),
    ('{"data": null}', "data"),
    ("[]", "body"),
    ("null", "body"),
    ("7", "body"),
]


def test_what_cannot_be_kept_is_named(api: Api, plain: str) -> None:
    for text, field in UNSTORABLE:
        answer = api("narges").post(f"{plain}/complete", data=text, content_type="application/json")
        assert answer.status_code == 422, text
        assert field in answer.get_json()["errors"], text
    assert api("narges").get(plain).get_json()["state"] == "open"


def test_a_list_tells_promises_that_are_kept_and_that_stand_still(
    api: Api, path: str, clock: MovingClock, run_jobs: Callable[[], int]
) -> None:
    (task,) = api("narges").get("/api/v1/tasks").get_json()["items"]
    promised = {one["metric"]: one for one in task["promises"]}
    # The letter that the fixture let go out has stopped the first one.
    assert promised["acknowledgement"]["state"] == "kept"
    assert promised["acknowledgement"]["stopped_at"] is not None
    assert promised["acknowledgement"]["remaining_seconds"] is None
    assert complete(api("narges"), path, ASSESSED).status_code == 200
    (checked,) = api("sara").get("/api/v1/tasks").get_json()["items"]
    clock.move(hours=1)
    asked = {"founded": "open", "needs_information": True, "question": "Please send a photo."}
    facts = {"findings": "A photo is missing."} | asked
    answer = complete(api("sara"), f"/api/v1/tasks/{checked['id']}", facts)
    assert answer.status_code == 200, answer.get_json()
    run_jobs()
    clock.move(days=30)
    query = f"request={task['request']}&state=completed"
    (done,) = api("sara").get(f"/api/v1/tasks?{query}").get_json()["items"]
    standing = next(one for one in done["promises"] if one["state"] == "paused")
    assert standing["waits_for"] == ["waits:customer"]
    assert standing["due_at"] is None
    assert 0 < standing["remaining_seconds"] < standing["target_seconds"]


LINE = TaskLine(
    request=Named(number="C-1"),
    assignee=Named(login="sara"),
    id=7,
    instance_id=8,
    request_id=9,
    element="assess",
    names={"fa": "ارزیابی", "en": "Assess"},
    state="open",
    assignee_id=11,
    candidate_groups=["intake", "quality"],
    candidate_users=["omid"],
    priority=50,
    form="assess",
    due_at=datetime(2026, 11, 22, 9, 30, 0, 125, tzinfo=timezone(timedelta(hours=3, minutes=30))),
    created_at=datetime(2026, 11, 21, tzinfo=UTC),
    claimed_at=None,
    ended_at=None,
)


@pytest.mark.parametrize(
    "line",
    [
        LINE,
        replace(LINE, assignee=None, assignee_id=None, candidate_groups=[], candidate_users=[]),
        replace(LINE, assignee=None, assignee_id=12, names={}, form=None, due_at=None),
        replace(LINE, request=None, request_id=None, claimed_at=LINE.created_at, state="completed"),
    ],
)
@pytest.mark.parametrize("asked_by", [11, 12, None])
def test_a_task_is_shown_as_its_schema_says(
    app: Flask, line: TaskLine, asked_by: int | None
) -> None:
    with app.app_context():
        g.actor, g.now = Actor("user", asked_by, "sara"), LINE.created_at
        g.promised = standing.of_requests([], g.now)
        assert list(show(line).items()) == list(TaskSchema().dump(line).items())
        assert list(show_listed(line).items()) == list(ListedTaskSchema().dump(line).items())
