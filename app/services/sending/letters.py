"""The letters in force: those that are shipped, and over them what the organisation has worded.

Which versions are the newest is asked again after a second, so that writing a letter costs no
statement and every process soon writes the newest one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import distinct_on

import connectors
from app import running
from app.access import Actor
from app.db import run, session
from app.errors import NoSuch
from app.models import LetterVersion
from app.services import history
from connectors.messages import Said, said_in, shipped, shipped_source

LANGUAGES = ("fa", "en")
FRESH_FOR = 1.0
"""Seconds for which the newest versions count as known."""
CHANGED = "letter_changed"
_SAVING = 0x50456A75
"""The advisory lock under which versions are numbered."""


@dataclass
class _Known:
    own: dict[str, tuple[int, Mapping[str, str]]] = field(default_factory=dict)
    """By key the newest version and its texts."""
    asked_at: float = -FRESH_FOR


def all_keys() -> frozenset[str]:
    """The keys of all letters, shipped and own."""
    return frozenset(shipped()) | {key for key, (_, texts) in _fresh().own.items() if texts}


def has(key: str) -> bool:
    """Whether there is such a letter."""
    return key in all_keys()


def shipped_sources(key: str) -> dict[str, str]:
    """The letter by language as it is shipped; none for one of the organisation's own."""
    return {one: shipped_source(key, one) for one in shipped().get(key, ())}


def find_known(key: str) -> dict[str, str]:
    """The letter by language, as far as there is one."""
    return shipped_sources(key) | dict(_fresh().own.get(key, (0, {}))[1])


def sources(key: str, *, again: bool = False) -> dict[str, str]:
    """The letter by language as it is in force; raises ``connectors.UnknownTemplate``."""
    _, own = _fresh(again=again).own.get(key, (0, {}))
    found = {**shipped_sources(key), **own}
    if not found:
        raise connectors.UnknownTemplate(key)
    return found


def find(key: str) -> dict[str, str]:
    """The same for a page; raises NoSuch."""
    try:
        return sources(key, again=True)
    except connectors.UnknownTemplate:
        raise NoSuch(en=f"letter {key}", fa=f"نامهٔ {key}") from None


def version_of(key: str) -> int:
    """The number of the newest version that the organisation has worded; 0 where it has none."""
    return _fresh(again=True).own.get(key, (0, {}))[0]


def newest_numbers() -> frozenset[tuple[str, int]]:
    """The number of the newest version by key: while these are the same, all letters are."""
    return frozenset((key, number) for key, (number, _) in _fresh().own.items())


def worded(key: str) -> frozenset[str]:
    """The languages in which the organisation has worded the letter itself."""
    return frozenset(_fresh().own.get(key, (0, {}))[1])


def write(
    key: str, language: str, context: Mapping[str, Any], zone: ZoneInfo
) -> connectors.Message:
    """One letter in words; one that lacks the language serves in the one it has.

    Raises ``connectors.UnknownTemplate``, ``MissingVariable`` or ``BadTemplate``.
    """
    found = sources(key)
    chosen = language if language in found else min(found)
    return connectors.render_source(found[chosen], name_of(key, chosen), chosen, context, zone)


def said_by(key: str) -> Sequence[Said]:
    """What a letter says in any of its languages; raises ``connectors.UnknownTemplate``."""
    found = sorted(sources(key).items())
    return [one for language, text in found for one in said_in(text, name_of(key, language))]


def name_of(key: str, language: str) -> str:
    """What findings call a letter: the name of its file, and its version where it is our own."""
    version, own = _fresh().own.get(key, (0, {}))
    return f"{key}.{language}.txt" + (f" (v{version})" if language in own else "")


def versions(key: str) -> list[LetterVersion]:
    """The versions that the organisation has made, the newest first."""
    query = select(LetterVersion).where(LetterVersion.key == key)
    return list(session().scalars(query.order_by(LetterVersion.version.desc())))


def newest() -> dict[str, LetterVersion]:
    """The newest version of each letter that was ever worded by the organisation."""
    newest_first = select(LetterVersion).ext(distinct_on(LetterVersion.key))
    rows = session().scalars(newest_first.order_by(LetterVersion.key, LetterVersion.version.desc()))
    return {row.key: row for row in rows}


def keep(key: str, texts: Mapping[str, str], actor: Actor, now: datetime, note: str = "") -> int:
    """Put these texts in force, which were checked before; the number of the version.

    What is as it was shipped is not kept. The same as the newest version makes none.
    """
    hold()
    own = {one: told for one, told in texts.items() if told.strip() != _shipped(key, one)}
    version, before = _fresh(again=True).own.get(key, (0, {}))
    if own == before:
        return version
    row = LetterVersion(
        key=key, version=version + 1, texts=own, at=now, by=actor.id, note=note.strip()[:500]
    )
    session().add(row)
    facts = {"version": row.version, "languages": sorted(own), "note": row.note}
    history.note(CHANGED, actor, now, element=key, data=facts)
    session().flush()
    forget()
    return row.version


def hold() -> None:
    """Let nobody else change a letter until the transaction ends."""
    run(_LOCK, {"key": _SAVING})


def _shipped(key: str, language: str) -> str | None:
    is_there = language in shipped().get(key, ())
    return shipped_source(key, language).strip() if is_there else None


def forget() -> None:
    """Read everything again at the next question."""
    running.forget(_KNOWN)


def _fresh(*, again: bool = False) -> _Known:
    known = running.kept(_KNOWN, _Known)
    if again or monotonic() - known.asked_at >= FRESH_FOR:
        known.own = {key: (version, texts) for key, version, texts in run(_NEWEST).all()}
        known.asked_at = monotonic()
    return known


_KNOWN = "peygir.letters"
_NEWEST = (
    select(LetterVersion.key, LetterVersion.version, LetterVersion.texts)
    .ext(distinct_on(LetterVersion.key))
    .order_by(LetterVersion.key, LetterVersion.version.desc())
)
_LOCK = text("SELECT pg_advisory_xact_lock(:key)")
