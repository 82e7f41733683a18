"""The fixtures themselves: fresh data for each test, the cast in place, the clock in hand."""

from __future__ import annotations

from collections.abc import Callable
from urllib.request import urlopen

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import Group, User
from app.services.deployment.shipped import GROUPS
from tests.support.browsing import Browsing
from tests.support.clock import MovingClock
from tests.support.processes import Stack


def test_the_cast_is_there(session: Session) -> None:
    sara = session.scalars(select(User).where(User.login == "sara")).one()
    assert [group.key for group in sara.groups] == ["complaints"]


def test_what_one_test_commits_no_other_sees(session: Session) -> None:
    assert session.scalar(select(func.count()).select_from(Group)) == len(GROUPS)
    session.add(Group(key="guests", names={"en": "Guests"}))
    session.commit()


def test_and_the_other_way_round(session: Session) -> None:
    assert session.scalar(select(func.count()).select_from(Group)) == len(GROUPS)


def test_the_application_asks_the_clock_of_the_test(app: Flask, clock: MovingClock) -> None:
    from app import clock_now

    before = clock()
    clock.move(hours=3)
    with app.app_context():
        assert (clock_now() - before).total_seconds() == 3 * 3600


def test_the_server_is_ready(client: FlaskClient) -> None:
    assert client.get("/readyz").get_json() == {"status": "ready"}


def test_each_person_has_a_client(login: Callable[[str], FlaskClient]) -> None:
    assert login("sara").get("/").status_code == 200


@pytest.mark.browser
def test_a_person_signs_in_with_a_browser(browser: Browsing) -> None:
    page = browser.sign_in("sara", "/requests", language="en")
    assert page.url.endswith("/requests")
    assert page.locator("h1").count() == 1


@pytest.mark.browser
def test_a_request_to_the_outside_fails_the_test(browser: Browsing) -> None:
    page = browser.open("/login")
    page.evaluate("fetch('http://elsewhere.example/').catch(() => null)")
    assert any("outside" in complaint or "console" in complaint for complaint in browser.complaints)
    browser.complaints.clear()


@pytest.mark.slow
def test_the_stack_answers_and_can_be_killed(stack: Stack) -> None:
    stack.restart("web")
    stack.kill("worker", "clock")
    stack.start("worker", "clock")
    assert urlopen(f"{stack.origin}/healthz", timeout=60).status == 200
