"""What was said by telephone, fax, letter or in person is entered on the request."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import session
from app.models import Interaction
from tests.app.web.conftest import Case, read, said
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

Login = Callable[..., FlaskClient]
ENGLISH = {"Accept-Language": "en"}


def typed(**changes: str) -> dict[str, str]:
    usual = {"channel": "phone", "direction": "inbound", "body": "She asked when it is ready."}
    return {**usual, "at": "2026-05-01", "at-time": "15:45", **changes}


@pytest.mark.parametrize("channel", ["phone", "voicemail", "fax", "letter", "in_person"])
@pytest.mark.parametrize("direction", ["inbound", "outbound"])
def test_a_contact_is_entered_with_its_way_and_moment(
    app: Flask, login: Login, case: Case, channel: str, direction: str
) -> None:
    client = login("narges")
    data = typed(channel=channel, direction=direction)
    answer = client.post(f"{case.page}/contacts", data=data)
    assert answer.status_code == 303
    with transaction_of(app):
        row = session().scalars(select(Interaction).where(Interaction.channel == channel)).one()
        assert (row.direction, row.author_kind) == (direction, "user")
        assert row.at.isoformat() == "2026-05-01T12:15:00+00:00"
    assert "She asked when it is ready." in said(client.get(case.page, headers=ENGLISH))


def test_the_form_begins_with_now(login: Login, case: Case, clock: MovingClock) -> None:
    page = read(login("narges").get(f"{case.page}/contacts/new", headers=ENGLISH))
    [form] = [one for one in page.forms if (one.get("action") or "").endswith("/contacts")]
    assert (form.fields["at"], form.fields["at-time"]) == ("2026-05-02", "09:30")


def test_a_moment_that_has_not_come_is_refused_beside_its_field(login: Login, case: Case) -> None:
    data = typed(at="2031-01-01")
    answer = login("narges").post(f"{case.page}/contacts", data=data, headers=ENGLISH)
    assert answer.status_code == 422
    assert "That moment has not come yet." in said(answer)


def test_an_empty_form_names_what_is_missing(login: Login, case: Case) -> None:
    answer = login("narges").post(f"{case.page}/contacts", data={}, headers=ENGLISH)
    assert answer.status_code == 422
    assert "Enter what was said" in said(answer)
