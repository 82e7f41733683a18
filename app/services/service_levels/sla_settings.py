"""Calendars, policies and ladders as they are in force: versions in the database.

A version never changes, so what was read from it is kept for as long as the process lives. Which
versions there are is asked again after a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Literal

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import distinct_on

import sla
from app import running
from app.db import run, session
from app.errors import NoSuch
from app.models import SlaSetting

Kind = Literal["calendar", "policy", "ladder"]
Parsed = sla.Calendar | sla.Policy | sla.Ladder

FRESH_FOR = 1.0
"""Seconds for which the list of versions counts as known."""

LOAD: Mapping[Kind, Callable[[bytes, str, sla.AllWrong | None], Parsed]] = {
    "calendar": sla.load_calendar,
    "policy": sla.load_policy,
    "ladder": sla.load_ladder,
}
"""How a file of each kind is read."""
NAMES = {"calendar": ("calendar", "تقویم"), "policy": ("policy", "سیاست"),
          "ladder": ("escalation ladder", "نردبان پیگیری")}  # fmt: skip


@dataclass
class _Known:
    newest: dict[tuple[str, str], int] = field(default_factory=dict)
    rows: dict[tuple[str, str], int] = field(default_factory=dict)
    asked_at: float = -FRESH_FOR
    parsed: dict[tuple[str, str], Any] = field(default_factory=dict)
    """By kind and name, ``iran@3``."""


def calendar(reference: str) -> sla.Calendar:
    """The calendar ``iran@3``, or the newest version of ``iran``; raises NoSuch."""
    found: sla.Calendar = _find("calendar", reference)
    return found


def policy(reference: str) -> sla.Policy:
    """The policy ``complaint@3``, or the newest version of ``complaint``; raises NoSuch."""
    found: sla.Policy = _find("policy", reference)
    return found


def ladder(reference: str) -> sla.Ladder:
    """The ladder ``complaint@3``, or the newest version of ``complaint``; raises NoSuch."""
    found: sla.Ladder = _find("ladder", reference)
    return found


def newest(kind: Kind, key: str, *, at_least: int = 0) -> int:
    """The number of the newest version; raises NoSuch.

    ``at_least`` is a version that the caller has met: one that is not known here yet is looked for.
    """
    known = _fresh()
    found = known.newest.get((kind, key), 0)
    if found < max(at_least, 1):
        found = _fresh(again=True).newest.get((kind, key), 0)
    if not found:
        en, fa = NAMES[kind]
        raise NoSuch(en=f"{en} {key}", fa=f"{fa} {key}")
    return found


def reference(kind: Kind, key: str, *, besides: str = "") -> str:
    """The newest version by its name, ``iran@3``; never an older one than ``besides`` when that
    is a version of the same, since another process may know of newer versions already."""
    same, _, version = besides.partition("@")
    at_least = int(version) if same == key and version.isdecimal() else 0
    return f"{key}@{newest(kind, key, at_least=at_least)}"


def has(kind: Kind, key: str) -> bool:
    """Whether there is any version of it."""
    return (kind, key) in _fresh().newest or (kind, key) in _fresh(again=True).newest


def keys(kind: Kind) -> list[str]:
    """The keys of all calendars, policies or ladders."""
    return sorted(key for one, key in _fresh().newest if one == kind)


def versions(kind: Kind, key: str) -> list[SlaSetting]:
    """Its versions, the newest first; raises NoSuch when there is none."""
    query = select(SlaSetting).where(SlaSetting.kind == kind, SlaSetting.key == key)
    rows = list(session().scalars(query.order_by(SlaSetting.version.desc())))
    if not rows:
        newest(kind, key)
    return rows


def forget() -> None:
    """Read everything again at the next question."""
    running.forget("peygir.sla")


def _known() -> _Known:
    return running.kept("peygir.sla", _Known)


def _fresh(*, again: bool = False) -> _Known:
    known = _known()
    if again or monotonic() - known.asked_at >= FRESH_FOR:
        for row in run(_NEWEST).all():
            _take(known, row)
        known.asked_at = monotonic()
    return known


def _take(known: _Known, row: Any) -> None:
    """A number that was rolled back is given again, to another row: what was read under it does
    not count any more."""
    place = (row.kind, row.key)
    if known.rows.get(place) != row.id:
        known.parsed.pop((row.kind, f"{row.key}@{row.version}"), None)
    known.newest[place], known.rows[place] = row.version, row.id


_NEWEST = (
    select(SlaSetting.kind, SlaSetting.key, SlaSetting.version, SlaSetting.id)
    .ext(distinct_on(SlaSetting.kind, SlaSetting.key))
    .order_by(SlaSetting.kind, SlaSetting.key, SlaSetting.version.desc())
)
_SOURCE = select(SlaSetting.source).where(
    SlaSetting.kind == bindparam("kind"),
    SlaSetting.key == bindparam("key"),
    SlaSetting.version == bindparam("version"),
)


def _find(kind: Kind, named: str) -> Any:
    found = _fresh().parsed.get((kind, named))
    return _find_out(kind, named) if found is None else found


def _find_out(kind: Kind, named: str) -> Any:
    key, _, number = named.partition("@")
    version = int(number) if number.isdecimal() else newest(kind, key)
    parsed, place = _fresh().parsed, (kind, f"{key}@{version}")
    if place not in parsed:
        parsed[place] = _read(kind, key, version)
    return parsed[place]


def _read(kind: Kind, key: str, version: int) -> Parsed:
    source = run(_SOURCE, {"kind": kind, "key": key, "version": version}).scalar()
    if source is None:
        en, fa = NAMES[kind]
        raise NoSuch(en=f"{en} {key}@{version}", fa=f"{fa} {key}@{version}")
    return LOAD[kind](str(source).encode(), f"{key}.toml", None)
