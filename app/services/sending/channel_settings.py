"""Channels made and changed by administrators; every change is a revision in the history."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import select, update

from app.access import Actor
from app.db import session
from app.errors import Conflict, Invalid, NoSuch
from app.models import Channel, Event
from app.models.history import CHANNEL
from app.services import history
from app.services.sending import channel_policy, channel_tokens, channels, keys, option_words
from app.services.texts import choose
from connectors import registry
from connectors.contract import REFRESH_TOKEN, Connector

_KEY = re.compile(r"[a-z][a-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Draft:
    """What somebody wants a channel to be."""

    key: str
    kind: str
    names: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    """Those that are no secrets; what is missing takes its default."""
    secrets: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """New secrets; one that is missing stays as it is, None takes it away."""
    policy: Mapping[str, Any] = field(default_factory=dict)
    enabled: bool = True
    is_default: bool = False
    base: int | None = None
    """The revision that was opened; 0 for a new channel, None for whatever it is now."""


def save(draft: Draft, actor: Actor, now: datetime) -> Channel:
    """Write the channel and its revision into the history; no revision when nothing differs.

    Raises Invalid by field (``key``, ``kind``, ``options.host``, ``policy.attempts``), and
    Conflict when somebody changed it since it was opened.
    """
    row = _row(draft.key)
    _check_base(row, draft)
    connector = registry.find(row.kind if row else draft.kind)
    wrong = _wrong(draft, row, connector, actor.language)
    if connector is None or "kind" in wrong:
        raise Invalid(wrong)
    secrets = _secrets(draft, row, connector)
    options, policy = _loaded(draft, connector, secrets, actor.language, wrong)
    if row is None:
        row = Channel(key=draft.key, kind=connector.kind, created_at=now, revision=0, secrets=None)
        session().add(row)
    kept = _before(row)
    row.task_type, row.names = connector.task_type, dict(draft.names)
    row.options, row.policy, row.enabled = options, policy, draft.enabled
    _make_default(row, wanted=draft.is_default)
    changed = sorted(name for name, value in secrets.items() if kept.secrets.get(name) != value)
    changed += sorted(set(kept.secrets) - set(secrets))
    if changed:
        row.secrets = keys.encrypt(secrets)
    if REFRESH_TOKEN in changed and row.id is not None:
        channel_tokens.allow(row.id)
    if changed or kept.facts != _facts(row):
        _revise(row, changed, actor, now)
    session().flush()
    channels.forget()
    return row


@dataclass(frozen=True)
class _Before:
    facts: dict[str, Any]
    secrets: dict[str, Any]


def _before(row: Channel) -> _Before:
    return _Before(_facts(row) if row.revision else {}, _plain(row))


def _plain(row: Channel | None) -> dict[str, Any]:
    """The secrets that there are. Those that cannot be read any more are as good as none, since
    the one who saves may be entering them again."""
    try:
        return keys.decrypt(row.secrets if row else None)
    except keys.KeysLost:
        return {}


def _row(key: str) -> Channel | None:
    query = select(Channel).where(Channel.key == key).with_for_update()
    return session().scalar(query.execution_options(populate_existing=True))


def _check_base(row: Channel | None, draft: Draft) -> None:
    if draft.base is not None and draft.base != (row.revision if row else 0):
        raise Conflict


def _wrong(
    draft: Draft, row: Channel | None, connector: Connector | None, language: str | None
) -> dict[str, list[str]]:
    """What is wrong with the channel itself, whatever its options are."""
    wrong: dict[str, list[str]] = {}
    if not _KEY.fullmatch(draft.key):
        wrong["key"] = [choose(_BAD_KEY, language)]
    if connector is None or (row is not None and draft.kind not in ("", row.kind)):
        wrong["kind"] = [choose(_BAD_KIND, language)]
    if any(len(name) > 100 for name in draft.names.values()):
        wrong["names"] = [choose(_LONG_NAME, language)]
    return wrong


_BAD_KEY = (
    "کلید را با حروف کوچک لاتین، رقم، «-» و «_» بنویسید و با حرف آغاز کنید.",
    "Write a key of small Latin letters, digits, “-” and “_” that begins with a letter.",
)
_BAD_KIND = (
    "یکی از گونه‌ها را برگزینید؛ گونهٔ کانال پس از ساختن تغییر نمی‌کند.",
    "Choose one of the kinds; that of a channel never changes.",
)
_LONG_NAME = ("حداکثر ۱۰۰ نویسه.", "At most 100 characters.")


def _secrets(draft: Draft, row: Channel | None, connector: Connector) -> dict[str, Any]:
    """The secrets that there will be; raises Invalid for one that the kind does not know."""
    known = connector.secret_names()
    unknown = sorted(set(draft.secrets) - known)
    if unknown:
        raise Invalid({f"options.{name}": ["Unknown field."] for name in unknown})
    among = {name: value for name, value in draft.options.items() if name in known}
    merged = {**_plain(row), **among, **draft.secrets}
    return {name: value for name, value in merged.items() if name in known and value is not None}


def _loaded(
    draft: Draft,
    connector: Connector,
    secrets: Mapping[str, Any],
    language: str | None,
    wrong: dict[str, list[str]],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Options without secrets, and the policy, both as they are kept; raises Invalid with what
    was wrong before, so that all is told at once."""
    options, policy = {}, {}
    try:
        schema = connector.Options()
        options = schema.dump(schema.load({**draft.options, **secrets}))
    except ValidationError as refused:
        wrong |= _told("options", refused, language)
    try:
        policy = channel_policy.load(draft.policy)
    except ValidationError as refused:
        wrong |= _told("policy", refused, language)
    if wrong:
        raise Invalid(wrong)
    return {k: v for k, v in options.items() if k not in connector.secret_names()}, policy


def _told(where: str, refused: ValidationError, language: str | None) -> dict[str, list[str]]:
    return {
        f"{where}.{name}": option_words.texts(messages, language)
        for name, messages in refused.messages_dict.items()
    }


def _make_default(row: Channel, *, wanted: bool) -> None:
    """One default for each type of task: the one before gives way."""
    if wanted and not row.is_default:
        others = update(Channel).where(Channel.task_type == row.task_type, Channel.is_default)
        with session().no_autoflush:
            session().execute(others.values(is_default=False))
    row.is_default = wanted


def _facts(row: Channel) -> dict[str, Any]:
    """What the history keeps of a revision: all but the secrets."""
    return {
        "kind": row.kind, "names": row.names, "options": row.options, "policy": row.policy,
        "enabled": row.enabled, "is_default": row.is_default,
    }  # fmt: skip


def _revise(row: Channel, secrets: Sequence[str], actor: Actor, now: datetime) -> None:
    row.revision, row.updated_at = row.revision + 1, now
    facts = {**_facts(row), "key": row.key, "revision": row.revision, "secrets": list(secrets)}
    history.note(CHANNEL, actor, now, element=row.key, data=facts)


def revisions(key: str) -> list[Event]:
    """The revisions of a channel, the newest first; a revision's ``data`` names the secrets that
    were changed and never holds one."""
    query = select(Event).where(Event.kind == CHANNEL, Event.element == key)
    return list(session().scalars(query.order_by(Event.id.desc()).limit(100)))


def switch(key: str, actor: Actor, now: datetime, *, enabled: bool) -> Channel:
    """Switch a channel on or off; raises NoSuch."""
    row = _row(key)
    if row is None:
        raise NoSuch(en=f"channel {key}", fa=f"کانال {key}")
    if row.enabled != enabled:
        row.enabled = enabled
        _revise(row, (), actor, now)
        session().flush()
        channels.forget()
    return row


def encrypt_again(actor: Actor, now: datetime) -> int:
    """Put the secrets of all channels under the newest key; how many had any. Raises KeysLost
    when those of one cannot be read, and changes none then."""
    query = select(Channel).where(Channel.secrets.is_not(None)).order_by(Channel.id)
    rows = list(session().scalars(query.with_for_update()))
    for row in rows:
        row.secrets = keys.encrypt_again(row.secrets or b"")
    history.note("channel_keys_rotated", actor, now, data={"channels": len(rows)})
    session().flush()
    channels.forget()
    return len(rows)
