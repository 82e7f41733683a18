"""Whole complaints over HTTP: the customer's pages, the desk, the worker, the clock."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.journeys.pages import Desk, Person
from tests.journeys.story import ENGLISH, PERSIAN, PNG, Case, submit_on_portal

Jobs = Callable[[], int]
Letters = Callable[[], list[str]]
Tick = Callable[..., None]
Customer = Callable[[str], Person]


def test_from_submission_to_learning(
    customer: Customer, desk: Desk, run_jobs: Jobs, letters: Letters, tick: Tick
) -> None:
    case = submit_on_portal(customer("en"), desk, run_jobs)
    assert case.number.startswith("R-")
    assert letters() == [], "nothing is sent inside a web request"
    run_jobs()
    assert letters() == [f"We received your complaint: {case.number}"]
    assert desk("sara").inbox() == desk("babak").inbox() == {}

    narges = desk("narges")
    assert narges.inbox() == {case.number: "Assess the complaint"}
    narges.task(case.number).send("/claim")
    assert "The task is yours." in narges.text
    narges.save_draft(severity="high")
    assert narges.task(case.number, "mine").value("severity") == "high", "the draft is kept"
    assert "Narges has claimed this task" in desk("omid").task(case.number).text
    case.do("Assess the complaint", severity="high", impact="low")
    case.do("Check the facts")
    case.do("Propose a remedy")
    assert letters()[-1] == f"Our decision on your complaint: {case.number}"
    assert desk("sara").inbox() == {}, "nothing is asked of us while the customer thinks"

    assert "You get a new fridge." in case.follow().text
    assert ("here", "Our answer") in case.stages()
    case.customer.send("/answer")
    run_jobs()
    assert "Thank you. Your answer is with us." in case.customer.text
    case.do("Carry out the remedy")
    assert case.stages()[-1] == ("done", "Closed")
    assert "This request is closed" in case.customer.text
    assert letters()[-1] == f"Your complaint is closed: {case.number}"
    learn(case, tick)


def learn(case: Case, tick: Tick) -> None:
    """Root cause, corrective action, and in its time a look at whether it worked."""
    case.do("Find the root cause", action_needed="true")
    plan = {
        "corrective_action": "Measure before delivery.", "action_owner": "Mina",
        "action_due": "2026-05-20", "check_after_days": "20",
    }  # fmt: skip
    case.do("Plan corrective action", "mina", **plan)
    case.do("Carry out the action", "mina", action_result="Every fridge is measured.")
    assert case.desk("mina").inbox() == {}
    tick(days=15)
    assert case.desk("mina").inbox() == {}, "the action has not had its time"
    tick(days=25)
    case.do("Check the effect", "mina", effective="yes", effect_note="No fridge came back.")
    assert case.desk("mina").inbox() == {}
    tick(days=10)
    told = case.desk("maryam").open(f"/requests/{case.number}").text
    for line in ("Mina finished", "Check the effect", "The process ended", "Promise"):
        assert line in told


def test_the_same_in_persian(
    customer: Customer, desk: Desk, run_jobs: Jobs, letters: Letters
) -> None:
    case = submit_on_portal(customer("fa"), desk, run_jobs, PERSIAN)
    assert case.customer.heading == "درخواست شما رسید"
    assert case.customer.page.get("dir") == "rtl"
    run_jobs()
    assert letters() == [f"شکایت شما رسید: {case.number}"]
    assert ("here", "ارزیابی") in case.stages()
    # English staff read the customer's own words and their own language around them.
    told = desk("narges").task(case.number)
    assert "یخچال سرد نمی‌کند" in told.text
    assert "Assess the complaint" in told.text
    case.bring_to("Carry out the remedy")
    assert "پاسخ ما را می‌پذیرید؟" in case.follow().text
    case.customer.send("/answer")
    run_jobs()
    assert "پاسخ شما رسید" in case.customer.text
    case.do("Carry out the remedy")
    assert case.stages()[-1] == ("done", "پایان")
    assert letters()[-1] == f"شکایت شما بسته شد: {case.number}"


@pytest.mark.parametrize(
    ("assessment", "word", "group"),
    [
        ({"severity": "high", "impact": "high"}, "Urgent", "sara"),
        ({"severity": "high", "impact": "low"}, "High", "sara"),
        ({"severity": "medium", "impact": "low", "complexity": "high"}, "Normal", "babak"),
        ({"severity": "low", "impact": "low"}, "Low", "sara"),
    ],
)
def test_the_table_gives_priority_and_group(
    complaint: Case, desk: Desk, assessment: dict[str, str], word: str, group: str
) -> None:
    complaint.do("Assess the complaint", **assessment)
    staff = desk(group).task(complaint.number)
    assert staff.page.xpath("//h1/..//*[contains(@class, 'prio')]")[0].text_content() == word
    assert "Check the facts" in staff.text


def test_a_large_refund_goes_to_the_manager_and_may_come_back(complaint: Case, desk: Desk) -> None:
    complaint.bring_to("Propose a remedy")
    refund = {"remedy": "refund", "remedy_amount": "50000001"}
    complaint.do("Propose a remedy", **refund)
    assert desk("sara").inbox() == {}
    returned = {"approval": "sent_back", "return_reasons": "Half of it is enough."}
    complaint.do("Approve the remedy", **returned)
    assert "Half of it is enough." in desk("reza").task(complaint.number).text
    complaint.do("Propose a remedy", **refund)
    complaint.do("Approve the remedy")
    assert "Do you accept our answer?" in complaint.follow().text


def test_a_small_refund_needs_no_manager(complaint: Case) -> None:
    complaint.bring_to("Propose a remedy")
    complaint.do("Propose a remedy", remedy="refund", remedy_amount="50000000")
    assert "Do you accept our answer?" in complaint.follow().text


def test_an_objection_is_reviewed_by_another_person(
    complaint: Case, desk: Desk, run_jobs: Jobs, letters: Letters
) -> None:
    complaint.bring_to("Carry out the remedy")
    complaint.follow().open(f"/portal/track/{complaint.code}?object=1")
    form = complaint.customer.page.xpath("//form[.//textarea[@name='reason']]")[0]
    complaint.customer.send_form(form, {"reason": " "})
    assert complaint.customer.status == 422
    assert "Tell us what you object to." in complaint.customer.text
    form = complaint.customer.page.xpath("//form[.//textarea[@name='reason']]")[0]
    complaint.customer.send_form(form, {"reason": "I want my money back."})
    run_jobs()
    assert "Your objection is being reviewed" in complaint.follow().text

    # Sara looked into it and Reza proposed the remedy, so neither may review it.
    for login in ("sara", "reza"):
        page = desk(login).task(complaint.number)
        assert "another person must review it" in page.text
        assert not page.has_form("/claim")
    leila = desk("leila").task(complaint.number)
    assert "I want my money back." in leila.text
    leila.send(
        "/complete", review_result="changed", new_remedy="refund", new_amount="30000000",
        review_explanation="You are right.",
    )  # fmt: skip
    assert leila.status == 200, leila.text
    run_jobs()
    assert letters()[-1] == f"The result of the review: {complaint.number}"
    told = complaint.follow().text
    assert "You are right." in told
    assert "If you object, somebody outside our organisation looks at your case." in told
    complaint.customer.send("/answer")
    run_jobs()
    complaint.do("Carry out the remedy")
    complaint.do("Check what was done", "leila", check_result="done")
    assert complaint.stages()[-1] == ("done", "Closed")


def test_a_late_investigation_goes_to_the_manager(
    complaint: Case, desk: Desk, run_jobs: Jobs, letters: Letters, tick: Tick
) -> None:
    complaint.bring_to("Check the facts")
    tick(hours=20)
    assert desk("maryam").inbox() == {complaint.number: "Check the facts"}
    tick(days=5)
    maryam = desk("maryam").open("/?view=group&group=managers")
    assert "Set a new date" in maryam.text
    assert "Set a new date" not in desk("sara").inbox().values()
    link = maryam.page.xpath("//main//li[@data-id]//a[contains(@class, 'item-t')]/@href")[0]
    maryam.open(link).send("/complete", new_date="2026-05-20", delay_reason="A part is missing.")
    assert maryam.status == 200, maryam.text
    run_jobs()
    assert letters()[-1] == f"Our answer takes longer: {complaint.number}"
    assert "A part is missing." in complaint.follow().text
    assert desk("sara").inbox() == {complaint.number: "Check the facts"}, "the work goes on"
    tick(days=30)
    assert "Set a new date" not in desk("maryam").inbox().values(), "a timer fires once"


def test_a_message_of_the_customer_reaches_the_running_case(
    complaint: Case, desk: Desk, run_jobs: Jobs
) -> None:
    complaint.bring_to("Check the facts")
    complaint.follow().send("/messages", body="The floor is wet too.")
    assert "Your message is sent." in complaint.customer.text
    run_jobs()
    assert "The floor is wet too." in desk("sara").task(complaint.number).text
    complaint.do("Check the facts")


def test_a_question_to_the_customer_stops_the_clock(
    complaint: Case, desk: Desk, run_jobs: Jobs, tick: Tick
) -> None:
    complaint.bring_to("Check the facts")
    complaint.do("Check the facts", needs_information="true", question="Which model is it?")
    page = complaint.follow()
    assert "We need something from you" in page.text
    assert "Which model is it?" in page.text
    assert "Waiting for your answer" in page.text
    tick(days=2)
    assert "Late" not in complaint.follow().text
    complaint.customer.send("/messages", body="Ara 28.")
    run_jobs()
    assert "Ara 28." in desk("sara").task(complaint.number).text


def test_a_withdrawal_ends_the_case(
    complaint: Case, desk: Desk, run_jobs: Jobs, letters: Letters
) -> None:
    complaint.bring_to("Check the facts")
    complaint.follow().send("/withdraw", reason="It works again.")
    run_jobs()
    assert "Your request is withdrawn." in complaint.customer.text
    assert letters()[-1] == f"You withdrew your complaint: {complaint.number}"
    assert desk("maryam").inbox() == {}
    told = desk("sara").open(f"/requests/{complaint.number}").text
    assert "Maryam Rezaei withdrew the request" in told


def test_of_two_people_one_gets_the_task(complaint: Case, desk: Desk) -> None:
    narges, omid = (desk(login).task(complaint.number) for login in ("narges", "omid"))
    narges.send("/claim")
    assert narges.status == 200
    omid.send("/claim")
    assert omid.status == 409
    assert "Narges has already claimed this task." in omid.text
    assert "Owner: Narges" in desk("omid").task(complaint.number).text


def test_completing_twice_changes_nothing(complaint: Case, desk: Desk) -> None:
    narges, again = (desk("narges").task(complaint.number) for _ in range(2))
    answers = {"severity": "low", "impact": "low", "complexity": "low"}
    narges.send("/complete", **answers)
    before = desk("maryam").open(f"/requests/{complaint.number}").text
    again.send("/complete", **(answers | {"severity": "high"}))
    assert again.status == 409
    assert "You have completed this task already" in again.text
    assert "Nothing was changed." in again.text
    assert desk("maryam").open(f"/requests/{complaint.number}").text == before


def test_a_wrong_form_names_its_fields_and_keeps_what_was_typed(
    complaint: Case, desk: Desk
) -> None:
    narges = desk("narges").task(complaint.number).send("/complete", severity="high")
    assert narges.status == 422
    wrong = narges.page.xpath("//*[@aria-invalid='true']/@name")
    assert set(wrong) == {"impact", "complexity"}
    assert narges.value("severity") == "high"
    assert desk("narges").inbox() == {complaint.number: "Assess the complaint"}


def test_who_changes_the_language_is_answered_in_it(complaint: Case, desk: Desk) -> None:
    complaint.customer.client.set_cookie("lang", "fa")
    complaint.follow().send("/messages", body=" ")
    assert complaint.customer.status == 422
    assert "پیام خود را بنویسید." in complaint.customer.text
    complaint.customer.client.set_cookie("lang", "en")
    complaint.follow().send("/messages", body=" ")
    assert "Write your message." in complaint.customer.text
    staff = desk("sara").open(f"/requests/{complaint.number}").send("/messages", mode="note")
    assert staff.status == 422
    assert "Write your message." in staff.text


def test_a_photo_is_with_the_case(complaint: Case, desk: Desk) -> None:
    staff = desk("narges").open(f"/requests/{complaint.number}")
    assert "fridge.png" in staff.text
    (link,) = staff.page.xpath("//a[contains(@href, '/files/')]/@href")
    assert staff.client.get(link).data == PNG


def test_a_confidential_case_is_seen_by_name_only(
    customer: Customer, desk: Desk, run_jobs: Jobs
) -> None:
    pages = (*ENGLISH[:3], {**ENGLISH[3], "data.confidential": "true"}, ENGLISH[4])
    case = submit_on_portal(customer("en"), desk, run_jobs, pages)
    run_jobs()
    assert desk("narges").inbox() == {}
    assert desk("narges").open(f"/requests/{case.number}").status == 404
    maryam = desk("maryam").task(case.number)
    maryam.send("/assign", assignee="narges")
    assert maryam.status == 200, maryam.text
    case.do("Assess the complaint")
    assert desk("omid").open(f"/requests/{case.number}").status == 404


def test_no_page_takes_a_forged_form(complaint: Case, client: FlaskClient) -> None:
    answer = client.post(f"/portal/track/{complaint.code}/withdraw", data={"reason": "ha"})
    assert answer.status_code == 400
    assert complaint.follow().has_form("/withdraw")
