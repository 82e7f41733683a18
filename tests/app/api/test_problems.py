"""Whatever goes wrong is a problem: one shape, the right status, the reader's language."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from app.api import problems
from app.errors import PeygirError, TooManyAttempts

Api = Callable[[str], FlaskClient]
JSON = "application/json"


def check(answer: TestResponse, status: int, name: str) -> str:
    """The detail of the problem, after its shape was found right."""
    told = answer.get_json()
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert told["status"] == status
    assert told["type"].endswith(f"/api/v1/problems/{name}")
    assert told["title"]
    detail: str = told["detail"]
    return detail


def post(client: FlaskClient, body: bytes, kind: str = JSON) -> TestResponse:
    return client.post("/api/v1/requests", data=body, content_type=kind)


def test_without_a_token(client: FlaskClient) -> None:
    answer = client.get("/api/v1/requests")
    check(answer, 401, "no-token")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="peygir"'


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer ", "Basic abc", "Bearer \udcff", "x"])
def test_with_a_wrong_token(client: FlaskClient, header: str) -> None:
    answer = client.get(
        "/api/v1/requests",
        headers={"Authorization": header.encode("utf-8", "replace").decode("latin-1")},
    )
    check(answer, 401, "no-token")
    assert "invalid_token" in answer.headers["WWW-Authenticate"]


def test_the_cookie_of_the_pages_opens_nothing_here(login: Callable[[str], FlaskClient]) -> None:
    check(login("sara").get("/api/v1/tasks"), 401, "no-token")


def test_without_the_role(api: Api) -> None:
    check(api("partner").get("/api/v1/tasks"), 403, "forbidden")


def test_an_unknown_address(api: Api, client: FlaskClient) -> None:
    check(api("sara").get("/api/v1/teapots"), 404, "not-found")
    check(client.get("/api/"), 404, "not-found")


def test_a_method_that_the_address_does_not_know(api: Api) -> None:
    answer = api("sara").delete("/api/v1/requests")
    check(answer, 405, "method")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_an_answer_that_nobody_could_read(api: Api) -> None:
    answer = api("sara").get("/api/v1/requests", headers={"Accept": "text/html"})
    check(answer, 406, "not-acceptable")
    for accept in ("application/json", "application/*", "*/*;q=0.1", "text/html, */*"):
        headers = {"Accept": accept}
        assert api("sara").get("/api/v1/requests", headers=headers).status_code == 200


def test_a_body_that_is_no_json(api: Api) -> None:
    detail = check(post(api("partner"), b'{"subject":\n  oops}'), 400, "not-json")
    assert "line 2, column 3" in detail
    check(post(api("partner"), b'{"a": 1, "a": 2}'), 400, "not-json")
    check(post(api("partner"), b'{"a": ' + b"9" * 5000 + b"}"), 422, "number")
    exact = b'{"a": 0.12345678901234567890123}'
    assert "0.1234567890" in check(post(api("partner"), exact), 422, "number")
    check(post(api("partner"), b"[" * 100_000), 400, "too-deep")
    assert "byte 6" in check(post(api("partner"), b'{"a":"\xff"}'), 400, "not-utf-8")


def test_a_body_of_another_kind(api: Api) -> None:
    detail = check(post(api("partner"), b"a=1", "text/plain"), 415, "media-type")
    assert "application/json" in detail


def test_a_body_without_end(api: Api) -> None:
    check(post(api("partner"), b'{"a": "' + b"x" * 1024 * 1024 + b'"}'), 413, "too-large")


def test_persian_for_who_asks_for_it(api: Api) -> None:
    answer = api("sara").get("/api/v1/tasks/9", headers={"Accept-Language": "fa-IR,en;q=0.5"})
    assert check(answer, 404, "not-found") == "کار ۹ پیدا نشد."
    assert answer.headers["Content-Language"] == "fa"
    fields = api("sara").get("/api/v1/tasks?limit=0", headers={"Accept-Language": "fa"})
    assert fields.get_json()["errors"] == {"limit": ["عددی از ۱ تا ۲۰۰ بنویسید."]}


def test_a_crash_says_nothing_but_its_code(
    app: Flask, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr("app.services.casework.requests.list_page", crash)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = api("sara").get("/api/v1/requests")
    assert "E-" in check(answer, 500, "crash")
    assert "secret" not in answer.get_data(as_text=True)


def test_who_tries_too_often_hears_when_to_come_back(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise TooManyAttempts(minutes=15)

    monkeypatch.setattr("app.services.casework.requests.list_page", refuse)
    answer = api("sara").get("/api/v1/requests")
    assert "15 minutes" in check(answer, 429, "too-many")
    assert answer.headers["Retry-After"] == "900"


def test_what_a_type_means_can_be_read(client: FlaskClient) -> None:
    answer = client.get("/api/v1/problems/task-closed")
    assert answer.get_json() == {
        "name": "task-closed",
        "status": 409,
        "titles": {"en": "The task is finished", "fa": "کار پایان یافته است"},
    }
    assert client.get("/api/v1/problems/nothing").status_code == 404


def test_every_error_of_the_product_has_a_status() -> None:
    def below(kind: type[PeygirError]) -> list[type[PeygirError]]:
        return [kind, *(deeper for child in kind.__subclasses__() for deeper in below(child))]

    for kind in below(PeygirError):
        nearest = next(one for one in kind.__mro__ if one in problems.KINDS)
        assert nearest is not PeygirError or kind is PeygirError, kind


def test_while_the_database_is_away_a_program_may_try_again(
    app: Flask, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, psycopg.OperationalError("connection refused"))

    monkeypatch.setattr("app.services.casework.requests.list_page", refuse)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = api("sara").get("/api/v1/requests")
    assert "try again" in check(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "10"
