"""Requests and customers: found again, everything on one page, the talk, a new one by phone."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from time import monotonic
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.access import SYSTEM
from app.models import Attachment, Branch, Contract, Delivery, Fault, Interaction, ServiceRequest
from app.services.casework import customers
from app.services.sending import no_contact
from app.services.service_levels import clock_rows
from tests.app.services import story
from tests.app.web.conftest import Case, Submit, read, said
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.patience import patient

Login = Callable[..., FlaskClient]


def found(client: FlaskClient, query: str) -> list[str]:
    page = read(client.get(f"/requests?{query}"))
    return [href.rsplit("/", 1)[1] for href in page.xpath("//tbody//th/a/@href")]


@pytest.mark.parametrize(
    "words",
    [
        "R-000001",
        "r-000001",
        "R-۰۰۰۰۰۱",
        "یخچال",
        "يخچال",
        "رضایی",
        "09120000042",
        "maryam@example.com",
    ],
)
def test_a_request_is_found_by_whatever_the_caller_knows(
    login: Login, case: Case, words: str
) -> None:
    assert found(login("sara"), f"q={quote(words)}") == [case.number]


def test_filters_and_nothing_found(login: Login, case: Case) -> None:
    sara = login("sara")
    assert found(sara, "status=open&service=complaint&stage=assessment") == [case.number]
    assert found(sara, "status=closed") == []
    assert "Nothing fits" in said(sara.get("/requests?q=%25"))


def test_the_list_goes_on_without_repeating(login: Login, submit: Submit) -> None:
    made = [submit().number for _ in range(33)]
    sara = login("sara")
    page = read(sara.get("/requests?q=R-"))
    (further,) = page.xpath("//a[@rel='next']/@href")
    rest = read(sara.get(further)).xpath("//tbody//th/a/@href")
    first = page.xpath("//tbody//th/a/@href")
    assert [href[-8:] for href in first + rest] == made[::-1]


def test_the_page_holds_everything_of_the_request(login: Login, case: Case) -> None:
    page = said(login("sara").get(case.page))
    for words in (
        "Open tasks", "What was submitted", "Promises", "Acknowledgement", "What is the complaint",
        "submitted the request", "Process started, version 1", "Letters", "maryam@example.com",
    ):  # fmt: skip
        assert words in page


def test_a_task_of_another_group_is_named_but_no_link(login: Login, case: Case) -> None:
    for name, links in (("sara", 0), ("narges", 1)):
        page = read(login(name).get(case.page))
        assert len(page.xpath(f"//main//a[@href='{case.task}']")) == links
        assert "Assess the complaint" in page.text_content()


def test_an_unknown_number_is_a_404(login: Login) -> None:
    assert login("sara").get("/requests/R-999999").status_code == 404


def test_the_diagram_knows_the_path_and_the_token(login: Login, case: Case) -> None:
    narges = login("narges")
    page = read(narges.get(f"{case.page}/diagram"))
    (box,) = page.xpath("//*[@data-diagram]")
    assert '"assess"' in box.get("data-here")
    assert "flow_acknowledge_assess" in box.get("data-flows")
    assert "Assess the complaint" in page.text_content()
    drawn = narges.get(box.get("data-diagram"))
    assert drawn.mimetype == "application/xml"
    assert b"BPMNDiagram" in drawn.data


def test_the_diagram_speaks_the_reader_s_language(login: Login, case: Case) -> None:
    narges = login("narges")
    narges.set_cookie("lang", "fa")
    (box,) = read(narges.get(f"{case.page}/diagram")).xpath("//*[@data-diagram]")
    assert "ارزیابی شکایت" in narges.get(box.get("data-diagram")).text


def test_a_reply_reaches_the_customer_and_a_note_stays_here(
    app: Flask, login: Login, case: Case
) -> None:
    sara = login("sara")
    sara.post(f"{case.page}/messages", data={"mode": "reply", "body": "We call you today."})
    sara.post(f"{case.page}/messages", data={"mode": "note", "body": "Three units in stock."})
    with transaction_of(app) as session:
        query = select(Interaction).where(Interaction.author_kind == "user")
        rows = {row.body: row.direction for row in session.scalars(query)}
        sent = list(session.scalars(select(Delivery.body)))
    assert rows == {"We call you today.": "outbound", "Three units in stock.": "internal"}
    assert any("We call you today." in body for body in sent)
    assert not any("Three units" in body for body in sent)
    page = said(sara.get(case.page))
    assert "hidden from the customer" in page


def test_the_box_warns_where_a_reply_reaches_nobody(
    app: Flask, login: Login, case: Case, clock: MovingClock
) -> None:
    sara = login("sara")
    assert "A reply goes to the customer by e-mail" in said(sara.get(case.page))
    with transaction_of(app) as session:
        address = session.scalars(select(ServiceRequest.contact_email)).one()
        assert address is not None
        no_contact.bar("email", address, "bounced", SYSTEM, clock())
    warned = said(sara.get(case.page))
    assert "A reply reaches this customer neither by e-mail nor by text message" in warned
    assert "A reply goes to the customer" not in warned
    answer = sara.post(f"{case.page}/messages", data={"body": "Hello"}, follow_redirects=True)
    assert "It stands on the tracking page, and went out to nobody." in answer.text
    assert "The reply went out to nobody" in said(answer)


def test_an_empty_message_is_a_422_that_keeps_the_page(login: Login, case: Case) -> None:
    sara = login("sara")
    answer = sara.post(f"{case.page}/messages", data={"mode": "note", "body": "  "})
    assert answer.status_code == 422
    page = read(answer)
    assert "Write your message." in page.text_content()
    assert page.xpath("//input[@value='note']/@checked")
    part = sara.post(f"{case.page}/messages", data={"body": ""}, headers={"HX-Request": "true"})
    assert part.status_code == 422
    assert "<html" not in part.text


def test_a_script_gets_the_conversation_alone(login: Login, case: Case) -> None:
    headers = {"HX-Request": "true"}
    answer = login("sara").post(f"{case.page}/messages", data={"body": "Hello"}, headers=headers)
    assert answer.status_code == 200
    assert "Hello" in answer.text
    assert "<html" not in answer.text


def test_a_file_is_handed_out_to_be_kept_and_never_shown(
    app: Flask, login: Login, case: Case, submit: Submit, clock: MovingClock
) -> None:
    with transaction_of(app) as session:
        file = Attachment(
            request_id=case.request_id, name="a.txt", media_type="text/plain", size=2,
            sha256="0" * 64, content=b"hi", author_kind="customer", at=clock(),
        )  # fmt: skip
        session.add(file)
        session.flush()
        path = f"{case.page}/files/{file.id}"
    sara = login("sara")
    answer = sara.get(path)
    assert answer.data == b"hi"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    stranger = submit()
    assert sara.get(path.replace(case.number, stranger.number)).status_code == 404


def test_a_fault_is_shown_to_all_and_tried_again_by_managers(
    app: Flask, login: Login, case: Case, clock: MovingClock
) -> None:
    with transaction_of(app) as session:
        request = session.get_one(ServiceRequest, case.request_id)
        run = story.instance_of(request)
        fault = Fault(
            instance_id=run.id, key="k", element="assess", code="expression",
            message="severity is missing", expression="severity > 3", raised_at=clock(),
        )  # fmt: skip
        session.add(fault)
        session.flush()
        path = f"/faults/{fault.id}/retry"
    sara = read(login("sara").get(case.page))
    assert "severity is missing" in sara.text_content()
    assert not sara.xpath(f"//form[@action='{path}']")
    assert login("sara").post(path).status_code == 403
    maryam = login("maryam")
    assert read(maryam.get(case.page)).xpath(f"//form[@action='{path}']")
    assert "severity is missing" in said(maryam.get("/faults"))


PHONED = {
    "service": "complaint",
    "name": "Maryam Rezaei",
    "phone": "0912 000 0042",
    "channel": "phone",
    "language": "fa",
    "subject": "Fridge still warm",
    "description": "Two visits.",
    "data.about": "product",
}


def test_staff_enter_what_was_said_on_the_phone(app: Flask, login: Login) -> None:
    narges = login("narges")
    answer = narges.post("/requests/new", data=PHONED)
    assert answer.status_code == 303, said(answer)
    assert "is submitted." in narges.get(answer.location).text
    with transaction_of(app) as session:
        request = session.scalars(select(ServiceRequest)).one()
    assert (request.channel, request.language, request.subject) == (
        "phone", "fa", "Fridge still warm",
    )  # fmt: skip
    assert request.created_by is not None


def test_who_enters_a_confidential_request_goes_on_seeing_it(login: Login) -> None:
    narges = login("narges")
    answer = narges.post("/requests/new", data={**PHONED, "data.confidential": "true"})
    assert answer.status_code == 303, said(answer)
    assert answer.location == "/requests/R-000001"
    assert "named people only" in said(narges.get(answer.location))
    assert login("omid").get(answer.location).status_code == 404


def test_a_wrong_new_request_names_each_field_and_keeps_the_rest(app: Flask, login: Login) -> None:
    wrong = {**PHONED, "subject": "", "phone": "12", "data.about": ""}
    answer = login("narges").post("/requests/new", data=wrong)
    assert answer.status_code == 422
    page = read(answer)
    links = [href[1:] for href in page.xpath("//div[@role='alert']//a/@href")]
    assert {"subject", "phone"} <= set(links)
    assert all(page.xpath(f"//*[@id='{link}']") for link in links), links
    assert page.xpath("//input[@name='name']/@value") == ["Maryam Rezaei"]
    with transaction_of(app) as session:
        assert session.scalars(select(ServiceRequest)).all() == []


def test_a_file_that_is_not_what_it_says_is_refused(login: Login) -> None:
    data = {**PHONED, "files": (io.BytesIO(b"MZ\x00\x01"), "photo.jpg")}
    answer = login("narges").post("/requests/new", data=data)
    assert answer.status_code == 422
    page = read(answer)
    assert page.xpath("//input[@name='name']/@value") == ["Maryam Rezaei"], "nothing typed is lost"
    assert "Files of this kind are not accepted" in page.get_element_by_id("files-error").text
    assert page.xpath("//div[@role='alert']//a[@href='#files']")


def test_more_than_five_files_are_told_before_anything_is_kept(login: Login) -> None:
    files = [(io.BytesIO(b"Hello"), f"{n}.txt") for n in range(6)]
    answer = login("narges").post("/requests/new", data={**PHONED, "files": files})
    assert (answer.status_code, "Choose at most 5 files" in said(answer)) == (422, True)


def test_the_card_shows_this_request_s_contact_and_what_else_is_on_record(
    login: Login, submit: Submit
) -> None:
    submit()
    stranger = customers.Contact(story.MARYAM.name, story.MARYAM.phone, "other@example.com")
    page = read(login("sara").get(submit(customer=stranger).page))
    told = page.xpath("//dl[@class='facts']/dt[.='E-mail' or .='Also on record']")
    assert [" ".join(term.getnext().text_content().split()) for term in told] == [
        "other@example.com", "maryam@example.com",
    ]  # fmt: skip


def test_a_known_customer_s_fields_are_filled_in(login: Login, case: Case) -> None:
    page = read(login("narges").get("/requests/new?service=complaint&customer=1"))
    assert page.xpath("//input[@name='name']/@value") == [story.MARYAM.name]
    assert page.xpath("//input[@name='phone']/@value") == ["+989120000042"]


def test_a_customer_s_page_is_the_memory(login: Login, submit: Submit) -> None:
    first, second = submit(subject="Fridge"), submit(subject="Lift")
    stranger = submit(customer=customers.Contact("Omar", "0912 000 0043"), subject="Other")
    sara = login("sara")
    sara.post(f"{first.page}/messages", data={"mode": "note", "body": "He called twice."})
    page = said(sara.get("/customers/1"))
    for words in ("Fridge", "Lift", "He called twice.", first.number, second.number):
        assert words in page
    assert stranger.number not in page
    assert sara.get("/customers/99").status_code == 404


def test_confidential_requests_do_not_leak_through_the_customer(
    app: Flask, login: Login, case: Case, submit: Submit
) -> None:
    other = submit().number
    login("maryam").post(f"{case.page}/messages", data={"mode": "note", "body": "A secret note."})
    with transaction_of(app) as session:
        session.get_one(ServiceRequest, case.request_id).confidential = True
    page = said(login("sara").get("/customers/1"))
    assert case.number not in page
    assert "A secret note." not in page
    assert other in page


@pytest.mark.parametrize("reader", ["sara", "admin"])
def test_who_only_asked_in_confidence_is_unknown_to_others(
    login: Login, submit: Submit, reader: str
) -> None:
    submit(subject="Lift", customer=customers.Contact("Omar", "0912 000 0043"))
    others, overseer = login(reader), login("maryam")
    overseer.post("/requests/new", data={**PHONED, "data.confidential": "true"})
    assert "Maryam Rezaei" not in said(others.get("/customers?q=Rezaei"))
    assert others.get("/customers/2").status_code == 404
    assert others.get("/requests/new?customer=2").status_code == 404
    assert "Omar" in said(others.get("/customers"))
    assert "Maryam Rezaei" in said(overseer.get("/customers?q=Rezaei"))
    assert overseer.get("/customers/2").status_code == 200


def test_customers_are_found_by_phone(login: Login, case: Case) -> None:
    assert story.MARYAM.name in said(login("sara").get("/customers?q=0912+000+0042"))
    assert "Nothing fits" in said(login("sara").get("/customers?q=nobody"))


def test_the_page_tells_each_promise_with_its_reason_and_its_ledger(
    login: Login, case: Case
) -> None:
    page = read(login("narges").get(case.page))
    [panel] = page.xpath("//section[@id='promises']")
    told = " ".join(panel.text_content().split())
    assert "First response" in told
    assert "more specific than: any request" in told
    assert "Started with 5 working days, counted by “Iranian working week”" in told
    assert "If it is lateThe manager is told" in told
    assert "tell the manager" in told


def test_staff_put_a_request_under_another_contract(app: Flask, login: Login, case: Case) -> None:
    narges = login("narges")
    assert "Contract and branch" not in said(narges.get(case.page))
    with transaction_of(app) as session:
        party = session.get_one(ServiceRequest, case.request_id).customer_id
        names = {"fa": "ویژه", "en": "Special"}
        session.add(Contract(party_id=party, number="C-1", names=names, level="special",
                             services=[], starts_on=date(2026, 1, 1)))  # fmt: skip
        session.add(Branch(key="north", names={"fa": "شمال", "en": "North"}))
    changed = {"contract": "C-1", "branch": "north"}
    kept = narges.post(f"{case.page}/terms", data=changed, follow_redirects=True)
    told = " ".join(read(kept).text_content().split())
    assert "Contract and branch are kept" in told
    assert "changed contract and branch: C-1, North" in told
    assert "C-1 · Special · special" in told
    lost = narges.post(f"{case.page}/terms", data={"contract": "C-9"}, follow_redirects=True)
    assert "There is no contract C-9." in " ".join(read(lost).text_content().split())


def wait_for_a_lock(session: Session) -> None:
    """Until another session waits for what this one holds."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    ends = monotonic() + patient(30)
    while not session.scalar(waiting):
        assert monotonic() < ends, "nobody waited"


def test_new_terms_wait_for_a_step_and_not_crosswise(app: Flask, login: Login, case: Case) -> None:
    narges = login("narges")
    with transaction_of(app) as session:
        session.add(Branch(key="north", names={"fa": "شمال", "en": "North"}))
    with ThreadPoolExecutor(1) as pool:
        with transaction_of(app) as session:
            # As a step does: the clocks first, then the request.
            clock_rows.of_request(case.request_id, lock=True)
            changed = pool.submit(narges.post, f"{case.page}/terms", data={"branch": "north"})
            wait_for_a_lock(session)
            row = session.get_one(ServiceRequest, case.request_id)
            row.priority = "urgent"
            session.flush()
        assert changed.result(patient(30)).status_code == 303
    with transaction_of(app) as session:
        row = session.get_one(ServiceRequest, case.request_id)
        assert (row.branch_key, row.priority) == ("north", "urgent")
