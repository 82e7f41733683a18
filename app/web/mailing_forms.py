"""The form of a mailing: what is typed, what it shows, and the words for what is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from flask import g, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.errors import Invalid
from app.i18n import (
    current_language,
    current_zone,
    format_clock,
    read_day,
    read_digits,
    short_day,
)  # fmt: skip
from app.models import Mailing
from app.services.bulk_sending import mailing_lists, mailings
from app.services.bulk_sending.mailing_audience import CONDITIONS, LANGUAGES
from app.services.bulk_sending.mailings import BUILT_IN, Draft
from app.services.casework import agreed, terms
from app.services.sending import channels
from app.web import choices
from app.web.choices import level_words, tier_words
from app.web.task_page import named

MANY = ("tiers", "languages", "branches", "levels")
"""The conditions of which several values may be chosen."""


def draft() -> Draft:
    """What was typed; raises Invalid for a day that is no day and a number that is none."""
    form, errors = request.form, dict[str, list[str]]()
    per_minute = _number(form.get("per_minute", ""), errors)
    conditions: dict[str, Any] = {name: form.getlist(name) for name in MANY}
    if form.get("asked"):
        days = {name: _day(form.get(name, ""), name, errors) for name in ("since", "until")}
        facts = {"service": form.get("service", ""), "status": form.get("status", "any")}
        conditions["asked"] = {**facts, **days}
    file = request.files.get("list")
    content = file.read(mailing_lists.LARGEST + 1) if file is not None and file.filename else None
    texts = {
        language: {part: form.get(f"{part}_{language}", "") for part in ("subject", "body")}
        for language in LANGUAGES
    }
    if errors:
        raise Invalid(errors)
    return Draft(
        form.get("title", ""), form.get("way", ""), texts, form.get("fallback", ""),
        form.get("source", CONDITIONS), conditions, per_minute, "stop_line" in form, content,
        (file.filename or "") if file is not None else "", "leave_out" in form,
    )  # fmt: skip


def _number(typed: str, errors: dict[str, list[str]]) -> int | None:
    plain = read_digits(typed).strip()
    if plain and not (plain.isdecimal() and len(plain) < 8):
        errors["per_minute"] = [_("Write a number from 1 to 100,000.")]
        return None
    return int(plain) if plain else None


def _day(typed: str, name: str, errors: dict[str, list[str]]) -> str | None:
    found = read_day(typed)
    if typed.strip() and found is None:
        errors[name] = [_("Write a day, such as %(day)s.", day=day_of(g.now.date()))]
    return found.isoformat() if found is not None else None


def day_of(day: date) -> str:
    """As it is typed in the reader's language."""
    return short_day(day, current_language())


def instant() -> datetime | None:
    """The instant at which a mailing is to begin, None for at once; raises Invalid (``at``)."""
    form = request.form
    if form.get("when") != "later":
        return None
    day, clock = read_day(form.get("day", "")), read_digits(form.get("clock", "")).strip()
    try:
        at = time.fromisoformat(clock.zfill(5))
    except ValueError:
        at = None
    if day is None or at is None:
        told = _("Write a day and a time, such as %(day)s and %(time)s.", **now_typed())
        raise Invalid({"at": [told]})
    return datetime.combine(day, at, current_zone())


def now_typed() -> dict[str, str]:
    """Day and time of now as they are typed."""
    language, zone = current_language(), current_zone()
    clock = format_clock(g.now, language, zone)
    return {"day": day_of(g.now.astimezone(zone).date()), "time": clock}


def typed() -> MultiDict[str, str]:
    """What the form shows when it is shown again."""
    return request.form


def kept(mailing: Mailing) -> MultiDict[str, str]:
    """What the form shows of a mailing."""
    shown: MultiDict[str, str] = MultiDict()
    way = channels.find_by_id(mailing.channel_id).key if mailing.channel_id else BUILT_IN
    shown.update({"title": mailing.title, "way": way, "fallback": _fallback(mailing)})
    for language, text in mailing.texts.items():
        for part in ("subject", "body"):
            shown[f"{part}_{language}"] = text.get(part, "")
    if mailing.stop_line:
        shown["stop_line"] = "on"
    if mailing.per_minute:
        shown["per_minute"] = str(mailing.per_minute)
    wanted = mailing.audience
    shown["source"] = wanted.get("source", CONDITIONS)
    for name in MANY:
        shown.setlist(name, wanted.get(name, []))
    if asked := wanted.get("asked"):
        shown.update({"asked": "on", "service": asked["service"], "status": asked["status"]})
        for name in ("since", "until"):
            shown[name] = day_of(date.fromisoformat(asked[name])) if asked.get(name) else ""
    return shown


def _fallback(mailing: Mailing) -> str:
    return mailing.fallback if len(mailing.texts) == 1 else ""


def empty() -> MultiDict[str, str]:
    """What the form of a new mailing shows."""
    return MultiDict({"way": BUILT_IN, "source": CONDITIONS, "stop_line": "on"})


def offers() -> Mapping[str, Any]:
    """What the form offers to choose from."""
    ways = [(BUILT_IN, _("E-mail, as all letters go"))]
    ways += [(one.key, _way_words(one)) for one in mailings.ways()]
    return {
        "ways": ways,
        "tiers": [(one, tier_words(one)) for one in agreed.known_tiers()],
        "languages": [("fa", _("Persian")), ("en", _("English"))],
        "branches": [(one.key, named(one.names)) for one in terms.branches()],
        "levels": [(one, level_words(one)) for one in agreed.known_levels()],
        "services": [("", _("Any service")), *choices.services()],
        "statuses": [
            ("any", _("open or closed")), ("open", _("still open")), ("closed", _("closed")),
        ],
        "fallbacks": [
            ("", _("Each customer’s own; both texts are written")),
            ("fa", _("The Persian text for everybody")),
            ("en", _("The English text for everybody")),
        ],
    }  # fmt: skip


def _way_words(way: channels.Way) -> str:
    name = named(way.names) or way.key
    words: str = _("Text message: %(name)s", name=name)
    if way.task_type == "email":
        words = _("E-mail: %(name)s", name=name)
    return words


def ways_by_id() -> dict[int, str]:
    """The name of each channel."""
    return {one.id: named(one.names) or one.key for one in channels.all_ways()}
