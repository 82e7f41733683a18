"""Links, assets and problem records over HTTP."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from tests.app.api.test_requests import submit

Api = Callable[[str], FlaskClient]


def numbers(api: Api) -> tuple[str, str]:
    first, second = (submit(api("partner")).get_json()["number"] for _ in range(2))
    return first, second


def test_a_link_is_seen_from_both_sides(api: Api) -> None:
    parent, child = numbers(api)
    for _ in range(2):
        made = api("sara").post(f"/api/v1/requests/{child}/links", json={"parent": parent})
        assert made.status_code == 200
    [up] = made.get_json()["items"]
    assert (up["kind"], up["direction"], up["request"]["number"]) == ("related", "parent", parent)
    [down] = api("sara").get(f"/api/v1/requests/{parent}/links").get_json()["items"]
    assert (down["direction"], down["request"]["number"]) == ("child", child)


def test_a_confidential_request_shows_itself_through_no_link(api: Api) -> None:
    plain, _ = numbers(api)
    about = {"about": "staff", "confidential": True}
    secret = submit(api("narges"), data=about).get_json()["number"]
    linked = api("narges").post(f"/api/v1/requests/{secret}/links", json={"parent": plain})
    assert linked.status_code == 200
    for reader, seen in (("narges", 1), ("maryam", 1), ("sara", 0), ("partner", 0)):
        answer = api(reader).get(f"/api/v1/requests/{plain}/links")
        assert len(answer.get_json()["items"]) == seen, reader
    told = api("sara").get(f"/api/v1/requests/{plain}/history").get_data(as_text=True)
    assert secret not in told


def test_no_request_is_linked_to_itself_or_to_nothing(api: Api) -> None:
    one, _ = numbers(api)
    path = f"/api/v1/requests/{one}/links"
    assert api("sara").post(path, json={"parent": one}).status_code == 422
    assert api("sara").post(path, json={"parent": "R-999999"}).status_code == 404


def test_what_is_open_is_not_reopened(api: Api) -> None:
    one, _ = numbers(api)
    answer = api("sara").post(f"/api/v1/requests/{one}/reopen", json={"reason": "Again."})
    assert answer.status_code == 409


def test_assets_are_added_once_and_listed(api: Api) -> None:
    body = {"names": {"fa": "مسیریاب", "en": "Router"}, "service": "network", "criticality": "high"}
    headers = {"Idempotency-Key": "one"}
    made = [api("maryam").post("/api/v1/assets", json=body, headers=headers) for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    [listed] = api("sara").get("/api/v1/assets?service=network").get_json()["items"]
    assert listed == made[0].get_json() == made[1].get_json()
    assert api("sara").get(f"/api/v1/assets/{listed['number']}").get_json() == listed
    assert api("sara").get("/api/v1/assets/A-999999").status_code == 404
    assert api("maryam").post("/api/v1/assets", json=body | {"names": {}}).status_code == 422


def test_a_problem_is_opened_and_becomes_a_known_error(app: Flask, api: Api) -> None:
    sara = api("sara")
    made = sara.post("/api/v1/problem-records", json={"titles": {"en": "The router hangs"}})
    number = made.get_json()["number"]
    assert (made.status_code, made.get_json()["status"]) == (201, "open")
    change = {"status": "known_error", "workaround": {"en": "Switch it off and on."}}
    put = sara.put(f"/api/v1/problem-records/{number}", json=change).get_json()
    assert put["titles"] == {"en": "The router hangs"}
    assert put["workaround"] == {"en": "Switch it off and on."}
    listed = sara.get("/api/v1/problem-records?status=known_error").get_json()["items"]
    assert [one["number"] for one in listed] == [number]
    shown = sara.get(f"/api/v1/problem-records/{number}").get_json()
    assert shown["incidents"] == []
    assert sara.post("/api/v1/problem-records", json={"titles": {}}).status_code == 422
