"""The pages of mailings, and the page behind the link in their letters."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.models import Delivery, Mailing, MailingRefusal, User
from app.services.bulk_sending import mailing_acts, mailing_audience, mailing_sending
from app.services.sending import answering
from tests.app.services import mailing_story as told
from tests.app.services import story
from tests.app.services.story import actor
from tests.app.web.conftest import read, said
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

Tick = Callable[..., None]
FORM: dict[str, Any] = {
    "base": "0", "mailing": "", "title": "News", "way": "-", "source": "conditions",
    "subject_fa": "خبر", "body_fa": "{{ customer.name }} درود", "subject_en": "News",
    "body_en": "Hello {{ customer.name }}", "fallback": "", "stop_line": "on",
}  # fmt: skip


@pytest.fixture
def maryam(login: Callable[..., FlaskClient]) -> FlaskClient:
    return login("maryam")


def only(app: Flask) -> Mailing:
    with transaction_of(app) as session:
        return session.scalars(select(Mailing)).one()


def test_a_draft_is_written_counted_and_let_go(app: Flask, maryam: FlaskClient, tick: Tick) -> None:
    with transaction_of(app):
        told.customer("Gold", "gold@example.com", tier="gold", language="en")
        told.customer("Plain", "plain@example.com", language="en")
        told.customer("Silent", phone="+989120000001", tier="gold")
    reached = maryam.post("/mailings/reach", data={**FORM, "tiers": ["gold"]})
    assert "1 customer gets it" in told_beside(reached)
    assert "no address of this kind" in reached.text
    assert "gold@example.com" in reached.text
    answer = maryam.post("/mailings/new", data={**FORM, "tiers": ["gold"]})
    assert answer.status_code == 303
    page = said(maryam.get(answer.location))
    assert "Hello Gold" in page
    assert "1 customer gets it" in page
    assert maryam.post(f"{answer.location}/release", data={"when": "now"}).status_code == 303
    tick(seconds=1)
    tick(seconds=10)
    page = said(maryam.get(answer.location))
    assert "done: 2 of 2" in page
    assert "let it go out" in page
    listed = said(maryam.get(f"{answer.location}?outcome=sent"))
    assert "gold@example.com" in listed
    report = maryam.get(f"{answer.location}/report.csv")
    assert report.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in report.headers["Content-Disposition"]
    assert "Gold,gold@example.com,en,sent" in report.text
    assert "2 of 2" in said(maryam.get("/mailings"))


def test_of_many_only_the_first_are_counted_until_somebody_asks(
    app: Flask, maryam: FlaskClient, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing_audience, "AT_SIGHT", 5)
    with transaction_of(app):
        told.crowd(7)
        where = f"/mailings/{told.drafted(clock()).id}"
    page = maryam.get(where)
    assert "5 of the first 5 get it" in said(page)
    [more] = read(page).xpath("//a[contains(., 'Count all of them')]/@href")
    assert "7 customers get it" in said(maryam.get(more))
    beside = maryam.post("/mailings/reach", data=FORM)
    assert "5 of the first 5 get it" in told_beside(beside)
    assert read(beside).xpath("//button[contains(., 'Count all of them')]/@hx-post")
    beside = maryam.post("/mailings/reach", data={**FORM, "count": "all"})
    assert "7 customers get it" in told_beside(beside)


@pytest.mark.parametrize("is_only", [False, True])
def test_a_line_about_a_customer_whom_one_may_not_see_is_not_shown(
    app: Flask, login: Callable[..., FlaskClient], clock: MovingClock, run_jobs: Callable[[], int],
    is_only: bool,
) -> None:  # fmt: skip
    with transaction_of(app) as session:
        secret = story.submit(clock())
        secret.confidential = True
        hidden = secret.customer_id
        session.flush()
        rows = f"customer,email,name,amount\n{hidden},,,901\n,MARYAM@example.com,Secret,902\n"
        rows += "" if is_only else ",open@example.com,Open One,77\n"
        text = {"en": {"subject": "News", "body": "Hello {{ customer.name }}, {{ row.amount }}."}}
        number = told.drafted(
            clock(), texts=text, fallback="en", source="list", upload=rows.encode(), file="x.csv"
        ).id
    where, admin = f"/mailings/{number}", login("admin")
    shown = "Hello …, 1." if is_only else "Hello Open One, 77."

    def check() -> None:
        page = said(admin.get(where))
        assert shown in page
        assert not [one for one in ("901", "902", "Secret", "maryam@") if one in page]
        page = said(admin.get(f"{where}?customer={hidden}"))
        assert not [one for one in ("901", "902", "Secret", "maryam@") if one in page]
        assert "maryam@" not in admin.get(f"{where}/report.csv").text

    check()
    admin.post(f"{where}/trial", data={"trial": "me@example.com", "language": "en"})
    with transaction_of(app) as session:
        mine = select(Delivery.body).where(Delivery.recipient == "me@example.com")
        assert ("1." if is_only else "77.") in session.scalars(mine).one()
        mailing_acts.release(number, None, actor("maryam"), clock())
        mailing_sending.advance(number, clock())
        sent = session.scalars(select(Delivery).where(Delivery.mailing_id == number)).all()
        assert any("901" in one.body for one in sent)
    check()


def told_beside(answer: Any) -> str:
    """The part of the form that tells whom it reaches."""
    return " ".join(str(read(answer).text_content()).split())


def test_what_is_wrong_stands_beside_its_field(app: Flask, maryam: FlaskClient) -> None:
    bad = {
        **FORM, "title": "", "body_en": "{{ custmer.name }}", "per_minute": "x", "asked": "on",
        "since": "yesterday",
    }  # fmt: skip
    answer = maryam.post("/mailings/new", data=bad)
    links = read(answer).xpath("//div[@role='alert']//a/@href")
    assert set(links) == {"#per_minute", "#since"}
    answer = maryam.post("/mailings/new", data={**bad, "per_minute": "۶۰", "since": ""})
    assert answer.status_code == 422
    page = read(answer)
    assert set(page.xpath("//div[@role='alert']//a/@href")) == {"#title", "#body_en"}
    assert page.xpath("//input[@name='per_minute']/@value") == ["۶۰"]
    assert "custmer" in said(answer)
    with transaction_of(app) as session:
        assert session.scalars(select(Mailing)).all() == []


@pytest.mark.parametrize(("since", "until"), [("0001-01-01", "9999-12-31"), ("9378-10-10", "")])
def test_the_ends_of_the_calendar_are_days(maryam: FlaskClient, since: str, until: str) -> None:
    days = {"asked": "on", "since": since, "until": until}
    assert maryam.post("/mailings/reach", data={**FORM, **days}).status_code == 200
    answer = maryam.post("/mailings/new", data={**FORM, **days})
    assert answer.status_code in (303, 422)
    if answer.status_code == 303:
        assert maryam.get(answer.location).status_code == 200


def test_a_list_is_told_line_by_line(app: Flask, maryam: FlaskClient) -> None:
    content = "email,name,amount\na@example.com,Ali,۱۲\nnobody,Bad,1\n"

    def form(**more: Any) -> dict[str, Any]:
        text = {"body_en": "{{ row.amount|digits }}", "body_fa": "{{ row.amount }}"}
        file = (BytesIO(content.encode()), "people.csv")
        return {**FORM, **text, "source": "list", "list": file, **more}

    answer = maryam.post("/mailings/new", data=form())
    assert answer.status_code == 422
    assert "Line 3: " in said(answer)
    assert "is no e-mail address" in said(answer)
    # What the text says of columns is judged at the same time.
    both = said(maryam.post("/mailings/new", data=form(body_en="{{ row.nothing }}")))
    assert "is no e-mail address" in both and "row.nothing" in both
    answer = maryam.post("/mailings/new", data=form(leave_out="on"))
    page = said(maryam.get(answer.location))
    assert "people.csv, one line; one left out" in page
    assert "1 customer gets it" in page
    # The list stays when the text alone is changed.
    changed = {**FORM, "base": "1", "source": "list", "title": "Other"}
    assert maryam.post(f"{answer.location}/edit", data=changed).status_code == 303
    assert only(app).audience["columns"] == ["amount"]
    assert maryam.post(f"{answer.location}/edit", data=changed).status_code == 409


def test_a_schedule_is_typed_by_the_calendar_of_the_language(
    app: Flask, maryam: FlaskClient, clock: MovingClock
) -> None:
    with transaction_of(app):
        told.crowd(1)
        number = told.drafted(clock()).id
    where = f"/mailings/{number}"
    wrong = maryam.post(f"{where}/release", data={"when": "later", "day": "x", "clock": "1"})
    assert wrong.status_code == 422
    assert read(wrong).xpath("//div[@role='alert']//a/@href") == ["#at"]
    past = maryam.post(
        f"{where}/release", data={"when": "later", "day": "1404/01/01", "clock": "8"}
    )
    assert past.status_code == 422
    later = {"when": "later", "day": "۱۴۰۵/۰۲/۱۳", "clock": "۸:۳۰"}
    assert maryam.post(f"{where}/release", data=later).status_code == 303
    assert str(only(app).starts_at) == "2026-05-03 05:00:00+00:00"
    assert "03 May" in said(maryam.get(where)) or "3 May" in said(maryam.get(where))
    # It is no draft any more.
    assert maryam.get(f"{where}/edit").location == where
    assert maryam.post(f"{where}/edit", data={**FORM, "base": "1"}).status_code == 409
    assert maryam.post(f"{where}/recall").status_code == 303
    assert maryam.post(f"{where}/stop").status_code == 409


def test_stopping_says_what_has_gone(app: Flask, maryam: FlaskClient, clock: MovingClock) -> None:
    with transaction_of(app):
        told.crowd(3)
    number = told.released(app, clock(), per_minute=6)
    with transaction_of(app):
        mailing_sending.advance(number, clock())
    stopped = maryam.post(f"/mailings/{number}/stop", follow_redirects=True)
    flashed = " ".join(read(stopped).text_content().split())
    assert "0 had gone out or were being handed over; 3 are held back" in flashed
    progress = read(maryam.get(f"/mailings/{number}/progress"))
    assert not progress.xpath("//@hx-trigger")
    assert maryam.post(f"/mailings/{number}/resume").status_code == 303
    assert read(maryam.get(f"/mailings/{number}/progress")).xpath("//@hx-trigger") == ["every 3s"]
    assert maryam.post(f"/mailings/{number}/cancel").status_code == 303


def test_a_trial_goes_to_ones_own_address(
    app: Flask, maryam: FlaskClient, clock: MovingClock
) -> None:
    with transaction_of(app) as session:
        session.scalars(select(User).filter_by(login="maryam")).one().email = "m@example.org"
        number = told.drafted(clock()).id
    page = read(maryam.get(f"/mailings/{number}"))
    assert page.xpath("//input[@name='trial']/@value") == ["m@example.org"]
    wrong = maryam.post(f"/mailings/{number}/trial", data={"trial": "x"})
    assert read(wrong).xpath("//div[@role='alert']//a/@href") == ["#trial"]
    sent = maryam.post(
        f"/mailings/{number}/trial", data={"trial": "m@example.org", "language": "fa"}
    )
    assert sent.status_code == 303


def test_a_receiver_ends_mailings_and_begins_them_again(
    app: Flask, csrf_app: Flask, client: FlaskClient, clock: MovingClock
) -> None:
    with transaction_of(app):
        told.crowd(1)
    number = told.released(app, clock())
    with transaction_of(app) as session:
        mailing_sending.advance(number, clock())
        link = answering.link_of(session.scalars(select(Delivery.reference)).one())
    path = link[link.index("/portal") :]
    # Mail servers open links: that ends nothing.
    assert "Send me no more" in said(client.get(path))
    assert read(client.get(path)).xpath("//main//bdi[@dir='ltr']/text()") == ["c1…@example.com"]
    assert refusals(app) == 0
    # A mail program sends this without a cookie, to the very address of the header.
    answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert refusals(app) == 1
    assert client.post(path, data={"act": "end"}).status_code == 200
    assert refusals(app) == 1
    assert "Send them to me again" in said(client.get(path))
    client.post(path, data={"act": "begin"})
    assert refusals(app) == 0
    assert client.get(path[:-1]).status_code == 404
    assert client.post(path + "x").status_code == 404
    tried = answering.TRIED
    with app.app_context():
        trial = answering.link_of(tried)
    assert "it changes nothing" in said(client.post(trial[trial.index("/portal") :]))


def refusals(app: Flask) -> int:
    with transaction_of(app) as session:
        return len(session.scalars(select(MailingRefusal)).all())


def test_programs_read_how_it_fares(
    app: Flask, api: Callable[[str], FlaskClient], clock: MovingClock, tick: Tick
) -> None:
    with transaction_of(app):
        told.crowd(2)
    number = told.released(app, clock())
    tick(seconds=1)
    found = api("maryam").get(f"/api/v1/mailings/{number}").get_json()
    assert (found["state"], found["counts"], found["total"]) == ("running", {"sent": 2}, 2)
    listed = api("maryam").get("/api/v1/mailings?limit=1").get_json()
    assert [one["id"] for one in listed["items"]] == [number]
    with transaction_of(app):
        mailing_acts.cancel(number, actor("maryam"), clock())
    assert api("maryam").get(f"/api/v1/mailings/{number}").get_json()["state"] == "cancelled"
