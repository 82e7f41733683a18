"""The page on which a person enters an absence and names a substitute."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import session
from app.models import Absence
from tests.app.web.conftest import said
from tests.support.application import transaction_of

Login = Callable[..., FlaskClient]


@pytest.mark.parametrize(
    ("first", "last"), [("2026-05-09", "2026-05-12"), ("۱۴۰۵/۰۲/۱۹", "۱۴۰۵/۰۲/۲۲")]
)
def test_days_are_entered_in_either_calendar_and_taken_back(
    app: Flask, login: Login, first: str, last: str
) -> None:
    client = login("sara")
    typed = {"starts_on": first, "ends_on": last, "substitute": "omid"}
    assert client.post("/account/absences", data=typed).status_code == 303
    with transaction_of(app):
        row = session().scalars(select(Absence)).one()
        assert (row.ends_at - row.starts_at).days == 4
        assert row.starts_at.isoformat().startswith("2026-05-08T20:30")
    assert "Omid" in said(client.get("/account/absences", headers={"Accept-Language": "en"}))
    assert client.post(f"/account/absences/{row.id}/end").status_code == 303
    with transaction_of(app):
        assert session().scalars(select(Absence)).all() == []


def test_what_is_wrong_stands_at_its_field(login: Login) -> None:
    answer = login("sara").post("/account/absences", data={"substitute": "omid"})
    assert answer.status_code == 422
    assert "نخستین روز را بنویسید" in said(answer) or "Enter the first day" in said(answer)
