"""A telephone system reports calls: each once, on the right request, seen by the right people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.db import session
from app.models import Interaction, PhoneCall
from tests.app.api.test_requests import submit
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

Api = Callable[[str], FlaskClient]
CALL = {
    "id": "pbx-1", "number": "۰۹۱۲ ۳۴۵ ۶۷۸۹", "direction": "inbound", "outcome": "answered",
    "started_at": "2026-05-02T09:00:00+03:30", "seconds": 200,
    "recording": "https://pbx.example/rec/1",
}  # fmt: skip


def count_of(app: Flask, model: type[Any]) -> int:
    with transaction_of(app):
        return session().scalar(select(func.count()).select_from(model)) or 0


def test_a_call_stands_on_the_only_open_request_of_the_customer(app: Flask, api: Api) -> None:
    partner = api("partner")
    number = submit(partner).get_json()["number"]
    kept = partner.post("/api/v1/calls", json=CALL)
    assert kept.status_code == 200, kept.json
    assert kept.json == {
        "id": "pbx-1", "number": "+989123456789", "direction": "inbound", "seconds": 200,
        "started_at": "2026-05-02T05:30:00+00:00", "outcome": "answered", "matched": True,
        "request": number,
    }  # fmt: skip
    said = api("sara").get(f"/api/v1/requests/{number}/messages").get_json()["items"]
    assert [(one["channel"], one["direction"]) for one in said] == [("phone", "inbound")]
    assert "200" not in said[0]["body"]
    assert "https://pbx.example" not in str(said), "the recording is for staff alone"


def test_the_same_call_reported_again_is_one(app: Flask, api: Api) -> None:
    partner = api("partner")
    submit(partner)
    first = partner.post("/api/v1/calls", json=CALL).json
    again = partner.post("/api/v1/calls", json={**CALL, "seconds": 900})
    assert (again.status_code, again.json) == (200, first)
    assert (count_of(app, PhoneCall), count_of(app, Interaction)) == (1, 1)


@pytest.mark.parametrize("year", ["0001", "1968", "2200", "9999"])
def test_a_moment_that_no_table_or_calendar_holds_is_refused(
    app: Flask, api: Api, year: str
) -> None:
    moment = f"{year}-12-31T23:59:59-12:00"
    answer = api("partner").post("/api/v1/calls", json={**CALL, "started_at": moment})
    assert (answer.status_code, count_of(app, PhoneCall)) == (422, 0)
    assert "started_at" in str(answer.json)


@pytest.mark.parametrize(("ahead", "status"), [(5, 200), (6, 422), (60 * 24 * 1500, 422)])
def test_a_call_that_has_not_begun_is_refused_but_for_a_clock_a_little_fast(
    app: Flask, api: Api, clock: MovingClock, ahead: int, status: int
) -> None:
    moment = (clock() + timedelta(minutes=ahead)).isoformat()
    for language, words in (("en", "not come yet"), ("fa", "نرسیده")):
        answer = api("partner").post(
            "/api/v1/calls", json={**CALL, "started_at": moment},
            headers={"Accept-Language": language},
        )  # fmt: skip
        assert answer.status_code == status, answer.json
        assert status == 200 or words in answer.get_json()["errors"]["started_at"][0]
    assert count_of(app, PhoneCall) == (status == 200)


def test_the_ids_of_two_systems_do_not_meet(app: Flask, api: Api) -> None:
    submit(api("partner"))
    for who in ("partner", "sara"):
        assert api(who).post("/api/v1/calls", json=CALL).status_code == 200
    assert count_of(app, PhoneCall) == 2


def test_an_unknown_number_is_kept_and_stands_nowhere(app: Flask, api: Api) -> None:
    kept = api("partner").post("/api/v1/calls", json={**CALL, "number": "1000"}).get_json()
    assert (kept["number"], kept["matched"], kept["request"]) == ("1000", False, None)
    assert (count_of(app, PhoneCall), count_of(app, Interaction)) == (1, 0)


def test_with_two_open_requests_the_system_names_one(app: Flask, api: Api) -> None:
    partner = api("partner")
    submit(partner)
    second = submit(partner).get_json()["number"]
    kept = partner.post("/api/v1/calls", json=CALL).get_json()
    assert (kept["matched"], kept["request"]) == (True, None)
    named = partner.post(
        "/api/v1/calls", json={**CALL, "id": "pbx-2", "request": second}
    ).get_json()
    assert named["request"] == second


def test_a_program_learns_nothing_of_requests_that_are_not_its_own(app: Flask, api: Api) -> None:
    number = submit(api("sara")).get_json()["number"]
    kept = api("partner").post("/api/v1/calls", json=CALL).get_json()
    assert (kept["matched"], kept["request"]) == (True, None)
    asked = api("partner").post("/api/v1/calls", json={**CALL, "id": "x", "request": number})
    assert asked.status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("started_at", "2026-11-21T18:00:00"), ("started_at", "now"), ("seconds", -1),
        ("direction", "sideways"), ("outcome", "great"), ("recording", "javascript:alert(1)"),
        ("recording", "https://a b"), ("id", ""), ("number", None), ("extra", 1),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_field(api: Api, field: str, value: Any) -> None:
    answer = api("partner").post("/api/v1/calls", json={**CALL, field: value})
    assert answer.status_code == 422
    assert field in answer.get_json()["errors"]
