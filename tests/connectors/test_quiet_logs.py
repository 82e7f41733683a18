"""No log says a secret, though every library is asked for all that it can tell."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from connectors import lying_http as does
from connectors import oauth
from connectors.contract import Order
from connectors.email import Email
from connectors.errors import DeliveryFailed
from connectors.http import Http
from connectors.imap import Imap
from connectors.lying_http import LyingPartner
from connectors.lying_smtp import LyingServer
from connectors.masking import MASK, masked
from connectors.soap_partner import SoapPartner
from connectors.webhook import Webhook
from tests.connectors.soap_calls import call as call_by_soap
from tests.support.dovecot import PASSWORD, Dovecot

SECRET = "S3cret/of+ours&no=one"
TOKEN = "t0ken.that-was-given"
HERE = {"private_partners": ["127.0.0.1"], "timeout": 20}
AT = datetime(2026, 11, 22, tzinfo=UTC)
ORDER = Order("d0c1ab", AT, to="ali@example.org", subject="x", body="x")
Act = Callable[[], object]


@pytest.fixture
def everything(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[None]:
    """All that is logged or printed while a test calls; it must not hold a secret."""
    oauth.TOKENS._known.clear()
    with caplog.at_level(logging.DEBUG):
        yield
    out, err = capfd.readouterr()
    # The mail server of the test, which is told a secret to repeat, logs as well.
    ours = [one for one in caplog.get_records("call") if one.name != "mail.log"]
    logged = map(logging.Formatter().format, ours)
    told = "\n".join([*logged, out, err])
    both = b64encode(f"\0u\0{SECRET}".encode()).decode()
    pair = b64encode(f"u:{SECRET}".encode()).decode()
    assert MASK not in masked(told, [SECRET, TOKEN, PASSWORD, both, pair]), told


def tried(act: Act) -> None:
    with suppress(DeliveryFailed):
        act()


@pytest.mark.parametrize(
    "given",
    [
        {"auth": "basic", "user": "u", "password": SECRET},
        {"auth": "bearer", "token": SECRET},
        {"auth": "api_key", "api_key_name": "k", "api_key": SECRET, "api_key_in": "query"},
        {"auth": "oauth2", "client_id": "u", "client_secret": SECRET},
        {"auth": "oauth2", "client_id": "u", "client_secret": SECRET, "client_in": "body"},
    ],
)
def test_of_calls_by_http(everything: None, given: dict[str, str]) -> None:
    with LyingPartner() as partner:
        partner.answer = lambda heard: does.says_json(
            {"access_token": TOKEN, "token_type": "bearer"}
            if heard.path == "/token"
            else {"path": heard.target, "headers": dict(heard.headers)}
        )
        where = {"base_url": partner.url, "token_url": partner.url + "/token"}
        where = where if given["auth"] == "oauth2" else {"base_url": partner.url}
        options = Http().Options().load({**HERE, **where, **given})
        order = replace(ORDER, inputs={"path": "x", "body": {}})
        Http().send(order, options)
        Http().probe(options)
        for lie in (does.leaves, does.says_html(500), does.redirects(f"http://x/?k={SECRET}")):
            partner.then(lie)
            tried(lambda: Http().send(order, options))
    tried(lambda: Http().send(order, options))


def test_of_webhooks(everything: None) -> None:
    secret = "whsec_" + b64encode(SECRET.encode() + b"1234").decode()
    with LyingPartner() as partner:
        given = {**HERE, "url": f"{partner.url}/{TOKEN}", "secrets": secret}
        options = Webhook().Options().load(given)
        order = replace(ORDER, inputs={"type": "a", "data": {}})
        Webhook().send(order, options)
        partner.then(does.leaves)
        tried(lambda: Webhook().send(order, options))
    tried(lambda: Webhook().send(order, options))


@pytest.mark.parametrize("auth", ["basic", "text", "digest"])
def test_of_calls_by_soap(everything: None, auth: str) -> None:
    given = {"auth": auth, "user": "u", "password": SECRET}
    with SoapPartner() as partner:
        for lie in (None, does.leaves, does.says(f"<a>{SECRET}", 200, "text/xml")):
            partner.script.extend([lie] if lie else [])
            tried(partial(call_by_soap, partner, "Echo", {"text": "x"}, **given))


@pytest.mark.parametrize("known", [SECRET, "another"])
def test_of_letters(everything: None, known: str) -> None:
    with LyingServer(passwords={"u": known}, lies={"RCPT": [f"550 {SECRET}"]}) as server:
        given = {"host": "127.0.0.1", "port": server.port, "security": "none", "user": "u"}
        given |= {"password": SECRET, "sender": "us@example.org"}
        options = Email().Options().load(given)
        for _ in range(2):
            tried(lambda: Email().send(ORDER, options))
        tried(lambda: Email().probe(options))


@pytest.mark.slow
@pytest.mark.parametrize("with_token", [False, True])
def test_of_mailboxes(everything: None, dovecot: Dovecot, with_token: bool) -> None:
    with LyingPartner() as partner:
        partner.usual = does.says_json({"access_token": PASSWORD, "token_type": "bearer"})
        given = {"host": "localhost", "port": dovecot.imap, "security": "none", "user": "quiet"}
        if with_token:
            given |= {"token_url": f"{partner.url}/token", "private_partners": ["127.0.0.1"]}
            given |= {"client_id": "c", "client_secret": SECRET, "refresh_token": SECRET}
        else:
            given |= {"password": PASSWORD}
        assert Imap().probe(Imap().Options().load(given)) == "quiet: 0 in INBOX"
