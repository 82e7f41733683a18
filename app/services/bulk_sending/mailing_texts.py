"""The words of a mailing: templates checked when they are saved, and filled for each recipient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import connectors
from app import running
from connectors import sms_parts
from connectors.sms_parts import MOST_PARTS
from connectors.templates import BadTemplate, Compiled, MissingVariable, compile_template

LINK = "unsubscribe_url"


@dataclass(frozen=True)
class Written:
    """What a mailing is written with."""

    medium: str
    texts: Mapping[str, Mapping[str, str]]
    columns: Sequence[str] = ()
    """The further columns of its list."""
    stop_line: bool = True


@dataclass(frozen=True)
class Reader:
    """One recipient, as the words see them."""

    name: str
    language: str
    facts: Mapping[str, Any]
    link: str
    """The address of the page that ends mailings."""


def problems(written: Written) -> dict[str, list[connectors.BadTemplate | str]]:
    """What is wrong with the texts by their fields (``body_fa``): errors of the templates, and
    codes of what they do not hold."""
    found: dict[str, list[connectors.BadTemplate | str]] = {}
    for language, text in written.texts.items():
        for part, wrong in _wrong_in(written, language, text):
            found.setdefault(f"{part}_{language}", []).append(wrong)
    return found


def _wrong_in(
    written: Written, language: str, text: Mapping[str, str]
) -> Iterator[tuple[str, BadTemplate | str]]:
    parts = ("subject", "body") if written.medium == "email" else ("body",)
    if written.medium == "sms" and sms_parts.split(text.get("body", "")).count > MOST_PARTS:
        yield "body", "long"
    for part in parts:
        source = text.get(part, "")
        if not source.strip():
            yield part, part
            continue
        try:
            template = _compiled(source, part)
            sample = _context(written, _sample(written, language, template))
            _check(template, sample)
            _fill(source, part, language, sample)
        except BadTemplate as error:
            yield part, error


def _check(template: Compiled, sample: Mapping[str, Any]) -> None:
    """Name the variables that nobody has, also where a sample would not come by them."""
    for unknown in sorted(template.roots - {*sample}):
        raise MissingVariable(template.name, 1, unknown)
    for lack in template.lacks(sample):
        raise MissingVariable(template.name, lack.line, lack.path)


def _sample(written: Written, language: str, template: Compiled) -> Reader:
    """Somebody who has all that the text may say."""
    facts = _stand_ins(written.columns, [template])
    return Reader("نمونه", language, facts, "https://example.org")


def stand_ins(written: Written) -> dict[str, str]:
    """Something for each column of the list; raises ``connectors.BadTemplate``."""
    texts = [(part, source) for text in written.texts.values() for part, source in text.items()]
    return _stand_ins(written.columns, [_compiled(source, part) for part, source in texts])


def _stand_ins(columns: Sequence[str], templates: Sequence[Compiled]) -> dict[str, str]:
    """A moment for what is written as a date or time, a number for all else."""
    facts = dict.fromkeys(columns, "1")
    for said in (one for template in templates for one in template.mentions()):
        if said.context == "row" and said.shape == "moment" and said.name in facts:
            facts[said.name] = "2026-03-21T08:00:00+00:00"
    return facts


def fill(written: Written, reader: Reader) -> connectors.Message:
    """What one recipient reads, with how to get no more of it; raises ``connectors.BadTemplate``
    for values that the text cannot show."""
    text, context = written.texts[reader.language], _context(written, reader)
    subject = ""
    if written.medium == "email":
        told = _fill(text.get("subject", ""), "subject", reader.language, context)
        subject = " ".join(told.split())
    body = _fill(text["body"], "body", reader.language, context).strip()
    return connectors.Message(subject, body + _ending(written, text["body"], reader))


def _ending(written: Written, source: str, reader: Reader) -> str:
    if written.medium == "email":
        if LINK in _compiled(source, "body").roots:
            return "\n"
        return f"\n\n{_LETTER_END[reader.language]}\n{reader.link}\n"
    return f"\n{_SMS_END[reader.language]}" if written.stop_line else ""


_LETTER_END = {
    "fa": "اگر دیگر چنین نامه‌هایی نمی‌خواهید:",
    "en": "If you want no more letters like this:",
}
_SMS_END = {"fa": "لغو۱۱", "en": "STOP to end"}


def _context(written: Written, reader: Reader) -> dict[str, Any]:
    context: dict[str, Any] = {
        "customer": {"name": reader.name},
        "organisation": running.settings().organisation[reader.language],
        "row": reader.facts,
    }
    return {**context, LINK: reader.link} if written.medium == "email" else context


def _fill(source: str, part: str, language: str, context: Mapping[str, Any]) -> str:
    zone = running.settings().time_zone
    return _compiled(source, part).render(language, context, zone)


@lru_cache(maxsize=64)
def _compiled(source: str, part: str) -> Compiled:
    return compile_template(source, part)
