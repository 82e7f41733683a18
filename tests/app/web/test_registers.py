"""Pages of assets and problem records, links on a request's page, reopening by staff."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from app.services.casework import assets, links, messages, problems, requests
from tests.app.services import incidents
from tests.app.services.story import actor, run_service_jobs
from tests.app.web.conftest import read
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

Login = Callable[..., FlaskClient]


def a_problem(app: Flask, clock: MovingClock) -> str:
    """A known error with one incident and one that most may not see."""
    with transaction_of(app):
        assets.add({"en": "Router", "fa": "مسیریاب"}, "network", "high", clock())
        plain = incidents.report(clock())
        secret = incidents.report(clock(), subject="Hidden away")
        secret.confidential = True
        made = problems.create(
            {"en": "The router hangs"}, actor("kian"), clock(), workaround={"en": "Restart it."}
        )
        for one in (plain, secret):
            problems.link(made, one, actor("maryam"), clock())
        links.link(plain, secret, links.RELATED, actor("maryam"), clock())
        return made.number


def test_problems_are_listed_shown_and_changed(
    app: Flask, login: Login, clock: MovingClock
) -> None:
    number, kian = a_problem(app, clock), login("kian")
    assert "The router hangs" in kian.get("/problems").get_data(as_text=True)
    page = kian.get(f"/problems/{number}").get_data(as_text=True)
    assert "Restart it." in page
    assert "R-000001" in page
    assert "Hidden away" not in page
    typed = {"titles_en": "Router", "known_error_fa": "حافظه پر می‌شود", "status": "resolved"}
    assert kian.post(f"/problems/{number}", data=typed).status_code == 303
    changed = read(kian.get(f"/problems/{number}"))
    assert changed.xpath("//select[@id='status']/option[@selected]/@value") == ["resolved"]
    assert kian.post(f"/problems/{number}", data={"status": "resolved"}).status_code == 422


def test_assets_are_listed(app: Flask, login: Login, clock: MovingClock) -> None:
    a_problem(app, clock)
    page = read(login("kian").get("/assets"))
    assert page.xpath("//tbody/tr/td/text()")[:2] == ["Router", "High"]


def test_a_request_shows_its_links_to_who_may_see_them(
    app: Flask, login: Login, clock: MovingClock
) -> None:
    a_problem(app, clock)
    to_staff = login("kian").get("/requests/R-000001").get_data(as_text=True)
    assert "The router hangs" in to_staff
    assert "Hidden away" not in to_staff
    assert "Hidden away" in login("maryam").get("/requests/R-000001").get_data(as_text=True)


def test_staff_link_requests(app: Flask, login: Login, clock: MovingClock) -> None:
    with transaction_of(app):
        incidents.report(clock())
        incidents.report(clock(), subject="No internet")
    kian = login("kian")
    sent = kian.post("/requests/R-000002/links", data={"parent": "r-000001", "kind": "related"})
    assert sent.status_code == 303
    assert "No internet" in kian.get("/requests/R-000001").get_data(as_text=True)
    wrong = kian.post("/requests/R-000002/links", data={"parent": "R-000002", "kind": "related"})
    assert wrong.status_code == 422


def test_a_closed_incident_is_reopened_by_staff_and_by_its_customer(
    app: Flask, login: Login, client: FlaskClient, clock: MovingClock
) -> None:
    with transaction_of(app):
        for _ in range(2):
            request = incidents.report(clock())
            incidents.diagnose_next(request, clock())
            incidents.solve(request, clock())
            customer = messages.customer_actor(request)
            messages.answer_as_customer(request, "accept", "", customer, clock())
            run_service_jobs(request, clock())
        code = request.tracking_code
    kian = login("kian")
    assert "Reopen this request" in kian.get("/requests/R-000001").get_data(as_text=True)
    again = kian.post("/requests/R-000001/reopen", data={"reason": "It is back."})
    assert again.status_code == 303
    assert kian.post("/requests/R-000001/reopen", data={"reason": "Twice."}).status_code == 409
    assert "reopen" in client.get(f"/portal/track/{code}").get_data(as_text=True)
    assert client.post(f"/portal/track/{code}/reopen", data={"reason": "Back."}).status_code == 303
    with transaction_of(app):
        assert requests.track(code).status == "open"
