"""Processes: deployed with findings by line and element, looked into while they run."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

import bpmn
from app.models import Fault, ProcessDefinition, User, UserTask
from app.services.deployment import definitions
from app.services.desk import tasks
from app.services.execution import processes
from tests.app.services.story import actor
from tests.app.web.conftest import Case, read, said
from tests.bpmn.build import end, flows, process, start, user
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

Login = Callable[..., FlaskClient]
EXAMPLE = Path(bpmn.__file__).parent / "diagrams" / "example-approval.bpmn"


@pytest.fixture
def designer(app: Flask, login: Login) -> FlaskClient:
    """Mina, who may deploy."""
    with transaction_of(app) as session:
        mina = session.scalars(select(User).where(User.login == "mina")).one()
        mina.roles = [*mina.roles, "designer"]
    return login("mina")


def deploy(client: FlaskClient, source: bytes, name: str = "x.bpmn") -> TestResponse:
    return client.post("/processes", data={"file": (io.BytesIO(source), name)})


def count(app: Flask) -> int:
    with transaction_of(app) as session:
        return session.scalar(select(func.count(ProcessDefinition.id))) or 0


def test_what_is_deployed_is_listed_and_looked_at(login: Login, case: Case) -> None:
    sara = login("sara")
    page = read(sara.get("/processes"))
    assert "Complaint handling" in page.text_content()
    (path,) = page.xpath("//a[contains(., 'Complaint handling')]/@href")
    shown = said(sara.get(path))
    assert case.number in shown
    assert "Stages that the customer sees" in shown
    assert not page.xpath("//input[@type='file']")


def test_only_designers_deploy(app: Flask, login: Login) -> None:
    before = count(app)
    assert deploy(login("sara"), EXAMPLE.read_bytes()).status_code == 403
    assert count(app) == before


def test_a_changed_diagram_is_a_new_version(app: Flask, designer: FlaskClient) -> None:
    before = count(app)
    changed = EXAMPLE.read_bytes() + b"<!-- changed -->"
    answer = deploy(designer, changed, "example-approval.bpmn")
    assert answer.status_code == 303, said(answer)
    assert "version 2" in said(designer.get(answer.location))
    assert count(app) == before + 1


def test_a_diagram_that_would_run_wrongly_is_refused_with_every_finding(
    app: Flask, designer: FlaskClient
) -> None:
    before = count(app)
    wrong = EXAMPLE.read_text(encoding="utf-8").replace("userTask", "callActivity")
    answer = deploy(designer, wrong.encode(), "wrong.bpmn")
    assert answer.status_code == 422
    page = said(answer)
    assert "“wrong.bpmn” was not deployed" in page
    rows = read(answer).xpath("//section[@role='alert']//tbody/tr")
    assert rows
    assert all(row.xpath("./td[1]")[0].text.isdecimal() for row in rows)
    assert count(app) == before


def test_findings_stand_by_line_each_with_its_rule(designer: FlaskClient) -> None:
    form = '<zeebe:formDefinition formId="nowhere"/>'
    source = process(
        start(), user("a", form), user("b", groups=""), end(), flows("start > a > b > end")
    )
    rows = read(deploy(designer, source)).xpath("//section[@role='alert']//tbody/tr")
    lines = [int(row.xpath("./td[1]")[0].text) for row in rows]
    assert lines == sorted(lines)
    told = [row.xpath(".//code/text()")[0] for row in rows]
    assert (told[0], "task.nobody" in told) == ("reference.form", True)


@pytest.mark.parametrize("source", [b"", b"no xml", b"<a/>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"])
def test_what_is_no_diagram_is_refused(designer: FlaskClient, source: bytes) -> None:
    assert deploy(designer, source).status_code == 422


def test_deploying_without_a_file_says_so(designer: FlaskClient) -> None:
    assert designer.post("/processes", data={}).status_code == 422


def test_a_run_shows_tokens_variables_timers_and_history(login: Login, case: Case) -> None:
    sara = login("sara")
    (path,) = read(sara.get(case.page)).xpath("//aside//a[contains(@href, '/instances/')]/@href")
    page = said(sara.get(path))
    for words in ("Stands at", "Assess the complaint", "Variables", "request", "History"):
        assert words in page


def test_a_run_of_a_request_one_may_not_see_is_not_there(
    app: Flask, login: Login, case: Case
) -> None:
    from app.models import ServiceRequest

    with transaction_of(app) as session:
        session.get_one(ServiceRequest, case.request_id).confidential = True
    assert login("sara").get("/instances/1").status_code == 404
    assert login("maryam").get("/instances/1").status_code == 200
    assert login("sara").get("/instances/999").status_code == 404


@pytest.fixture
def fault(app: Flask, clock: MovingClock) -> str:
    """The page of a run that cannot divide by what it was given."""
    file = Path(__file__).parents[1] / "services" / "divide.bpmn"
    with transaction_of(app) as session:
        row = definitions.deploy(file.name, file.read_bytes(), actor("admin"), clock())
        run = processes.start(row, {"share": "not a number"}, actor("admin"), clock())
        task = session.scalars(select(UserTask)).one()
        tasks.complete(task.id, {}, actor("narges"), clock(), language="en")
        return f"/instances/{run.id}"


def test_a_file_without_a_drawing_says_so_and_names_its_steps(login: Login, fault: str) -> None:
    maryam = login("maryam")
    for path in (fault, "/processes"):
        page = maryam.get(path)
        if path == "/processes":
            page = maryam.get(read(page).xpath("//a[contains(., 'Divide')]/@href")[0])
        assert "This file holds no drawing" in said(page)
        assert "could not be drawn" not in said(page)
        assert not read(page).xpath("//*[@data-diagram]")
    steps = [" ".join(one.text_content().split()) for one in read(maryam.get(fault)).xpath(
        "//ul[contains(@class, 'steps-plain')]/li")]  # fmt: skip
    assert {"Agree done", "Large? could not go on", "Large"} <= set(steps)


def test_the_page_of_faults_names_process_and_run_and_isolates_expressions(
    login: Login, fault: str
) -> None:
    maryam = login("maryam")
    maryam.post("/language", data={"language": "fa"})
    (row,) = read(maryam.get("/faults")).xpath("//main//tbody/tr")
    assert "Divide" in row.text_content()
    assert fault in row.xpath("./th//div/a/@href")
    assert "=12 / share > 2" in row.xpath(".//td//bdi[@dir='ltr']/text()")
    (told,) = read(maryam.get(fault)).xpath("//div[@class='told']")
    assert "=12 / share > 2" in told.xpath("./bdi[@dir='ltr']/text()")


def retry_from(client: FlaskClient, page: str, variables: str) -> TestResponse:
    path, *_ = read(client.get(page)).xpath("//form[contains(@action, '/retry')]/@action")
    return client.post(path, data={"variables": variables})


def test_a_manager_corrects_a_variable_and_the_run_goes_on(login: Login, fault: str) -> None:
    maryam = login("maryam")
    assert fault in read(maryam.get("/faults")).xpath("//td//a/@href")[0]
    answer = retry_from(maryam, fault, ' {"share": 4} ')
    assert (answer.status_code, answer.location) == (303, fault)
    page = read(maryam.get(fault))
    assert not page.xpath("//form[contains(@action, '/retry')]")
    assert page.xpath("//section[h2='Stands at']//li/bdi/text()") == ["Large"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ('{"share": 4', "This is not JSON: line 1, column 12."),
        ("4", "Write an object"),
        ("[]", "Write an object"),
        ("null", "Write an object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"share": ' + "9" * 5000 + "}", "too long"),
        ('{"share": NaN}', ""),
        ('{"share": "\\u0000"}', ""),
        ('{"share": "\\ud800"}', ""),
    ],
    ids=["cut", "number", "list", "null", "deep", "long", "nan", "nul", "surrogate"],
)
def test_variables_that_cannot_be_read_come_back_with_words(
    app: Flask, login: Login, fault: str, typed: str, told: str
) -> None:
    maryam = login("maryam")
    answer = retry_from(maryam, fault, typed)
    assert answer.status_code == 422
    (field,) = read(answer).xpath("//textarea[@aria-invalid]")
    assert field.text == typed
    error = field.get("aria-describedby").split()[0]
    shown = read(answer).xpath(f"string(//*[@id='{error}'])")
    assert shown.strip()
    assert told in shown
    with transaction_of(app) as session:
        (row,) = session.scalars(select(Fault))
        assert row.resolved_at is None


def test_only_managers_may_correct(login: Login, fault: str) -> None:
    assert not read(login("sara").get(fault)).xpath("//textarea")


def test_an_operator_stops_a_run_lets_it_go_on_and_ends_it(login: Login, case: Case) -> None:
    admin, sara = login("admin"), login("sara")
    (path,) = read(admin.get(case.page)).xpath("//aside//a[contains(@href, '/instances/')]/@href")
    assert not read(sara.get(path)).xpath("//form[contains(@action, '/suspend')]")
    assert sara.post(f"{path}/suspend").status_code == 403
    assert admin.post(f"{path}/suspend", data={"reason": "a doubt"}).status_code == 303
    page = said(admin.get(path))
    for words in ("The process is suspended", "suspended the process", "a doubt"):
        assert words in page
    assert "is suspended" in said(sara.get(case.page))
    assert admin.post(f"{path}/resume").status_code == 303
    assert "let the process go on" in said(admin.get(path))
    for blank in ("", " \u200c "):
        refused = admin.post(f"{path}/cancel", data={"reason": blank})
        assert (refused.status_code, "Write why" in said(refused)) == (422, True)
    assert admin.post(f"{path}/cancel", data={"reason": "twice the same"}).status_code == 303
    page = said(admin.get(path))
    assert "cancelled the process" in page
    assert "twice the same" in page


def test_an_operator_takes_a_faulted_step_as_done(login: Login, fault: str) -> None:
    admin = login("admin")
    (path,) = read(admin.get(fault)).xpath("//form[contains(@action, '/skip')]/@action")
    assert not read(login("maryam").get(fault)).xpath("//button[contains(@formaction, '/skip')]")
    answer = admin.post(path, data={"variables": "{"})
    assert answer.status_code == 422
    answer = admin.post(path, data={"variables": '{"share": 4}'})
    assert (answer.status_code, answer.location) == (303, fault)
