"""Each promise of a request with its reason, its ledger and its ladder, as the page tells it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from flask import g

from app.i18n import current_language, current_zone, format_moment
from app.models import ServiceRequest
from app.services.service_levels import sla_story, sla_words
from app.services.service_levels.sla_story import Step, Story
from app.web.promises import CHIP_OF


class Happened(NamedTuple):
    """One entry of a ledger, or one step of a ladder."""

    at: datetime
    words: str
    icon: str
    more: Sequence[str] = ()


class Told(NamedTuple):
    """One promise, told."""

    story: Story
    chip: str
    """ok, risk, bad, pause, kept, dropped or uncountable."""
    title: str
    stands: str
    why: str
    ledger: Sequence[Happened]
    steps: Sequence[Happened]
    """Of its ladder: those that were done, then those to come."""


def of_request(found: ServiceRequest) -> list[Told]:
    """All promises of a request: those that run first, then the tasks' and what is over."""
    told = [_told(one) for one in sla_story.of_request(found, g.now)]
    return sorted(told, key=lambda one: (one.story.is_over, one.story.of_task))


def _told(story: Story) -> Told:
    language = current_language()
    return Told(
        story=story,
        chip=CHIP_OF[story.state],
        title=sla_words.title(story, language),
        stands=sla_words.stands(story, language, _moment),
        why=sla_words.why(story.rule, story.names_of, language),
        ledger=[
            Happened(one.at, sla_words.entry(story, one, language, _moment), _ICONS[one.kind])
            for one in story.told
        ],
        steps=[_step(one) for one in (*story.done, *story.coming)],
    )


_ICONS = {
    "started": "clock", "paused": "pause", "resumed": "clock", "retargeted": "info",
    "stopped": "check", "dropped": "x", "reopened": "undo",
}  # fmt: skip


def _step(one: Step) -> Happened:
    language = current_language()
    words = sla_words.step(one, language, _moment)
    icon = "high" if one.done_at else "clock"
    return Happened(one.done_at or one.at, words, icon, sla_words.actions(one, language))


def _moment(instant: datetime) -> str:
    return format_moment(instant, current_language(), current_zone(), g.now)
