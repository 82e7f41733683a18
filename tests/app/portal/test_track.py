"""A customer follows a request, answers us, writes to us."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

import connectors
from app.access import SYSTEM, Actor
from app.models import Interaction, ServiceRequest
from app.portal import doors
from app.portal.story import to_portal
from app.services.casework import messages
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

from .conftest import PNG, Customer

LETTERS = Path(connectors.__file__).with_name("messages")

Step = Callable[[], None]
SARA = Actor("user", names={"fa": "سارا", "en": "Sara"})
STAFF_WORDS = ("SLA", "token", "instance", "BPMN", "ticket", "None", "{")


@pytest.fixture
def path(sent: Customer) -> str:
    """The address of the tracking page of a complaint that has arrived."""
    return f"/portal/track/{sent.code}"


def stages(customer: Customer) -> list[tuple[str, str]]:
    """Each stage as shown: done, here or next, and its words."""
    items = customer.page.xpath("//ol[@class='stages mb-4']/li")
    return [(item.get("class"), item.findtext("b")) for item in items]


def test_the_page_tells_where_the_request_stands(sent: Customer, path: str) -> None:
    sent.open(path)
    assert sent.heading == "Fridge still warm"
    assert stages(sent) == [
        ("here", "Received"), ("next", "Your answer"), ("next", "Second look"), ("next", "Closed"),
    ]  # fmt: skip
    assert "Our next promise" in sent.text
    assert "We tell you that your complaint has arrived" in sent.text
    assert "Two repairs, and it does not cool." in sent.text
    assert not [word for word in STAFF_WORDS if word in sent.text]


def test_the_customer_accepts(sent: Customer, path: str, staff_step: Step) -> None:
    staff_step()
    sent.open(path)
    assert "Do you accept our answer?" in sent.text
    assert ("here", "Your answer") in stages(sent)
    assert "Waiting for your answer" in sent.text
    sent.send("/answer", answer="accept")
    assert "Thank you. Your answer is with us." in sent.text
    assert "This request is closed" in sent.text
    assert stages(sent) == [("done", "Received"), ("done", "Your answer"), ("done", "Closed")]


def test_the_customer_objects_with_a_reason(
    sent: Customer, path: str, staff_step: Step, session: Session
) -> None:
    staff_step()
    sent.open(path).open(sent.page.xpath("//a[contains(., 'I object')]/@href")[0])
    object_form = sent.page.xpath("//form[.//textarea[@name='reason']]")[0].get("action")
    page = sent.client.post(object_form, data={"answer": "object", "reason": " "})
    assert page.status_code == 422
    assert "Tell us what you object to." in page.get_data(as_text=True)
    sent.client.post(object_form, data={"answer": "object", "reason": "It broke again"})
    sent.open(path)
    assert ("here", "Second look") in stages(sent)
    assert "It broke again" in sent.text
    assert session.scalars(select(ServiceRequest)).one().status == "open"


def test_answering_twice_changes_nothing(sent: Customer, path: str, staff_step: Step) -> None:
    staff_step()
    sent.client.post(f"{path}/answer", data={"answer": "object", "reason": "No"})
    sent.open(path)
    sent.client.post(f"{path}/answer", data={"answer": "accept"})
    sent.open(path)
    assert "Nothing is asked of you at this moment" in sent.text
    assert ("here", "Second look") in stages(sent)


def test_a_message_and_its_files_reach_us(sent: Customer, path: str, session: Session) -> None:
    sent.open(path).send("/messages", body="It leaks <now>", files=[(io.BytesIO(PNG), "leak.png")])
    assert "Your message is sent." in sent.text
    assert "It leaks <now>" in sent.text
    said = session.scalars(select(Interaction)).one()
    assert (said.direction, said.author_kind, said.channel) == ("inbound", "customer", "portal")
    link = sent.page.xpath("//ul[@class='files']//a/@href")[0]
    given = sent.client.get(link)
    assert given.data == PNG
    assert given.headers["Content-Disposition"] == "attachment; filename=leak.png"
    assert given.headers["X-Content-Type-Options"] == "nosniff"


def test_words_of_others_stand_under_their_own_name(app: Flask, sent: Customer, path: str) -> None:
    other = "Son (son@else.example)"
    with transaction_of(app) as session:
        request = session.scalars(select(ServiceRequest)).one()
        now, own = app.extensions["peygir.now"](), messages.customer_actor(request)
        for actor in (own, Actor("customer", names={"fa": other, "en": other})):
            messages.keep_as_customer(request, "It is warm", actor, now, channel="email")
    sent.open(path)
    writers = sent.page.xpath("//ol[@class='timeline']/li/b/bdi/text()")
    assert writers == ["You", other, "You"] or writers == [other, "You", "You"]


def test_files_alone_are_a_message(sent: Customer, path: str) -> None:
    sent.open(path).send("/messages", body="", files=[(io.BytesIO(PNG), "leak.png")])
    assert "leak.png" in sent.page.xpath("string(//ol[@class='timeline'])")


def test_an_empty_message_is_asked_for(sent: Customer, path: str, session: Session) -> None:
    sent.open(path).send("/messages", body="  ")
    assert sent.status == 422
    assert "Write your message." in sent.text
    assert session.scalars(select(Interaction)).all() == []


def test_a_refused_file_keeps_the_words(sent: Customer, path: str, session: Session) -> None:
    sent.open(path).send("/messages", body="See this", files=[(io.BytesIO(b"MZ\x00"), "a.exe")])
    assert sent.status == 422
    assert sent.page.get_element_by_id("body").text.strip() == "See this"
    assert session.scalars(select(Interaction)).all() == []


def test_the_customer_takes_it_back(sent: Customer, path: str) -> None:
    sent.open(path).send("/withdraw", reason="Solved itself")
    assert "Your request is withdrawn." in sent.text
    assert "This request is closed" in sent.text
    assert "Withdraw this request" not in sent.text
    assert "Earlier promises" not in sent.text, "nothing was done, so nothing is called done"
    again = sent.client.post(f"{path}/withdraw", data={})
    assert again.status_code == 303
    assert "This request is closed; open a new one" in sent.open(path).text


def test_notes_among_staff_stay_there(app: Flask, sent: Customer, path: str) -> None:
    with transaction_of(app) as session:
        request = session.scalars(select(ServiceRequest)).one()
        now = app.extensions["peygir.now"]()
        messages.note_internally(request, "Difficult customer", SYSTEM, now)
        messages.reply_to_customer(request, "We call you today", SYSTEM, now)
    sent.open(path)
    assert "Difficult customer" not in sent.text
    assert "We call you today" in sent.text


def test_the_question_stays_the_question(
    app: Flask, sent: Customer, path: str, staff_step: Step
) -> None:
    """Given an answer to accept, when staff write beside it, then it is not what is asked."""
    staff_step()
    with transaction_of(app) as session:
        request = session.scalars(select(ServiceRequest)).one()
        now = app.extensions["peygir.now"]()
        messages.reply_to_customer(request, "We replace the fridge.", SYSTEM, now)
        messages.reply_to_customer(request, "The office is closed tomorrow", SARA, now)
    asked = sent.open(path).page.xpath("string(//section[@aria-labelledby='ask'])")
    assert "We replace the fridge." in asked
    assert "The office is closed tomorrow" not in asked


def test_only_letters_of_ours_lose_the_lines_that_lead_here(
    app: Flask, sent: Customer, path: str
) -> None:
    text = f"First\nSee http://here{path}\nand then this"
    sent.open(path).send("/messages", body=text)
    with transaction_of(app) as session:
        request = session.scalars(select(ServiceRequest)).one()
        now = app.extensions["peygir.now"]()
        messages.reply_to_customer(request, f"Hello\n{path}\nthe foot", SYSTEM, now)
    sent.open(path)
    assert "and then this" in sent.text
    assert "Hello" in sent.text
    assert "the foot" not in sent.text


def test_a_promise_that_comes_near_and_breaks(
    sent: Customer, path: str, clock: MovingClock
) -> None:
    assert "On time" in sent.open(path).text
    clock.move(days=4)
    assert "Late, we are sorry" in sent.open(path).text


def test_nobody_gets_in_with_the_number(client: FlaskClient, sent: Customer, path: str) -> None:
    stranger = Customer(client)
    stranger.open("/portal/track/R-000001")
    assert stranger.status == 404
    assert "No request has this code" in stranger.text
    assert "Fridge" not in stranger.text


@pytest.mark.parametrize("act", ["messages", "answer", "withdraw"])
def test_a_wrong_code_does_nothing(sent: Customer, act: str, session: Session) -> None:
    answer = sent.client.post(f"/portal/track/BBBB-BBBB-BBBB/{act}", data={"body": "Hello"})
    assert answer.status_code == 404
    assert session.scalars(select(Interaction)).all() == []


def test_guessing_is_slowed_down(sent: Customer, path: str, clock: MovingClock) -> None:
    for n in range(doors.MOST_WRONG):
        assert sent.open(f"/portal/track/BBBB-BBBB-BBB{n % 8 + 2}").status == 404
    assert sent.open("/portal/track/BBBB-BBBB-BBBB").status == 429
    assert sent.open(path).status == 200, "who has a right code is not locked out by others"
    clock.move(minutes=16)
    assert sent.open("/portal/track/BBBB-BBBB-BBBB").status == 404


def test_files_of_another_request_stay_there(sent: Customer, path: str) -> None:
    assert sent.client.get(f"{path}/files/12345").status_code == 404


def test_the_page_in_persian(sent: Customer, path: str) -> None:
    sent.client.set_cookie("lang", "fa")
    sent.open(path)
    assert "دریافت شد" in [words for _, words in stages(sent)]
    assert "قول بعدی ما" in sent.text
    assert "۱۲ اردیبهشت ۱۴۰۵" in sent.text


def test_pages_are_kept_nowhere(sent: Customer, path: str) -> None:
    answer = sent.client.get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("act", ["messages", "answer", "withdraw"])
def test_reloading_a_sent_form_leads_back(sent: Customer, path: str, act: str) -> None:
    assert sent.client.get(f"{path}/{act}").location == path


@pytest.mark.parametrize("letter", sorted(LETTERS.glob("*.txt")), ids=lambda path: path.stem)
def test_no_letter_speaks_here_of_a_link_that_only_the_letter_has(letter: Path) -> None:
    body = letter.read_text(encoding="utf-8").replace(
        "{{ request.tracking_url }}", "https://peygir.example/portal/track/K7QM-3DXW-92HF"
    )
    shown = to_portal(Interaction(author_kind="system", body=body), "K7QM-3DXW-92HF")
    assert "link below" not in shown
    assert "پیوند زیر" not in shown


def test_what_a_person_writes_of_a_link_stays_as_it_was_written() -> None:
    said = Interaction(author_kind="staff", body="Answer through the link below.")
    assert to_portal(said, "K7QM-3DXW-92HF") == "Answer through the link below."
