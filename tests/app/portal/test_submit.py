"""A customer asks for a service, page by page, without JavaScript."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.models import Attachment, Event, ServiceRequest
from app.services.casework import submissions
from tests.support.clock import MovingClock

from .conftest import ABOUT, CONTACT, PNG, WHAT, Customer


def reach_last(customer: Customer) -> Customer:
    """Answers all pages but the last."""
    customer.open("/portal/services/complaint")
    for given in (ABOUT, WHAT, {"data.happened_on": "۱۴۰۴/۱۲/۲۹"}, {"data.confidential": "true"}):
        customer.next(given=given)
    assert customer.heading == "How can we reach you?"
    return customer


def test_a_complaint_is_submitted_page_by_page(customer: Customer, session: Session) -> None:
    reach_last(customer).next(
        given=CONTACT, files=[(io.BytesIO(PNG), "fridge.png"), (io.BytesIO(b"Hello"), "note.txt")]
    )
    assert customer.heading == "We have received your request"
    request = session.scalars(select(ServiceRequest)).one()
    assert (request.subject, request.channel, request.language) == (
        "Fridge still warm", "portal", "en",
    )  # fmt: skip
    assert request.data["happened_on"] == "2026-03-20"
    assert request.data["about"] == "product"
    assert request.confidential
    assert request.contact_email == "maryam@example.com"
    assert [one.name for one in session.scalars(select(Attachment))] == ["fridge.png", "note.txt"]
    assert customer.code == request.tracking_code
    assert request.number in customer.text
    assert "maryam@example.com" in customer.text
    first = session.scalars(select(Event).order_by(Event.id)).all()
    assert "customer" in {event.actor_kind for event in first}


def test_a_name_and_a_phone_do_not_tell_the_address_on_record(
    customer: Customer, session: Session
) -> None:
    both = {**CONTACT, "customer.phone": "0912 345 6789"}
    reach_last(customer).next(given=both)
    reach_last(customer).next(
        given={"customer.name": CONTACT["customer.name"], "customer.phone": "0912 345 6789"}
    )
    assert customer.heading == "We have received your request"
    assert "maryam@example.com" not in customer.text
    assert "You gave no e-mail address" in customer.text
    first, second = session.scalars(select(ServiceRequest).order_by(ServiceRequest.id))
    assert first.customer_id == second.customer_id


def test_each_page_names_the_step_and_the_promise_stands_before_sending(customer: Customer) -> None:
    customer.open("/portal/services/complaint")
    assert "Step 1 of 5" in customer.text
    assert "Our promise:" in reach_last(customer).text
    assert "answered within 5 working days" in customer.text
    assert "Fri 20 Mar 2026" in customer.text, "what was written is shown once more"


def test_a_wrong_page_comes_back_with_what_was_typed(customer: Customer) -> None:
    customer.open("/portal/services/complaint").next(subject="", description="It is broken")
    assert customer.status == 422
    assert customer.heading == "What happened?"
    assert "There is one thing to fix" in customer.text
    assert customer.page.get_element_by_id("f-subject").get("aria-invalid") == "true"
    assert customer.page.get_element_by_id("f-description").text.strip() == "It is broken"
    assert customer.page.xpath("//a[@href='#f-subject']")
    assert customer.page.xpath("//title")[0].text.startswith("Error: ")


def test_going_back_keeps_every_answer(customer: Customer) -> None:
    reach_last(customer).send(given={"go": "back", "customer.name": "Mina", "customer.phone": "12"})
    assert customer.heading == "What would put it right?"
    assert customer.page.xpath("//input[@name='data.confidential']/@checked")
    customer.next()
    assert customer.page.xpath("//input[@name='customer.name']/@value") == ["Mina"]
    customer.next(given={"customer.phone": "۰۹۱۲۳۴۵۶۷۸۹"})
    assert customer.heading == "We have received your request"


def test_a_way_to_reach_the_customer_is_asked_for(customer: Customer) -> None:
    reach_last(customer).next(given={"customer.name": "Mina"})
    assert customer.status == 422
    assert "phone number or an e-mail address so that we can answer you" in customer.text
    assert customer.page.xpath("//a[@href='#f-customer-phone']")


def test_what_a_page_hid_is_checked_again_at_the_end(customer: Customer, session: Session) -> None:
    reach_last(customer).next(given={**CONTACT, "data.about": "forged", "subject": "x" * 300})
    assert customer.status == 422
    assert customer.heading == "What happened?"
    assert session.scalars(select(ServiceRequest)).all() == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("run.exe", b"MZ\x90\x00binary", "run.exe⁩: Files of this kind are not accepted"),
        ("lies.png", b"<svg onload=alert(1)>\x00", "Files of this kind are not accepted"),
        ("big.png", PNG + b"0" * 10 * 1024 * 1024, "larger than 10 MB"),
    ],
)
def test_files_are_told_by_their_content(
    customer: Customer, session: Session, name: str, content: bytes, said: str
) -> None:
    reach_last(customer).next(given=CONTACT, files=[(io.BytesIO(content), name)])
    assert customer.status == 422
    assert said in customer.text
    assert customer.page.xpath("//a[@href='#files']")
    assert session.scalars(select(ServiceRequest)).all() == []


def test_more_than_five_files_are_too_many(customer: Customer) -> None:
    files = [(io.BytesIO(b"Hello"), f"{n}.txt") for n in range(6)]
    reach_last(customer).next(given=CONTACT, files=files)
    assert customer.status == 422
    assert "Choose at most 5 files" in customer.text


def test_persian_from_beginning_to_end(
    process: None, client: FlaskClient, session: Session
) -> None:
    client.set_cookie("lang", "fa")
    customer = Customer(client).open("/portal/services/complaint")
    assert customer.page.get("dir") == "rtl"
    assert "گام ۱ از ۵" in customer.text
    customer.next(subject="يخچال سرد نمي‌كند", description="دو بار تعمیر شد.")
    for given in (WHAT, {"data.happened_on": "۱۴۰۴/۱۳/۰۱"}):
        customer.next(given=given)
    assert "تاریخ را کامل بنویسید، مانند ۱۴۰۵/۰۸/۳۰" in customer.text
    customer.next(given={"data.happened_on": "۱۴۰۴/۱۲/۰۱"})
    customer.next()
    customer.next(given={"customer.name": "مریم رضایی", "customer.phone": "۰۹۱۲۳۴۵۶۷۸۹"})
    assert customer.heading == "درخواست شما رسید"
    request = session.scalars(select(ServiceRequest)).one()
    assert request.language == "fa"
    assert request.contact_phone == "+989123456789"


def test_forged_steps_change_nothing(customer: Customer) -> None:
    customer.open("/portal/services/complaint")
    for step in ("99", "-1", "x", "٣", ""):
        customer.open("/portal/services/complaint").next(step=step)
        assert customer.status == 422


def test_markup_in_answers_is_text(customer: Customer) -> None:
    evil = '"><script>alert(1)</script>'
    customer.open("/portal/services/complaint").next(subject=evil, description=evil)
    customer.next(given=WHAT)
    assert not customer.page.xpath("//form//script")
    assert customer.page.xpath("//input[@name='subject']/@value") == [evil]


def test_a_page_sent_twice_is_one_request(customer: Customer, session: Session) -> None:
    reach_last(customer)
    form = customer.form("/services/")
    fields = dict(form.form_values()) | CONTACT | {"go": "on"}
    first, second = (customer.client.post(form.get("action"), data=fields) for _ in range(2))
    assert first.location == second.location
    changed = fields | {"subject": "Another thing"}
    assert customer.client.post(form.get("action"), data=changed).location != first.location
    assert len(session.scalars(select(ServiceRequest)).all()) == 2


def test_the_same_page_with_a_file_is_another_request(customer: Customer, session: Session) -> None:
    reach_last(customer)
    form = customer.form("/services/")
    fields = dict(form.form_values()) | CONTACT | {"go": "on"}
    for _ in range(2):
        files = {"files": (io.BytesIO(PNG), "fridge.png")}
        answers = [
            customer.client.post(form.get("action"), data=fields),
            customer.client.post(form.get("action"), data=fields | files),
        ]
    assert answers[0].location != answers[1].location
    assert len(session.scalars(select(ServiceRequest)).all()) == 2
    assert len(session.scalars(select(Attachment)).all()) == 1, "no file is dropped or kept twice"


def test_nobody_floods_a_mailbox(customer: Customer, session: Session, clock: MovingClock) -> None:
    reach_last(customer)
    form = customer.form("/services/")
    fields = dict(form.form_values()) | CONTACT | {"go": "on"}

    def send(number: int, **changes: str) -> TestResponse:
        return customer.client.post(
            form.get("action"), data=fields | changes | {"subject": f"Thing {number}"}
        )

    for number in range(submissions.MOST_FOR_RECIPIENT):
        assert send(number).status_code == 303
    full = send(99)
    assert full.status_code == 429
    assert "try again in 15 minutes" in full.text
    assert "Thing 99" in full.text, "what was written is kept on the page"
    for number in range(submissions.MOST_FOR_RECIPIENT, submissions.MOST_FROM_ADDRESS):
        assert send(number, **{"customer.email": f"a{number}@example.com"}).status_code == 303
    assert send(99, **{"customer.email": "new@example.com"}).status_code == 429
    clock.move(minutes=16)
    assert send(99).status_code == 303
    kept = session.scalars(select(ServiceRequest)).all()
    assert len(kept) == submissions.MOST_FROM_ADDRESS + 1
