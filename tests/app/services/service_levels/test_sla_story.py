"""The whole story of a promise: why, what happened, what the ladder did, how it stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.i18n import current_zone, format_full
from app.models import ServiceRequest
from app.services.service_levels import promises, sla_settings, sla_story, sla_words, sla_writing
from tests.app.services import story
from tests.support.application import transaction_of
from tests.support.clock import MovingClock

GOLD = """
[[metrics.first_response.rules]]
tier = "gold"
priority = "urgent"
target = "PT8H"
calendar = "always"
"""


def told(number: int, request: ServiceRequest, clock: MovingClock, language: str = "en") -> str:
    """One story as the terminal prints it."""
    found = sla_story.of_request(request, clock())[number]

    def moment(instant: datetime) -> str:
        return format_full(instant, language, current_zone())

    lines = [sla_words.stands(found, language, moment)]
    lines += [sla_words.why(found.rule, found.names_of, language)]
    lines += [sla_words.entry(found, one, language, moment) for one in found.told]
    return "\n".join(lines)


def test_a_story_says_why_when_and_how_much(app: Flask, clock: MovingClock) -> None:
    with transaction_of(app):
        request = story.submit(clock())
        clock.move(hours=1)
        english, persian = told(0, request, clock), told(0, request, clock, "fa")
    assert english.splitlines()[0].startswith("on track, 3 h of working time left, due ")
    assert "any request" in english
    assert "Started with 4 h of working time, counted by “Iranian working week” (version 1)" in (
        english
    )
    assert "به‌موقع، ۳ ساعت زمان کاری مانده" in persian


def test_a_change_of_the_promise_keeps_what_was_counted(app: Flask, clock: MovingClock) -> None:
    with transaction_of(app):
        request = story.submit(clock())
    clock.move(hours=2)
    with transaction_of(app) as session:
        request = session.merge(request)
        policy = sla_settings.versions("policy", "complaint")[0].source
        who = story.actor("admin")
        sla_writing.save("policy", "complaint", policy + GOLD, who, clock(), "gold")
        request.priority = "urgent"
        request.customer.tier = "gold"
        promises.renew(request, clock())
    with transaction_of(app) as session:
        request = session.merge(request)
        stories = sla_story.of_request(request, clock())
        number = next(n for n, one in enumerate(stories) if one.metric == "first_response")
        text = told(number, request, clock)
    assert (
        "customer tier gold and priority urgent with a calendar of its own; more specific " in text
    )
    assert "more specific than: priority urgent; any request" in text
    # What was promised in working days is told in working days, whatever counts now.
    assert "The promise changed: 8 h in place of 5 working days" in text
    assert stories[number].counted == timedelta(hours=2)


def test_the_steps_of_a_ladder_are_told_as_they_come(app: Flask, clock: MovingClock) -> None:
    with transaction_of(app):
        request = story.submit(clock())
        (first, *_) = sla_story.of_request(request, clock())
        assert [(one.key, one.done_at) for one in first.done] == []
        assert [one.key for one in first.coming] == ["at_risk", "due"]
        assert sla_words.actions(first.coming[0], "en") == ["tell who does it, the group"]
        assert sla_words.actions(first.coming[0], "fa") == ["آگاه‌کردن مسئول کار، گروه"]
        stories = sla_story.of_request(request, clock())
        (last,) = (one.coming[-1] for one in stories if one.metric == "resolution")
        assert sla_words.actions(last, "en") == ["tell Managers"]
        assert sla_words.actions(last, "fa") == ["آگاه‌کردن مدیران"]


@pytest.mark.parametrize("language", ["en", "fa"])
def test_every_text_is_there_in_both_languages(language: str) -> None:
    from app.services.service_levels.sla_texts import PRIORITIES, STATES, TEXTS

    for texts in (*TEXTS.values(), *STATES.values(), *PRIORITIES.values()):
        assert texts[language].strip(" .") or texts[language] == "."


SHORT = """
[metrics.quick]
start = "submitted"
stop = "closed"
target = "PT25S"
names = {fa = "کوتاه", en = "Quick"}
customer_names = {fa = "کوتاه", en = "Quick"}
late = {fa = "دیر", en = "Late"}
"""


def test_the_first_minute_after_a_breach_is_told_in_seconds(app: Flask, clock: MovingClock) -> None:
    with transaction_of(app):
        policy = sla_settings.versions("policy", "complaint")[0].source
        who = story.actor("admin")
        day_and_night = policy.replace('calendar = "iran"', 'calendar = "always"', 1) + SHORT
        sla_writing.save("policy", "complaint", day_and_night, who, clock())
        request = story.submit(clock())
        clock.move(seconds=45)
        [number] = [
            number
            for number, one in enumerate(sla_story.of_request(request, clock()))
            if one.metric == "quick"
        ]
        english, persian = told(number, request, clock), told(number, request, clock, "fa")
    assert english.startswith("broken, 20 s late, was due ")
    assert "Started with 25 s, counted by " in english
    assert persian.startswith("نقض‌شده، ۲۰ ثانیه دیرتر")


def test_a_version_is_told_by_the_name_that_it_had(app: Flask, clock: MovingClock) -> None:
    with transaction_of(app):
        request = story.submit(clock())
        source = sla_settings.versions("calendar", "iran")[0].source
        renamed = source.replace("Iranian working week", "Office hours")
        renamed = renamed.replace("friday = []", 'friday = ["08:00-09:00"]')
        sla_writing.save("calendar", "iran", renamed, story.actor("admin"), clock())
        clock.move(hours=1)
        promises.renew(request, clock())
        english = told(0, request, clock)
    assert "counted by “Iranian working week” (version 1)" in english
    assert "counted by “Office hours” (version 2)" in english


def test_a_message_that_nobody_heard_is_told_as_such() -> None:
    did = [{"action": "message", "to": ["nudge"], "heard": False}]
    done = datetime(2026, 11, 22, tzinfo=UTC)
    step = sla_story.Step("due", {"en": "Due"}, done, done, did)
    assert sla_words.actions(step, "en") == ["nobody waited for the message “nudge”"]
    assert sla_words.actions(step, "fa") == ["کسی منتظر پیام «nudge» نبود"]
