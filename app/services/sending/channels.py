"""The channels as they are in force: found by key or type of task, with their secrets in plain.

All channels are kept in mind and asked for again after a second, so that finding one costs no
statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import select

from app import running
from app.db import run
from app.errors import Conflict, NoSuch
from app.models import Channel
from app.services.sending import keys
from app.services.sending.documents import with_documents
from connectors import registry
from connectors.contract import PRIVATE, REFRESH_TOKEN, TOKEN_KEEPER, Connector
from connectors.masking import texts_in

FRESH_FOR = 1.0
"""Seconds for which the list of channels counts as known."""


class ChannelUnusable(Conflict):
    """The channel {key} cannot be used: {why}"""

    fa = "کانال {key} به کار نمی‌آید: {why}"


@dataclass(frozen=True)
class Way:
    """One channel as it was read last."""

    id: int
    key: str
    kind: str
    task_type: str
    names: Mapping[str, str]
    options: Mapping[str, Any]
    secrets: bytes | None = field(repr=False)
    """Encrypted."""
    enabled: bool
    is_default: bool
    policy: Mapping[str, Any]
    revision: int


@dataclass(frozen=True)
class Opened:
    """A channel ready to send: its kind, and its options with the secrets in plain."""

    way: Way
    connector: Connector
    options: Mapping[str, Any] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    """Every secret text, to be masked in whatever the partner says."""


@dataclass
class _Known:
    ways: dict[str, Way] = field(default_factory=dict)
    opened: dict[int, Opened] = field(default_factory=dict)
    asked_at: float = -FRESH_FOR


def find(key: str) -> Way:
    """The channel of this key, switched on or off; raises NoSuch."""
    found = _fresh().ways.get(key) or _fresh(again=True).ways.get(key)
    if found is None:
        raise NoSuch(en=f"channel {key}", fa=f"کانال {key}")
    return found


def find_by_id(channel_id: int) -> Way:
    """The channel of this id, switched on or off; raises NoSuch."""
    for again in (False, True):
        for way in _fresh(again=again).ways.values():
            if way.id == channel_id:
                return way
    raise NoSuch(en=f"channel {channel_id}", fa=f"کانال {channel_id}")


def default_of(task_type: str) -> Way | None:
    """The default channel of a type of task, when there is one and it is switched on."""
    ways = _fresh().ways.values()
    return next((w for w in ways if w.is_default and w.enabled and w.task_type == task_type), None)


def of_kind(kind: str) -> list[Way]:
    """The channels of a kind, switched on or off."""
    return [way for way in _fresh().ways.values() if way.kind == kind]


def all_ways() -> list[Way]:
    """All channels, by their keys."""
    return [way for _, way in sorted(_fresh(again=True).ways.items())]


def set_secrets(way: Way) -> frozenset[str]:
    """The names of the secrets that are there; none when they cannot be read any more."""
    try:
        found = keys.decrypt(way.secrets)
    except keys.KeysLost:
        return frozenset()
    return frozenset(name for name, value in found.items() if value not in (None, ""))


def open_(way: Way) -> Opened:
    """The channel with its secrets in plain.

    Raises ChannelUnusable when its kind is not installed or refuses the options, and
    ``keys.KeysLost``; NoSuch when one of its documents is gone.
    """
    opened = _known().opened
    found = opened.get(way.id)
    if found is None or found.way != way:
        found = opened[way.id] = _open(way)
    return found


def _open(way: Way) -> Opened:
    connector = registry.find(way.kind)
    if connector is None:
        raise ChannelUnusable(key=way.key, why=f"no connector of the kind {way.kind}")
    plain = keys.decrypt(way.secrets)
    try:
        options: dict[str, Any] = connector.Options().load({**way.options, **plain})
    except ValidationError as wrong:
        # The names alone: a message might repeat the value, and that might be a secret.
        named = ", ".join(sorted(map(str, wrong.messages_dict)))
        raise ChannelUnusable(key=way.key, why=f"its options: {named}") from None
    options = with_documents(connector, _allowed(connector, options))
    if options.get(REFRESH_TOKEN):
        options[TOKEN_KEEPER] = running.found("peygir.token_keepers")(way.id)
    return Opened(way, connector, options, tuple(texts_in(plain)))


def _allowed(connector: Connector, options: dict[str, Any]) -> dict[str, Any]:
    """A kind that can reach private networks may reach those of the machine's settings, too."""
    if PRIVATE not in connector.Options().fields:
        return options
    settings = running.settings()
    return {**options, PRIVATE: [*(options.get(PRIVATE) or ()), *settings.private_partners]}


def forget() -> None:
    """Read everything again at the next question."""
    running.forget("peygir.channels")


def _known() -> _Known:
    return running.kept("peygir.channels", _Known)


def _fresh(*, again: bool = False) -> _Known:
    known = _known()
    if again or monotonic() - known.asked_at >= FRESH_FOR:
        known.ways = {row.key: Way(*row) for row in run(_ALL).all()}
        known.asked_at = monotonic()
    return known


_ALL = select(
    Channel.id, Channel.key, Channel.kind, Channel.task_type, Channel.names, Channel.options,
    Channel.secrets, Channel.enabled, Channel.is_default, Channel.policy, Channel.revision,
)  # fmt: skip
