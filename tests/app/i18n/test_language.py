"""Which language a page speaks, and which of a text's languages it shows."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from werkzeug.datastructures import LanguageAccept

from app.i18n import choose_language, pick_text
from app.i18n.names import initials, tint

PERSIAN = LanguageAccept([("fa-IR", 1), ("fa", 0.9), ("en", 0.8)])


def test_the_first_wish_that_we_speak_counts() -> None:
    assert choose_language(["en", "fa"], PERSIAN, "fa") == "en"
    assert choose_language([None, "de"], PERSIAN, "en") == "fa"
    assert choose_language([None], LanguageAccept([("de", 1)]), "fa") == "fa"


def test_a_region_counts_as_its_language() -> None:
    wished = LanguageAccept([("de", 1), ("fa-IR", 0.9), ("en", 0.5)])
    assert choose_language([], wished, "en") == "fa"
    assert choose_language([], LanguageAccept([("fa", 0), ("en", 0.1)]), "fa") == "en"


def test_a_text_that_lacks_the_language_is_shown_in_the_one_it_has() -> None:
    assert pick_text({"fa": "پذیرش", "en": "Intake"}, "en") == "Intake"
    assert pick_text({"fa": "پذیرش"}, "en") == "پذیرش"
    assert pick_text("plain", "fa") == "plain"
    assert pick_text(None, "fa") == ""


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Narges Ahmadi", "NA"), ("نرگس احمدی", "ن\u200cا"), ("Sara", "SA"), ("", ""), ("۱۲", "")],
)
def test_a_name_becomes_its_letters(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_name_keeps_its_colour() -> None:
    assert tint("نرگس") == tint("نرگس")
    assert {tint(f"name {n}") for n in range(40)} == {1, 2, 3, 4, 5, 6}


def test_the_cookie_beats_the_browser_and_a_setting_beats_both(
    client: FlaskClient, login: object
) -> None:
    asked = {"Accept-Language": "fa-IR,fa;q=0.9"}
    assert 'lang="fa" dir="rtl"' in client.get("/login", headers=asked).text
    client.set_cookie("lang", "en")
    assert 'lang="en" dir="ltr"' in client.get("/login", headers=asked).text


def test_the_switch_is_remembered_for_the_user(app: Flask, client: FlaskClient) -> None:
    sign_in = {"login": "sara", "password": "a-long-password"}
    client.post("/login", data=sign_in)
    answer = client.post("/language", data={"language": "fa", "next": "/account"})
    assert answer.location == "/account"
    client.delete_cookie("lang")
    assert 'lang="fa"' in client.get("/", headers={"Accept-Language": "en"}).text


def test_an_unknown_language_is_refused(client: FlaskClient) -> None:
    assert client.post("/language", data={"language": "xx"}).status_code == 404


def test_filters_follow_each_request_and_are_not_folded(app: Flask) -> None:
    said = {}
    for language in ("fa", "en", "fa"):
        with app.test_request_context(headers={"Cookie": f"lang={language}"}):
            said[language] = render_template_string("{{ 2|digits }} {{ 'R-17'|code }}")
    assert said["fa"] == '۲ <bdi dir="ltr">R-۱۷</bdi>'
    assert said["en"] == '2 <bdi dir="ltr">R-17</bdi>'


def test_codes_are_escaped(app: Flask) -> None:
    with app.test_request_context():
        assert "<script>" not in render_template_string("{{ x|code }}", x="<script>")
