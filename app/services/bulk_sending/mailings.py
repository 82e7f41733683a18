"""Mailings as they are written: drafts with their texts, their audience and their rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import select

import connectors
from app.access import Actor, manager
from app.db import session
from app.errors import Conflict, Forbidden, Invalid, NoSuch, OperationRefused
from app.models import Event, Mailing
from app.models.history import MAILING
from app.services import texts
from app.services.bulk_sending import (
    mailing_audience,
    mailing_lists,
    mailing_sending,
    mailing_texts,
    unsubscribing,
)
from app.services.bulk_sending.mailing_audience import CONDITIONS, LIST
from app.services.sending import call_inputs, channels
from app.services.sending.channels import Way
from app.services.sending.no_contact import KIND_OF
from app.services.texts import choose
from connectors import registry

DRAFT = "draft"
BUILT_IN = "-"
"""In place of a channel's key: mail as all letters go."""
LONGEST_TITLE = 200
SHOWN_LINES = 20
"""So many lines of a list are told in which something is wrong."""
Errors = dict[str, list[str]]


@dataclass(frozen=True)
class Draft:
    """A mailing as somebody has typed it."""

    title: str
    way: str
    """The key of a channel, or ``-``."""
    texts: Mapping[str, Mapping[str, str]]
    """``subject`` and ``body`` by language; a language with neither is not written."""
    fallback: str = ""
    source: str = CONDITIONS
    conditions: Mapping[str, Any] = field(default_factory=dict)
    per_minute: int | None = None
    stop_line: bool = True
    upload: bytes | None = field(default=None, repr=False)
    """A list that was chosen with the form."""
    file: str = ""
    leave_out: bool = False
    """Whether lines that cannot be used are left out."""


def ways() -> list[Way]:
    """The channels that a mailing may go by: those that write to people's addresses."""
    found = []
    for way in channels.all_ways():
        kind = registry.find(way.kind)
        if way.task_type in KIND_OF and kind is not None and call_inputs.writes(kind):
            found.append(way)
    return found


def find(mailing_id: int) -> Mailing:
    """The mailing, whose list is read when it is asked for; raises NoSuch."""
    found = session().get(Mailing, mailing_id)
    if found is None:
        raise NoSuch(en=f"mailing {mailing_id}", fa=f"ارسال گروهی {mailing_id}")
    return found


def list_page(*, before: int | None = None, limit: int = 30) -> list[Mailing]:
    """The newest mailings, and one more than ``limit`` when there are more."""
    query = select(Mailing).order_by(Mailing.id.desc()).limit(limit + 1)
    return list(session().scalars(query.where(Mailing.id < before) if before else query))


def past_of(mailing_id: int, limit: int = 50) -> list[Event]:
    """What was done with a mailing, the newest first: so many acts of ours, and so many of those
    who got it, of whom there may be thousands."""
    past = select(Event).where(Event.kind == MAILING, Event.element == str(mailing_id))
    is_receivers = Event.data["act"].astext.in_(unsubscribing.ACTS)
    found: list[Event] = []
    for which in (is_receivers, ~is_receivers):
        found += session().scalars(past.where(which).order_by(Event.id.desc()).limit(limit))
    return sorted(found, key=lambda one: -one.id)


def save(mailing_id: int | None, draft: Draft, base: int, actor: Actor, now: datetime) -> Mailing:
    """Keep a new draft, or change one that was opened at the revision ``base``.

    Raises Forbidden, Conflict, OperationRefused for what is no draft any more, and Invalid with
    the fields ``title``, ``way``, ``subject_fa``, ``body_fa`` ..., ``fallback``, ``per_minute``,
    ``list``, ``languages``, ``since`` and ``until``.
    """
    if not manager(actor):
        raise Forbidden
    mailing = _fresh(actor, now) if mailing_id is None else mailing_sending.locked(mailing_id)
    if mailing.state != DRAFT:
        raise OperationRefused(
            en="It is no draft any more; call it back first.",
            fa="دیگر پیش‌نویس نیست؛ نخست آن را بازپس بگیرید.",
        )
    if mailing_id is not None and mailing.revision != base:
        raise Conflict
    _write(mailing, draft, actor)
    mailing.revision, mailing.updated_at = (mailing.revision or 0) + 1, now
    session().add(mailing)
    session().flush()
    act = "created" if mailing_id is None else "changed"
    mailing_sending.note(mailing, act, actor, now, revision=mailing.revision)
    return mailing


def _fresh(actor: Actor, now: datetime) -> Mailing:
    return Mailing(state=DRAFT, audience={}, created_by=actor.id, created_at=now, revision=0)


def _write(mailing: Mailing, draft: Draft, actor: Actor) -> None:
    """Put what was typed into the row; raises Invalid, and changes nothing then."""
    errors: Errors = {}
    language = actor.language or "en"
    way, medium = _way_of(draft, errors, language)
    written = _written(draft)
    audience, listed = _audience(mailing, draft, medium, errors, actor)
    _check_title(draft, errors, language)
    if draft.per_minute is not None and not 1 <= draft.per_minute <= 100_000:
        errors["per_minute"] = [choose(_WORDS["per_minute"], language)]
    columns = audience.get("columns", ())
    words = mailing_texts.Written(medium, written, columns, draft.stop_line)
    errors |= wrong_texts(words, draft.fallback, language)
    if errors:
        raise Invalid(errors)
    mailing.title, mailing.medium = texts.tidy(draft.title), medium
    mailing.channel_id = way.id if way is not None else None
    mailing.texts, mailing.stop_line = written, draft.stop_line
    mailing.fallback = draft.fallback if len(written) == 1 else (draft.fallback or "fa")
    mailing.audience, mailing.listed = audience, listed
    mailing.per_minute = draft.per_minute


def _way_of(draft: Draft, errors: Errors, language: str) -> tuple[Way | None, str]:
    if draft.way == BUILT_IN:
        return None, "email"
    way = next((one for one in ways() if one.key == draft.way), None)
    if way is None:
        errors["way"] = [choose(_WORDS["way"], language)]
    return way, way.task_type if way is not None else "email"


def _written(draft: Draft) -> dict[str, dict[str, str]]:
    kept = {
        language: {part: texts.tidy(text.get(part, "")) for part in ("subject", "body")}
        for language, text in draft.texts.items()
        if language in mailing_audience.LANGUAGES
    }
    return {language: text for language, text in kept.items() if any(text.values())}


def _check_title(draft: Draft, errors: Errors, language: str) -> None:
    if texts.is_blank(draft.title) or len(draft.title) > LONGEST_TITLE:
        errors["title"] = [choose(_WORDS["title"], language)]


def wrong_texts(words: mailing_texts.Written, fallback: str, language: str) -> Errors:
    """What is wrong with texts, by field, in words; also when one language of two is missing and
    nobody has said that the other one serves."""
    if not words.texts:
        return {"body_fa": [choose(_WORDS["texts"], language)]}
    errors: Errors = {}
    for name, found in mailing_texts.problems(words).items():
        errors[name] = [_say_template(one, language) for one in found]
    if len(words.texts) == 1 and fallback not in words.texts:
        errors["fallback"] = [choose(_WORDS["fallback"], language)]
    return errors


def _audience(
    mailing: Mailing, draft: Draft, medium: str, errors: Errors, actor: Actor
) -> tuple[dict[str, Any], list[Any] | None]:
    if draft.source == LIST:
        return _list(mailing, draft, medium, errors, actor)
    try:
        loaded = mailing_audience.Conditions().load(dict(draft.conditions))
    except ValidationError as wrong:
        for name in _names_in(wrong.messages_dict):
            errors[name] = [choose(_WORDS["condition"], actor.language)]
        return {"source": CONDITIONS}, None
    found = mailing_audience.Conditions().dump(loaded)
    asked = found["asked"]
    if asked and asked["since"] and asked["until"] and asked["until"] < asked["since"]:
        errors["until"] = [choose(_WORDS["until"], actor.language)]
    return {"source": CONDITIONS, **found}, None


def _names_in(messages: Mapping[Any, Any]) -> list[str]:
    found: list[str] = []
    for name, inner in messages.items():
        found += _names_in(inner) if name == "asked" and isinstance(inner, Mapping) else [str(name)]
    return found


def _list(
    mailing: Mailing, draft: Draft, medium: str, errors: Errors, actor: Actor
) -> tuple[dict[str, Any], list[Any] | None]:
    """The list as it will be: a new one from the file, else the one that there is."""
    if draft.upload is None:
        kept = dict(mailing.audience or {})
        if kept.get("source") != LIST or kept.get("kind") != KIND_OF[medium]:
            errors["list"] = [choose(_WORDS["list"], actor.language)]
        return {**kept, "source": LIST}, mailing.listed
    found = mailing_lists.read(draft.upload, medium, actor)
    if found.wrong and not (draft.leave_out and found.rows):
        errors["list"] = _lines(found.wrong, actor.language or "en")
    about = {
        "source": LIST, "kind": KIND_OF[medium], "file": draft.file[:150],
        "columns": list(found.columns), "count": len(found.rows), "left_out": len(found.wrong),
    }  # fmt: skip
    return about, list(found.rows)


def _lines(wrong: Sequence[mailing_lists.Wrong], language: str) -> list[str]:
    told = [mailing_lists.explain(one, language) for one in wrong[:SHOWN_LINES]]
    more = len(wrong) - len(told)
    return [*told, choose(_WORDS["more"], language).format(more)] if more else told


def _say_template(problem: connectors.BadTemplate | str, language: str) -> str:
    if isinstance(problem, connectors.MissingVariable):
        return choose(_WORDS["variable"], language).format(f"\u2068{problem.variable}\u2069")
    if isinstance(problem, connectors.BadTemplate):
        return choose(_WORDS["template"], language).format(problem.line, problem.text(language))
    return choose(_WORDS[problem], language)


_WORDS = {
    "title": ("عنوانی با حداکثر ۲۰۰ نویسه بنویسید.", "Write a title of at most 200 characters."),
    "way": ("کانال را برگزینید.", "Choose a channel."),
    "texts": (
        "متن را دست‌کم به یک زبان بنویسید.",
        "Write the text in at least one language.",
    ),
    "subject": ("موضوع را بنویسید.", "Write the subject."),
    "body": ("متن را بنویسید.", "Write the text."),
    "long": (
        "این متن بیش از ده بخش پیامک می‌شود؛ کوتاهش کنید.",
        "This text makes more than ten text messages; shorten it.",
    ),
    "fallback": (
        "متن تنها به یک زبان است؛ تأیید کنید که مشتریان زبان دیگر هم همین را می‌گیرند.",
        "The text is in one language alone; say that customers of the other one get it, too.",
    ),
    "per_minute": ("شماری از ۱ تا ۱۰۰٬۰۰۰ بنویسید.", "Write a number from 1 to 100,000."),
    "list": ("فایل فهرست را برگزینید.", "Choose the file with the list."),
    "condition": ("این شرط را نمی‌شناسیم.", "This condition is not known."),
    "until": ("روز پایان پیش از روز آغاز است.", "The last day is before the first one."),
    "more": ("و {} سطر دیگر.", "And {} lines more."),
    "variable": ("چیزی به نام {} نیست.", "Nothing is called {}."),
    "template": ("سطر {}: {}", "Line {}: {}"),
}
