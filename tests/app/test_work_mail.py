"""The edge at which mails are received: one that goes wrong holds up no other."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app import work_mail
from app.db import session
from app.models import InboundMessage
from app.services.intake import receiving
from app.services.intake.mail_intake import Fetched
from connectors.mail_cell import Cell
from connectors.mail_reading import read
from tests.app.services.intake.mail_story import open_box
from tests.connectors.mails import mail
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

READER = cast("Cell", SimpleNamespace(read=read))
RAW = mail("From: a@example.com\r\nSubject: hello", b"It broke.")


def test_what_the_database_cannot_hold_is_kept_in_quarantine(
    app: Flask, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        session().execute(text("SELECT timestamptz '10000-01-01 00:00Z'")).scalar()

    monkeypatch.setattr(receiving, "route", refuse)
    with transaction_of(app):
        box = open_box(clock)
    with app.app_context():
        assert work_mail.take(Fetched(7, 1, RAW), box, READER) == "quarantined"
    with transaction_of(app):
        kept = session().scalars(select(InboundMessage)).one()
        assert (kept.state, kept.why, kept.raw) == ("quarantined", "crashed", RAW)


@pytest.mark.parametrize(
    ("sqlstate", "waits"),
    [("57P01", True), ("08006", True), ("40P01", True), ("55P03", True), ("23505", False),
     ("42P01", False), ("22021", False)],
)  # fmt: skip
def test_a_mail_waits_where_the_database_may_take_it_later_and_is_put_aside_where_not(
    app: Flask, clock: MovingClock, monkeypatch: pytest.MonkeyPatch, sqlstate: str, waits: bool
) -> None:
    def refuse(*_: Any) -> None:
        raise DBAPIError("INSERT", {}, psycopg.errors.lookup(sqlstate)("no"))

    monkeypatch.setattr(receiving, "route", refuse)
    with transaction_of(app):
        box = open_box(clock)
    with app.app_context(), pytest.raises(DBAPIError) if waits else nullcontext():
        assert work_mail.take(Fetched(7, 1, RAW), box, READER) == "quarantined"
    with transaction_of(app):
        kept = session().scalars(select(InboundMessage.state)).all()
    assert list(kept) == ([] if waits else ["quarantined"])
