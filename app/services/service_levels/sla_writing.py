"""New versions of calendars, policies and ladders: checked, written, in force."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args

from sqlalchemy import select, text

import sla
from app import jobs
from app.access import Actor
from app.db import session
from app.errors import Invalid, NoSuch
from app.models import Group, ProcessDefinition, SlaSetting, User
from app.services import history
from app.services.sending import letters
from app.services.service_levels import sla_possible, sla_settings
from app.services.service_levels.sla_settings import Kind, Parsed

SETTLED_AFTER = 3.0
"""Seconds after which every process knows of a new version."""
_ROOM = Path(sla.__file__).parent
_SAVING = 0x50456A74
"""The advisory lock under which versions are numbered."""


def parse(kind: Kind, key: str, source: str, language: str | None, now: datetime) -> Parsed:
    """What the source says, checked against all that it names; raises Invalid (``source``) in
    the reader's language with the place in the file."""
    every = sla.AllWrong()
    try:
        found = sla_settings.LOAD[kind](source.encode(), f"{key}.toml", every)
    except sla.SettingsRefused as refused:
        told = [_said(one, language) for one in every.found or [refused]]
        raise Invalid({"source": told}) from None
    wrong = [*_other_key(found, key), *_unknown(found)]
    if not wrong:
        wrong = [(f"{at}: {en}", f"{at}: {fa}") for at, en, fa in impossible(found, now)]
    if wrong:
        raise Invalid({"source": [en if language == "en" else fa for en, fa in wrong]})
    return found


def _said(refused: sla.SettingsRefused, language: str | None) -> str:
    said = refused.messages["en" if language == "en" else "fa"]
    return f"{refused.key}: {said}" if refused.key else said


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
    sla_settings.forget()
    return row, True


def _other_key(found: Parsed, key: str) -> list[tuple[str, str]]:
    if found.key == key:
        return []
    return [(f"key: must be {key}", f"key: باید {key} باشد")]


def _unknown(found: Parsed) -> list[tuple[str, str]]:
    """What the setting names and nobody has, in words."""
    return [
        (f"{kind} {key} is not known", f"{_KINDS_FA[kind]} {key} شناخته نیست")
        for kind, key in unknown_names(found)
    ]


def unknown_names(found: Parsed) -> list[tuple[str, str]]:
    """What a setting names and nobody has: calendars, ladders, templates, groups, people, each as
    kind and key."""
    if isinstance(found, sla.Policy):
        named = _among("calendar", found.calendars()) + _among("ladder", found.ladders())
    elif isinstance(found, sla.Ladder):
        named = [one for step in found.steps for action in step.actions for one in _named(action)]
    else:
        named = []
    return [(kind, key) for kind, key, known in named if not known]


def _among(kind: Kind, keys: Iterable[str]) -> list[tuple[str, str, bool]]:
    return [(kind, key, sla_settings.has(kind, key)) for key in sorted(keys)]


def impossible(found: Parsed, now: datetime) -> list[sla_possible.Wrong]:
    """What could never be due by a setting, all that it names being known."""
    if isinstance(found, sla.Calendar):
        policies = map(sla_settings.policy, sla_settings.keys("policy"))
        return list(sla_possible.of_calendar(found, policies, now))
    if isinstance(found, sla.Policy):
        return list(sla_possible.of_policy(found, sla_settings.calendar, now))
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
