"""The kinds: whole, found by name, brought by other packages, and masked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from marshmallow import ValidationError, fields

from connectors import registry
from connectors.contract import (
    Answer,
    Connector,
    Hook,
    NotAble,
    Options,
    Order,
    told,
)
from connectors.email import Email
from connectors.errors import BadAddress, NotConnected
from connectors.lying_smtp import LyingServer

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
HOOK = Hook("POST", {}, {}, b"")


class Pigeon(Connector):
    kind = "pigeon"
    task_type = "pigeon"
    names: ClassVar = {"en": "Pigeon", "fa": "کبوتر"}
    about: ClassVar = {"en": "Flies.", "fa": "می‌پرد."}
    abilities: ClassVar = frozenset({"send"})
    Options = Options
    inputs = ()
    results: ClassVar = {}
    errors: ClassVar = {}
    repeats = "repeat"

    def send(self, order: Order, options: Mapping[str, Any]) -> Answer:
        return Answer(words="flown")

    def probe(self, options: Mapping[str, Any]) -> str:
        return "coos"


class Unlabelled(Options):
    loft = fields.String(metadata=told({"en": "Loft"}))


class HalfPigeon(Pigeon):
    kind = "Half Pigeon"
    abilities: ClassVar = frozenset({"ask"})
    errors: ClassVar = {"lost": {"en": "Lost"}}
    Options = Unlabelled


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What other packages bring."""
    found: list[Any] = []
    monkeypatch.setattr(
        registry, "entry_points", lambda group: found if group == registry.GROUP else []
    )
    registry.forget()
    yield found
    registry.forget()


def point(loaded: Any) -> Any:
    return SimpleNamespace(load=lambda: loaded, value=str(loaded))


@pytest.mark.parametrize("kind", registry.kinds().values(), ids=lambda one: one.kind)
def test_every_kind_is_whole(kind: Connector) -> None:
    assert registry.complaints(kind) == []
    # Kinds hold no state, so each of them may be made anew.
    assert type(registry.find(kind.kind)) is type(kind)
    assert type(kind) in map(type, registry.of_task(kind.task_type))
    assert kind.task_type in registry.task_types() | ({""} if kind.fetches else set())


@pytest.mark.parametrize("kind", registry.kinds().values(), ids=lambda one: one.kind)
def test_what_a_kind_cannot_do_it_refuses(kind: Connector) -> None:
    if "ask" not in kind.abilities:
        with pytest.raises(NotAble):
            kind.ask("d-1", {})
    if "report" not in kind.abilities:
        with pytest.raises(NotAble):
            kind.read_report(HOOK, {})
    if "receive" not in kind.abilities:
        with pytest.raises(NotAble):
            kind.read_inbound(HOOK, {})


def test_another_package_brings_a_kind(others: list[Any]) -> None:
    others.append(point(Pigeon))
    assert registry.kinds()["pigeon"].send(Order("d-1", NOW), {}) == Answer(words="flown")
    assert [one.kind for one in registry.of_task("pigeon")] == ["pigeon"]


def test_a_real_entry_point_loads(others: list[Any]) -> None:
    others.append(EntryPoint("again", "connectors.email:Email", registry.GROUP))
    assert list(registry.kinds()).count("email") == 1


def test_a_bad_kind_of_another_package_is_told_and_left_out(
    others: list[Any],
) -> None:
    others += [point(HalfPigeon), point(dict), point(None), point(Pigeon), point(Pigeon)]
    assert "pigeon" in registry.kinds()
    assert len(registry.kinds()) == len(registry.OWN) + 1
    half, no_kind, nothing, second = [one.why for one in registry.unusable()]
    assert "no fa" in half and no_kind == "it is no Connector"
    assert nothing.startswith("it cannot be loaded: TypeError")
    assert second == "the name pigeon is taken by a kind of another package"
    for lack in ("Half Pigeon", "error lost: no fa", "option loft: no fa", "ask: no ask"):
        assert lack in half


def test_our_own_kind_is_never_replaced(others: list[Any]) -> None:
    class Thief(Pigeon):
        kind = "email"

    others.append(point(Thief))
    assert isinstance(registry.find("email"), Email)


def test_secrets_are_named() -> None:
    assert Email().secret_names() == {"password", "dkim_key"}


OPTIONS = {"host": "127.0.0.1", "security": "none", "sender": "us@peygir.example"}


def test_email_options_refuse_what_is_wrong_by_name() -> None:
    with pytest.raises(ValidationError) as refused:
        Email.Options().load(
            {"host": "a b", "security": "rot13", "port": 0, "sender": "x", "hots": 1}
        )
    assert set(refused.value.messages_dict) == {
        "host",
        "security",
        "port",
        "sender",
        "hots",
    }


def test_email_goes_out_as_a_kind() -> None:
    with LyingServer(passwords={"u": "sesame"}) as server:
        options = Email.Options().load(
            OPTIONS | {"port": server.port, "user": "u", "password": "sesame"}
        )
        order = Order("d-1", NOW, to="a@x.org", name="علی", subject="سلام", body="متن")
        answer = Email().send(order, options)
        assert server.received[0].recipients == ("a@x.org",)
    assert answer.id == "<d-1@peygir.example>" == answer.result["message_id"]
    assert answer.final


def test_email_probe_logs_in_and_sends_nothing() -> None:
    with LyingServer(passwords={"u": "sesame"}) as server:
        options = Email.Options().load(
            OPTIONS | {"port": server.port, "user": "u", "password": "sesame"}
        )
        assert Email().probe(options).startswith("250")
        assert server.received == []
        with pytest.raises(NotConnected):
            Email().probe(options | {"port": 1})


def test_email_to_no_address_is_refused_at_once() -> None:
    options = Email.Options().load(OPTIONS)
    with pytest.raises(BadAddress):
        Email().send(Order("d-1", NOW, to="nobody"), options)


@pytest.mark.parametrize(
    ("kind", "option"),
    [("http", "trust"), ("http", "headers"), ("webhook", "trust"), ("soap", "partner_certificate")],
)
def test_what_takes_several_lines_says_so(kind: str, option: str) -> None:
    found = registry.find(kind)
    assert found is not None
    assert found.Options().fields[option].metadata["long"] is True
