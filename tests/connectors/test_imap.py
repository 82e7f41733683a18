"""A mailbox as a kind of connector: its options, its test without effect, its tokens."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from connectors import NotAdmitted, oauth
from connectors.contract import NotAble, Order
from connectors.imap import Imap, server_of
from connectors.lying_http import LyingPartner, says_json
from connectors.transport import Request
from tests.connectors.mails import mail
from tests.support.clock import START
from tests.support.dovecot import PASSWORD, Dovecot

KIND = Imap()


def options(**changes: Any) -> dict[str, Any]:
    given = {"host": "mail.example.org", "user": "requests", "password": PASSWORD} | changes
    loaded: dict[str, Any] = KIND.Options().load(given)
    return loaded


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"password": ""}, "password"),
        ({"token_url": "https://login.example/token"}, "client_id"),
        ({"address": "no address"}, "address"),
        ({"failure_address": "نامه@example.org"}, "failure_address"),
        ({"trust": "no certificate"}, "trust"),
        ({"poll_seconds": 1}, "poll_seconds"),
        ({"host": "a b"}, "host"),
        ({"private_partners": ["everywhere"]}, "private_partners"),
    ],
)
def test_what_is_wrong_in_the_options_is_told_by_its_name(
    changes: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        options(**changes)
    assert wrong in refused.value.messages_dict


def test_the_port_follows_the_encryption() -> None:
    assert server_of(options()).port == 993
    assert server_of(options(security="starttls")).port == 143
    assert server_of(options(port=1993)).port == 1993


def test_secrets_are_told_apart() -> None:
    assert KIND.secret_names() == {"password", "client_secret", "refresh_token"}


def test_a_mailbox_only_receives() -> None:
    with pytest.raises(NotAble):
        KIND.send(Order("r-1", START), options())


def test_a_token_is_asked_for_in_place_of_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[oauth.Client] = []

    def get(client: oauth.Client, like: Request) -> str:
        asked.append(client)
        return "token-1"

    monkeypatch.setattr(oauth.TOKENS, "get", get)
    given = {"token_url": "https://login.example/token", "client_id": "c", "client_secret": "s" * 9}
    server = server_of(options(password="", scope="imap", refresh_token="r" * 9, **given))
    assert (server.token, server.password) == ("token-1", "")
    assert (asked[0].scope, asked[0].refresh, asked[0].sent_in) == ("imap", "r" * 9, "body")
    assert "token-1" not in repr(server)


def test_a_refresh_token_is_exchanged_as_the_standard_says() -> None:
    given = {
        "client_id": "c-1",
        "client_secret": "s" * 9,
        "refresh_token": "r" * 9,
        "scope": "imap",
    }
    with LyingPartner() as login:
        login.then(says_json({"access_token": "token-2", "token_type": "Bearer"}))
        here = {"token_url": f"{login.url}/token", "private_partners": ["127.0.0.0/8"]}
        assert server_of(options(password="", **given, **here)).token == "token-2"
        assert server_of(options(password="", **given, **here)).token == "token-2"
    [asked] = login.heard
    assert (asked.method, asked.path) == ("POST", "/token")
    assert asked.form == {"grant_type": "refresh_token"} | given
    assert "authorization" not in asked.headers


def test_a_refused_refresh_token_is_told_without_it() -> None:
    given = {"client_id": "c-1", "client_secret": "s" * 9, "refresh_token": "r" * 9}
    with LyingPartner() as login, pytest.raises(NotAdmitted) as refused:
        login.then(says_json({"error": "invalid_grant", "of": "r" * 9}, 400))
        here = {"token_url": f"{login.url}/token", "private_partners": ["127.0.0.0/8"]}
        server_of(options(password="", **given, **here))
    assert "invalid_grant" in str(refused.value)
    assert "rrrr" not in str(refused.value) + repr(refused.value)


@pytest.mark.slow
def test_a_token_that_was_withdrawn_is_asked_for_anew_at_once(dovecot: Dovecot) -> None:
    secret = {"client_id": "c-2", "client_secret": "s" * 9, "refresh_token": "r" * 9}
    here = {"host": "127.0.0.1", "port": dovecot.imap, "security": "none", "user": "renewed"}
    with LyingPartner() as login:
        for token in ("withdrawn", dovecot.token("renewed"), "bad", "worse"):
            login.then(says_json({"access_token": token, "expires_in": 3600}))
        here |= {"token_url": f"{login.url}/token", "private_partners": ["127.0.0.0/8"]}
        for _ in range(2):
            assert KIND.probe(options(password="", **secret, **here)) == "renewed: 0 in INBOX"
        assert len(login.heard) == 2
        other = {**secret, "refresh_token": "q" * 9}
        with pytest.raises(NotAdmitted):
            KIND.probe(options(password="", **other, **here))
        assert len(login.heard) == 4, "a second refusal is told"


@pytest.mark.slow
def test_the_test_of_a_mailbox_counts_and_changes_nothing(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(), "probe@x.org")
    here = {"host": "127.0.0.1", "port": dovecot.imap, "security": "none", "user": "probe"}
    for _ in range(2):
        assert KIND.probe(options(**here)) == "probe: 1 in INBOX"
    assert dovecot.count("probe", "Peygir") == 0
    with pytest.raises(NotAdmitted) as refused:
        KIND.probe(options(**here, password="another-secret"))
    assert "another-secret" not in str(refused.value)
