"""Changing a letter: its texts are checked in every language before they are in force."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import connectors
from app.access import Actor
from app.errors import Conflict, Invalid, NoSuch
from app.i18n import to_digits
from app.services.sending import letter_uses, letters, wording
from app.services.sending.letters import LANGUAGES
from app.services.service_levels import sla_settings
from connectors.messages import Said, lacks_in, said_in

KEY = re.compile(r"[a-z][a-z0-9_-]{1,63}")
CONTEXTS = frozenset({"request", "customer", "organisation", "vars", "promises"})


class ChangedMeanwhile(Conflict):
    """Somebody kept version {version} meanwhile. Open it, and make your change there."""

    fa = "در این میان نسخهٔ {version} ثبت شده است. آن را باز کنید و تغییر خود را همان‌جا بدهید."


@dataclass(frozen=True)
class Draft:
    """A letter as somebody typed it."""

    key: str
    texts: Mapping[str, str]
    """By language; an empty one stays as it is shipped."""
    note: str = ""
    base: int = 0
    """The version that was opened."""
    may_doubt: bool = False
    """Whether it is to be kept though a variable may be missing."""


@dataclass
class Found:
    """What was found in the texts, by their fields ``fa`` and ``en``."""

    errors: dict[str, list[str]] = field(default_factory=dict)
    doubts: dict[str, list[str]] = field(default_factory=dict)
    """Variables that nothing is known to give, where something may all the same."""


def save(draft: Draft, actor: Actor, now: datetime) -> int:
    """Put it in force for the next letter; the number of the version. Raises Invalid with the
    fields ``key``, ``fa`` and ``en``, and ChangedMeanwhile."""
    language = "fa" if actor.language == "fa" else "en"
    texts = tidied(draft)
    found = judge(draft.key, texts, language)
    errors = {**found.errors}
    if not KEY.fullmatch(draft.key):
        errors["key"] = [_TEXTS["key"][language]]
    if not draft.may_doubt:
        for one, told in found.doubts.items():
            errors.setdefault(one, []).extend(told)
    if errors:
        raise Invalid(errors)
    letters.hold()
    if letters.version_of(draft.key) != draft.base:
        raise ChangedMeanwhile(version=letters.version_of(draft.key))
    return letters.keep(draft.key, texts, actor, now, draft.note)


def reset(key: str, language: str, actor: Actor, now: datetime) -> int:
    """Word the letter in this language as it was shipped; the number of the version. Raises
    NoSuch where it was not."""
    if language not in _shipped_in(key):
        raise NoSuch(en=f"shipped letter {key}", fa=f"نامهٔ {key} در میان نامه‌های همراه پیگیر")
    letters.hold()
    return letters.keep(key, {**letters.find(key), **_as_shipped(key, language)}, actor, now)


def _as_shipped(key: str, language: str) -> dict[str, str]:
    return {language: letters.shipped_sources(key)[language]}


def bad_key(language: str) -> str:
    """What a key must be."""
    return _TEXTS["key"]["fa" if language == "fa" else "en"]


def tidied(draft: Draft) -> dict[str, str]:
    """The texts with plain line breaks and one at the end; those that are not empty."""
    plain = {one: text.replace("\r\n", "\n").strip() for one, text in draft.texts.items()}
    return {one: text + "\n" for one, text in plain.items() if text and one in LANGUAGES}


def judge(key: str, texts: Mapping[str, str], language: str) -> Found:
    """What is wrong with the texts, in the reader's language."""
    found = Found()
    sample = _sample()
    given, anything = letter_uses.given_to(key)
    missing = [one for one in LANGUAGES if one not in texts and one not in _shipped_in(key)]
    for one in missing:
        found.errors[one] = [_TEXTS["missing"][language]]
    for one, text in texts.items():
        try:
            said = said_in(text, f"{key}.{one}.txt")
            asked = lacks_in(text, f"{key}.{one}.txt", sample)
        except connectors.BadTemplate as bad:
            found.errors[one] = [_say("bad", language, bad.line, bad.text(language))]
            continue
        strange = [_tell("strange", where, language) for where in said if _is_strange(where)]
        lacking = [_tell("lacking", where, language) for where in said if _lacks(where, given)]
        strange += [_say("strange", language, bad.line, bad.path) for bad in asked]
        strange += [_tell("unfit", where, language) for where in said if _is_unfit(where)]
        found.errors.setdefault(one, []).extend([*strange, *_left_out(key, said, language)])
        (found.doubts if anything else found.errors).setdefault(one, []).extend(lacking)
    return Found(_told(found.errors), _told(found.doubts))


def _told(found: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {one: _once(told) for one, told in found.items() if told}


def _once(told: list[str]) -> list[str]:
    return list(dict.fromkeys(told))[:10]


def _shipped_in(key: str) -> frozenset[str]:
    return connectors.shipped().get(key, frozenset())


def _is_strange(said: Said) -> bool:
    """Whether it says what no letter knows, or shows as a text what has members."""
    context, name = said.mention.context, said.mention.name
    return context not in CONTEXTS or (context in _OF_MEMBERS and not name)


def _is_unfit(said: Said) -> bool:
    """Whether a text is to be written as a date, or gone through as a list."""
    context, name, _line, shape = said.mention
    if shape == "text" or context not in CONTEXTS or context == "vars":
        return False
    is_moment = context == "promises" or (context, name) == ("request", "created_at")
    return shape == "list" or not is_moment


_OF_MEMBERS = ("request", "customer", "promises")


def _sample() -> Mapping[str, Any]:
    """All that letters know whatever process sends them; what processes give is judged by itself.
    Each value is a text or a moment, so that none has members."""
    return {
        "request": dict.fromkeys(wording.FACTS),
        "customer": {"name": None},
        "organisation": None,
        "promises": dict.fromkeys(_metrics()),
    }


def _metrics() -> frozenset[str]:
    """What is promised by any policy."""
    found = (sla_settings.policy(key).metrics for key in sla_settings.keys("policy"))
    return frozenset(name for metrics in found for name in metrics)


def _lacks(said: Said, given: frozenset[str] | None) -> bool:
    """Of a letter that nothing sends yet, nothing can be said."""
    is_variable = said.mention.context == "vars"
    return given is not None and is_variable and said.mention.name not in given


def _left_out(key: str, said: Sequence[Said], language: str) -> list[str]:
    """The words of staff themselves must stand in the letter that brings them."""
    names = {f"{one.mention.context}.{one.mention.name}" for one in said}
    needed = {"vars.body"} if key == wording.REPLY else set()
    return [_say("left_out", language, 0, name) for name in sorted(needed - names)]


def _tell(what: str, said: Said, language: str) -> str:
    context, name = said.mention.context, said.mention.name
    return _say(what, language, said.mention.line, f"{context}.{name}" if name else context)


def _say(what: str, language: str, line: int, about: str) -> str:
    shown = to_digits(str(line), "fa") if language == "fa" else str(line)
    return _TEXTS[what][language].format(line=shown, about=about)


_TEXTS: Mapping[str, Mapping[str, str]] = {
    "key": {
        "en": "Write a key of small Latin letters, digits, “-” and “_” that begins with a letter.",
        "fa": "کلید را با حروف کوچک لاتین، رقم، «-» و «_» بنویسید و با حرف آغاز کنید.",
    },
    "missing": {
        "en": "Write the letter in this language, too.",
        "fa": "نامه را به این زبان هم بنویسید.",
    },
    "bad": {
        "en": "Line {line}: {about}",
        "fa": "خط {line}: {about}",
    },
    "strange": {
        "en": "Line {line}: no letter knows “{about}”. See the list of variables.",
        "fa": "خط {line}: هیچ نامه‌ای «\u2068{about}\u2069» را نمی‌شناسد. فهرست متغیرها را ببینید.",
    },
    "unfit": {
        "en": "Line {line}: “{about}” is not the date or list that is needed here.",
        "fa": "خط {line}: «\u2068{about}\u2069» تاریخ یا فهرستی نیست که اینجا لازم است.",
    },
    "left_out": {
        "en": "The letter must say “{about}”.",
        "fa": "این نامه باید «\u2068{about}\u2069» را بگوید.",
    },
    "lacking": {
        "en": "Line {line}: nothing that sends this letter gives “{about}”.",
        "fa": "خط {line}: فرستندهٔ این نامه «\u2068{about}\u2069» را نمی‌دهد.",
    },
}
