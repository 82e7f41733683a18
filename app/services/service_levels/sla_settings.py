"""Calendars, policies and ladders as they are in force: versions in the database.

A version never changes, so what was read from it is kept for as long as the process lives. Which
versions there are is asked again after a second.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Literal, get_args

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import distinct_on

import sla
from app import jobs, running
from app.access import Actor
from app.db import run, session
from app.errors import Invalid, NoSuch
from app.models import Group, ProcessDefinition, SlaSetting, User
from app.services import history
from app.services.sending import letters
from app.services.service_levels import sla_possible

Kind = Literal["calendar", "policy", "ladder"]
Parsed = sla.Calendar | sla.Policy | sla.Ladder

FRESH_FOR = 1.0
"""Seconds for which the list of versions counts as known."""
SETTLED_AFTER = 3.0
"""Seconds after which every process knows of a new version."""

LOAD: Mapping[Kind, Callable[[bytes, str], Parsed]] = {
    "calendar": sla.load_calendar,
    "policy": sla.load_policy,
    "ladder": sla.load_ladder,
}
"""How a file of each kind is read."""
NAMES = {"calendar": ("calendar", "تقویم"), "policy": ("policy", "سیاست"),
          "ladder": ("escalation ladder", "نردبان پیگیری")}  # fmt: skip
_ROOM = Path(sla.__file__).parent
_SAVING = 0x50456A74
"""The advisory lock under which versions are numbered."""


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


def parse(kind: Kind, key: str, source: str, language: str | None, now: datetime) -> Parsed:
    """What the source says, checked against all that it names; raises Invalid (``source``) in
    the reader's language with the place in the file."""
    try:
        found = LOAD[kind](source.encode(), f"{key}.toml")
    except sla.SettingsRefused as refused:
        said = refused.messages["en" if language == "en" else "fa"]
        raise Invalid({"source": [f"{refused.key}: {said}" if refused.key else said]}) from None
    wrong = [*_other_key(found, key), *_unknown(found)]
    if not wrong:
        wrong = [(f"{at}: {en}", f"{at}: {fa}") for at, en, fa in impossible(found, now)]
    if wrong:
        raise Invalid({"source": [en if language == "en" else fa for en, fa in wrong]})
    return found


def save(
    kind: Kind, key: str, source: str, actor: Actor, now: datetime, note: str = ""
) -> SlaSetting:
    """A new version, in force at once for what begins now; running clocks follow in the
    background. The same source as the newest version makes none. Raises Invalid."""
    if kind not in get_args(Kind):
        raise NoSuch(en=f"kind {kind}", fa=f"نوع {kind}")
    parse(kind, key, source, actor.language, now)
    row, is_new = _write(kind, key, source, now, by=actor.id, note=note.strip(), shipped=False)
    if is_new:
        facts = {"kind": kind, "key": key, "version": row.version, "note": row.note}
        history.note("setting_changed", actor, now, data=facts)
        order_recount(kind, key, now)
    return row


def order_recount(kind: Kind, key: str, now: datetime) -> None:
    """Let running clocks follow a new version, when every process knows of it."""
    at = now + timedelta(seconds=SETTLED_AFTER)
    jobs.defer(jobs.RECLOCK, at=at, lock="reclock", kind=kind, key=key)


def install(now: datetime) -> list[SlaSetting]:
    """Put in the shipped files whose content is new; what the organisation has replaced by a
    version of its own is left alone. The versions that were made."""
    made = []
    for kind, folder in _FOLDERS.items():
        for path in sorted(folder.glob("*.toml")):
            last = _last(kind, path.stem)
            if last is None or last.shipped:
                source = path.read_text("utf-8")
                row, is_new = _write(kind, path.stem, source, now, shipped=True)
                made += [row] if is_new else []
                if is_new and last is not None:
                    order_recount(kind, path.stem, now)
    return made


_FOLDERS: Mapping[Kind, Path] = {
    "calendar": _ROOM / "calendars",
    "ladder": _ROOM / "ladders",
    "policy": _ROOM / "policies",
}


def _last(kind: Kind, key: str) -> SlaSetting | None:
    query = select(SlaSetting).where(SlaSetting.kind == kind, SlaSetting.key == key)
    return session().scalar(query.order_by(SlaSetting.version.desc()).limit(1))


def _write(
    kind: Kind, key: str, source: str, now: datetime, *, shipped: bool, by: int | None = None,
    note: str = "",
) -> tuple[SlaSetting, bool]:  # fmt: skip
    session().execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SAVING})
    digest = hashlib.sha256(source.encode()).hexdigest()
    last = _last(kind, key)
    if last is not None and last.sha256 == digest:
        return last, False
    row = SlaSetting(
        kind=kind, key=key, version=last.version + 1 if last else 1, source=source, sha256=digest,
        shipped=shipped, at=now, by=by, note=note,
    )  # fmt: skip
    session().add(row)
    session().flush()
    forget()
    return row, True


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
    return LOAD[kind](str(source).encode(), f"{key}.toml")


def _other_key(found: Parsed, key: str) -> list[tuple[str, str]]:
    if found.key == key:
        return []
    return [(f"key: must be {key}", f"key: باید {key} باشد")]


def _unknown(found: Parsed) -> list[tuple[str, str]]:
    """The same in words."""
    return [
        (f"{kind} {key} is not known", f"{_KINDS_FA[kind]} {key} شناخته نیست")
        for kind, key in unknown_names(found)
    ]


def unknown_names(found: Parsed) -> list[tuple[str, str]]:
    """What a setting names and nobody has: calendars, ladders, templates, groups, people, each as
    kind and key."""
    if isinstance(found, sla.Policy):
        named = [("calendar", key, has("calendar", key)) for key in sorted(found.calendars())]
        named += [("ladder", key, has("ladder", key)) for key in sorted(found.ladders())]
    elif isinstance(found, sla.Ladder):
        named = [one for step in found.steps for action in step.actions for one in _named(action)]
    else:
        named = []
    return [(kind, key) for kind, key, known in named if not known]


def impossible(found: Parsed, now: datetime) -> list[sla_possible.Wrong]:
    """What could never be due by a setting, all that it names being known."""
    if isinstance(found, sla.Calendar):
        return list(sla_possible.of_calendar(found, map(policy, keys("policy")), now))
    if isinstance(found, sla.Policy):
        return list(sla_possible.of_policy(found, calendar, now))
    return []


_KINDS_FA = {
    "calendar": "تقویم", "ladder": "نردبان پیگیری", "template": "الگوی نامهٔ", "group": "گروه",
    "user": "کاربر", "process": "فرایند",
}  # fmt: skip


def _named(action: sla.Action) -> list[tuple[str, str, bool]]:
    found = [("template", action.template, action.template in letters.all_keys())]
    found = found if action.template else []
    for one in action.to:
        kind, _, key = one.partition(":")
        if kind == "group" and key:
            found.append((kind, key, session().get(Group, key) is not None))
        elif kind == "user" and key:
            found.append((kind, key, _is_user(key)))
    if action.kind == "start_process":
        found.append(("process", action.to[0], _is_process(action.to[0])))
    return found


def _is_user(login: str) -> bool:
    query = select(User.id).where(User.login == login, User.is_active)
    return session().scalar(query) is not None


def _is_process(key: str) -> bool:
    query = select(ProcessDefinition.id)
    query = query.where(ProcessDefinition.kind == "bpmn", ProcessDefinition.key == key)
    return session().scalar(query.limit(1)) is not None
