"""What is wrong in the text of a calendar, a policy or a ladder, by key and line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import bpmn
import sla
from app.services.casework import catalogue, terms
from app.services.deployment import definitions
from app.services.service_levels import sla_doubts, sla_losses, sla_settings, sla_writing
from app.services.service_levels.sla_possible import Wrong
from app.services.service_levels.sla_settings import Kind, Parsed

Severity = Literal["error", "warning"]
ERROR: Severity = "error"
WARNING: Severity = "warning"
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
    severity: Severity = ERROR
    """A warning can be saved all the same."""


@dataclass(frozen=True)
class Judged:
    """A text that was read: what it says if it can be used, else what is wrong."""

    kind: Kind | None
    found: Parsed | None
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> list[Finding]:
        """What hinders it from being used."""
        return [one for one in self.findings if one.severity == ERROR]

    @property
    def warnings(self) -> list[Finding]:
        """What is odd about it."""
        return [one for one in self.findings if one.severity == WARNING]


def judge(source: bytes, kind: Kind | None = None, file: str = "") -> Judged:
    """Judge a text by itself and beside what is shipped; without a kind, what it holds tells what
    it is."""
    judged = _read(source, kind, file)
    if judged.found is None:
        return judged
    text, world = source.decode("utf-8", "replace"), sla_doubts.shipped()
    wrong = [_at(one, text) for one in sla_doubts.endless(judged.found, world)]
    odd = [_at(one, text, WARNING) for one in sla_doubts.doubts(judged.found, world)]
    return replace(judged, findings=(*wrong, *odd))


def _read(source: bytes, kind: Kind | None, file: str) -> Judged:
    text, every = source.decode("utf-8", "replace"), sla.AllWrong()
    try:
        kind = kind or _kind_of(source, file)
        return Judged(kind, sla_settings.LOAD[kind](source, file, every), ())
    except sla.SettingsRefused as refused:
        told = [_refused(one, text) for one in every.found or [refused]]
        return Judged(kind, None, tuple(sorted(told, key=lambda one: one.line)))


def _refused(one: sla.SettingsRefused, text: str) -> Finding:
    return Finding(sla.line_of(text, one.key, one.messages["en"]), one.key, one.messages)


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
    judged = _read(source.encode(), kind, f"{key}.toml")
    found = judged.found
    if found is None:
        return judged
    findings = [_unknown(name, named, source) for name, named in _unknown_in(found)]
    if found.key != key:
        told = {"en": f"must be {key}", "fa": f"باید {key} باشد"}
        findings.insert(0, Finding(sla.line_of(source, "key"), "key", told))
    if not findings:
        world = _installed()
        wrong = [*sla_writing.impossible(found, now), *sla_doubts.endless(found, world)]
        odd = [*sla_losses.losses(found), *sla_doubts.doubts(found, world)]
        findings = [*(_at(one, source) for one in wrong)]
        findings += (_at(one, source, WARNING) for one in odd)
    return Judged(kind, found, tuple(findings))


def _installed() -> sla_doubts.World:
    """What policies and ladders may name in this installation."""

    def process(key: str) -> bpmn.Definition | None:
        row = definitions.newest_of("bpmn", key)
        return definitions.load(row.id) if row is not None else None

    def ladder(key: str) -> sla.Ladder | None:
        return sla_settings.ladder(key) if sla_settings.has("ladder", key) else None

    branches = frozenset(one.key for one in terms.branches())
    return sla_doubts.World(catalogue.services(), branches, process, ladder)


def _at(wrong: Wrong, source: str, severity: Severity = ERROR) -> Finding:
    told = {"en": wrong.en, "fa": wrong.fa}
    return Finding(sla.line_of(source, wrong.key), wrong.key, told, severity)


def _unknown_in(found: Parsed) -> list[tuple[str, str]]:
    return list(dict.fromkeys(sla_writing.unknown_names(found)))


def _unknown(kind: str, named: str, source: str) -> Finding:
    quoted = f"{kind}:{named}" if kind in ("group", "user") else named
    told = {"en": f"{kind} {named} is not known", "fa": f"{_NAMES_FA[kind]} {named} شناخته نیست"}
    return Finding(sla.line_with(source, quoted), kind, told)
