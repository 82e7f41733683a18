"""A complaint lives from submission to learning, all of it over REST."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from app.demo import complaints
from tests.app.api.test_requests import submit
from tests.support.clock import MovingClock

Api = Callable[[str], FlaskClient]

DOERS = {
    "assess": "narges",
    "check_facts": "sara",
    "propose_remedy": "reza",
    "carry_out_remedy": "sara",
    "find_cause": "babak",
}


def test_a_complaint_from_submission_to_learning(
    api: Api, clock: MovingClock, run_jobs: Callable[[], int]
) -> None:
    """Given a complaint of a partner's customer, when the groups do their steps and the customer
    accepts, then the request is closed, and the history tells all of it."""
    contact = {"name": "Parisa Moradi", "email": "parisa@example.org"}
    number = submit(api("partner"), customer=contact).get_json()["number"]
    asked = 0
    for _ in range(30):
        run_jobs()
        clock.move(minutes=5)
        open_tasks = api("maryam").get(f"/api/v1/tasks?request={number}").get_json()["items"]
        if _status(api, number) == "waiting":
            asked += _accept(api, number)
        elif not open_tasks:
            break
        for task in open_tasks:
            _do(api(DOERS[task["element"]]), task, clock)

    assert asked == 1
    request = api("partner").get(f"/api/v1/requests/{number}").get_json()
    assert request["status"] == "closed"
    assert request["closed_at"]
    done = api("maryam").get(f"/api/v1/tasks?request={number}&state=completed").get_json()["items"]
    assert {task["element"]: task["assignee"] for task in done} == DOERS
    kinds = {event["kind"] for event in _history(api, number)}
    assert {"request_submitted", "message_sent", "stage_changed", "customer_answered"} <= kinds


def _status(api: Api, number: str) -> str:
    status: str = api("partner").get(f"/api/v1/requests/{number}").get_json()["status"]
    return status


def _accept(api: Api, number: str) -> int:
    path = f"/api/v1/requests/{number}/answer"
    return int(api("partner").post(path, json={"answer": "accept"}).status_code == 200)


def _do(client: FlaskClient, task: dict[str, Any], clock: MovingClock) -> None:
    path = f"/api/v1/tasks/{task['id']}"
    assert client.post(f"{path}/claim").status_code == 200
    answer = client.post(f"{path}/complete", json={"data": _answers(task["element"], clock)})
    assert answer.status_code == 200, answer.get_data(as_text=True)


def _answers(element: str, clock: MovingClock) -> dict[str, Any]:
    with complaints.SOURCE.open("rb") as file:
        found = dict(tomllib.load(file)["answers"]["en"][element])
    if element == "carry_out_remedy":
        found["done_on"] = clock().date().isoformat()
    if element == "find_cause":
        found["action_needed"] = False
    return found


def _history(api: Api, number: str) -> list[dict[str, Any]]:
    events, cursor = [], ""
    while True:
        query = f"?limit=20&cursor={cursor}" if cursor else "?limit=20"
        page = api("maryam").get(f"/api/v1/requests/{number}/history{query}").get_json()
        events += page["items"]
        if page["next"] is None:
            return events
        cursor = page["next"]
