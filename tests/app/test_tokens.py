"""Refresh tokens of mailboxes: what a server gives in their place is stored, once, before the next
process asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import Mock, patch

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.access import SYSTEM
from app.doctor.sent import check_channels
from app.models import Channel, ChannelState, Event
from app.services.sending import channel_settings, channel_tokens, channels, keys
from app.services.sending.channel_settings import Draft
from connectors import imap, oauth
from connectors.errors import NotConnected
from connectors.imap import server_of
from connectors.lying_http import LyingPartner
from connectors.networks import allowed_by
from connectors.oauth import NotGranted, Tokens
from connectors.transport import Request
from tests.connectors.test_refresh_tokens import Rotating
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

Save = Callable[..., None]


@pytest.fixture
def server() -> Iterator[LyingPartner]:
    with LyingPartner() as login:
        login.answer = Rotating()
        yield login


@pytest.fixture
def save(app: Flask, server: LyingPartner, clock: MovingClock) -> Save:
    """Enters a refresh token into the mailbox."""

    def enter(refresh: str) -> None:
        options = {
            "host": "mail.example.org", "user": "requests", "client_id": "c",
            "token_url": f"{server.url}/token", "private_partners": ["127.0.0.0/8"],
        }  # fmt: skip
        secrets = {"client_secret": "s3cret", "refresh_token": refresh}
        with transaction_of(app):
            draft = Draft("box", "imap", {"en": "Box"}, options, secrets)
            channel_settings.save(draft, SYSTEM, clock())

    enter("refresh-0")
    return enter


def opened(app: Flask) -> channels.Opened:
    with app.app_context():
        return channels.open_(channels.find("box"))


def ask(app: Flask) -> str:
    """As a process does that has just begun."""
    with patch.object(oauth, "TOKENS", Tokens()):
        return str(server_of(opened(app).options).token)


def row(app: Flask) -> Channel:
    with transaction_of(app) as session:
        found = session.scalars(select(Channel)).one()
        session.expunge(found)
        return found


def kept(app: Flask) -> str:
    with app.app_context():
        return str(keys.decrypt(row(app).secrets)["refresh_token"])


def refused_at(app: Flask) -> Any:
    with transaction_of(app) as session:
        return session.scalar(select(ChannelState.token_refused_at))


def test_a_new_refresh_token_outlives_the_process(
    app: Flask, save: Save, server: LyingPartner
) -> None:
    before = row(app)
    assert [ask(app) for _ in range(3)] == ["token-1", "token-2", "token-3"]
    assert kept(app) == "refresh-3"
    after = row(app)
    assert b"refresh-" not in (after.secrets or b"")
    # Nobody has changed the settings, so that nobody who edits them is told of a conflict.
    assert (after.revision, after.updated_at) == (before.revision, before.updated_at)


def test_a_process_that_read_the_channel_long_ago_uses_the_newest(
    app: Flask, save: Save, server: LyingPartner
) -> None:
    old = opened(app)
    ask(app)
    with patch.object(oauth, "TOKENS", Tokens()):
        assert server_of(old.options).token == "token-2"
    assert kept(app) == "refresh-2"


def test_two_processes_that_ask_at_once_store_one_after_the_other(
    app: Flask, save: Save, server: LyingPartner
) -> None:
    def get(_: int) -> str:
        options = opened(app).options
        like = Request("POST", options["token_url"], allowed=allowed_by(options))
        return Tokens().get(imap._client(options), like)

    with ThreadPoolExecutor(4) as many:
        found = list(many.map(get, range(4)))
    assert sorted(found) == ["token-1", "token-2", "token-3", "token-4"]
    assert isinstance(server.answer, Rotating)
    assert (server.answer.used_twice, kept(app)) == (0, "refresh-4")


def test_what_somebody_enters_meanwhile_stays(app: Flask, save: Save, server: LyingPartner) -> None:
    with app.app_context():
        way = channels.find("box")
    save("of-another-account")
    with transaction_of(app):
        channel_tokens.keep(way.id, "refresh-0", "refresh-1")
    assert kept(app) == "of-another-account"


def test_what_could_not_be_stored_is_used_and_stored_at_the_next_turn(
    app: Flask, save: Save, server: LyingPartner
) -> None:
    options, tokens = opened(app).options, Tokens()
    away = OperationalError("UPDATE", {}, Exception("away"))
    with patch.object(oauth, "TOKENS", tokens):
        with patch.object(channel_tokens, "keep", side_effect=away):
            assert server_of(options).token == "token-1"
        assert kept(app) == "refresh-0"
        tokens.forget("token-1")
        assert server_of(options).token == "token-2"
    assert kept(app) == "refresh-2"


def test_a_refusal_for_good_is_told_once_until_another_token_is_entered(
    app: Flask, save: Save, server: LyingPartner, clock: MovingClock, login: Any
) -> None:
    save("withdrawn")
    for _ in range(2):
        with pytest.raises(NotGranted):
            ask(app)
    assert refused_at(app) == clock()
    with transaction_of(app) as session:
        query = select(Event.element).where(Event.kind == channel_tokens.REFUSED)
        assert session.scalars(query).all() == ["channel:box"]
    with app.app_context():
        told = [one.text for one in check_channels(clock()) if one.state == "problem"]
    assert any("box: its refresh token is refused" in one for one in told)
    client: FlaskClient = login("admin")
    for language, words in (("en", "takes the refresh token no more"), ("fa", "توکن نوسازی را")):
        client.post("/language", data={"language": language})
        assert client.get("/channels/box").text.count(words) == 2
    save("refresh-0")
    assert refused_at(app) is None
    assert ask(app) == "token-1"


def test_a_refusal_says_nothing_of_a_token_that_somebody_has_entered_meanwhile(
    app: Flask, save: Save, server: LyingPartner
) -> None:
    save("withdrawn")
    refuse = Rotating()

    def enter_and_refuse(asked: Any) -> Any:
        save("refresh-0")
        return refuse(asked)

    server.answer = enter_and_refuse
    with pytest.raises(NotGranted):
        ask(app)
    assert (refused_at(app), kept(app)) == (None, "refresh-0")


def test_a_token_that_is_given_again_ends_the_refusal(
    app: Flask, save: Save, server: LyingPartner, clock: MovingClock
) -> None:
    with transaction_of(app):
        channel_tokens.note_refused(channels.find("box").id, "refresh-0", clock())
    ask(app)
    assert refused_at(app) is None


def test_the_test_of_a_mailbox_in_the_web_stores_what_it_is_given(
    app: Flask, save: Save, server: LyingPartner, login: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "TOKENS", Tokens())
    refused = NotConnected("no such server")
    monkeypatch.setattr("connectors.mailboxes._connect", Mock(side_effect=refused))
    page = login("admin").post("/channels/box/test")
    assert (page.status_code, kept(app)) == (200, "refresh-1")
    assert "no such server" in page.text
