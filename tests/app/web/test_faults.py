"""The pages of faults: those that are alike in one line, tried again together or one by one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.models import Fault, ProcessInstance, UserTask
from app.services.deployment import definitions
from app.services.desk import tasks
from app.services.execution import processes
from app.worker import TASKS
from tests.app.services.execution.test_faults import DIAGRAM
from tests.app.services.story import actor
from tests.app.web.conftest import read, said
from tests.app.web.test_in_browser import faults_of
from tests.support.application import transaction_of
from tests.support.browsing import Browsing
from tests.support.clock import MovingClock

Login = Callable[..., FlaskClient]


@pytest.fixture
def standing(app: Flask, clock: MovingClock) -> list[int]:
    """Three processes that stand at one step for one reason."""
    with transaction_of(app) as session:
        row = definitions.deploy(DIAGRAM.name, DIAGRAM.read_bytes(), actor("admin"), clock())
        for share in ("a", "b", "c"):
            instance = processes.start(row, {"share": share}, actor("admin"), clock())
            session.flush()
            task = session.scalars(select(UserTask).filter_by(instance_id=instance.id)).one()
            tasks.complete(task.id, {"agreed": True}, actor("narges"), clock(), language="en")
            clock.move(minutes=1)
        return list(session.scalars(select(Fault.id).order_by(Fault.id)))


def work_off(app: Flask) -> int:
    """Do the jobs that wait; how many there were."""
    taken = text(
        "DELETE FROM procrastinate_jobs WHERE status = 'todo' AND task_name = 'mend_fault'"
        " RETURNING args"
    )
    with transaction_of(app) as session:
        rows = session.execute(taken).scalars().all()
    for arguments in rows:
        with app.app_context():
            TASKS["mend_fault"](**arguments)
    return len(rows)


def test_what_is_alike_stands_in_one_line(login: Login, standing: list[int]) -> None:
    maryam = login("maryam")
    page = read(maryam.get("/faults"))
    (row,) = page.xpath("//tbody/tr")
    assert "3 alike" in row.text_content() and "Large?" in row.text_content()
    (link,) = set(row.xpath(".//a[contains(@href, 'alike')]/@href"))
    rows = read(maryam.get(link)).xpath("//tbody/tr")
    assert len(rows) == 3


def form_of(client: FlaskClient, act: str) -> tuple[str, dict[str, str]]:
    """The form for all that are alike: where it goes, and what it sends when nothing is typed."""
    (link,) = set(read(client.get("/faults")).xpath("//tbody//a[contains(@href, 'alike')]/@href"))
    (form,) = read(client.get(link)).xpath(f"//form[contains(@action, '{act}-alike')]")
    fields = {name: value or "" for name, value in dict(form.fields).items()}
    return form.get("action"), {**fields, "sure": "yes"}


def test_all_are_tried_again_with_a_reason_in_the_history(
    app: Flask, login: Login, standing: list[int]
) -> None:
    maryam = login("maryam")
    action, data = form_of(maryam, "retry")
    answer = maryam.post(action, data={**data, "reason": "The partner works again."})
    assert (answer.status_code, answer.location) == (303, "/faults")
    assert "3 steps are being tried again" in maryam.get("/faults").text
    assert work_off(app) == 3
    with transaction_of(app) as session:
        mended = session.scalars(select(Fault).where(Fault.id.in_(standing))).all()
        run = mended[0].instance_id
        assert all(fault.resolved_at for fault in mended)
    page = said(maryam.get(f"/instances/{run}"))
    assert "tried “Large?” again" in page and "The partner works again." in page


@pytest.mark.parametrize(
    ("act", "given", "told", "left"),
    [
        ("retry", {"variables": '{"share": 4}'}, "3 steps are being tried again", "active"),
        ("skip", {"variables": '{"by": "hand"}', "flow": "f3"}, "3 steps are being taken as done",
         "active"),
        ("cancel", {"reason": "Sent twice."}, "3 processes are being cancelled", "terminated"),
    ],
)  # fmt: skip
def test_one_order_mends_all(
    app: Flask, login: Login, standing: list[int], act: str, given: dict[str, str], told: str,
    left: str,
) -> None:  # fmt: skip
    admin = login("admin")
    action, data = form_of(admin, act)
    assert admin.post(action, data={**data, **given}).status_code == 303
    assert told in admin.get("/faults").text
    assert work_off(app) == 3
    assert "No faults" in said(admin.get("/faults"))
    with transaction_of(app) as session:
        found = session.scalars(select(ProcessInstance.status)).all()
    assert set(found) == {left}


@pytest.mark.parametrize(
    ("act", "given", "field", "told"),
    [
        ("retry", {"variables": "{"}, "variables", "This is not JSON"),
        ("retry", {"sure": ""}, "sure", "Say that you mean all of them."),
        ("skip", {"variables": "[1]"}, "variables", "Write an object"),
        ("cancel", {"reason": " "}, "reason", "Write why this process is cancelled."),
        ("cancel", {"reason": "x" * 1001}, "reason", "Shorten the reason"),
    ],
)
def test_what_is_wrong_with_a_form_stands_beside_its_field(
    app: Flask, login: Login, standing: list[int],
    act: str, given: dict[str, str], field: str, told: str,
) -> None:  # fmt: skip
    admin = login("admin")
    action, data = form_of(admin, act)
    answer = admin.post(action, data={**data, **given})
    assert answer.status_code == 422
    (form,) = read(answer).xpath(f"//form[contains(@action, '{act}-alike')]")
    (wrong,) = form.xpath(".//*[@aria-invalid='true']")
    assert wrong.get("name") == field
    (text_,) = form.xpath(f".//*[@id='{act}-{field}-error']")
    assert told in text_.text_content()
    assert wrong.get("aria-describedby").split()[0] == text_.get("id")
    assert work_off(app) == 0


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize(
    ("login_as", "act", "given", "field"),
    [
        ("maryam", "retry", {"variables": "{"}, "variables"),
        ("maryam", "retry", {"reason": "x" * 1001}, "reason"),
        ("admin", "skip", {"variables": "7"}, "variables"),
        ("admin", "skip", {"variables": "{}", "reason": "x" * 1001}, "reason"),
    ],
)
def test_what_is_wrong_with_a_single_one_stands_beside_its_field_too(
    login: Login, standing: list[int],
    login_as: str, act: str, given: dict[str, str], field: str, language: str,
) -> None:  # fmt: skip
    client, name = login(login_as), f"{act}-{standing[0]}"
    client.post("/language", data={"language": language})
    answer = client.post(f"/faults/{standing[0]}/{act}", data=given)
    assert answer.status_code == 422
    (wrong,) = read(answer).xpath("//*[@aria-invalid='true']")
    assert (wrong.get("name"), wrong.get("id").rpartition("-")[0]) == (field, name)
    assert (wrong.text or wrong.get("value")) == given[field]
    (told,) = read(answer).xpath(f"//*[@id='{name}-{field}-error']")
    assert told.text_content().isascii() == (language == "en")


def test_more_than_the_page_named_are_left_alone(
    app: Flask, login: Login, standing: list[int]
) -> None:
    maryam = login("maryam")
    action, data = form_of(maryam, "retry")
    answer = maryam.post(action, data={**data, "count": "2"})
    assert answer.status_code == 409
    assert "There are 3 of them by now, and 2 were confirmed" in said(answer)
    assert work_off(app) == 0


def test_a_manager_sees_no_ways_that_only_operators_have(login: Login, standing: list[int]) -> None:
    maryam = login("maryam")
    (link,) = set(read(maryam.get("/faults")).xpath("//tbody//a[contains(@href, 'alike')]/@href"))
    actions = read(maryam.get(link)).xpath("//form/@action")
    assert any("retry-alike" in one for one in actions)
    assert not any("skip" in one or "cancel" in one for one in actions)


def test_an_order_for_what_is_gone_leads_back_to_the_list(
    login: Login, standing: list[int]
) -> None:
    maryam = login("maryam")
    action, data = form_of(maryam, "retry")
    for step in ("gone", "decide"):
        answer = maryam.post(action, data={**data, "step": step, "sure": "yes", "code": "none"})
        assert (answer.status_code, answer.location) == (303, "/faults")
    assert "Nothing was left to be done." in maryam.get("/faults").text


def test_one_is_mended_and_the_others_stay(login: Login, standing: list[int]) -> None:
    maryam = login("maryam")
    data = {"variables": '{"share": 4}', "next": "/faults"}
    assert maryam.post(f"/faults/{standing[1]}/retry", data=data).status_code == 303
    assert "2 alike" in said(maryam.get("/faults"))
    admin = login("admin")
    answer = admin.post(f"/faults/{standing[0]}/skip", data={"reason": "by hand"})
    assert answer.status_code == 303
    (row,) = read(maryam.get("/faults")).xpath("//tbody/tr")
    assert "alike" not in row.text_content()
    assert row.xpath(f".//form[contains(@action, '/faults/{standing[2]}/retry')]")


def test_a_group_that_is_gone_leads_back_to_the_list(login: Login, standing: list[int]) -> None:
    answer = login("maryam").get("/faults/alike?process=x&step=y&code=z")
    assert (answer.status_code, answer.location) == (302, "/faults")


@pytest.mark.browser
@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_the_pages_have_no_faults_of_accessibility(
    browser: Browsing, standing: list[int], language: str, size: str, tmp_path: Path
) -> None:
    page = browser.sign_in("admin", "/faults", language=language, size=size)
    assert faults_of(page) == []
    page.screenshot(path=tmp_path / f"faults-{language}-{size}.png", full_page=True)
    page.goto(page.locator("tbody a[href*=alike]").first.get_attribute("href") or "")
    for summary in page.locator("details.op > summary").all():
        summary.click()
    assert faults_of(page) == []
    page.screenshot(path=tmp_path / f"alike-{language}-{size}.png", full_page=True)
