"""The pages of letters: the list, the words, the preview, the versions; and ``peygir letter``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.cli import letters as commands
from app.services.sending import letters
from tests.app.services import story
from tests.app.web.conftest import read, said
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.command_line import runner

Login = Callable[..., FlaskClient]
PLACE = "/letters/complaint-acknowledged"
FA, EN = "Subject: رسید {{ request.number }}\nسلام\n", "Subject: Here {{ request.number }}\nHello\n"


@pytest.fixture
def admin(login: Login) -> FlaskClient:
    return login("admin")


@pytest.fixture
def number(app: Flask, clock: MovingClock) -> str:
    with transaction_of(app):
        return story.submit(clock(), language="en").number


def post(client: FlaskClient, place: str = PLACE, **typed: str) -> Any:
    return client.post(place, data={"fa": FA, "en": EN, "base": "0", **typed})


def test_the_list_names_every_letter_and_what_sends_it(admin: FlaskClient) -> None:
    page = read(admin.get("/letters"))
    rows = {str(row.xpath("string(.//bdi[@dir='ltr'])")): row for row in page.xpath("//tbody/tr")}
    assert "complaint-acknowledged" in rows
    words = rows["complaint-acknowledged"].text_content()
    assert "We received your complaint" in words
    assert "as shipped" in words
    half = rows["promise-half"].text_content()
    assert "Ladder:" in half and "Half of the time of a promise is used" in half
    assert "Name:" not in half and "{{ vars.step }}" in half


def test_one_whose_subject_is_all_variables_stands_by_its_key(admin: FlaskClient) -> None:
    odd = "Subject: {{ request.number }}\n\nHello\n"
    post(admin, "/letters/odd-one", fa=odd, en=odd, action="save", doubt="seen")
    [link] = read(admin.get("/letters")).xpath("//a[@href='/letters/odd-one']")
    assert link.text_content() == "odd-one"


def test_a_letter_is_changed_shown_in_the_list_and_set_back(admin: FlaskClient) -> None:
    assert post(admin, action="save", note="Shorter").status_code == 303
    assert "version 1" in said(admin.get("/letters"))
    page = said(admin.get(PLACE))
    assert "Shorter" in page
    assert "worded by us" in page
    again = post(admin, action="save")
    assert again.status_code == 409
    assert "version 1 meanwhile" in said(again)
    assert admin.post(f"{PLACE}/reset", data={"language": "en"}).status_code == 303
    shown = read(admin.get(PLACE))
    [box] = shown.xpath("//textarea[@name='en']")
    assert box.text.strip().startswith("Subject: We received your complaint")
    [older] = read(admin.get(f"{PLACE}?version=1")).xpath("//textarea[@name='en']")
    assert older.text.strip() == EN.strip()


def test_mistakes_stand_beside_their_language_and_nothing_is_kept(
    app: Flask, admin: FlaskClient
) -> None:
    answer = post(admin, action="save", en="Subject: x\n{{ request.nubmer }}\n")
    assert answer.status_code == 422
    page = read(answer)
    [box] = page.xpath("//textarea[@aria-invalid='true']")
    assert box.get("name") == "en"
    assert "request.nubmer" in page.xpath("string(//*[@id='en-error'])")
    with transaction_of(app):
        assert letters.versions("complaint-acknowledged") == []


def test_a_preview_fills_both_languages_and_hides_the_customers_key(
    app: Flask, admin: FlaskClient, number: str
) -> None:
    with transaction_of(app):
        texts = letters.find("complaint-acknowledged")
    answer = post(admin, action="preview", number=number.lower(), **texts)
    assert answer.status_code == 200
    page = read(answer)
    looks = [one.text_content() for one in page.xpath("//*[@class='letter']")]
    assert [number in one for one in looks] == [True] * 4
    assert "1 part" in said(answer)
    assert "/portal/track/XXXX" in looks[0]
    with transaction_of(app):
        assert letters.versions("complaint-acknowledged") == []


@pytest.mark.parametrize("odd", ["9" * 5000, "0", "one"])
def test_odd_versions_are_no_versions(admin: FlaskClient, odd: str) -> None:
    assert admin.get(f"{PLACE}?version={odd}").status_code == 404
    assert post(admin, action="save").status_code == 303
    assert post(admin, action="save", base=odd, note="again").status_code == 409


def test_an_unknown_number_is_told_beside_its_field(admin: FlaskClient, number: str) -> None:
    page = read(post(admin, action="preview", number="X-1"))
    told = page.xpath("string(//*[@id='number-error'])")
    assert "There is no request X-1." in told
    assert f"The newest are: \u2068{number}\u2069." in told


def test_the_last_digits_of_a_number_are_enough(admin: FlaskClient, number: str) -> None:
    for typed in (number.rpartition("-")[2].lstrip("0"), "۱"):
        page = read(post(admin, action="preview", number=typed))
        assert page.xpath("//*[@id='number']/@value") == [number]
        assert page.xpath("//*[@role='status']")


def test_a_mistake_in_the_language_of_templates_is_told_in_ours(admin: FlaskClient) -> None:
    wrong = {"en": EN + "{{ foo }} {{ request.nothing }} {{ request.number\n"}
    told = read(post(admin, action="save", **wrong)).xpath("string(//*[@id='en-error'])")
    assert "the text ends where “}}” is still missing" in told
    two = {"en": EN + "{{ foo }} {{ request.nothing }}\n"}
    page = read(post(admin, action="save", **two))
    assert "There are 2 things to fix" in page.xpath("string(//*[@role='alert'])")


def test_what_is_doubtful_is_kept_once_it_was_seen(admin: FlaskClient) -> None:
    doubtful = {"en": EN + "{{ vars.mystery }}\n"}
    place = "/letters/complaint-decision"
    first = post(admin, place, action="save", **doubtful)
    assert first.status_code == 422
    assert "Save it all the same" in said(first)
    [seen] = read(first).xpath("//input[@name='doubt']/@value")
    assert post(admin, place, action="save", doubt=seen, **doubtful).status_code == 303


def test_a_new_letter_begins_empty_and_needs_a_key(admin: FlaskClient) -> None:
    wrong = admin.post("/letters", data={"key": "Bad Key"})
    assert wrong.status_code == 422
    assert read(wrong).xpath("//input[@name='key']/@aria-invalid") == ["true"]
    begun = admin.post("/letters", data={"key": "repair-planned"}, follow_redirects=True)
    assert read(begun).xpath("string(//textarea[@name='fa'])").strip() == ""
    assert admin.get("/letters/repair-planned").status_code == 404
    assert post(admin, "/letters/repair-planned", action="save").status_code == 303
    assert admin.get("/letters/repair-planned").status_code == 200


def test_the_command_line_lists_shows_and_previews(
    app: Flask, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    peygir = runner(app, monkeypatch, commands)

    def run(*arguments: str) -> str:
        return peygir("letter", *arguments).output

    assert "complaint-acknowledged" in run("list")
    shown = run("show", "complaint-closed", "--language", "en")
    assert shown.startswith("# complaint-closed.en.txt\nSubject: ")
    shown = run("preview", "complaint-acknowledged", number, "--language", "en")
    assert f"Subject: We received your complaint: {number}" in shown
    assert "SMS, parts: 1" in shown
    assert "Error: There is no letter nothing." in run("show", "nothing")
