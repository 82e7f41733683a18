"""A number in a form must be that of a record which is there, of the kind that is asked for."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.models import ServiceRequest
from app.services.desk import tasks
from tests.app.services.incidents import categorise, diagnose_next, report
from tests.app.services.story import actor, do, open_tasks, submit
from tests.support.clock import MovingClock


def matching(clock: MovingClock) -> ServiceRequest:
    request = report(clock())
    categorise(request, clock())
    return request


def wrong_with(request: ServiceRequest, clock: MovingClock, **answers: str) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as wrong:
        do(request, "match", "neda", clock(), **answers)
    assert "match" in open_tasks(request), "nothing has happened"
    return wrong.value.errors


@pytest.mark.parametrize("number", ["R-999999", "nonsense", "itself", "secret"])
def test_an_original_that_is_not_there_is_refused(
    session: Session, clock: MovingClock, number: str
) -> None:
    first, request = report(clock()), matching(clock)
    if number == "secret":
        first.confidential, first.named_users = True, [1]
        session.flush()
    number = {"itself": request.number, "secret": first.number}.get(number, number)
    told = wrong_with(request, clock, matched="duplicate", original=number)
    assert told == {"original": ["There is no other request with this number."]}


def test_an_original_of_another_service_is_refused(session: Session, clock: MovingClock) -> None:
    complaint, request = submit(clock()), matching(clock)
    told = wrong_with(request, clock, matched="duplicate", original=complaint.number)
    assert told == {
        "original": ["This request is not of the service “Report that something does not work”."]
    }


@pytest.mark.parametrize("login", ["nobody", "partner"])
def test_a_bridge_owner_must_be_a_colleague(
    session: Session, clock: MovingClock, login: str
) -> None:
    request = major(clock)
    with pytest.raises(Invalid) as wrong:
        do(request, "name_owner", "maryam", clock(), bridge_owner=login, news="We look.")
    assert wrong.value.errors == {"bridge_owner": ["No colleague has this user name."]}


def test_the_bridge_owner_gets_the_task(session: Session, clock: MovingClock) -> None:
    request = major(clock)
    do(request, "name_owner", "maryam", clock(), bridge_owner="babak", news="We look.")
    task = open_tasks(request)["lead_bridge"]
    assert task.assignee is not None
    assert task.assignee.login == "babak"
    assert tasks.find(task.id, actor("babak")) == task


def major(clock: MovingClock) -> ServiceRequest:
    request = report(clock())
    diagnose_next(request, clock(), impact="high", urgency="high")
    return request


def test_a_known_error_must_be_one(session: Session, clock: MovingClock) -> None:
    told = wrong_with(matching(clock), clock, matched="known_error", known_error="P-000099")
    assert told == {"known_error": ["There is no problem with this number."]}
