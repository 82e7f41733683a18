"""Calls that belong to no request: placed on one, turned into one, or dismissed, each once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import session
from app.models import ContactPoint, Interaction, Party, PhoneCall
from app.services import history
from app.services.accounts import people
from app.services.intake import phone_calls
from app.services.intake.phone_calls import Call
from tests.app.web.conftest import Case, said
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.statements import statements

Login = Callable[..., FlaskClient]
Ring = Callable[..., int]
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def ring(app: Flask, clock: MovingClock) -> Ring:
    """``ring(number)`` is a call that the telephone system reports; its number here."""

    def report(number: str = "+989120000077", **more: Any) -> int:
        call = Call(f"pbx-{number}-{more}", number, "inbound", clock(), "voicemail", 65,
                    "https://pbx.example/rec/1")  # fmt: skip
        with transaction_of(app):
            actor = people.actor_of(people.by_login("partner"))
            return phone_calls.report(call, actor, clock()).row.id

    return report


def row_of(app: Flask, call_id: int) -> PhoneCall:
    with transaction_of(app):
        return session().get_one(PhoneCall, call_id)


def test_a_call_that_belongs_to_nothing_is_listed_and_counted(login: Login, ring: Ring) -> None:
    client = login("narges")
    assert "No call was dropped" in said(client.get("/triage/calls?dropped=1", headers=ENGLISH))
    assert "No call waits" in said(client.get("/triage/calls", headers=ENGLISH))
    ring()
    ring("1000")
    page = said(client.get("/triage/calls", headers=ENGLISH))
    assert "0912 000 0077" in page
    assert "1000" in page
    assert "Left a voice mail" in page
    assert "Phone calls 2" in said(client.get("/triage", headers=ENGLISH))
    assert "۰۹۱۲ ۰۰۰ ۰۰۷۷" in said(client.get("/triage/calls", headers={"Accept-Language": "fa"}))


def test_a_long_list_asks_no_more_than_a_short_one(
    app: Flask, login: Login, ring: Ring, clock: MovingClock
) -> None:
    client, asked = login("narges"), []
    for first, last in ((1, 2), (3, 6)):
        for number in (f"+98912000010{n}" for n in range(first, last)):
            with transaction_of(app) as opened:
                party = Party(name=f"N{number[-1]}", language="en", created_at=clock())
                party.contact_points.append(ContactPoint(kind="phone", value=number))
                opened.add(party)
            ring(number)
        with statements() as said_now:
            page = said(client.get("/triage/calls", headers=ENGLISH))
        asked.append(len(said_now))
    assert all(f"N{n}" in page for n in (1, 3, 5))
    assert asked[0] == asked[1]


def test_a_call_joins_a_request_once(
    app: Flask, login: Login, ring: Ring, case: Case, clock: MovingClock
) -> None:
    call_id, client = ring(), login("narges")
    path = f"/triage/calls/{call_id}"
    refused = client.post(f"{path}/join", data={"number": "R-999999"}, headers=ENGLISH)
    assert refused.status_code == 422
    assert "There is no request R-999999" in said(refused)
    assert client.post(f"{path}/join", data={"number": case.number}).status_code == 303
    page = client.get(case.page, headers=ENGLISH)
    assert "Voice mail" in said(page)
    assert "https://pbx.example/rec/1" in page.get_data(as_text=True)
    assert client.post(f"{path}/join", data={"number": case.number}).status_code == 409
    assert "It stands on a request" in said(client.get(path, headers=ENGLISH))
    row = row_of(app, call_id)
    assert (row.request_id, row.decided_at) == (case.request_id, clock())
    assert "No call waits" in said(client.get("/triage/calls", headers=ENGLISH))


def test_the_customer_s_open_requests_are_offered(
    login: Login, submit: Callable[..., Case], ring: Ring
) -> None:
    first, second = submit(), submit()
    call_id = ring("+989120000042")
    page = said(login("narges").get(f"/triage/calls/{call_id}", headers=ENGLISH))
    assert first.number in page
    assert second.number in page
    assert "Open requests of this customer" in page


def test_a_new_request_takes_the_call_with_it(app: Flask, login: Login, ring: Ring) -> None:
    call_id, client = ring(), login("narges")
    form = client.get(f"/requests/new?service=complaint&call={call_id}", headers=ENGLISH)
    text = form.get_data(as_text=True)
    assert 'value="+989120000077"' in text
    assert f'name="call" value="{call_id}"' in text
    filled = {
        "service": "complaint", "call": str(call_id), "name": "Sima", "phone": "+989120000077",
        "channel": "phone", "language": "fa", "subject": "The lift", "data.about": "product",
    }  # fmt: skip
    refused = client.post("/requests/new", data=filled, headers=ENGLISH)
    assert refused.status_code == 422
    assert f'name="call" value="{call_id}"' in refused.get_data(as_text=True)
    done = client.post("/requests/new", data={**filled, "description": "It stands still."})
    assert done.status_code == 303
    with transaction_of(app):
        spoken = session().scalars(select(Interaction).where(Interaction.link.is_not(None))).one()
        assert spoken.request_id == session().get_one(PhoneCall, call_id).request_id


def test_who_does_not_receive_cannot_place_a_call_by_a_new_request(
    app: Flask, login: Login, ring: Ring
) -> None:
    call_id, client = ring(), login("babak")
    text = client.get(f"/requests/new?service=complaint&call={call_id}").get_data(as_text=True)
    assert "989120000077" not in text
    filled = {
        "service": "complaint", "call": str(call_id), "name": "Sima", "phone": "09121111111",
        "channel": "phone", "language": "fa", "subject": "x", "description": "y",
        "data.about": "product",
    }  # fmt: skip
    assert client.post("/requests/new", data=filled).status_code == 303
    assert row_of(app, call_id).request_id is None


def test_what_is_dismissed_needs_a_reason(app: Flask, login: Login, ring: Ring) -> None:
    call_id, client = ring(), login("narges")
    path = f"/triage/calls/{call_id}/dismiss"
    refused = client.post(path, data={"reason": " "}, headers=ENGLISH)
    assert refused.status_code == 422
    assert "Write why" in said(refused)
    assert client.post(path, data={"reason": "a wrong number"}).status_code == 303
    assert client.post(path, data={"reason": "again"}).status_code == 409
    assert row_of(app, call_id).dismissed == "a wrong number"
    page = said(client.get(f"/triage/calls/{call_id}", headers=ENGLISH))
    assert "a wrong number" in page
    assert "Narges" in page
    with transaction_of(app):
        [told] = history.deeds_of(f"call:{call_id}")
        narges = people.by_login("narges").id
    assert (told.kind, told.actor_id, told.data["reason"]) == (
        "call_dismissed", narges, "a wrong number",
    )  # fmt: skip
    assert "a wrong number" not in said(client.get("/triage/calls", headers=ENGLISH))
    assert "a wrong number" in said(client.get("/triage/calls?dropped=1", headers=ENGLISH))
