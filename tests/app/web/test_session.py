"""Signing in and out: one message for every mistake, slowed down, never led astray."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.services.accounts.entrance import MOST_PER_LOGIN
from app.web.addresses import safe_path
from tests.app.web.conftest import read
from tests.support.cast import PASSWORD
from tests.support.clock import MovingClock

Login = Callable[..., FlaskClient]


def sign_in(client: FlaskClient, login: str, password: str, path: str = "") -> TestResponse:
    form = {"login": login, "password": password, "next": path}
    return client.post("/login", data=form)


def test_a_page_that_needs_a_person_leads_to_the_door_and_back(client: FlaskClient) -> None:
    answer = client.get("/requests?status=open")
    assert answer.status_code == 302
    assert answer.location == "/login?next=/requests?status%3Dopen"
    entered = sign_in(client, "sara", PASSWORD, "/requests?status=open")
    assert entered.location == "/requests?status=open"


def test_a_login_is_read_in_any_case_and_with_spaces(client: FlaskClient) -> None:
    assert sign_in(client, " Sara ", PASSWORD).status_code == 303


def test_a_wrong_name_and_a_wrong_password_sound_the_same(client: FlaskClient) -> None:
    wrong_name, wrong_password = sign_in(client, "nobody", "x"), sign_in(client, "sara", "x")
    for answer in (wrong_name, wrong_password):
        assert answer.status_code == 422
        assert "The name or the password is not right." in answer.text
    assert 'value="sara"' in wrong_password.text
    assert client.get("/").status_code == 302


def test_who_guesses_must_wait_even_with_the_right_password(
    client: FlaskClient, clock: MovingClock
) -> None:
    for _ in range(MOST_PER_LOGIN):
        sign_in(client, "sara", "guess")
    assert sign_in(client, "sara", PASSWORD).status_code == 429
    assert sign_in(client, "omid", PASSWORD).status_code == 303
    clock.move(minutes=16)
    assert sign_in(client, "sara", PASSWORD).status_code == 303


def test_signing_out_ends_the_session(login: Login) -> None:
    client = login("sara")
    assert client.get("/").status_code == 200
    assert client.post("/logout").location == "/login"
    assert client.get("/").status_code == 302


def test_a_copied_cookie_opens_nothing_after_signing_out(login: Login, app: Flask) -> None:
    client, thief, colleague = login("sara"), app.test_client(), login("omid")
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    thief.set_cookie(name, cookie.value)
    assert thief.get("/").status_code == 200
    client.post("/logout")
    assert thief.get("/").status_code == 302
    assert colleague.get("/").status_code == 200
    assert sign_in(client, "sara", PASSWORD).status_code == 303
    assert client.get("/").status_code == 200
    assert thief.get("/").status_code == 302


def test_signing_out_is_not_a_link(login: Login) -> None:
    assert login("sara").get("/logout").status_code == 405


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil.example", "https://evil.example", "evil", "/a\nb", "", None],
)
def test_the_way_on_stays_on_this_site(path: str | None) -> None:
    assert safe_path(path) == "/"


def test_a_path_of_ours_is_kept() -> None:
    assert safe_path("/tasks/7?view=mine") == "/tasks/7?view=mine"


def test_a_foreign_way_on_is_dropped_when_signing_in(client: FlaskClient) -> None:
    assert sign_in(client, "sara", PASSWORD, "//evil.example/x").location == "/"


def test_forms_without_their_token_change_nothing(csrf_app: Flask) -> None:
    client = csrf_app.test_client()
    answer = sign_in(client, "sara", PASSWORD)
    assert answer.status_code == 400
    assert client.get("/").status_code == 302


def test_every_form_that_posts_carries_the_token(csrf_app: Flask) -> None:
    client = csrf_app.test_client()
    page = read(client.get("/login"))
    forms = page.xpath("//form[@method='post']")
    assert forms
    assert all(form.xpath(".//input[@name='csrf_token']/@value") for form in forms)
    token = page.xpath("//input[@name='csrf_token']/@value")[0]
    form = {"login": "sara", "password": PASSWORD, "csrf_token": token}
    assert client.post("/login", data=form).status_code == 303
