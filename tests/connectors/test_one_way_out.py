"""Whatever kind calls a partner by HTTP, it goes by the same guarded way: no redirect is followed,
no private address is reached without leave, and no answer of the DNS leads inside."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from marshmallow import ValidationError

from connectors import oauth
from connectors.contract import Connector, Order
from connectors.errors import DeliveryFailed
from connectors.fake_sms import OPTIONS
from connectors.http import Http
from connectors.imap import Imap, server_of
from connectors.lying_http import LyingPartner, redirects
from connectors.networks import read_networks
from connectors.sms_http import SmsHttp
from connectors.soap import Soap
from connectors.transport import Request
from connectors.webhook import Webhook
from connectors.wsdl_fetching import fetch_bundle
from connectors.wsdl_words import BadWsdl
from tests.connectors.soap_calls import document

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HERE = ("127.0.0.0/8",)
Call = Callable[[str, Sequence[str]], object]


def _send(kind: Connector, inputs: dict[str, Any], options: dict[str, Any]) -> object:
    return kind.send(Order("d-1", AT, inputs), options)


def by_http(url: str, leave: Sequence[str]) -> object:
    given = {"base_url": url, "timeout": 20, "private_partners": list(leave)}
    return _send(Http(), {"path": "orders", "body": {}}, Http().Options().load(given))


def by_webhook(url: str, leave: Sequence[str]) -> object:
    given = {"url": url, "private_partners": list(leave), "timeout": 20}
    return _send(Webhook(), {"type": "e.e", "data": {}}, Webhook().Options().load(given))


def by_soap(url: str, leave: Sequence[str]) -> object:
    given = {"address": url, "timeout": 20, "private_partners": list(leave)}
    options = {**Soap().Options().load(given), "wsdl": document()}
    inputs = {"operation": "Echo", "values": {"text": "x"}}
    return _send(Soap(), inputs, options)


def by_sms(url: str, leave: Sequence[str]) -> object:
    given = {"preset": "generic", "url": f"{url}/send", "private_partners": list(leave)}
    options = SmsHttp().Options().load({**given, **OPTIONS["generic"]})
    return _send(SmsHttp(), {"to": "09121234567", "body": "x"}, options)


def by_token(url: str, leave: Sequence[str]) -> object:
    given = {"host": "mail.example.org", "user": "u", "token_url": f"{url}/token"}
    given |= {"client_id": "c", "client_secret": "s"}
    return server_of(Imap().Options().load({**given, "private_partners": list(leave)}))


def by_wsdl(url: str, leave: Sequence[str]) -> object:
    return fetch_bundle(
        f"{url}/svc?wsdl", Request("GET", "", allowed=read_networks(" ".join(leave)))
    )


KINDS = [by_http, by_webhook, by_soap, by_sms, by_token, by_wsdl]
every_kind = pytest.mark.parametrize("call", KINDS, ids=lambda one: one.__name__)
FAILS = (DeliveryFailed, BadWsdl)


@pytest.fixture(autouse=True)
def _no_tokens() -> None:
    oauth.TOKENS._known.clear()


@every_kind
def test_a_redirect_inward_is_not_followed(call: Call) -> None:
    with LyingPartner() as partner, LyingPartner() as inside:
        partner.usual = redirects(f"{inside.url}/admin")
        with pytest.raises(FAILS):
            call(partner.url, HERE)
        assert len(partner.heard) == 1, "nothing repeats a call by itself either"
        assert inside.connections == 0


@every_kind
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f000001"])
def test_a_private_address_needs_leave(call: Call, host: str) -> None:
    with LyingPartner() as partner:
        with pytest.raises((*FAILS, ValidationError)):
            call(f"http://{host}:{partner.port}", ())
        assert partner.connections == 0


@every_kind
def test_an_answer_of_the_dns_that_leads_inside_reaches_nothing(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One public address among private ones, in any order, and the forms that hide one."""
    answers = [
        ("93.184.216.34", "127.0.0.1"), ("127.0.0.1", "93.184.216.34"), ("::ffff:127.0.0.1",),
        ("64:ff9b::7f00:1",), ("169.254.169.254",), ("fe80::1%eth0",), (), ("2002:7f00:1::",),
    ]  # fmt: skip
    with LyingPartner() as partner:
        for answer in answers:
            told = [_told(one, partner.port) for one in answer]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_, told=told, **__: told)
            with pytest.raises(FAILS):
                call(f"http://partner.test:{partner.port}", ())
        assert partner.connections == 0


def _told(address: str, port: int) -> tuple[Any, ...]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return (family, socket.SOCK_STREAM, 6, "", (address, port))
