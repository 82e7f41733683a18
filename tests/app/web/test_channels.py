"""The pages of channels: a form made from the kind, secrets that are never shown, the test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.models import Channel, Delivery, Event
from app.services.sending import channel_gate, channels
from connectors.gate import TRIP
from tests.app.services.intake.mail_story import open_box
from tests.app.web.conftest import read, said
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.kinds import SECRET

Login = Callable[..., FlaskClient]
pytestmark = pytest.mark.usefixtures("partner")

FORM = {
    "base": "0", "kind": "parrot", "key": "birds", "name_en": "Birds", "name_fa": "پرندگان",
    "options.place": "garden", "options.port": "۷", "options.mood": "good", "options.loud": "on",
    "options.words": "one\r\n\r\n دو ", "options.map": '{"a": [1]}', "options.token": SECRET,
    "policy.per_minute": "60", "policy.attempts": "5", "enabled": "on",
}  # fmt: skip


@pytest.fixture
def admin(login: Login) -> FlaskClient:
    return login("admin")


def row(app: Flask) -> Channel:
    with transaction_of(app) as session:
        return session.scalars(select(Channel).where(Channel.key == "birds")).one()


def test_a_new_channel_is_made_from_the_form_of_its_kind(app: Flask, admin: FlaskClient) -> None:
    page = read(admin.get("/channels/new?kind=parrot"))
    assert page.xpath("//select[@name='options.mood']/option/text()") == ["Good", "Bad"]
    assert page.xpath("//input[@name='options.token']/@type") == ["password"]
    assert page.xpath("//input[@name='options.port']/@value") == ["80"]
    # Quiet hours are for those that write to people.
    assert not page.xpath("//input[@name='policy.quiet_from']")
    assert admin.post("/channels/new", data=FORM).location == "/channels/birds"
    made = row(app)
    assert made.options == {
        "place": "garden", "port": 7, "mood": "good", "loud": True, "words": ["one", "دو"],
        "map": {"a": [1]},
    }  # fmt: skip
    assert (made.enabled, made.is_default, made.policy) == (
        True, False, {"attempts": 5, "per_minute": 60},
    )  # fmt: skip
    assert "Birds" in said(admin.get("/channels"))


def test_a_secret_is_written_and_never_shown(app: Flask, admin: FlaskClient) -> None:
    admin.post("/channels/new", data=FORM)
    answer = admin.get("/channels/birds")
    assert SECRET not in answer.text
    assert "secret, set" in said(answer)
    # Left empty it stays.
    admin.post("/channels/birds", data={**FORM, "base": "1", "options.token": ""})
    with app.app_context():
        assert channels.open_(channels.find("birds")).options["token"] == SECRET
    # Neither does a page that found something wrong give it back.
    wrong = admin.post("/channels/birds", data={**FORM, "base": "1", "options.port": "x"})
    assert wrong.status_code == 422
    assert SECRET not in wrong.text
    assert "type it once more" in said(wrong)
    gone = {**FORM, "base": "1", "options.token": "", "forget.token": "on"}
    assert admin.post("/channels/birds", data=gone).status_code == 303
    assert row(app).secrets is None
    assert SECRET not in admin.get("/channels/birds").text


def test_what_is_wrong_is_told_at_its_field_and_nothing_is_lost(
    app: Flask, admin: FlaskClient
) -> None:
    bad = {**FORM, "options.place": "", "options.port": "200", "options.map": "{", "key": "B B"}
    answer = admin.post("/channels/new", data=bad)
    assert answer.status_code == 422
    page = read(answer)
    assert set(page.xpath("//div[@role='alert']//a/@href")) == {"#options.map"}
    answer = admin.post("/channels/new", data={**bad, "options.map": ""})
    page = read(answer)
    all_at_once = {"#key", "#options.place", "#options.port"}
    assert set(page.xpath("//div[@role='alert']//a/@href")) == all_at_once
    answer = admin.post("/channels/new", data={**bad, "options.map": "", "key": "birds"})
    page = read(answer)
    links = page.xpath("//div[@role='alert']//a/@href")
    assert set(links) == {"#options.place", "#options.port"}
    assert all(page.xpath(f"//*[@id='{link[1:]}']") for link in links)
    # Where several lack the same, the summary says which is which.
    assert "Place: " in " ".join(page.xpath("//div[@role='alert']//a/text()"))
    assert page.xpath("//input[@name='options.port']/@value") == ["200"]
    assert page.xpath("//input[@name='name_en']/@value") == ["Birds"]
    with transaction_of(app) as session:
        assert session.scalars(select(Channel)).all() == []


def test_a_persian_form_shows_its_own_digits_and_reads_them(app: Flask, admin: FlaskClient) -> None:
    page = read(admin.get("/channels/new?kind=parrot", headers={"Accept-Language": "fa"}))
    assert page.xpath("//input[@name='options.port']/@value") == ["۸۰"]
    admin.post("/channels/new", data={**FORM, "options.port": "۸۱"})
    assert row(app).options["port"] == 81


def test_who_opened_an_older_revision_is_told(admin: FlaskClient) -> None:
    admin.post("/channels/new", data=FORM)
    assert admin.post("/channels/new", data=FORM).status_code == 409
    changed = {**FORM, "base": "1", "options.place": "loft"}
    assert admin.post("/channels/birds", data=changed).status_code == 303
    stale = admin.post("/channels/birds", data={**changed, "options.place": "moon"})
    assert stale.status_code == 409
    page = said(admin.get("/channels/birds"))
    assert "revision 2" in page
    assert "place" in page


def test_the_button_tests_it_and_masks_what_it_hears(app: Flask, admin: FlaskClient) -> None:
    admin.post("/channels/new", data=FORM)
    answer = admin.post("/channels/birds/test")
    assert "hello from garden •••" in said(answer)
    admin.post("/channels/birds", data={**FORM, "base": "1", "options.mood": "bad"})
    answer = admin.post("/channels/birds/test")
    assert "it bites" in said(answer)
    assert SECRET not in answer.text
    with transaction_of(app) as session:
        query = select(Event).where(Event.kind == "channel_tested").order_by(Event.id)
        told = [event.data for event in session.scalars(query)]
    assert [one["worked"] for one in told] == [True, False]
    assert SECRET not in str(told)


def test_an_open_breaker_is_shown_and_closed(
    app: Flask, admin: FlaskClient, clock: MovingClock
) -> None:
    admin.post("/channels/new", data=FORM)
    with transaction_of(app):
        for _ in range(TRIP):
            channel_gate.note_failure(channels.find("birds"), clock())
    assert "left alone until" in said(admin.get("/channels"))
    assert "failed 5 times in a row" in said(admin.get("/channels/birds"))
    assert admin.post("/channels/birds/close").status_code == 303
    assert "left alone" not in said(admin.get("/channels"))


def test_what_waits_is_counted_and_can_be_sent_now(
    app: Flask, admin: FlaskClient, clock: MovingClock
) -> None:
    admin.post("/channels/new", data=FORM)
    assert "Send again now" not in said(admin.get("/channels/birds"))
    with transaction_of(app) as session:
        way = channels.find("birds")
        due = clock() + timedelta(minutes=48)
        facts = {"channel": "parrot", "channel_id": way.id, "recipient": "birds",
                 "recipient_name": "", "language": "en", "subject": "", "body": "",
                 "state": "waiting", "attempts": 5,
                 "next_attempt_at": due, "created_at": clock(), "reference": "r1"}  # fmt: skip
        session.add(Delivery(**facts))
    page = said(admin.get("/channels/birds"))
    assert "One message waits for its time" in page
    assert admin.post("/channels/birds/close").status_code == 303
    with transaction_of(app) as session:
        assert session.scalars(select(Delivery.next_attempt_at)).one() == clock()


def test_a_channel_or_kind_that_is_not_there_is_a_404(admin: FlaskClient) -> None:
    for path in ("/channels/cats", "/channels/new?kind=dodo", "/element-templates/dodo.json"):
        assert admin.get(path).status_code == 404
    assert admin.post("/channels/cats/test").status_code == 404


def test_the_modeler_gets_its_templates(admin: FlaskClient) -> None:
    one = admin.get("/element-templates/parrot.json").get_json()
    assert [template["id"] for template in one] == ["peygir.parrot"]
    every = admin.get("/element-templates.json").get_json()
    assert {"peygir.email", "peygir.parrot"} <= {template["id"] for template in every}


def test_nothing_is_read_in_a_transaction_while_the_partner_is_asked(
    app: Flask, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.support.kinds import Parrot

    admin.post("/channels/new", data=FORM)
    seen: list[str] = []

    def probe(self: Parrot, options: object) -> str:
        from sqlalchemy import text

        from app.db import session

        driver = session().connection().connection.dbapi_connection
        seen.append(driver.info.transaction_status.name if driver else "none")
        session().execute(text("SELECT 1"))
        return "fine"

    monkeypatch.setattr(Parrot, "probe", probe)
    assert admin.post("/channels/birds/test").status_code == 200
    assert seen == ["IDLE"]


def test_counts_of_the_day_are_shown(app: Flask, admin: FlaskClient, clock: MovingClock) -> None:

    admin.post("/channels/new", data=FORM)
    with transaction_of(app) as session:
        way = channels.find("birds")
        for number, age in enumerate((0, 0, 2)):
            session.add(
                Delivery(
                    reference=f"d{number}", channel="parrot", recipient="x", recipient_name="",
                    language="en", subject="", body="", state="accepted", channel_id=way.id,
                    created_at=clock() - timedelta(days=age),
                )
            )  # fmt: skip
    assert "sent: 2" in said(admin.get("/channels"))


def test_the_page_of_a_mailbox_tells_when_it_was_read_and_who_proves_senders(
    app: Flask, admin: FlaskClient, clock: MovingClock
) -> None:
    english = {"Accept-Language": "en"}
    with transaction_of(app):
        box = open_box(clock)
    page = said(admin.get("/channels/box", headers=english))
    assert "It was not looked into yet" in page
    assert "Senders are taken at their word" in page
    with transaction_of(app):
        open_box(clock, authserv_id="mx.ours.example")
        channel_gate.note_look(box.way.id, clock())
    page = said(admin.get("/channels/box", headers=english))
    assert "Last looked into: today 09:30" in page
    assert "taken at their word" not in page
