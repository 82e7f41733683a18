"""What was said by telephone, fax, letter or in person is entered on the request."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import session
from app.models import Attachment, Interaction
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


def test_files_come_with_a_contact(app: Flask, login: Login, case: Case) -> None:
    data = {**typed(channel="fax"), "files": (BytesIO(b"%PDF-1.7 x"), "نامه.pdf")}
    assert login("narges").post(f"{case.page}/contacts", data=data).status_code == 303
    with transaction_of(app):
        kept = session().scalars(select(Attachment)).one()
        assert (kept.name, kept.request_id) == ("نامه.pdf", case.request_id)


def test_a_file_that_is_refused_keeps_nothing_and_is_told_beside_its_field(
    app: Flask, login: Login, case: Case
) -> None:
    data = {**typed(channel="fax"), "files": (BytesIO(b"MZ\x90\x00"), "setup.exe")}
    answer = login("narges").post(f"{case.page}/contacts", data=data, headers=ENGLISH)
    assert answer.status_code == 422
    assert "setup.exe" in said(answer)
    assert 'id="files-error"' in answer.get_data(as_text=True)
    with transaction_of(app):
        assert (
            session().scalars(select(Interaction).where(Interaction.channel == "fax")).all() == []
        )


def test_in_persian_the_day_is_of_the_jalali_calendar(app: Flask, login: Login, case: Case) -> None:
    client, persian = login("narges"), {"Accept-Language": "fa"}
    page = read(client.get(f"{case.page}/contacts/new", headers=persian))
    [form] = [one for one in page.forms if (one.get("action") or "").endswith("/contacts")]
    assert (form.fields["at"], form.fields["at-time"]) == ("۱۴۰۵/۰۲/۱۲", "۰۹:۳۰")
    data = typed(at="۱۴۰۵/۲/۱۱", **{"at-time": "۱۵:۴۵"})
    answer = client.post(f"{case.page}/contacts", data=data, headers=persian)
    assert answer.status_code == 303
    with transaction_of(app):
        row = session().scalars(select(Interaction).where(Interaction.channel == "phone")).one()
        assert row.at.isoformat() == "2026-05-01T12:15:00+00:00"
