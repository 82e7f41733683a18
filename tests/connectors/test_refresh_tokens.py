"""Refresh tokens that their server replaces each time: one asks at a time, with what holds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from connectors.errors import NotAdmitted, Transient
from connectors.lying_http import Act, Heard, LyingPartner, says_json
from connectors.networks import read_networks
from connectors.oauth import Client, NotGranted, Tokens
from connectors.transport import Request


@dataclass
class Rotating:
    """A server that gives a new refresh token each time and takes no old one again."""

    holds: str = "refresh-0"
    given: int = 0
    used_twice: int = 0
    seconds: int = 3600

    def __call__(self, heard: Heard) -> Act | None:
        if heard.form["refresh_token"] != self.holds:
            self.used_twice += 1
            return says_json({"error": "invalid_grant"}, 400)
        self.given += 1
        self.holds = f"refresh-{self.given}"
        said = {"access_token": f"token-{self.given}", "expires_in": self.seconds}
        return says_json(said | {"refresh_token": self.holds})


@dataclass
class Kept:
    """A keeper for the processes of this test."""

    token: str = "refresh-0"
    refusals: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def turn(self, held: str) -> Iterator[str]:
        with self.lock:
            yield self.token or held

    def keep(self, used: str, given: str) -> None:
        assert self.lock.locked()
        assert used == self.token
        self.token = given

    def refused(self) -> None:
        self.refusals += 1


@pytest.fixture
def server() -> Iterator[LyingPartner]:
    with LyingPartner() as login:
        login.answer = Rotating()
        yield login


def client(server: LyingPartner, keeper: Kept | None) -> Client:
    return Client(f"{server.url}/token", "c", "s3cret", refresh="refresh-0", keeper=keeper)


def get(tokens: Tokens, client: Client) -> str:
    like = Request("POST", client.url, allowed=read_networks("127.0.0.0/8"))
    return tokens.get(client, like)


def rotating(server: LyingPartner) -> Rotating:
    assert isinstance(server.answer, Rotating)
    return server.answer


def test_what_is_given_in_its_place_is_kept_and_used_next(server: LyingPartner) -> None:
    kept, tokens = Kept(), Tokens()
    assert get(tokens, client(server, kept)) == "token-1"
    assert kept.token == "refresh-1"
    assert get(tokens, client(server, kept)) == "token-1", "it is still good"
    tokens.forget("token-1")
    assert get(tokens, client(server, kept)) == "token-2"
    assert (kept.token, rotating(server).used_twice) == ("refresh-2", 0)


def test_the_token_is_known_under_the_refresh_token_that_came_with_it(
    server: LyingPartner,
) -> None:
    """A channel that is read anew holds the new one, and need not ask for that."""
    kept, tokens = Kept(), Tokens()
    get(tokens, client(server, kept))
    anew = Client(f"{server.url}/token", "c", "s3cret", refresh="refresh-1", keeper=kept)
    assert get(tokens, anew) == "token-1"
    assert len(server.heard) == 1


def test_another_process_begins_with_what_is_kept(server: LyingPartner) -> None:
    kept = Kept()
    found = [get(Tokens(), client(server, kept)) for _ in range(3)]
    assert found == ["token-1", "token-2", "token-3"]
    assert (kept.token, rotating(server).used_twice) == ("refresh-3", 0)


def test_those_who_ask_at_once_ask_one_after_the_other(server: LyingPartner) -> None:
    kept, shared = Kept(), Tokens()
    with ThreadPoolExecutor(6) as many:
        one_process = list(many.map(lambda _: get(shared, client(server, kept)), range(6)))
        others = list(many.map(lambda _: get(Tokens(), client(server, kept)), range(6)))
    assert set(one_process) == {"token-1"}
    assert sorted(others) == [f"token-{n}" for n in range(2, 8)]
    assert (rotating(server).used_twice, kept.refusals) == (0, 0)


@pytest.mark.parametrize(
    ("answer", "family", "refusals"),
    [
        (says_json({"error": "invalid_grant"}, 400), NotGranted, 1),
        (says_json({"error": "invalid_client"}, 401), NotGranted, 1),
        (says_json({"error": "invalid_scope"}, 400), NotAdmitted, 0),
        (says_json({"error": "temporarily_unavailable"}, 503), Transient, 0),
    ],
)
def test_a_refusal_for_good_is_told(
    server: LyingPartner, answer: Act, family: type[Transient], refusals: int
) -> None:
    kept = Kept()
    server.answer = None
    server.then(answer)
    with pytest.raises(family) as caught:
        get(Tokens(), client(server, kept))
    assert (kept.refusals, kept.token) == (refusals, "refresh-0")
    assert isinstance(caught.value, NotGranted) == bool(refusals)
    assert "refresh-0" not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize("given", [None, "", 5, "with blanks", "x" * 8001])
def test_what_is_no_token_takes_no_place(server: LyingPartner, given: object) -> None:
    kept = Kept()
    server.answer = None
    server.then(says_json({"access_token": "token-1", "refresh_token": given}))
    assert get(Tokens(), client(server, kept)) == "token-1"
    assert kept.token == "refresh-0"
