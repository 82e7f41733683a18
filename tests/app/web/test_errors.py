"""Error pages: in the right shell and language, with advice; the policy that guards every page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

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

    monkeypatch.setattr("app.services.search.find_customers", crash)
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
