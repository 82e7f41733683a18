"""The editing page of a calendar, a policy or a ladder: what is typed, what it would promise."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any

from flask import g, render_template, request
from flask_babel import gettext as _

import sla
from app.addresses import read_id
from app.errors import NoSuch
from app.i18n import current_language, current_zone, read_day, read_digits
from app.models import Branch
from app.services.accounts import people
from app.services.casework import catalogue, terms
from app.services.sending import letters
from app.services.service_levels import (
    sla_fields,
    sla_findings,
    sla_pages,
    sla_preview,
    sla_settings,
    sla_shown,
)
from app.services.service_levels.sla_findings import Finding
from app.services.service_levels.sla_settings import Kind
from app.web.choices import Choices, priority_choices, service_choices
from app.web.task_page import named

FACTS = ("service", "priority", "tier", "contract", "branch")
FIELDS, TEXT = "fields", "text"
_ROWS = ".rows"
UNREADABLE = (tomllib.TOMLDecodeError, AttributeError, TypeError, RecursionError)
"""What a text does that fields cannot show."""


@dataclass
class Draft:
    """What somebody is editing."""

    kind: Kind
    key: str
    source: str
    how: str
    """``fields`` or ``text``."""
    typed: Mapping[str, str] = field(default_factory=dict)
    """What the fields show."""
    base: int = 0
    """The version that was opened; 0 for a new setting."""
    note: str = ""
    case: Mapping[str, str] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    warnings: Sequence[Finding] = ()
    """What is odd; it can be saved all the same by who has seen it."""
    dues: Sequence[sla_preview.Due] | None = None
    as_if: bool = False
    """Whether the preview uses what is edited though the policy does not name it."""
    doubt: str = ""
    """What of the previewed request could not be read."""
    trouble: str = ""
    """Why nothing can be previewed or saved."""

    @property
    def warned(self) -> str:
        """What the page sends back to say that these warnings were seen."""
        told = "\n".join(f"{one.key} {one.messages['en']}" for one in self.warnings)
        return hashlib.sha256(told.encode()).hexdigest()[:16] if told else ""

    @property
    def service(self) -> str:
        """The service that is previewed first: one that goes by the edited policy."""
        services = catalogue.services().items()
        fits = (key for key, one in services if self.kind == "policy" and one.policy == self.key)
        return next(fits, next(iter(catalogue.services()), ""))

    @property
    def metrics(self) -> dict[str, Any]:
        """The keys of a policy's metrics, each with its names in the text (none without them)."""
        told = tomllib.loads(self.source).get("metrics", {})
        keys = (key[: -len(_ROWS)] for key in self.typed if key.endswith(_ROWS))
        return {key: told.get(key, {}).get("names") for key in keys}


def opened(kind: Kind, key: str, version: sla_pages.Version, base: int, how: str) -> Draft:
    """The page as it is opened, with the text of a version."""
    return _with_fields(Draft(kind, key, version.row.source, how, base=base))


def posted(kind: Kind, key: str) -> Draft:
    """What the page sent: the fields put into the text, or the text itself."""
    form = request.form
    source = form.get("source", "").replace("\r\n", "\n")[: sla_findings.LARGEST]
    how = TEXT if form.get("how") == TEXT else FIELDS
    base = read_digits(form.get("base", "0"))
    draft = Draft(kind, key, source, how, base=read_id(base) or 0)
    draft.note, draft.case = form.get("note", "")[:500], form.to_dict()
    if how == FIELDS:
        draft.typed = _bounded(form.to_dict())
        try:
            draft.source = sla_fields.apply(kind, source, draft.typed)
        except UNREADABLE:
            draft.how = TEXT
    return draft


def _bounded(typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, with no more rows than a page can show."""
    return {
        key: str(sla_fields.count(typed, key)) if key.endswith(_ROWS) else value
        for key, value in typed.items()
    }


def look_at(draft: Draft) -> Draft:
    """Judge the draft, and work out when the request that the page describes would be due."""
    judged = sla_findings.judge_here(draft.kind, draft.key, draft.source, g.now)
    draft.findings, draft.warnings = judged.errors, judged.warnings
    if judged.found is not None and not judged.errors:
        try:
            seen = sla_preview.Draft(draft.kind, draft.key, judged.found)
            case = case_of(draft.case, draft.service)
            draft.dues = sla_preview.preview(seen, case)
            policy = seen.policy(case.service)
            draft.as_if = policy is not None and not seen.is_used(policy)
            draft.doubt = doubt_of(draft.case)
        except NoSuch as wrong:
            draft.trouble = wrong.message(current_language())
        except sla.NoWorkingTime:
            draft.trouble = _("By this calendar it is due in no useful time.")
    return _with_fields(draft)


def switched(draft: Draft, how: str) -> Draft:
    """The same draft in the other way of editing."""
    draft.how, draft.typed = how, {}
    return look_at(draft)


def _with_fields(draft: Draft) -> Draft:
    """What the fields show, in text when the draft cannot be shown by fields."""
    if draft.how == TEXT:
        return draft
    try:
        read = sla_shown.flatten(draft.kind, draft.source)
    except UNREADABLE:
        draft.how = TEXT
        return draft
    draft.typed = draft.typed if draft.findings and draft.typed else read
    return draft


def case_of(typed: Mapping[str, str], usual: str) -> sla_preview.Case:
    """The request that the page describes; of the usual service, and now, unless it says more."""
    facts = {name: typed.get(f"case.{name}", "").strip() or None for name in FACTS}
    facts["tier"] = facts["tier"] or terms.STANDARD
    service = facts["service"] or usual
    found = next((one for one in terms.branches() if one.key == facts["branch"]), None)
    return sla_preview.Case(service, opened_at(typed), facts | {"service": service}, found)


def opened_at(typed: Mapping[str, str]) -> datetime:
    """When the request would be opened."""
    day = read_day(typed.get("case.day", ""))
    hours, _colon, minutes = read_digits(typed.get("case.time", "")).partition(":")
    if day is None or not (hours.isdecimal() and minutes.isdecimal()):
        return _now()
    try:
        at = time(int(hours), int(minutes), tzinfo=current_zone())
    except ValueError:
        return _now()
    return datetime.combine(day, at).astimezone(UTC)


def doubt_of(typed: Mapping[str, str]) -> str:
    """What of the previewed request could not be read, so that now is meant; empty if all."""
    day, clock = typed.get("case.day", "").strip(), typed.get("case.time", "").strip()
    if day and read_day(day) is None:
        return str(_("“%(text)s” is no day, so now is meant.", text=day[:40]))
    if clock and _CLOCK.fullmatch(read_digits(clock)) is None:
        return str(_("“%(text)s” is no time, so now is meant.", text=clock[:40]))
    priority = typed.get("case.priority", "").strip()
    if priority and priority not in sla.PRIORITIES:
        return str(_("“%(text)s” is no priority, so the normal one is meant.", text=priority[:40]))
    return ""


_CLOCK = re.compile(r"([01]?\d|2[0-3]):[0-5]\d")


def _now() -> datetime:
    now: datetime = g.now
    return now


def show(draft: Draft, status: int = 200) -> tuple[str, int]:
    """The page."""
    return render_template(
        "web/setting_edit.html", draft=draft, moment=opened_at(draft.case), **choices(),
    ), status  # fmt: skip


def choices() -> dict[str, Any]:
    """What selects offer."""
    branches: list[Branch] = terms.branches()
    found: dict[str, Choices] = {
        "services": service_choices()[1:],
        "priorities": priority_choices()[1:],
        "branches": [(one.key, named(one.names)) for one in branches],
        "calendars": [
            (one, _also(one, sla_settings.calendar(one).names))
            for one in sla_settings.keys("calendar")
        ],
        "ladders": [
            (one, _also(one, sla_settings.ladder(one).names)) for one in sla_settings.keys("ladder")
        ],
        "templates": [(one, one) for one in sorted(letters.all_keys())],
        "groups": [(one.key, named(one.names)) for one in people.list_groups()],
    }
    return {**found, "weekdays": weekdays(), "action_kinds": action_kinds()}


def _also(key: str, names: Mapping[str, str]) -> str:
    """The name to recognise it by, and the key that texts know it by."""
    return f"{named(names)} ({key})"


def weekdays() -> list[tuple[str, str]]:
    """The days of the week with their names, as weeks begin where the language is spoken."""
    words = {
        "saturday": _("Saturday"), "sunday": _("Sunday"), "monday": _("Monday"),
        "tuesday": _("Tuesday"), "wednesday": _("Wednesday"), "thursday": _("Thursday"),
        "friday": _("Friday"),
    }  # fmt: skip
    first = "saturday" if current_language() == "fa" else "monday"
    keys = list(words)
    at = keys.index(first)
    return [(key, words[key]) for key in (*keys[at:], *keys[:at])]


def action_kinds() -> list[tuple[str, str]]:
    """What a step may do."""
    return [
        ("notify", _("Tell")),
        ("raise_priority", _("Raise the priority")),
        ("reassign", _("Pass on to")),
        ("signal", _("Send a signal")),
        ("message", _("Send a message")),
        ("start_process", _("Start a process")),
    ]
