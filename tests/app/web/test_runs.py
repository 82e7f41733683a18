"""The page of a run: steps to begin, operations with their words, what it waits for, versions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.models import Event, Group, User, UserTask
from app.services.deployment import definitions
from app.services.execution import processes
from tests.app.services.story import actor, submit
from tests.app.web.conftest import Case, Submit, read, said
from tests.bpmn import build
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

Login = Callable[..., FlaskClient]
CARE = build.process(
    build.start(),
    build.ad_hoc("care", build.user("ring", groups="intake", name="Ring them up"),
                 build.user("visit", groups="intake", name="Visit them"), name="Care"),
    build.end(), build.flows("start > care > end"), key="care_desk",
)  # fmt: skip


@pytest.fixture
def care(app: Flask, clock: MovingClock) -> tuple[str, str]:
    """The pages of a request and of its run, whose ad-hoc subprocess waits for staff."""
    with transaction_of(app):
        row = definitions.deploy("care.bpmn", CARE, actor("admin"), clock())
        request = submit(clock(), language="en")
        run = processes.start(row, {}, actor("admin"), clock(), request=request)
        return f"/requests/{request.number}", f"/instances/{run.id}"


def buttons(client: FlaskClient, page: str) -> list[str]:
    """The steps that the page lets one begin."""
    forms = read(client.get(page)).xpath("//form[contains(@action, '/activate')]")
    return [form.xpath(".//input[@name='name']/@value")[0] for form in forms]


def fields(client: FlaskClient, page: str, name: str) -> tuple[str, dict[str, str]]:
    """Where the form of a step is sent, and what is in it."""
    at = f"//form[contains(@action, '/activate')][input[@value='{name}']]"
    (form,) = read(client.get(page)).xpath(at)
    return form.get("action"), dict(form.fields)


@pytest.mark.parametrize("number", [0, 1])
def test_staff_begin_a_step_from_the_page_of_the_request_and_of_the_run(
    login: Login, care: tuple[str, str], number: int
) -> None:
    narges = login("narges")
    assert buttons(narges, care[number]) == ["Ring them up", "Visit them"]
    path, data = fields(narges, care[number], "Visit them")
    answer = narges.post(path, data=data)
    assert (answer.status_code, answer.location) == (303, care[number])
    page = said(narges.get(care[number]))
    assert "began “Visit them”" in page
    assert "Visit them" in said(narges.get("/"))


def test_who_comes_too_late_is_told_and_sees_how_it_stands(
    login: Login, care: tuple[str, str]
) -> None:
    narges, admin = login("narges"), login("admin")
    path, data = fields(narges, care[0], "Visit them")
    answer = narges.post(path, data={**data, "element": "elsewhere"})
    assert answer.status_code == 409
    assert "can no longer be begun" in said(answer)
    admin.post(f"{care[1]}/suspend", data={"reason": "a flood"})
    assert buttons(narges, care[0]) == []
    assert narges.post(path, data=data).status_code == 409
    admin.post(f"{care[1]}/cancel", data={"reason": "a mistake"})
    answer = narges.post(path, data={**data, "from": "run"})
    assert answer.status_code == 409
    assert "already ended" in said(answer)


def test_staff_read_who_suspended_a_process_and_why_the_task_waits(
    app: Flask, login: Login, case: Case
) -> None:
    admin, narges = login("admin"), login("narges")
    with transaction_of(app) as session:
        run = session.get_one(UserTask, case.task_id).instance_id
    admin.post(f"/instances/{run}/suspend", data={"reason": "The court decides first."})
    for page in (case.task, case.page, f"/instances/{run}"):
        told = said(narges.get(page))
        assert "The process is suspended" in told, page
        assert "The court decides first." in told, page
    button = "//button[contains(., 'Complete and continue')]"
    assert read(narges.get(case.task)).xpath(f"{button}[@disabled][@aria-describedby='stopped']")
    admin.post(f"/instances/{run}/resume")
    assert read(narges.get(case.task)).xpath(f"{button}[not(@disabled)]")


def test_an_operator_changes_variables_and_reads_what_was_wrong_with_them(
    login: Login, care: tuple[str, str]
) -> None:
    admin, run = login("admin"), care[1]
    answer = admin.post(f"{run}/variables", data={"variables": "", "reason": "why"})
    assert answer.status_code == 422
    (form,) = read(answer).xpath("//details[@open]/form[contains(@action, '/variables')]")
    assert "Write the names and values" in form.text_content()
    assert form.fields["reason"] == "why"
    data = {"variables": '{"amount": 70}', "reason": "a slip"}
    assert admin.post(f"{run}/variables", data=data).status_code == 303
    page = said(admin.get(run))
    assert "changed variables: amount" in page
    assert "70" in page


def test_an_operator_moves_a_token_or_reads_why_it_cannot_be_moved(
    login: Login, care: tuple[str, str]
) -> None:
    admin, run = login("admin"), care[1]
    (form,) = read(admin.get(run)).xpath("//form[contains(@action, '/move')]")
    assert [one.get("value") for one in form.xpath(".//select[@name='to']//option")] == [
        "", "care", "end",
    ]  # fmt: skip
    token = form.xpath(".//select[@name='token']/option/@value")[0]
    answer = admin.post(f"{run}/move", data={"token": token, "to": "start"})
    assert answer.status_code == 409
    assert "No flow leads to “start”" in said(answer)
    assert admin.post(f"{run}/move", data={"token": token, "to": "end"}).status_code == 303
    assert "ended" in said(admin.get(run))


def test_a_run_is_moved_to_the_newest_version_after_reading_what_would_happen(
    app: Flask, login: Login, care: tuple[str, str], clock: MovingClock
) -> None:
    renamed = CARE.replace(b"Visit them", b"See them")
    with transaction_of(app):
        newest = definitions.deploy("care.bpmn", renamed, actor("admin"), clock(), tag="spring")
        version = newest.id
    admin, sara = login("admin"), login("sara")
    assert "Can be moved" in said(admin.get(care[1]))
    assert "Version 2 is newer" not in said(sara.get(care[1]))
    assert f"/processes/{version}/moves" in admin.get(f"/processes/{version}").text
    assert "Can be moved" in said(admin.get(f"/processes/{version}/moves"))
    assert sara.get(f"/processes/{version}/moves").status_code == 403
    assert admin.post(f"{care[1]}/migrate", data={"version": "2"}).status_code == 303
    page = said(admin.get(care[1]))
    assert "tag spring" in page
    assert "from version 1 to version 2" in page
    assert "No run is of an older version" in said(admin.get(f"/processes/{version}/moves"))


def test_a_version_without_a_place_for_a_token_refuses_the_run_with_words(
    app: Flask, login: Login, care: tuple[str, str], clock: MovingClock
) -> None:
    narges, admin = login("narges"), login("admin")
    path, data = fields(narges, care[1], "Visit them")
    narges.post(path, data=data)
    other = CARE.replace(b'"visit"', b'"travel"')
    with transaction_of(app):
        definitions.deploy("care.bpmn", other, actor("admin"), clock())
    assert "Cannot be moved" in said(admin.get(care[1]))
    answer = admin.post(f"{care[1]}/migrate", data={"version": "2"})
    assert answer.status_code == 409
    assert "visit" in said(answer).casefold()


def test_who_takes_a_gateway_as_done_chooses_a_flow_by_its_name(
    app: Flask, login: Login, clock: MovingClock
) -> None:
    gate = build.process(
        build.start(), build.gateway("exclusive", "gate"),
        build.user("a", groups="intake", name="Visit"), build.user("b", groups="intake"),
        build.end(),
        build.flows("start > gate", "gate >[=x > 1] a > end", "gate >[=x < 1] b > end"),
        key="choice",
    ).replace(b'id="gate_a" ', b'id="gate_a" name="Yes" ')  # fmt: skip
    with transaction_of(app):
        row = definitions.deploy("g.bpmn", gate, actor("admin"), clock())
        run = f"/instances/{processes.start(row, {'x': 1}, actor('admin'), clock()).id}"
    admin = login("admin")
    (form,) = read(admin.get(run)).xpath("//form[contains(@action, '/skip')]")
    assert [(one.get("value"), one.text) for one in form.xpath(".//select/option")] == [
        ("", "by the default flow, if there is one"),
        ("gate_a", "Yes: to “Visit”"), ("gate_b", "to “b”"),
    ]  # fmt: skip
    refused = admin.post(form.get("action"), data={"flow": ""})
    assert refused.status_code == 409
    assert "gate_a (“Yes”), gate_b" in said(refused)
    assert admin.post(form.get("action"), data={"flow": "gate_a"}).status_code == 303
    assert "Visit" in said(admin.get(run))


def test_what_a_run_waits_for_stands_in_words(app: Flask, login: Login, clock: MovingClock) -> None:
    source = build.process(
        build.start(),
        build.user("work", groups="intake", name="Work"), build.end(), build.end("gone"),
        build.boundary("late", "work", build.timer("duration", "P2D"), name="Too late"),
        build.boundary("told", "work", build.message("note"), name="A note", interrupting=False),
        build.flows("start > work > end", "late > gone", "told > gone"), key="listener",
        before=build.declare("note"),
    )  # fmt: skip
    with transaction_of(app):
        row = definitions.deploy("x.bpmn", source, actor("admin"), clock())
        run = processes.start(row, {"number": "R-9"}, actor("admin"), clock()).id
    (panel,) = read(login("sara").get(f"/instances/{run}")).xpath("//section[h2='Waits for']")
    told = " ".join(panel.text_content().split())
    assert "Too late" in told
    assert "Message “note” · R-9" in told
    sara = login("sara")
    sara.post("/language", data={"language": "fa"})
    assert "پیام «note»" in said(sara.get(f"/instances/{run}"))


def test_managers_are_told_of_a_task_that_nobody_of_its_group_may_take(
    app: Flask, login: Login, submit: Submit
) -> None:
    case = submit(subject="Fridge")
    words = "Nobody in their groups may take these tasks"
    maryam, narges = login("maryam"), login("narges")
    assert words not in said(maryam.get("/"))
    with transaction_of(app) as session:
        intake = User.groups.any(Group.key == "intake")
        everybody = list(session.scalars(select(User.login).where(intake)))
        session.get_one(UserTask, case.task_id).excluded_users = everybody
    assert words in said(maryam.get("/"))
    assert words not in said(narges.get("/"))
    assert "has handled this case before, so nobody there may take" in said(maryam.get(case.page))
    maryam.post(f"{case.task}/claim")
    assert words not in said(maryam.get("/"))


def test_a_designer_reads_what_begins_a_process_and_starts_it_by_hand(
    app: Flask, login: Login, clock: MovingClock
) -> None:
    daily = build.process(
        build.start("morning", build.timer("cycle", "R/P1D"), name="Each morning"),
        build.start(), build.user("work", groups="intake", name="Work"), build.end(),
        build.flows("start > work > end", "morning > work"), key="daily",
    )  # fmt: skip
    with transaction_of(app):
        files = [("daily.bpmn", daily), ("care.bpmn", CARE)]
        row, _ = definitions.deploy_together(files, actor("admin"), clock())
        page = f"/processes/{row.id}"
    admin, sara = login("admin"), login("sara")
    told = said(sara.get(page))
    assert "By itself, next tomorrow 09:30" in told
    assert "Deployed together withcare_desk" in told
    assert "By itself, next tomorrow" in said(sara.get("/processes"))
    assert not read(sara.get(page)).xpath("//form[contains(@action, '/start')]")
    wrong = admin.post(f"{page}/start", data={"variables": "["})
    assert wrong.status_code == 422
    assert "This is not JSON" in said(wrong)
    begun = admin.post(f"{page}/start", data={"variables": '{"amount": 70}'})
    assert begun.status_code == 303
    assert "started the process, version 1" in said(admin.get(begun.location))


def test_a_service_is_begun_by_its_form_alone(login: Login, case: Case) -> None:
    admin = login("admin")
    (page,) = read(admin.get("/processes")).xpath("//a[contains(., 'Complaint handling')]/@href")
    assert "The form of the service “Make a complaint”" in said(admin.get(page))
    assert admin.post(f"{page}/start").status_code == 404


def test_after_a_failed_completion_a_saved_draft_shows_no_old_errors(
    login: Login, case: Case
) -> None:
    narges = login("narges")
    failed = read(narges.post(f"{case.task}/complete", data={"people_concerned": "many"}))
    (button,) = failed.xpath("//button[contains(@formaction, '/draft')]")
    assert button.get("hx-post") is None, "the whole page comes back"
    answer = narges.post(f"{case.task}/draft", data={"people_concerned": "12"})
    page = read(narges.get(answer.location))
    assert not page.xpath("//*[@aria-invalid='true']")
    assert page.xpath("//button[contains(@formaction, '/draft')][@hx-post]")


def test_a_message_from_a_program_is_told_in_words(app: Flask, login: Login) -> None:
    from app.web.timeline import Teller

    cause = {"kind": "message", "message": "paid", "element": "wait"}
    with app.test_request_context():
        event = Event(kind="step", actor_kind="user", actor_names={}, data={"cause": cause})
        (entry,) = Teller({"wait": {"en": "Payment"}}, {}).tell(event)
        assert "paid" in entry.words
        event.data = {"cause": {**cause, "message": "customer_message"}}
        assert Teller({}, {}).tell(event) == []


@pytest.mark.parametrize(("language", "advice"), [
    ("en", "Take the gateway as done"), ("fa", "دروازه را انجام‌شده بدانید"),
])  # fmt: skip
def test_a_gateway_that_waits_for_ever_says_what_to_do(
    app: Flask, login: Login, api: Login, clock: MovingClock, language: str, advice: str
) -> None:
    stuck = build.process(
        build.start(), build.gateway("exclusive", "g"), build.gateway("parallel", "j"),
        build.user("a", groups="intake"), build.end(),
        build.flows("start > g >[=one] j", "g >! a > j", "j > end"), key="stuck",
    )  # fmt: skip
    with transaction_of(app):
        row = definitions.deploy("s.bpmn", stuck, actor("admin"), clock())
        run = processes.start(row, {"one": True}, actor("admin"), clock()).id
    admin = login("admin")
    admin.post("/language", data={"language": language})
    for page in (f"/instances/{run}", "/faults"):
        assert advice in said(admin.get(page)), page
    (told,) = api("admin").get(f"/api/v1/instances/{run}").get_json()["faults"]
    assert advice in told["remedies"][language]


@pytest.mark.parametrize(
    ("to", "offered"),
    [
        (None, ["a", "part", "other", "end"]),
        ("part", ["a", "part", "inner", "e", "other", "end"]),
    ],
)
def test_only_steps_where_something_runs_are_offered_to_move_to(
    app: Flask, login: Login, clock: MovingClock, to: str | None, offered: list[str]
) -> None:
    def part(key: str, *inside: str, flow: str) -> str:
        return build.sub(key, *inside, build.flows(flow))

    drawn = build.process(
        build.start(), build.user("a", groups="intake"),
        part("part", build.start("s"), build.user("inner", groups="intake"), build.end("e"),
             flow="s > inner > e"),
        part("other", build.start("s2"), build.user("i2", groups="intake"), build.end("e2"),
             flow="s2 > i2 > e2"),
        build.end(), build.flows("start > a > part > other > end"), key="parts",
    )  # fmt: skip
    with transaction_of(app):
        row = definitions.deploy("parts.bpmn", drawn, actor("admin"), clock())
        run = f"/instances/{processes.start(row, {}, actor('admin'), clock()).id}"
    admin = login("admin")
    if to is not None:
        admin.post(f"{run}/move", data={"token": "a", "to": to})
    (form,) = read(admin.get(run)).xpath("//form[contains(@action, '/move')]")
    values = form.xpath(".//select[@name='to']/option/@value")
    assert sorted(filter(None, values)) == sorted(offered)
