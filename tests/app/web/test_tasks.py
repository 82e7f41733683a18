"""The task page: claim, draft, complete; nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from app.models import UserTask
from tests.app.services.story import ASSESSED
from tests.app.web.conftest import Case, Submit, read, said
from tests.support.application import transaction_of

Login = Callable[..., FlaskClient]
ANSWERS = {key: str(value) for key, value in ASSESSED.items()}


def task_of(app: Flask, case: Case) -> UserTask:
    with transaction_of(app) as session:
        return session.get_one(UserTask, case.task_id)


def test_the_page_shows_path_form_promise_customer_and_conversation(
    login: Login, case: Case
) -> None:
    page = said(login("narges").get(case.task))
    for words in (
        "Path of this request", "Assess the complaint", "Next promise", "مریم رضایی",
        "Conversation and events", "What the customer wrote", "دو بار تعمیر شد.",
    ):  # fmt: skip
        assert words in page


def test_claiming_and_giving_back(app: Flask, login: Login, case: Case) -> None:
    narges = login("narges")
    assert narges.post(f"{case.task}/claim").location == case.task
    assert "Owner: you" in said(narges.get(case.task))
    narges.post(f"{case.task}/unclaim")
    assert task_of(app, case).assignee_id is None


def test_the_second_who_claims_is_told_who_was_faster(login: Login, case: Case) -> None:
    login("narges").post(f"{case.task}/claim")
    answer = login("omid").post(f"{case.task}/claim")
    assert answer.status_code == 409
    assert "Narges" in said(answer)


def test_another_s_task_can_be_read_but_not_filled(login: Login, case: Case) -> None:
    login("narges").post(f"{case.task}/claim")
    page = read(login("omid").get(case.task))
    assert "Narges has claimed this task" in page.text_content()
    assert not page.xpath("//form//*[@name='severity']")


def test_a_task_is_given_to_a_colleague_of_its_group(login: Login, case: Case) -> None:
    narges = login("narges")
    offered = read(narges.get(case.task)).xpath("//select[@name='assignee']/option/@value")
    assert set(offered) >= {"omid"}
    assert "sara" not in offered
    narges.post(f"{case.task}/assign", data={"assignee": "omid"})
    assert "Owner: you" in said(login("omid").get(case.task))


def test_giving_it_to_nobody_says_what_to_do(login: Login, case: Case) -> None:
    answer = login("narges").post(f"{case.task}/assign", data={"assignee": ""})
    assert answer.status_code == 422
    assert "Conversation and events" in said(answer)


def test_a_draft_is_kept_unchecked_and_filled_in_again(login: Login, case: Case) -> None:
    narges = login("narges")
    draft = {"kind": "complaint", "people_concerned": "many"}
    answer = narges.post(f"{case.task}/draft", data=draft)
    assert answer.location == case.task
    page = read(narges.get(case.task))
    assert page.xpath("//*[@name='people_concerned']/@value") == ["many"]


def test_with_a_script_the_draft_answers_a_line_and_no_page(login: Login, case: Case) -> None:
    headers = {"HX-Request": "true"}
    answer = login("narges").post(f"{case.task}/draft", data=ANSWERS, headers=headers)
    assert answer.status_code == 200
    assert "Draft saved" in answer.text
    assert "<html" not in answer.text


def test_a_wrong_field_is_named_and_the_rest_stays(app: Flask, login: Login, case: Case) -> None:
    wrong = {**ANSWERS, "people_concerned": "many"}
    answer = login("narges").post(f"{case.task}/complete", data=wrong)
    assert answer.status_code == 422
    page = read(answer)
    (link,) = page.xpath("//div[@role='alert']//a/@href")
    assert page.xpath(f"//*[@id='{link[1:]}']/@name") == ["people_concerned"]
    assert page.xpath("//*[@name='people_concerned']/@value") == ["many"]
    assert page.xpath("//*[@name='severity']/option[@selected]/@value") == ["low"]
    assert task_of(app, case).state == "open"


def test_completing_goes_back_to_the_inbox_and_the_process_goes_on(
    app: Flask, login: Login, case: Case
) -> None:
    narges = login("narges")
    answer = narges.post(f"{case.task}/complete", data={**ANSWERS, "view": "mine"})
    assert answer.status_code == 303, said(answer)
    assert answer.location == "/?view=mine"
    assert "Done: Assess the complaint" in narges.get("/").text
    assert task_of(app, case).state == "completed"


def test_completing_twice_is_a_409_that_shows_what_was_typed(
    app: Flask, login: Login, case: Case
) -> None:
    narges, omid = login("narges"), login("omid")
    narges.post(f"{case.task}/complete", data=ANSWERS)
    done = task_of(app, case)
    answer = omid.post(f"{case.task}/complete", data={**ANSWERS, "people_concerned": "77"})
    assert answer.status_code == 409
    assert "77" in said(answer)
    assert "Nothing was changed." in said(answer)
    again = task_of(app, case)
    assert (again.revision, again.data) == (done.revision, done.data)


def test_a_finished_task_shows_what_was_submitted(login: Login, case: Case) -> None:
    narges = login("narges")
    narges.post(f"{case.task}/complete", data=ANSWERS)
    page = read(narges.get(case.task))
    assert "What was submitted" in page.text_content()
    assert not page.xpath("//form//*[@name='severity']")


def test_next_and_previous_follow_the_view(login: Login, submit: Submit) -> None:
    first, second, third = submit(), submit(), submit()
    page = read(login("narges").get(f"{second.task}?view=unclaimed"))
    assert page.xpath("//a[@data-key='prev']/@href") == [f"{first.task}?view=unclaimed"]
    assert page.xpath("//a[@data-key='next']/@href") == [f"{third.task}?view=unclaimed"]
    assert "2 of 3" in page.text_content()


def test_a_hostile_subject_is_only_text(login: Login, submit: Submit) -> None:
    case = submit(subject='<script>alert(1)</script>"onx=', description="<img src=x onerror=y>")
    narges = login("narges")
    for path in ("/", case.task, case.page, f"{case.page}/diagram", "/requests", "/customers/1"):
        text = narges.get(path).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_a_task_of_a_suspended_process_keeps_what_was_filled_in(login: Login, case: Case) -> None:
    """Staff see on the task that the process stands still, and nothing they wrote is lost."""
    admin, narges = login("admin"), login("narges")
    (run,) = read(admin.get(case.page)).xpath("//aside//a[contains(@href, '/instances/')]/@href")
    assert admin.post(f"{run}/suspend", data={"reason": "a doubt"}).status_code == 303
    assert "The process is suspended" in said(narges.get(case.task))
    answer = narges.post(f"{case.task}/complete", data={**ANSWERS, "people_concerned": "37"})
    assert answer.status_code == 409
    assert "goes on when it is resumed; nothing was changed" in said(answer)
    assert read(answer).xpath("//input[@value='37']")
    assert admin.post(f"{run}/resume").status_code == 303
    assert "The process is suspended" not in said(narges.get(case.task))
