"""A text of no service task whose end nobody knows: a person says what holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock_now, jobs
from app.access import SYSTEM, TERMINAL
from app.cli import main
from app.doctor.sent import check_deliveries
from app.models import Delivery, Event, ServiceRequest
from app.services.accounts import people
from app.services.sending import channel_gate, channel_settings, channels, doubtful
from app.services.sending.channel_settings import Draft
from app.work import tick as beat
from connectors.fake_sms import SmsGateway
from tests.app.services import mailing_story
from tests.app.web.conftest import Case, said
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

Login = Callable[[str], FlaskClient]
RunJobs = Callable[[], int]
TO, SHOWN = "+989120000042", "0912 000 0042"


@pytest.fixture
def gateway() -> Iterator[SmsGateway]:
    """One that knows no ids of ours, so that nobody can ask it."""
    with SmsGateway("twilio") as running:
        yield running


@pytest.fixture
def lost(app: Flask, clock: MovingClock, gateway: SmsGateway, case: Case, run_jobs: RunJobs) -> int:
    """A text that the gateway has taken while its answer was lost."""
    run_jobs()
    options = gateway.options()
    secret = {"key": str(options.pop("key"))}
    draft = Draft("line", "sms-http", {"en": "Line"}, options, secret)
    with transaction_of(app) as session:
        channel_settings.save(draft, SYSTEM, clock())
        row: Any = Delivery(
            reference="abc", channel="sms", channel_id=channels.find("line").id, recipient=TO,
            recipient_name="", language="en", subject="", body="Hello", payload={}, state="queued",
            attempts=0, urgent=False, created_at=clock(), request_id=case.request_id,
        )  # fmt: skip
        session.add(row)
        session.flush()
        number: int = row.id
        jobs.defer(jobs.SEND_DELIVERY, delivery_id=number)
    gateway.then("reset_after")
    run_jobs()
    return number


def row_of(app: Flask, number: int) -> Delivery:
    with transaction_of(app) as session:
        row = session.get_one(Delivery, number)
        session.expunge(row)
        return row


def decided(app: Flask) -> list[tuple[int | None, dict[str, Any]]]:
    with transaction_of(app) as session:
        query = select(Event).where(Event.kind == "delivery_decided").order_by(Event.id)
        return [(one.actor_id, one.data) for one in session.scalars(query)]


def decide(client: FlaskClient, number: int, decision: str, reason: str = "") -> str:
    form = {"decision": decision, "reason": reason}
    return client.post(f"/deliveries/{number}/decide", data=form, follow_redirects=True).text


def test_it_is_shown_where_people_look(app: Flask, lost: int, login: Login) -> None:
    assert (row_of(app, lost).state, row_of(app, lost).next_attempt_at) == ("unknown", None)
    client = login("maryam")
    assert "Nobody knows whether one message arrived" in said(client.get("/faults"))
    assert "Nobody knows whether one message" in said(login("admin").get("/deliveries"))
    assert SHOWN in said(client.get("/deliveries/doubtful"))
    with transaction_of(app):
        settings = app.extensions["peygir.settings"]
        found = [one.text for one in check_deliveries(settings, clock_now())]
    assert any("/deliveries/doubtful): 1" in one for one in found)


def test_it_arrived(app: Flask, lost: int, login: Login, case: Case) -> None:
    client = login("maryam")
    assert "It counts as arrived." in decide(client, lost, "arrived", "she called")
    assert row_of(app, lost).state == "delivered"
    with transaction_of(app):
        maryam = people.by_login("maryam").id
    data = {"decision": "arrived", "channel": "sms", "to": TO, "reason": "she called"}
    assert decided(app) == [(maryam, data)]
    told = said(client.get(case.page))
    assert "said that the message to" in told and "she called" in told
    assert "Nothing is in doubt" in said(client.get("/deliveries/doubtful"))
    assert "nothing to decide" in decide(client, lost, "again")
    assert len(decided(app)) == 1


def test_what_was_decided_stands_on_the_page_of_the_message(
    app: Flask, lost: int, login: Login, case: Case
) -> None:
    client = login("maryam")
    before = said(client.get(f"/deliveries/{lost}"))
    assert "Nobody has decided anything about it" in before and case.number in before
    decide(client, lost, "given_up", "she has moved")
    told = said(client.get(f"/deliveries/{lost}"))
    assert "gave it up" in told and "she has moved" in told and "Maryam" in told
    assert said(login("admin").get(f"/deliveries/{lost}")).count("gave it up") == 1
    assert client.get("/deliveries/999999").status_code == 404
    assert login("sara").get(f"/deliveries/{lost}").status_code == 403


def of_mailing(app: Flask, lost: int, clock: MovingClock, state: str) -> int:
    """The message belongs to a mailing in that state."""
    with transaction_of(app) as session:
        mailing = mailing_story.drafted(clock())
        mailing.state = state
        session.flush()
        row = session.get_one(Delivery, lost)
        row.request_id, row.mailing_id = None, mailing.id
        return mailing.id


@pytest.mark.parametrize(
    ("state", "words", "after"),
    [
        ("running", "It is sent again in a moment.", "accepted"),
        ("done", "It is sent again in a moment.", "accepted"),
        ("stopped", "it is sent again when the mailing goes on", "cancelled"),
        ("cancelled", "cancelled for good, so it is not sent", "cancelled"),
    ],
)
def test_what_is_said_of_a_mailing_s_message_comes_true(
    app: Flask, lost: int, login: Login, clock: MovingClock, run_jobs: RunJobs,
    state: str, words: str, after: str,
) -> None:  # fmt: skip
    number, client = of_mailing(app, lost, clock, state), login("maryam")
    assert words in decide(client, lost, "again", "asked")
    with app.app_context():
        beat()
    run_jobs()
    assert row_of(app, lost).state == after
    told = said(client.get(f"/mailings/{number}"))
    assert f"\u2066{TO}\u2069: sent it again" in told
    assert "sent it again" in said(client.get(f"/deliveries/{lost}"))


def test_a_channel_that_lets_nothing_go_is_told(
    app: Flask, lost: int, login: Login, clock: MovingClock
) -> None:
    with transaction_of(app):
        way = channels.find("line")
        for _ in range(20):
            channel_gate.note_failure(way, clock())
    told = decide(login("maryam"), lost, "again")
    assert "Its channel lets nothing go now" in told


def test_it_is_sent_again_under_the_same_reference_once(
    app: Flask, lost: int, login: Login, gateway: SmsGateway, clock: MovingClock, run_jobs: RunJobs
) -> None:
    clock.move(days=3)
    decide(login("maryam"), lost, "again")
    with app.app_context():
        beat()
        beat()
    run_jobs()
    row = row_of(app, lost)
    assert (row.state, row.reference, len(gateway.messages)) == ("accepted", "abc", 2)


def test_what_ends_in_doubt_once_more_comes_back(
    app: Flask, lost: int, login: Login, gateway: SmsGateway, run_jobs: RunJobs
) -> None:
    client = login("maryam")
    decide(client, lost, "again")
    gateway.then("reset_after")
    with app.app_context():
        beat()
    run_jobs()
    assert row_of(app, lost).state == "unknown"
    assert SHOWN in said(client.get("/deliveries/doubtful"))


def test_it_is_given_up(app: Flask, lost: int, login: Login) -> None:
    assert "It is given up." in decide(login("maryam"), lost, "given_up")
    assert row_of(app, lost).state == "failed"
    form = {"decision": "perhaps"}
    assert login("maryam").post(f"/deliveries/{lost}/decide", data=form).status_code == 404


def test_programs_decide_alike(app: Flask, lost: int, api: Callable[[str], FlaskClient]) -> None:
    client = api("maryam")
    [one] = client.get("/api/v1/doubtful-messages").get_json()["items"]
    assert (one["id"], one["medium"], one["to"], one["reference"]) == (lost, "sms", TO, "abc")
    place = f"/api/v1/doubtful-messages/{lost}/decide"
    assert client.post(place, json={"decision": "perhaps"}).status_code == 422
    assert one["next_attempt_at"] is None
    answer = client.post(place, json={"decision": "given_up", "reason": "old"})
    assert (answer.status_code, answer.get_json()["state"]) == (200, "failed")
    assert decided(app)[0][1]["reason"] == "old"
    assert client.post(place, json={"decision": "again"}).status_code == 409


def test_programs_are_told_when_it_is_sent_again(
    lost: int, api: Callable[[str], FlaskClient], clock: MovingClock
) -> None:
    place = f"/api/v1/doubtful-messages/{lost}/decide"
    answer = api("maryam").post(place, json={"decision": "again"}).get_json()
    assert (answer["id"], answer["state"]) == (lost, "unknown")
    assert answer["next_attempt_at"] == clock().isoformat()


def test_the_terminal_decides_alike(app: Flask, lost: int, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = app.extensions["peygir.settings"]
    monkeypatch.setenv("PEYGIR_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("PEYGIR_DATA", str(settings.data))
    run = CliRunner().invoke
    assert f"sms     {TO}  abc" in run(main, ["doubtful", "list"]).output
    done = run(main, ["doubtful", "decide", str(lost), "arrived", "--as", "maryam"])
    assert (done.exit_code, row_of(app, lost).state) == (0, "delivered")
    assert run(main, ["doubtful", "decide", str(lost), "arrived"]).exit_code != 0


def test_of_a_confidential_request_only_who_sees_it_decides(
    app: Flask, lost: int, login: Login, case: Case
) -> None:
    with transaction_of(app) as session:
        session.get_one(ServiceRequest, case.request_id).confidential = True
    admin = login("admin")
    assert SHOWN not in said(admin.get("/deliveries/doubtful"))
    answer = admin.post(f"/deliveries/{lost}/decide", data={"decision": "arrived"})
    assert (answer.status_code, row_of(app, lost).state) == (404, "unknown")


def test_one_that_is_being_asked_after_is_nobody_s_to_decide(app: Flask, lost: int) -> None:
    with transaction_of(app):
        jobs.defer(jobs.SEND_DELIVERY, delivery_id=lost)
    with transaction_of(app):
        assert not doubtful.count(TERMINAL)
