"""Calendars, policies and ladders in words, as their pages say them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup, escape

import sla
from app.i18n import (
    current_language,
    format_percent,
    format_working,
    pick_text,
    short_day,
    to_digits,
)
from app.services.accounts import people
from app.services.casework import catalogue, terms
from app.services.deployment import definitions
from app.services.service_levels import (
    sla_pages,
    sla_settings,
    sla_words,
)
from app.services.service_levels.sla_findings import Finding
from app.web.shell import digits


def finding_words(one: Finding) -> Markup:
    """A finding as the page says it: line, key, what is wrong."""
    told = one.messages.get(current_language()) or one.messages["en"]
    line = _("line %(line)s", line=digits(one.line)) if one.line else ""
    key = Markup('<bdi dir="ltr">{}</bdi>').format(one.key) if one.key else ""
    where = escape(_(", ")).join(part for part in (line, key) if part)
    return Markup("{}: {}").format(where, told) if where else escape(told)


def why_words(rule: Mapping[str, Any]) -> str:
    """Why that much is promised, in the reader's language."""
    return sla_words.why(rule, setting_names(), current_language())


def rule_words(when: Mapping[str, str]) -> str:
    """What a rule asks about, in the reader's language."""
    return sla_words.facts(when, setting_names(), current_language())


def condition_words(conditions: Sequence[str], policy: str) -> str:
    """When a clock starts, stands or stops, in the reader's language."""
    names = place_names(policy)
    return sla_words.conditions(conditions, names, current_language())


def place_names(policy: str) -> sla.Names:
    """What the elements and stages are called in the processes of a policy's services."""
    names: dict[str, Mapping[str, str]] = {}
    keys = {one.process for one in catalogue.services().values() if one.policy == policy}
    for row in (definitions.newest_of("bpmn", key) for key in sorted(keys)):
        if row is not None:
            names |= sla_words.place_names(definitions.load(row.id))
    return names


def when_words(step: sla.LadderStep) -> str:
    """When a step of a ladder comes, in the reader's language."""
    language = current_language()
    if step.offset:
        length = format_working(abs(step.offset), language)
        before = step.offset < timedelta(0)
        text = _("%(time)s before the end") if before else _("%(time)s after the end")
        return str(text % {"time": length})
    if step.share == 1:
        return str(_("when the time is used up"))
    return str(_("when %(share)s of the time is used", share=format_percent(step.share, language)))


def season_days(season: sla.Season) -> str:
    """On which days a season's hours count, in the reader's language."""
    days = season.days
    if isinstance(days, sla.IslamicMonth):
        return str(_("month %(number)s of the Islamic year", number=digits(days.month)))
    if isinstance(days, sla.DateRange):
        first, last = (short_day(one, current_language()) for one in (days.first, days.last))
        return str(_("%(first)s to %(last)s", first=first, last=last))
    first, last = (digits(f"{month:02}/{day:02}") for month, day in (days.first, days.last))
    if days.reckoning == "jalali":
        return str(_("every Jalali year, %(first)s to %(last)s", first=first, last=last))
    return str(_("every Gregorian year, %(first)s to %(last)s", first=first, last=last))


def persian_digits(text: str) -> str:
    """A Persian text with Persian digits, whoever reads it."""
    return to_digits(text, "fa")


def setting_name(kind: str, key: str) -> Mapping[str, str]:
    """What a calendar or a ladder is called; its key when nobody has it."""
    known = sla_pages.as_kind(kind)
    if not sla_settings.has(known, key):
        return {"en": key, "fa": key}
    return (
        sla_settings.calendar(key).names if known == "calendar" else sla_settings.ladder(key).names
    )


def addressee_words(action: sla.Action) -> str:
    """Whom or what an action is about, in the reader's language."""
    groups = {f"group:{one.key}": one.names for one in people.list_groups()}
    language = current_language()
    if action.kind == "raise_priority":
        return sla_words.priority(action.to[0], language)
    if action.kind == "start_process":
        row = definitions.newest_of("bpmn", action.to[0])
        return pick_text(row.names, language) if row else action.to[0]
    return sla_words.addressees(action.to, groups, language)


def setting_names() -> sla.Names:
    """What services and branches are called."""
    names = {f"service:{key}": one.names for key, one in catalogue.services().items()}
    return names | {f"branch:{one.key}": one.names for one in terms.branches()}
