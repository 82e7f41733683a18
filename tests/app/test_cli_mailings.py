"""``peygir mailing``."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from app.cli import mailings as commands
from app.services.bulk_sending import mailing_sending
from tests.app.services import mailing_story as told
from tests.support.application import transaction_of
from tests.support.clock import MovingClock
from tests.support.command_line import runner


def test_it_lists_shows_stops_and_reports(
    app: Flask, clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    peygir = runner(app, monkeypatch, commands)

    def run(*arguments: str) -> str:
        return peygir("mailing", *arguments).output

    with transaction_of(app):
        told.crowd(3)
    number = told.released(app, clock(), per_minute=6)
    with transaction_of(app):
        mailing_sending.advance(number, clock())
    assert "running" in run("list")
    assert "0/3" in run("list")
    shown = json.loads(run("show", str(number)))
    assert (shown["total"], shown["counts"]) == (3, {"waiting": 2, "queued": 1})
    assert run("stop", str(number), "--as", "maryam").startswith("Stopped. 0 had gone out")
    assert told.state(app, number) == "stopped"
    assert "another state" in run("stop", str(number))
    assert run("report", str(number)).count("@example.com") == 3
    assert run("refuse", "Sara@Example.com", "--as", "maryam").startswith("No mailing")
    assert run("refuse", "sara@example.com").startswith("None")
    assert run("allow", "sara@example.com").startswith("Mailings may")
    assert "no e-mail address" in run("allow", "nobody")
