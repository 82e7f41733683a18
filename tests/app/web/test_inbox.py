"""The inbox: who sees which tasks, in which view, in which order, and how it stays fresh."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import ServiceRequest, SlaClock, User, UserTask
from tests.app.web.conftest import Case, Submit, read, row_ids, said
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.statements import statements

Login = Callable[..., FlaskClient]


def test_only_the_candidate_group_and_managers_see_a_task(login: Login, case: Case) -> None:
    assert row_ids(login("narges"), "group") == [case.task_id]
    assert row_ids(login("maryam"), "group") == [case.task_id]
    assert row_ids(login("sara"), "group") == []


def test_a_task_of_another_group_is_not_there(login: Login, case: Case) -> None:
    sara = login("sara")
    assert sara.get(case.task).status_code == 404
    assert sara.get(f"{case.task}/preview").status_code == 404
    assert sara.post(f"{case.task}/claim").status_code == 404


def test_views_follow_the_work(login: Login, case: Case) -> None:
    narges, omid = login("narges"), login("omid")
    assert row_ids(narges, "unclaimed") == [case.task_id]
    narges.post(f"{case.task}/claim")
    assert row_ids(narges, "mine") == [case.task_id]
    assert row_ids(omid, "mine") == []
    assert row_ids(omid, "unclaimed") == []
    assert row_ids(omid, "group") == [case.task_id]


def test_what_was_done_today_is_listed_until_midnight(
    app: Flask, login: Login, case: Case, clock: MovingClock
) -> None:
    with transaction_of(app) as session:
        task = session.get_one(UserTask, case.task_id)
        task.state, task.ended_at, task.completed_by = "completed", clock(), _id_of(session)
    narges = login("narges")
    assert row_ids(narges, "done") == [case.task_id]
    clock.move(days=1)
    assert row_ids(narges, "done") == []


def _id_of(session: Session) -> int:
    return session.scalars(select(User.id).where(User.login == "narges")).one()


def test_the_nearest_promise_comes_first_and_a_paused_one_last(
    app: Flask, login: Login, submit: Submit, clock: MovingClock
) -> None:
    late, soon, later, paused = (submit(subject=word) for word in ("late", "soon", "on", "paused"))
    with transaction_of(app):
        _promise(late, clock, minutes=-5)
        _promise(soon, clock, minutes=40, risk=-10)
        _promise(later, clock, minutes=180, risk=90)
        standing = _promise(paused, clock, minutes=10)
        standing.status, standing.next_due_at = "waiting", None
    narges = login("narges")
    expected = [late.task_id, soon.task_id, later.task_id, paused.task_id]
    assert row_ids(narges, "group") == expected
    assert row_ids(narges, "broken") == [late.task_id]
    assert row_ids(narges, "risk") == [soon.task_id]
    assert row_ids(narges, "paused") == [paused.task_id]
    headings = read(narges.get("/")).xpath("//h2[@class='group']/text()")
    assert [text.strip() for text in headings if text.strip()] == [
        "Promise broken", "At risk", "On track", "Clock paused",
    ]  # fmt: skip


def test_each_row_says_how_much_working_time_is_left(
    login: Login, case: Case, clock: MovingClock
) -> None:
    # Half past nine on a Saturday: the task is due in four hours of work, the answer in five days.
    narges = login("narges")
    assert "On track · 4 h of working time left" in said(narges.get("/"))
    clock.move(hours=3, minutes=10)
    assert "At risk · 50 min of working time left" in said(narges.get("/"))
    for page in ("/requests", case.page):
        assert "On track · 4 working days 4 h left" in said(narges.get(page))
    clock.move(hours=6)
    # The office closed at four, so the evening does not count.
    for page in ("/", case.task):
        assert "Broken · 2 h 30 min of working time late" in said(narges.get(page))


def test_a_promise_that_stands_says_why(login: Login, app: Flask, case: Case) -> None:
    with transaction_of(app) as session:
        for clock in session.scalars(select(SlaClock).where(SlaClock.state == "running")):
            entry = {"kind": "paused", "at": clock.ledger[-1]["at"], "reason": "waits:partner"}
            clock.ledger = [*clock.ledger, entry]
            clock.state, clock.due_at, clock.risk_at = "paused", None, None
        request = session.get_one(ServiceRequest, case.request_id)
        request.next_due_at = request.next_risk_at = request.next_metric = None
        session.get_one(UserTask, case.task_id).due_at = None
    narges = login("narges")
    assert row_ids(narges, "paused") == [case.task_id]
    for page in ("/", case.page, case.task, "/requests"):
        told = said(narges.get(page))
        assert "Paused · waiting for a partner" in told
        assert "5 working days left" in told


def test_a_list_asks_no_question_for_each_row(login: Login, submit: Submit) -> None:
    narges = login("narges")
    for page in ("/", "/requests"):
        submit()
        narges.get(page)
        with statements() as few:
            narges.get(page)
        for number in range(4):
            submit(subject=f"more {number}")
        with statements() as many:
            narges.get(page)
        assert len(many) == len(few), page


def _promise(case: Case, clock: MovingClock, *, minutes: int, risk: int = 0) -> ServiceRequest:
    from datetime import timedelta

    from app.db import session

    request = session().get_one(ServiceRequest, case.request_id)
    request.next_due_at = clock() + timedelta(minutes=minutes)
    request.next_risk_at = clock() + timedelta(minutes=risk)
    return request


def test_counts_beside_the_views_are_those_of_the_lists(login: Login, submit: Submit) -> None:
    submit(), submit()
    page = read(login("narges").get("/"))
    counts = {e.get("data-count"): e.text for e in page.xpath("//*[@data-count]")}
    assert counts["group"] == counts["unclaimed"] == "2"
    assert counts["mine"] == counts["done"] == "0"


def test_a_long_list_goes_on_where_it_stopped(
    login: Login, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.services.desk import inbox

    monkeypatch.setitem(inbox.list_tasks.__kwdefaults__ or {}, "limit", 2)
    made = [submit().task_id for _ in range(5)]
    narges, path, seen = login("narges"), "/", []
    while path:
        page = read(narges.get(path))
        seen += [int(row.get("data-id")) for row in page.xpath("//li[@data-id]")]
        path = next(iter(page.xpath("//a[@rel='next']/@href")), "")
    assert sorted(seen) == sorted(made)
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("path", ["/?view=nothing", "/?after=nonsense", "/?after=e30"])
def test_an_address_that_is_none_of_ours_is_a_404(login: Login, path: str) -> None:
    assert login("narges").get(path).status_code == 404


def test_filters_narrow_the_list(login: Login, submit: Submit) -> None:
    fridge, lift = submit(subject="Fridge"), submit(subject="Lift 50%")
    narges = login("narges")
    assert row_ids(narges, "group&words=fridge") == [fridge.task_id]
    assert row_ids(narges, "group&words=50%25") == [lift.task_id]
    assert row_ids(narges, "group&words=" + lift.number) == [lift.task_id]
    assert row_ids(narges, "group&priority=urgent") == []
    assert len(row_ids(narges, "group&group=intake")) == 2


def test_an_unchanged_list_answers_304_and_a_changed_one_in_full(login: Login, case: Case) -> None:
    narges, omid = login("narges"), login("omid")
    first = narges.get("/", headers={"X-Fragment": "list"})
    assert "<html" not in first.text
    mark = {"X-Fragment": "list", "If-None-Match": first.headers["ETag"]}
    assert narges.get("/", headers=mark).status_code == 304
    omid.post(f"{case.task}/claim")
    changed = narges.get("/", headers=mark)
    assert changed.status_code == 200
    assert "Owner: Omid" in changed.text


def test_remaining_times_grow_stale_after_a_minute(
    login: Login, case: Case, clock: MovingClock
) -> None:
    narges = login("narges")
    first = narges.get("/", headers={"X-Fragment": "list"})
    clock.move(minutes=1)
    mark = {"X-Fragment": "list", "If-None-Match": first.headers["ETag"]}
    assert narges.get("/", headers=mark).status_code == 200


def test_the_list_says_401_when_the_session_ended(client: FlaskClient) -> None:
    assert client.get("/", headers={"X-Fragment": "list"}).status_code == 401


def test_a_confidential_case_is_seen_by_name_only(app: Flask, login: Login, case: Case) -> None:
    with transaction_of(app) as session:
        request = session.get_one(ServiceRequest, case.request_id)
        request.confidential, request.named_users = True, []
    narges, maryam = login("narges"), login("maryam")
    assert row_ids(narges, "group") == []
    assert narges.get(case.task).status_code == 404
    assert narges.get(case.page).status_code == 404
    assert narges.get(f"{case.page}/diagram").status_code == 404
    assert case.number not in said(narges.get("/requests"))
    assert row_ids(maryam, "group") == [case.task_id]
    assert "confidential" in said(maryam.get(case.page))


def test_the_preview_tells_what_one_wants_to_know_first(login: Login, case: Case) -> None:
    page = login("narges").get(f"{case.task}/preview")
    for words in ("Assess the complaint", "مریم رضایی", "Next promise", "Claim"):
        assert words in page.text


def test_selected_tasks_are_claimed_together(login: Login, submit: Submit) -> None:
    mine, taken = submit(), submit()
    narges, omid = login("narges"), login("omid")
    omid.post(f"{taken.task}/claim")
    chosen = {"task": [str(mine.task_id), str(taken.task_id), "x", "999999"]}
    assert narges.post("/tasks/claim", data=chosen).location == "/"
    assert "1 of 3 tasks are yours now." in narges.get("/").text
    assert row_ids(narges, "mine") == [mine.task_id]


def test_an_empty_view_says_where_the_work_is(login: Login) -> None:
    assert "Nothing waits for you" in said(login("sara").get("/?view=mine"))
