"""Every list is given in pages, also those that are short."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

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


def test_a_cursor_of_a_row_that_is_not_there(api: Api, path: str) -> None:
    cursor = "eyJpZCI6IDk5OTk5OX0"
    check(api("partner").get(f"{path}/messages?cursor={cursor}"), 422, "invalid")
