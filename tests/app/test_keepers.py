"""A channel with a thread of its own: what the log says when it cannot work."""

from __future__ import annotations

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from app import leading
from app.access import SYSTEM
from app.keepers import Keeper
from app.services.sending import channel_settings, channels
from app.services.sending.channel_settings import Draft
from connectors.errors import NotConnected
from tests.support.application import transaction_of
from tests.support.clock import MovingClock


class Broken(Keeper):
    """Fails once, and is over then."""

    lock, name, what, patience = 0x7E57, "test", "the line", 5.0

    def lead(self, leader: psycopg.Connection) -> None:
        self.over.set()
        raise NotConnected("down")


def test_the_log_names_the_channel_as_people_do(
    app: Flask,
    clock: MovingClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with transaction_of(app):
        channel_settings.save(Draft("shop", "webhook", {"en": "The shop"}), SYSTEM, clock())
        number = channels.find("shop").id
    Broken(app, number).thread.join(60)
    assert "the line shop does not work now: " in caplog.text

    def away(_: int) -> None:
        raise OperationalError("", {}, Exception("away"))

    monkeypatch.setattr(channels, "find_by_id", away)
    Broken(app, number).thread.join(60)
    assert f"the line {number} does not work now: " in caplog.text


class Unlucky(Keeper):
    """Finds the database away once, and is over when it leads again."""

    lock, name, what, patience = 0x7E58, "test", "the line", 5.0
    loss: Exception
    led = 0

    def lead(self, leader: psycopg.Connection) -> None:
        self.led += 1
        if self.led == 1:
            raise self.loss
        self.over.set()


@pytest.mark.parametrize(
    "loss",
    [
        psycopg.OperationalError("connection refused"),
        psycopg.errors.AdminShutdown("terminating connection"),
        OperationalError("", {}, psycopg.OperationalError("the connection is lost")),
    ],
)
def test_a_database_that_is_away_is_one_line_and_no_end(
    app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, loss: Exception
) -> None:
    monkeypatch.setattr(Unlucky, "loss", loss, raising=False)
    monkeypatch.setattr(leading, "pause", lambda _failures: 0.0)
    keeper = Unlucky(app, 7)
    keeper.thread.join(30)
    assert (keeper.thread.is_alive(), keeper.led) == (False, 2)
    [line] = [one for one in caplog.records if one.name == "app.keepers"]
    assert (line.levelname, line.exc_info) == ("WARNING", None)
    assert line.getMessage() == "the line 7 waits for the database, which does not answer"
