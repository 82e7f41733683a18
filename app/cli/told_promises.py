"""The promises of a request as the terminal tells them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from app.access import TERMINAL
from app.errors import NoSuch
from app.i18n import current_zone, format_full
from app.services.casework import requests
from app.services.service_levels import sla_story, sla_words
from app.services.service_levels.sla_story import Story

_WORDS = {
    "en": {"none": "Nothing is promised for {number}.", "why": "Why that much", "late": "If late",
           "task": "task"},
    "fa": {"none": "برای {number} قولی نیست.", "why": "چرا این‌قدر", "late": "اگر دیر شود",
           "task": "کار"},
}  # fmt: skip


def explained_request(number: str, language: str) -> str:
    """Each clock's story: how it stands, why that much, what happened, the steps of its ladder.

    Raises NoSuch for a number that nobody has.
    """
    if not number.strip():
        raise NoSuch(en="request without a number", fa="درخواست بی‌شماره")
    now = datetime.now(UTC)
    stories = sla_story.of_request(requests.find(number, TERMINAL), now)
    if not stories:
        return _WORDS[language]["none"].format(number=number)
    return "\n\n".join("\n".join(_lines(one, language)) for one in stories)


def _lines(story: Story, language: str) -> Iterator[str]:
    words = _WORDS[language]
    kind = f" ({words['task']})" if story.of_task else ""
    name = f"{sla_words.title(story, language)}{kind}"
    yield f"{name}: {sla_words.stands(story, language, _moment(language))}"
    yield f"  {words['why']}: {sla_words.why(story.rule, story.names_of, language)}"
    for told in story.told:
        at = _moment(language)(told.at)
        yield f"  {at}  {sla_words.entry(story, told, language, _moment(language))}"
    for step in (*story.done, *story.coming):
        yield f"  {sla_words.step(step, language, _moment(language))}"
        yield from (f"    {one}" for one in sla_words.actions(step, language))


def _moment(language: str) -> sla_words.Moment:
    return lambda instant: format_full(instant, language, current_zone())
