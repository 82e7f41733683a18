"""Calls by the kind ``http`` with a token: asked for once, replaced once, told to nobody."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectors import lying_http as does
from connectors.contract import Answer
from connectors.errors import (
    BadReply,
    DeliveryFailed,
    NotAdmitted,
    NotAnswered,
    Transient,
)
from connectors.http_answers import Refused
from connectors.lying_http import Act, Heard, LyingPartner
from connectors.oauth import TOKENS
from tests.connectors.http_calls import HTTP, options, partner, send

__all__ = ["partner"]


class TokenPartner:
    """Gives tokens and takes calls that carry the newest one."""

    def __init__(self, partner: LyingPartner, seconds: Any = 3600) -> None:
        self.given, self.seconds, self.partner = 0, seconds, partner
        self.valid: set[str] = set()
        partner.answer = self

    def __call__(self, heard: Heard) -> Act:
        if heard.path == "/token":
            return self.partner.script.pop(0) if self.partner.script else self._give(heard)
        if heard.headers.get("authorization", "").removeprefix("Bearer ") in self.valid:
            return does.says_json({"ok": True})
        return does.says_json({"error": "invalid_token"}, 401)

    def _give(self, heard: Heard) -> Act:
        assert heard.form["grant_type"] == "client_credentials"
        self.given += 1
        self.valid = {f"token-{self.given}"}
        return does.says_json(
            {
                "access_token": f"token-{self.given}",
                "token_type": "Bearer",
                "expires_in": self.seconds,
            }
        )


OAUTH = {"auth": "oauth2", "client_id": "peygir", "client_secret": "s3cr:t", "scope": "a b"}


@pytest.fixture
def tokens(partner: LyingPartner) -> Iterator[TokenPartner]:
    yield TokenPartner(partner)
    TOKENS._known.clear()


def call(partner: LyingPartner, **more: Any) -> Answer:
    return send(partner, **{**OAUTH, "token_url": partner.url + "/token", **more})


def test_a_token_is_asked_for_once(partner: LyingPartner, tokens: TokenPartner) -> None:
    for _ in range(3):
        assert call(partner).result["status"] == 200
    assert tokens.given == 1
    asked = partner.heard[0]
    assert asked.headers["authorization"] == "Basic cGV5Z2lyOnMzY3IlM0F0"
    assert asked.form == {"grant_type": "client_credentials", "scope": "a b"}
    call(partner, scope="other")
    assert tokens.given == 2


def test_the_client_may_be_named_in_the_form(partner: LyingPartner, tokens: TokenPartner) -> None:
    call(partner, client_in="body", audience="x")
    form = partner.heard[0].form
    assert (form["client_id"], form["client_secret"], form["audience"]) == ("peygir", "s3cr:t", "x")
    assert "authorization" not in partner.heard[0].headers


@pytest.mark.parametrize("seconds", [1, 29])
def test_a_token_is_not_used_near_its_end(
    partner: LyingPartner, tokens: TokenPartner, seconds: int
) -> None:
    tokens.seconds = seconds
    call(partner)
    call(partner)
    assert tokens.given == 2


def test_a_token_that_was_withdrawn_is_replaced_once(
    partner: LyingPartner, tokens: TokenPartner
) -> None:
    call(partner)
    tokens.valid = set()
    assert call(partner).result["status"] == 200
    assert tokens.given == 2


def test_a_token_that_the_partner_repeats_is_told_to_nobody(
    partner: LyingPartner, tokens: TokenPartner
) -> None:
    def repeat(heard: Heard) -> Act:
        said = heard.headers.get("authorization", "")
        again = does.says_json({"got": said}, headers={"X-Request-Id": said})
        return tokens(heard) if heard.path == "/token" else again

    partner.answer = repeat
    answer = call(partner)
    assert tokens.given == 1
    assert answer.id == "Bearer •••"
    assert "token-1" not in repr(answer)


def test_nor_one_that_json_writes_otherwise(partner: LyingPartner) -> None:
    def repeat(heard: Heard) -> Act:
        if heard.path == "/token":
            return does.says_json({"access_token": "ab/cd+ef==", "token_type": "Bearer"})
        return does.says(r'{"got": "ab\/cd\u002Bef=="}', 200, "application/json")

    partner.answer = repeat
    assert call(partner).result["body"] == {"got": "•••"}
    TOKENS._known.clear()


def test_a_second_refusal_is_the_answer(partner: LyingPartner, tokens: TokenPartner) -> None:
    def refuse(heard: Heard) -> Act:
        return tokens(heard) if heard.path == "/token" else does.says_json({}, 401)

    partner.answer = refuse
    with pytest.raises(Refused) as refusal:
        call(partner)
    assert refusal.value.code == "http_401" and tokens.given == 2


@pytest.mark.parametrize(
    ("act", "family"),
    [
        (does.says_json({"error": "invalid_client"}, 401), NotAdmitted),
        (does.says_json({"error": "s3cr:t"}, 400), NotAdmitted),
        (does.says_html(), BadReply),
        (does.says_json({"access_token": "a\r\nX: 1"}), BadReply),
        (does.says_json({"access_token": 5}), BadReply),
        (does.says_json({"access_token": "x", "token_type": "mac"}), BadReply),
        (does.says_json({}, 503, {"Retry-After": "9"}), Transient),
        (does.leaves, NotAnswered),
        (does.bomb(5_000_000), NotAdmitted),
        (does.redirects("http://127.0.0.1:1/"), NotAdmitted),
    ],
)
def test_without_a_token_nothing_was_done(
    partner: LyingPartner, tokens: TokenPartner, act: Act, family: type[DeliveryFailed]
) -> None:
    partner.then(act)
    with pytest.raises(family) as failure:
        call(partner)
    assert isinstance(failure.value, Transient) and "s3cr" not in str(failure.value)
    assert [one.path for one in partner.heard] == ["/token"]
    assert call(partner).result["status"] == 200


def test_the_test_button_reaches_the_partner_without_effect(
    partner: LyingPartner, tokens: TokenPartner
) -> None:
    partner.answer = None
    partner.then(does.says(b"", 404), does.says(b"", 401), does.says(b"", 500))
    assert HTTP.probe(options(partner)) == "HTTP 404"
    with pytest.raises(NotAdmitted):
        HTTP.probe(options(partner))
    with pytest.raises(Transient):
        HTTP.probe(options(partner))
    assert {one.method for one in partner.heard} == {"HEAD"}
