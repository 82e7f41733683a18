"""Calendars, policies and ladders as administrators see them: versions with who, when and why."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from app.db import session
from app.errors import NoSuch
from app.models import SlaSetting, User
from app.services.service_levels import sla_settings
from app.services.service_levels.sla_settings import Kind

KINDS: tuple[Kind, ...] = ("calendar", "policy", "ladder")


@dataclass(frozen=True)
class Version:
    """One version of a setting and who wrote it."""

    row: SlaSetting
    by: Mapping[str, str] | None
    """The names of the person; None for a shipped one and for the command line."""
    parsed: sla_settings.Parsed

    @property
    def names(self) -> Mapping[str, str]:
        """What the setting is called."""
        return self.parsed.names


def newest() -> list[Version]:
    """The newest version of each setting: calendars, then policies, then ladders."""
    query = (
        select(SlaSetting, User.names)
        .outerjoin(User, User.id == SlaSetting.by)
        .ext(distinct_on(SlaSetting.kind, SlaSetting.key))
        .order_by(SlaSetting.kind, SlaSetting.key, SlaSetting.version.desc())
    )
    found = [_version(row, by) for row, by in session().execute(query)]
    return sorted(found, key=lambda one: (KINDS.index(as_kind(one.row.kind)), one.row.key))


def find(kind: str, reference: str) -> Version:
    """The version ``iran@2``, or the newest one of ``iran``; raises NoSuch."""
    key, _, number = reference.partition("@")
    for one in history(as_kind(kind), key):
        if not number or str(one.row.version) == number:
            return one
    raise _no_such(as_kind(kind), reference)


def history(kind: Kind, key: str) -> list[Version]:
    """All versions of a setting, the newest first; raises NoSuch when there is none."""
    query = (
        select(SlaSetting, User.names)
        .outerjoin(User, User.id == SlaSetting.by)
        .where(SlaSetting.kind == kind, SlaSetting.key == key)
        .order_by(SlaSetting.version.desc())
    )
    found = [_version(row, by) for row, by in session().execute(query)]
    if not found:
        raise _no_such(kind, key)
    return found


def as_kind(text: str) -> Kind:
    """One of the kinds; raises NoSuch for any other text."""
    found = [kind for kind in KINDS if kind == text]
    if not found:
        raise NoSuch(en=f"kind of setting {text[:40]}", fa=f"نوع تنظیم {text[:40]}")
    return found[0]


def difference(before: str, after: str) -> list[tuple[str, str]]:
    """What changed from one text to another, line by line: ``added``, ``removed`` or ``same``
    with the line, and ``gap`` where lines that are the same in both are left out."""
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    lines = [line for line in found if not line.startswith(("---", "+++"))]
    return [(_MARKS.get(line[:1], "same"), line[1:] if line[:1] != "@" else "") for line in lines]


_MARKS = {"+": "added", "-": "removed", " ": "same", "@": "gap"}


def parsed(found: Sequence[Version], kind: Kind) -> list[Version]:
    """Those of one kind."""
    return [one for one in found if one.row.kind == kind]


def _version(row: SlaSetting, by: Mapping[str, str] | None) -> Version:
    reference = f"{row.key}@{row.version}"
    return Version(row, by, _READ[as_kind(row.kind)](reference))


_READ: Mapping[Kind, Callable[[str], sla_settings.Parsed]] = {
    "calendar": sla_settings.calendar,
    "policy": sla_settings.policy,
    "ladder": sla_settings.ladder,
}


def _no_such(kind: Kind, reference: str) -> NoSuch:
    en, fa = sla_settings.NAMES[kind]
    return NoSuch(en=f"{en} {reference[:100]}", fa=f"{fa} {reference[:100]}")
