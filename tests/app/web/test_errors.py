"""Error pages: in the right shell and language, with advice; the policy that guards every page."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from app.errors import OperationRefused
from tests.app.api.test_requests import COMPLAINT
from tests.app.web.conftest import Case, read, said

Login = Callable[..., FlaskClient]


def test_a_missing_page_has_a_way_on(login: Login) -> None:
    answer = login("sara").get("/requests/R-404404")
    assert answer.status_code == 404
    assert "There is nothing here" in said(answer)
    assert read(answer).xpath("//header//a[@href='/requests']")


def test_strangers_get_the_customers_shell(client: FlaskClient) -> None:
    client.set_cookie("lang", "fa")
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert "اینجا چیزی نیست" in said(answer)
    assert read(answer).xpath("//body[@class='portal']")


def test_a_closed_page_says_whom_to_ask(login: Login) -> None:
    answer = login("sara").get("/users")
    assert answer.status_code == 403
    assert "ask a manager" in said(answer)


def test_a_crash_gives_a_code_to_quote_and_tells_nothing_else(
    app: Flask, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("app.services.casework.search.find_customers", crash)
    monkeypatch.setitem(app.config, "TESTING", value=False)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", value=False)
    answer = login("sara").get("/customers")
    assert answer.status_code == 500
    assert "E-" in said(answer)
    assert "secret detail" not in answer.text


def test_every_page_keeps_to_itself(login: Login, case: Case) -> None:
    answer = login("narges").get(case.task)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page = read(answer)
    assert not page.xpath("//*[@style] | //script[not(@src)] | //style")
    events = [name for node in page.iter() for name in node.attrib if name.startswith("on")]
    assert events == []
    addresses = page.xpath("//script/@src | //link/@href | //img/@src")
    assert all(address.startswith("/") for address in addresses)


def test_static_files_are_addressed_by_their_content(client: FlaskClient) -> None:
    page = read(client.get("/login"))
    for address in page.xpath("//script/@src | //link/@href"):
        assert "v=" in address
        answer = client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        answer.close()


def test_pages_are_stored_nowhere(login: Login) -> None:
    for path in ("/", "/login", "/portal", "/no-such-page", "/processes/1/diagram.bpmn"):
        assert login("sara").get(path).headers["Cache-Control"] == "no-store", path


def test_a_form_of_an_old_session_is_told_apart_from_what_cannot_be_read(
    csrf_app: Flask, login: Login
) -> None:
    stale = csrf_app.test_client().post("/portal/services/complaint", data={})
    assert (stale.status_code, "open for too long" in said(stale)) == (400, True)
    csrf_app.config["WTF_CSRF_ENABLED"] = False
    unreadable = login("sara").get("/requests?q=%00")
    assert (unreadable.status_code, "This cannot be read" in said(unreadable)) == (400, True)


def test_staff_keep_their_shell_where_a_form_is_too_old_and_an_address_unknown(
    csrf_app: Flask, login: Login
) -> None:
    csrf_app.config["WTF_CSRF_ENABLED"] = False
    sara = login("sara")
    csrf_app.config["WTF_CSRF_ENABLED"] = True
    stale, unknown = sara.post("/account/absences", data={}), sara.get("/no-such-page")
    assert (stale.status_code, unknown.status_code) == (400, 404)
    assert "open for too long" in said(stale)
    for answer in (stale, unknown):
        assert read(answer).xpath("//header//a[@href='/requests']"), answer.status


def test_a_crash_tells_the_log_no_tracking_code(
    app: Flask,
    client: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("app.services.casework.requests.track", crash)
    monkeypatch.setitem(app.config, "TESTING", value=False)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", value=False)
    assert client.get("/portal/track/K7QM-3DXW-92HF").status_code == 500
    assert "/portal/track/<code>" in caplog.text
    assert "K7QM" not in caplog.text


def test_readiness_without_a_database_is_an_answer(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr("sqlalchemy.orm.Session.execute", away)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json() == {"status": "the database does not answer"}


def test_files_have_room_where_they_are_promised(
    app: Flask, api: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = api("partner").post("/api/v1/requests", json=COMPLAINT).get_json()
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 1000)
    files = {"file": (io.BytesIO(b"word " * 1000), "note.txt")}
    path = f"/api/v1/requests/{made['number']}/attachments"
    assert api("partner").post(path, data=files).status_code == 201


def test_what_cannot_be_done_is_nobodys_haste(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OperationRefused(en="Say by which flow.", fa="بگویید از کدام راه.")

    monkeypatch.setattr("app.services.casework.search.find_customers", refuse)
    answer = login("sara").get("/customers")
    assert answer.status_code == 409
    assert "This cannot be done now" in said(answer)
    assert "Say by which flow." in said(answer)
    assert "Somebody was faster" not in said(answer)
