"""Questions of a task's form come and go with its answers; the server evaluates."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from tests.app.web.conftest import Case, read

Login = Callable[..., FlaskClient]
ABOUT_COMPLAINTS = {"Field_severity", "Field_impact"}


def ask(client: FlaskClient, case: Case, **answers: str) -> set[str]:
    answer = client.post(f"{case.task}/hidden", data=answers)
    assert answer.status_code == 200
    return set(answer.get_json()["hidden"])


def test_the_page_opens_with_what_its_data_says(login: Login, case: Case) -> None:
    page = read(login("narges").get(case.task))
    form = page.xpath("//form[@data-conditions]")[0]
    assert form.get("data-conditions") == f"{case.task}/hidden"
    assert form.get("novalidate") is not None
    # Only where scripts run is it hidden; without them it is there to be filled in.
    question = page.xpath("//*[@data-part='Field_unit_question']")[0]
    assert (question.get("data-hidden"), question.get("hidden")) == ("", None)
    assert question.xpath(".//textarea[@name='unit_question']")
    assert page.xpath("//*[@data-part='Field_severity' and not(@data-hidden)]")


def test_the_answers_written_so_far_decide(login: Login, case: Case) -> None:
    narges = login("narges")
    assert ask(narges, case) >= ABOUT_COMPLAINTS
    assert ask(narges, case, kind="complaint").isdisjoint(ABOUT_COMPLAINTS)
    assert ask(narges, case, kind="nonsense") >= ABOUT_COMPLAINTS


def test_a_draft_opens_as_it_was_left(login: Login, case: Case) -> None:
    narges = login("narges")
    narges.post(f"{case.task}/draft", data={"kind": "question"})
    page = read(narges.get(case.task))
    assert page.xpath("//*[@data-part='Field_severity']/@data-hidden") == [""]


def test_asking_keeps_nothing(login: Login, case: Case) -> None:
    narges = login("narges")
    before = narges.get(case.task).data
    ask(narges, case, kind="question", severity="high")
    assert narges.get(case.task).data == before


def test_only_who_may_see_the_task_may_ask(
    csrf_app: Flask, login: Login, client: FlaskClient, case: Case
) -> None:
    assert client.post(f"{case.task}/hidden").status_code == 400
    csrf_app.config["WTF_CSRF_ENABLED"] = False
    assert client.post(f"{case.task}/hidden").status_code in (302, 303, 401)
    assert login("babak").post(f"{case.task}/hidden").status_code == 404
    assert login("narges").post("/tasks/99999999/hidden").status_code == 404


def test_the_service_s_own_questions_of_a_new_request(login: Login) -> None:
    narges = login("narges")
    page = read(narges.get("/requests/new?service=complaint"))
    assert page.xpath("//form/@data-conditions") == ["/requests/new/hidden"]
    answer = narges.post("/requests/new/hidden", data={"service": "complaint"})
    assert answer.json == {"hidden": []}
    assert narges.post("/requests/new/hidden", data={"service": "none"}).status_code == 404
