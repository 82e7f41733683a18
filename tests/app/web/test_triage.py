"""The pages of messages that came in: placed, dropped and released by those who receive."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock_now
from app.access import SYSTEM
from app.db import session
from app.models import Event, InboundMessage, NoContact, User
from app.services.intake import mail_intake, triage
from app.services.intake.mail_intake import Fetched
from app.services.sending import channel_settings, channels, no_contact
from app.services.sending.channel_settings import Draft
from connectors.mail_reading import read as read_mail
from tests.app.web.conftest import Case, said
from tests.app.web.test_in_browser import faults_of
from tests.app.web.test_phone_calls import Ring, ring
from tests.connectors.mails import mail, multipart
from tests.support.application import transaction_of
from tests.support.browsing import Browsing
from tests.support.clock import MovingClock

Login = Callable[..., FlaskClient]
Take = Callable[..., int]
__all__ = ["ring"]
ENGLISH = {"Accept-Language": "en"}
HELLO = mail("From: Maryam <maryam@example.com>\r\nSubject: hello", b"When are you open?")
HTML = '<p>Hello <b>there</b><img src="https://t.example/p.gif"><script>alert(1)</script></p>'
PDF = (
    'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="bill.pdf"'
    "\r\n\r\n%PDF-1.7 x"
)


@pytest.fixture
def take(app: Flask, clock: MovingClock) -> Take:
    """``take(raw)`` receives a mail; its number. ``why`` puts it aside in place of that."""
    uids = count(1)
    with transaction_of(app):
        options = {"host": "localhost", "user": "requests", "address": "us@ours.example"}
        draft = Draft("box", "imap", {"en": "Box", "fa": "صندوق"}, options, {"password": "secret"})
        channel_settings.save(draft, SYSTEM, clock())

    def receive(raw: bytes, why: str = "") -> int:
        with transaction_of(app):
            box, fetched = channels.open_(channels.find("box")), Fetched(1, next(uids), raw)
            taken = (
                mail_intake.put_aside(fetched, why, box, clock())
                if why
                else mail_intake.take(fetched, read_mail(raw), box, clock())
            )
            assert taken.message is not None
            return taken.message.id

    return receive


def state_of(app: Flask, message_id: int) -> str:
    with transaction_of(app):
        return session().get_one(InboundMessage, message_id).state


def test_what_waits_is_listed_with_the_reason(login: Login, take: Take) -> None:
    take(HELLO)
    client = login("narges")
    page = said(client.get("/triage", headers=ENGLISH))
    assert "hello" in page
    assert "maryam@example.com" in page
    assert "Nothing here yet" in said(client.get("/triage?state=bounce", headers=ENGLISH))
    assert client.get("/triage?state=nonsense").status_code == 404


def test_a_message_joins_a_request_with_its_files(
    app: Flask, login: Login, take: Take, case: Case
) -> None:
    headers = "From: Maryam <maryam@example.com>\r\nSubject: hello"
    waiting = take(multipart(("text/plain", "Here is the bill."), PDF, headers=headers))
    client, path = login("narges"), f"/triage/{waiting}"
    refused = client.post(f"{path}/join", data={"number": "R-999999"}, headers=ENGLISH)
    assert refused.status_code == 422
    assert "There is no request R-999999" in said(refused)
    assert client.post(f"{path}/join", data={"number": case.number}).status_code == 303
    page = said(client.get(case.page, headers=ENGLISH))
    assert "Here is the bill." in page
    assert "bill.pdf" in page
    assert client.post(f"{path}/join", data={"number": case.number}).status_code == 409
    assert "R-000001" in said(client.get(path, headers=ENGLISH))


def test_a_message_opens_a_request_once_its_form_is_filled(
    app: Flask, login: Login, take: Take
) -> None:
    waiting, client = take(HELLO), login("narges")
    path = f"/triage/{waiting}"
    assert "What is the complaint about?" in said(
        client.get(f"{path}?service=complaint", headers=ENGLISH)
    )
    refused = client.post(f"{path}/open", data={"service": "complaint"}, headers=ENGLISH)
    assert refused.status_code == 422
    assert "Choose what it is about" in said(refused)
    filled = {"service": "complaint", "data.about": "other"}
    assert client.post(f"{path}/open", data=filled).status_code == 303
    assert state_of(app, waiting) == "opened"
    assert "When are you open?" in said(client.get("/requests/R-000001", headers=ENGLISH))


FORGED = "Authentication-Results: mx.ours.example; dmarc=fail header.from=example.com"


def test_what_is_doubtful_about_a_sender_stands_on_the_request(
    app: Flask, login: Login, take: Take, case: Case
) -> None:
    with transaction_of(app):
        row = channels.find("box").key
        options = {"host": "localhost", "user": "requests", "address": "us@ours.example"}
        options["authserv_id"] = "mx.ours.example"
        draft = Draft(row, "imap", {"en": "Box"}, options, {"password": "secret"})
        channel_settings.save(draft, SYSTEM, clock_now())
    headers = f"{FORGED}\r\nFrom: Maryam <maryam@example.com>\r\nSubject: hello"
    new, more = take(mail(headers, b"Open!")), take(mail(f"{headers} again", b"It is me."))
    client, filled = login("narges"), {"service": "complaint", "data.about": "other"}
    opened = client.post(f"/triage/{new}/open", data=filled).location
    for language, words, about in (
        ("en", "came from may be forged", "its sender may be forged"),
        ("fa", "که این درخواست از آن آمده جعلی باشد", "شاید فرستنده‌اش جعلی باشد"),
    ):
        page = said(client.get(opened, headers={"Accept-Language": language}))
        assert page.count(words) == 2, "above, and in the history"
        assert about not in page
    client.post(f"/triage/{more}/join", data={"number": case.number})
    page = said(client.get(case.page, headers=ENGLISH))
    assert "came from may be forged" not in page
    assert "its sender may be forged, says our mail server" in page


def test_what_is_dropped_needs_a_reason(app: Flask, login: Login, take: Take) -> None:
    waiting, client = take(HELLO), login("narges")
    path = f"/triage/{waiting}/drop"
    assert client.post(path, data={"reason": " "}).status_code == 422
    assert client.post(path, data={"reason": "advertising"}).status_code == 303
    assert "advertising" in said(client.get("/triage?state=dropped", headers=ENGLISH))
    assert deeds(app, f"message:{waiting}") == [("message_dropped", "narges", "advertising")]
    page = said(client.get(f"/triage/{waiting}", headers=ENGLISH))
    assert "dropped it" in page
    assert "Narges" in page
    assert page.count("advertising") == 2, "as the reason of the row, and in its past"


def deeds(app: Flask, element: str) -> list[tuple[str, str, str | None]]:
    """What was done there: kind, login of the actor, reason."""
    with transaction_of(app):
        query = select(Event.kind, User.login, Event.data["reason"].astext)
        query = query.join(User, User.id == Event.actor_id).where(Event.element == element)
        return [(kind, who, why) for kind, who, why in session().execute(query).all()]


def test_what_a_flood_left_in_quarantine_is_dropped_at_once(
    app: Flask, login: Login, take: Take
) -> None:
    alike = [take(b"Subject: %d\r\n\r\n" % n, why="many_new") for n in range(3)]
    other, client = take(b"Subject: x\r\n\r\n", why="too_large"), login("narges")
    page = said(client.get("/triage?state=quarantined", headers=ENGLISH))
    assert "3 · Its mailbox or line got more new messages within a day" in page
    path, data = "/triage/quarantine/drop", {"why": "many_new", "reason": " "}
    refused = client.post(path, data=data, headers=ENGLISH)
    assert refused.status_code == 422
    assert "Write why it is dropped." in said(refused)
    done = client.post(path, data={**data, "reason": "a flood"}, headers=ENGLISH,
                       follow_redirects=True)  # fmt: skip
    assert "3 messages are dropped." in done.get_data(as_text=True)
    assert [state_of(app, one) for one in alike] == ["dropped"] * 3
    assert state_of(app, other) == "quarantined"
    assert "a flood" in said(client.get("/triage?state=dropped", headers=ENGLISH))
    told = [("message_dropped", "narges", "a flood")]
    assert [deeds(app, f"message:{one}") for one in alike] == [told] * 3
    assert deeds(app, f"message:{other}") == []


def test_a_flood_is_dropped_in_parts_that_are_soon_done(
    app: Flask, login: Login, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triage, "MOST_AT_ONCE", 2)
    alike = [take(b"Subject: %d\r\n\r\n" % n, why="many_new") for n in range(3)]
    client, data = login("narges"), {"why": "many_new", "reason": "a flood"}
    path = "/triage/quarantine/drop"
    done = client.post(path, data=data, headers=ENGLISH, follow_redirects=True)
    assert "2 messages are dropped. There are more" in done.get_data(as_text=True)
    assert [state_of(app, one) for one in alike] == ["dropped", "dropped", "quarantined"]
    done = client.post(path, data=data, headers=ENGLISH, follow_redirects=True)
    assert "One message is dropped." in done.get_data(as_text=True)


def test_what_is_released_goes_its_way(
    app: Flask, login: Login, take: Take, run_jobs: Callable[[], int]
) -> None:
    held = take(mail("From: a@example.com\r\nSubject: a complaint", b"It broke."), why="too_slow")
    client = login("narges")
    assert "too long" in said(client.get("/triage?state=quarantined", headers=ENGLISH))
    assert client.post(f"/triage/{held}/release").status_code == 303
    page = said(client.get(f"/triage/{held}", headers=ENGLISH))
    assert "within a moment" in page
    assert deeds(app, f"message:{held}") == [("message_released", "narges", None)]
    assert "released it" in page
    run_jobs()
    assert state_of(app, held) == "opened"


def test_what_is_released_and_belongs_nowhere_is_placed_by_hand(
    app: Flask, login: Login, take: Take, run_jobs: Callable[[], int]
) -> None:
    held = take(mail("From: a@example.com\r\nSubject: hello", b"Hello."), why="too_slow")
    client = login("narges")
    client.post(f"/triage/{held}/release")
    run_jobs()
    assert state_of(app, held) == "triage"
    page = client.get(f"/triage/{held}", headers=ENGLISH).get_data(as_text=True)
    assert "It was released from quarantine." in page
    assert f"/triage/{held}/drop" in page
    dropped = client.post(f"/triage/{held}/drop", data={"reason": "spam"}, headers=ENGLISH)
    assert dropped.status_code == 303


def test_what_cannot_be_read_even_then_waits_for_a_person(
    app: Flask, login: Login, take: Take, run_jobs: Callable[[], int]
) -> None:
    held = take(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 999, why="x")
    login("narges").post(f"/triage/{held}/release")
    run_jobs()
    assert state_of(app, held) == "triage"


def test_a_formatted_message_is_shown_apart_and_can_do_nothing(login: Login, take: Take) -> None:
    headers = "From: a@example.com\r\nSubject: hello"
    parts = (("text/plain", "Hello"), ("text/html", HTML))
    waiting, client = take(multipart(*parts, kind="alternative", headers=headers)), login("narges")
    answer = client.get(f"/inbound/{waiting}/formatted", headers=ENGLISH)
    body = answer.get_data(as_text=True)
    assert "<b>there</b>" in body
    assert "alert" not in body
    assert "t.example" not in body
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "img-src 'none'" in policy
    with_images = client.get(f"/inbound/{waiting}/formatted?images=1")
    assert "t.example" in with_images.get_data(as_text=True)
    assert "img-src https: data:" in with_images.headers["Content-Security-Policy"]


def test_only_those_who_receive_see_what_belongs_to_nothing_yet(login: Login, take: Take) -> None:
    headers = "From: a@example.com\r\nSubject: hello"
    parts = (("text/plain", "Hello"), ("text/html", HTML))
    waiting = take(multipart(*parts, kind="alternative", headers=headers))
    for name, status in (("narges", 200), ("maryam", 200), ("babak", 404), ("admin", 404)):
        assert login(name).get(f"/inbound/{waiting}/formatted").status_code == status
    for name, status in (("babak", 403), ("admin", 403), ("neda", 200)):
        assert login(name).get("/triage").status_code == status


def bar(app: Flask) -> int:
    """An address that nothing is sent to."""
    with transaction_of(app) as work:
        no_contact.bar("email", "maryam@example.com", "asked", SYSTEM, clock_now(), note="by phone")
        no_contact.bar("phone", "09120000042", "opted_out", SYSTEM, clock_now())
        return work.scalars(select(NoContact.id)).first() or 0


@pytest.mark.browser
@pytest.mark.parametrize(("language", "size"), [("fa", "narrow"), ("en", "wide")])
def test_no_page_of_it_has_faults_of_accessibility(
    browser: Browsing, take: Take, ring: Ring, case: Case, app: Flask, language: str, size: str
) -> None:
    waiting, held = take(HELLO), take(b"Subject: x\r\n\r\n", why="too_large")
    called, barred = ring("+989120000077"), bar(app)
    page = browser.sign_in("maryam", "/", language=language, size=size)
    paths = (
        "/triage", "/triage?state=quarantined", "/triage?state=automatic", f"/triage/{waiting}",
        f"/triage/{waiting}?service=complaint", f"/triage/{held}",
    )  # fmt: skip
    others = {
        "fa": ("/triage/calls", f"{case.page}/contacts/new", f"/no-contact/{barred}"),
        "en": (f"/triage/calls/{called}", "/no-contact", "/no-contact?q=nobody"),
    }
    found = []
    for path in (*paths, *others[language]):
        page.goto(path)
        found += [f"{path} {fault}" for fault in faults_of(page)]
    assert found == []
