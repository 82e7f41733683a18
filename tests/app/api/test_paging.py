"""Every list is given in pages, also those that are short."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.app.api import diagrams
from tests.app.api.test_problems import check
from tests.app.api.test_requests import submit

Api = Callable[[str], FlaskClient]


def read_all(client: FlaskClient, path: str, limit: int) -> list[Any]:
    """The ids, or keys, of every page of a list."""
    ids: list[Any] = []
    cursor = ""
    while True:
        told = client.get(f"{path}?limit={limit}{cursor}").get_json()
        assert len(told["items"]) <= limit
        ids += [item.get("id") or item["key"] for item in told["items"]]
        if told["next"] is None:
            return ids
        cursor = f"&cursor={told['next']}"


@pytest.fixture
def path(api: Api) -> str:
    """A request with five messages."""
    client = api("partner")
    found = f"/api/v1/requests/{submit(client).get_json()['number']}"
    for number in range(5):
        client.post(f"{found}/messages", json={"body": f"Word {number}"})
    return found


@pytest.mark.parametrize("limit", [1, 2, 4, 5, 200])
def test_messages_come_in_pages(api: Api, path: str, limit: int) -> None:
    ids = read_all(api("partner"), f"{path}/messages", limit)
    assert len(ids) == 5
    assert ids == sorted(ids)


def test_processes_come_in_pages(api: Api) -> None:
    every = read_all(api("sara"), "/api/v1/processes", 200)
    assert len(every) > 1
    assert read_all(api("sara"), "/api/v1/processes", 1) == every


def test_files_come_in_pages(api: Api, path: str) -> None:
    assert read_all(api("partner"), f"{path}/attachments", 1) == []


@pytest.mark.parametrize("limit", [1, 3])
def test_the_history_of_an_instance_comes_in_pages(api: Api, limit: int) -> None:
    client = api("admin")
    client.post("/api/v1/processes", data=diagrams.one_step(), content_type="application/xml")
    run = client.post("/api/v1/processes/one-step/instances", json={}).get_json()["id"]
    client.post(f"/api/v1/instances/{run}/suspend", json={"reason": "a doubt"})
    client.post(f"/api/v1/instances/{run}/resume", json={})
    path = f"/api/v1/instances/{run}/history"
    told = client.get(path).get_json()["items"]
    assert [one["kind"] for one in told] == ["step", "instance_suspended", "instance_resumed"]
    assert told[1]["data"] == {"reason": "a doubt"}
    assert told[1]["actor"]["kind"] == "user"
    assert read_all(client, path, limit) == [one["id"] for one in told]
    check(client.get("/api/v1/instances/999/history"), 404, "not-found")


@pytest.mark.parametrize("list_name", ["messages", "attachments", "history"])
def test_nothing_comes_after_a_row_that_is_not_there(api: Api, path: str, list_name: str) -> None:
    cursor = "eyJpZCI6IDk5OTk5OX0"
    told = api("partner").get(f"{path}/{list_name}?cursor={cursor}").get_json()
    assert told == {"items": [], "next": None}
    check(api("partner").get(f"{path}/{list_name}?cursor=x"), 422, "invalid")


def test_files_deployed_meanwhile_break_no_page_of_processes(api: Api) -> None:
    client = api("admin")
    for source in (diagrams.one_step(), diagrams.narrow_gate()):
        client.post("/api/v1/processes", data=source, content_type="application/xml")
    every = read_all(client, "/api/v1/processes", 200)
    place = every.index("one-step")
    first = client.get(f"/api/v1/processes?limit={place + 1}").get_json()
    newer = diagrams.one_step().replace(b"</bpmn:definitions>", b"<!-- 2 --></bpmn:definitions>")
    assert newer != diagrams.one_step()
    client.post("/api/v1/processes", data=newer, content_type="application/xml")
    rest = client.get(f"/api/v1/processes?cursor={first['next']}").get_json()
    assert [one["key"] for one in rest["items"]] == every[place + 1 :]
