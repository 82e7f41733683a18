"""What is wrong in the text of a calendar, a policy or a ladder, by key and line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sla
from app.services import sla_settings
from app.services.sla_possible import Wrong
from app.services.sla_settings import Kind, Parsed

LARGEST = 200_000
"""Characters of a text that may be edited."""
_HOLDS: Mapping[str, Kind] = {"week": "calendar", "metrics": "policy", "steps": "ladder"}
"""By what a file is known for what it is."""
_NAMES_FA = {
    "calendar": "تقویم", "ladder": "نردبان پیگیری", "template": "الگوی نامهٔ", "group": "گروه",
    "user": "کاربر", "process": "فرایند",
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, in Persian and English."""

    line: int
    key: str
    """Where in the file, dotted: ``week.saturday``; empty for the file as a whole."""
    messages: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True)
class Judged:
    """A text that was read: what it says if it can be used, else what is wrong."""

    kind: Kind | None
    found: Parsed | None
    findings: tuple[Finding, ...]


def judge(source: bytes, kind: Kind | None = None, file: str = "") -> Judged:
    """Judge a text by itself; without a kind, what it holds tells what it is."""
    text = source.decode("utf-8", "replace")
    try:
        kind = kind or _kind_of(source, file)
        return Judged(kind, sla_settings.LOAD[kind](source, file), ())
    except sla.SettingsRefused as refused:
        line = sla.line_of(text, refused.key, refused.messages["en"])
        return Judged(kind, None, (Finding(line, refused.key, refused.messages),))


def _kind_of(source: bytes, file: str) -> Kind:
    keys = sla.open_table(source, file).unread()
    found = [kind for key, kind in _HOLDS.items() if key in keys]
    if len(found) != 1:
        raise sla.SettingsRefused(
            file,
            "",
            "is neither a calendar (week) nor a policy (metrics) nor a ladder (steps)",
            "نه تقویم است (week)، نه سیاست (metrics) و نه نردبان پیگیری (steps)",
        )
    return found[0]


def judge_here(kind: Kind, key: str, source: str, now: datetime) -> Judged:
    """Judge a text as it would be saved now under that key in this installation."""
    judged = judge(source.encode(), kind, f"{key}.toml")
    if judged.found is None:
        return judged
    findings = [_unknown(name, named, source) for name, named in _unknown_in(judged.found)]
    if judged.found.key != key:
        told = {"en": f"must be {key}", "fa": f"باید {key} باشد"}
        findings.insert(0, Finding(sla.line_of(source, "key"), "key", told))
    if not findings:
        found = sla_settings.impossible(judged.found, now)
        findings = [_at(one, source) for one in found]
    return Judged(kind, judged.found, tuple(findings))


def _at(wrong: Wrong, source: str) -> Finding:
    return Finding(sla.line_of(source, wrong.key), wrong.key, {"en": wrong.en, "fa": wrong.fa})


def _unknown_in(found: Parsed) -> list[tuple[str, str]]:
    return list(dict.fromkeys(sla_settings.unknown_names(found)))


def _unknown(kind: str, named: str, source: str) -> Finding:
    quoted = f"{kind}:{named}" if kind in ("group", "user") else named
    told = {"en": f"{kind} {named} is not known", "fa": f"{_NAMES_FA[kind]} {named} شناخته نیست"}
    return Finding(sla.line_with(source, quoted), kind, told)
