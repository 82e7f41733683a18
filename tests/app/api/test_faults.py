"""``/api/v1/faults``: what is alike in one group, and one order for all of a group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.app.web.test_faults import standing as standing
from tests.app.web.test_faults import work_off

Api = Callable[[str], FlaskClient]


def group(api: Api) -> dict[str, Any]:
    (found,) = api("maryam").get("/api/v1/faults").get_json()["items"]
    return dict(found)


def place(api: Api) -> dict[str, Any]:
    return {name: group(api)[name] for name in ("process", "element", "code", "count")}


def test_faults_that_are_alike_are_listed_together(api: Api, standing: list[int]) -> None:
    found = group(api)
    assert (found["process"], found["element"], found["count"]) == ("divide", "decide", 3)
    assert found["newest"]["id"] == standing[-1]
    assert found["newest"]["remedies"]["fa"]


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("retry", {"variables": {"share": 4}, "reason": "It works again."}),
        ("skip", {"variables": {"by": "hand"}, "flow": "f3"}),
        ("cancel", {"reason": "Sent twice."}),
    ],
)
def test_one_order_mends_all(
    app: Flask, api: Api, standing: list[int], path: str, given: dict[str, Any]
) -> None:
    answer = api("admin").post(f"/api/v1/faults/{path}", json={**place(api), **given})
    assert (answer.status_code, answer.get_json()) == (202, {"count": 3})
    assert work_off(app) == 3
    assert api("maryam").get("/api/v1/faults").get_json() == {"items": []}


def test_more_than_were_seen_are_left_alone(app: Flask, api: Api, standing: list[int]) -> None:
    answer = api("maryam").post("/api/v1/faults/retry", json={**place(api), "count": 2})
    assert answer.status_code == 409
    assert "3 of them by now" in answer.get_json()["detail"]
    assert work_off(app) == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": " "}, "reason"),
        ({}, "reason"),
        ({"reason": "x", "count": 0}, "count"),
        ({"reason": "x", "element": ""}, "element"),
    ],
)
def test_what_is_wrong_is_told_by_field(
    api: Api, standing: list[int], body: dict[str, Any], field: str
) -> None:
    answer = api("admin").post("/api/v1/faults/cancel", json={**place(api), **body})
    assert answer.status_code == 422
    assert field in str(answer.get_json()["errors"])
