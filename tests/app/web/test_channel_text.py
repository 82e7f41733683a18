"""The page of an SMS channel counts a text: its parts, and what they cost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.services.sending import channel_settings
from app.services.sending.channel_settings import Draft
from tests.app.services.story import actor
from tests.app.web.conftest import read, said
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

Login = Callable[..., FlaskClient]
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def admin(app: Flask, login: Login, clock: MovingClock) -> FlaskClient:
    options = {"preset": "kavenegar", "line": "1000", "price": "120.5", "currency": "IRR"}
    draft = Draft("text", "sms-http", {"en": "Text"}, options, {"key": "secret-key"})
    with transaction_of(app):
        channel_settings.save(draft, actor("admin"), clock())
    return login("admin")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("سلام", "1 part · 120.5 IRR · 66 more characters fit"),
        ("س" * 135, "3 parts · 361.5 IRR · 66 more characters fit"),
        ("a" * 160, "1 part · 120.5 IRR · 0 more characters fit"),
        ("🙂" * 36, "2 parts · 241.0 IRR · 61 more characters fit"),
    ],
)
def test_parts_and_cost_are_told(admin: FlaskClient, text: str, told: str) -> None:
    page = said(admin.get("/channels/text", query_string={"text": text}, headers=ENGLISH))
    assert told in page
    assert "It is too long" not in page


def test_a_text_that_is_too_long_is_told_so(admin: FlaskClient) -> None:
    page = said(admin.get("/channels/text", query_string={"text": "س" * 900}, headers=ENGLISH))
    assert "It is too long to be sent." in page


def test_the_page_tells_where_the_gateway_calls(admin: FlaskClient) -> None:
    page = said(admin.get("/channels/text", headers=ENGLISH))
    assert "/hooks/sms/text/SECRET" in page
    assert "secret-key" not in page


def test_what_only_another_gateway_needs_is_folded_away(admin: FlaskClient) -> None:
    page = read(admin.get("/channels/text"))
    folded = page.xpath("//details[@id='apart']//*[starts-with(@name, 'options.')]/@name")
    assert {"options.method", "options.form_fields", "options.hook_report_state"} <= set(folded)
    assert "options.line" not in folded
    typed = {"base": "1", "kind": "sms-http", "options.preset": "generic"}
    refused = admin.post("/channels/text", data=typed)
    assert refused.status_code == 422
    assert not read(refused).xpath("//details[@id='apart']")
