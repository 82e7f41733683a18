"""The page of addresses that nothing is sent to: found, added, allowed again with a reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access import SYSTEM
from app.db import session
from app.models import NoContact
from app.services.sending import no_contact
from tests.app.web.conftest import said
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

Login = Callable[..., FlaskClient]
ENGLISH = {"Accept-Language": "en"}


def barred(app: Flask) -> list[tuple[str, str, str, str]]:
    with transaction_of(app):
        rows = session().scalars(select(NoContact).order_by(NoContact.id))
        return [(one.kind, one.address, one.reason, one.note) for one in rows]


def test_an_address_is_added_with_why(app: Flask, login: Login) -> None:
    client = login("maryam")
    assert "Everybody may be written to" in said(client.get("/no-contact", headers=ENGLISH))
    for address in ("Sara@Example.com", "۰۹۱۲ ۱۲۳ ۴۵۶۷"):
        data = {"address": address, "reason": "asked", "note": "  by telephone  "}
        assert client.post("/no-contact", data=data).status_code == 303
    assert barred(app) == [
        ("email", "sara@example.com", "asked", "by telephone"),
        ("phone", "+989121234567", "asked", "by telephone"),
    ]
    page = said(client.get("/no-contact", headers=ENGLISH))
    assert "sara@example.com" in page
    assert "0912 123 4567" in page
    again = client.post("/no-contact", data=data, headers=ENGLISH, follow_redirects=True)
    assert "It stood here already" in again.get_data(as_text=True)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"address": "nobody", "reason": "asked"}, "Enter an e-mail address or a phone number."),
        ({"address": "a@b.example", "reason": "whim"}, "Choose why."),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    app: Flask, login: Login, data: dict[str, str], told: str
) -> None:
    answer = login("maryam").post("/no-contact", data=data, headers=ENGLISH)
    assert answer.status_code == 422
    assert told in said(answer)
    assert data["address"] in answer.get_data(as_text=True)
    assert barred(app) == []


@pytest.mark.parametrize("words", ["sara", "EXAMPLE", "sara@example.com"])
def test_addresses_are_found_by_a_part(
    app: Flask, login: Login, clock: MovingClock, words: str
) -> None:
    with transaction_of(app):
        no_contact.bar("email", "sara@example.com", "bounced", SYSTEM, clock())
        no_contact.bar("phone", "09121234567", "opted_out", SYSTEM, clock())
    client = login("maryam")
    page = said(client.get(f"/no-contact?q={words}", headers=ENGLISH))
    assert "sara@example.com" in page
    assert "0912" not in page
    for typed in ("۰۹۱۲ ۱۲۳ ۴۵۶۷", "4567", "۱۲۳۴۵"):
        assert "0912 123 4567" in said(client.get("/no-contact", query_string={"q": typed},
                                                  headers=ENGLISH))  # fmt: skip
    assert "Nothing fits" in said(client.get("/no-contact?q=100%25", headers=ENGLISH))


def test_an_address_is_allowed_again_only_with_a_reason_and_its_past_stays(
    app: Flask, login: Login, clock: MovingClock
) -> None:
    with transaction_of(app) as work:
        no_contact.bar("email", "sara@example.com", "bounced", SYSTEM, clock(), note="550")
        row_id = work.scalars(select(NoContact.id)).one()
    client, path = login("maryam"), f"/no-contact/{row_id}"
    page = said(client.get(path, headers=ENGLISH))
    assert "Letters came back" in page
    assert "550" in page
    refused = client.post(f"{path}/allow", data={"note": " "}, headers=ENGLISH)
    assert refused.status_code == 422
    assert "Write why it may be written to again." in said(refused)
    assert len(barred(app)) == 1
    done = client.post(f"{path}/allow", data={"note": "her box is empty again"}, headers=ENGLISH,
                       follow_redirects=True)  # fmt: skip
    assert barred(app) == []
    told = said(done)
    assert "her box is empty again" in told
    assert told.index("may be written to again") < told.index("nothing is sent")
    assert client.get(path).status_code == 404


def test_many_are_shown_in_pages(app: Flask, login: Login, clock: MovingClock) -> None:
    with transaction_of(app):
        for number in range(no_contact.PAGE + 1):
            no_contact.bar("email", f"a{number:03}@example.com", "asked", SYSTEM, clock())
    client = login("maryam")
    first = client.get("/no-contact", headers=ENGLISH)
    assert "a000@" not in said(first)
    assert "Next page" in said(first)
    with transaction_of(app):
        last = session().scalars(select(NoContact.id).order_by(NoContact.id)).all()[1]
    assert "a000@" in said(client.get(f"/no-contact?before={last}", headers=ENGLISH))
