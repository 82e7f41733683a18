"""What the timeline says of what a process did, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from app.models import Event, InboundMessage, Interaction
from app.web.bubbles import bubble
from app.web.entries import Entry
from app.web.inbound_words import why
from app.web.timeline import Teller

ELEMENTS = {"flood": {"fa": "سیل", "en": "Flood"}}
TOLD = {
    "signal_caught": ("Signal “alarm” heard: Flood", "سیگنال «alarm» رسید: سیل"),
    "signal_thrown": ("Signal “alarm” sent: Flood", "سیگنال «alarm» فرستاده شد: سیل"),
    "escalation_caught": ("Escalated: Flood", "به سطح بالاتر رفت: سیل"),
    "escalation_uncaught": (
        "Escalated, but nobody takes it up: Flood",
        "به سطح بالاتر رفت، ولی گیرنده‌ای ندارد: سیل",
    ),
    "reply_not_sent": (
        "The reply went out to nobody; it stands on the tracking page alone",
        "این پاسخ به کسی فرستاده نشد؛ تنها در صفحهٔ پیگیری هست",
    ),
    "condition_met": ("Condition met: Flood", "شرط برقرار شد: سیل"),
}


def words(app: Flask, kind: str, language: str, **data: Any) -> str:
    return told(app, kind, language, **data).words


def told(app: Flask, kind: str, language: str, **data: Any) -> Entry:
    at = datetime(2026, 3, 21, tzinfo=UTC)
    event = Event(kind=kind, at=at, element="flood", actor_kind="system", actor_names={}, data=data)
    with app.test_request_context(headers={"Accept-Language": language}), force_locale(language):
        (entry,) = Teller(ELEMENTS, {}).tell(event)
        return entry


@pytest.mark.parametrize("kind", TOLD)
def test_an_event_is_told_in_both_languages(app: Flask, kind: str) -> None:
    en, fa = TOLD[kind]
    assert words(app, kind, "en", signal="alarm") == en
    assert words(app, kind, "fa", signal="alarm") == fa


def test_the_note_of_a_returned_letter_is_in_the_readers_language(app: Flask) -> None:
    at = datetime(2026, 3, 21, tzinfo=UTC)
    note = Interaction(
        direction="internal", channel="email", author_kind="system", author_names={},
        subject="Hello", body="نامه نرسید", at=at,
    )  # fmt: skip
    mail = InboundMessage(state="bounce", why="5.1.1 550 no such user")
    with app.test_request_context(), force_locale("en"):
        told = bubble(note, mail).body
    assert told == "The letter “\u2068Hello\u2069” did not arrive: 5.1.1 550 no such user"
    with app.test_request_context(), force_locale("fa"):
        assert bubble(note, InboundMessage(state="bounce", why="returned")).body == (
            "نامهٔ «\u2068Hello\u2069» نرسید: نامه‌ای از ما برگشت."
        )


def test_a_released_message_that_is_not_placed_yet_is_on_its_way(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        waiting = why(InboundMessage(state="quarantined", why="released"))
        placed = why(InboundMessage(state="triage", why="released"))
    assert waiting == "It was released; it moves to its place within a moment."
    assert placed == "It was released from quarantine."


def test_what_a_decision_could_not_work_out_stands_with_it(app: Flask) -> None:
    warnings = [{"en": "No x", "fa": "x نیست"}, {"en": "No y", "fa": "y نیست"}]
    assert told(app, "decision_made", "en", warnings=warnings).body == "No x\nNo y"
    assert told(app, "decision_made", "fa", warnings=warnings).body == "x نیست\ny نیست"
    assert told(app, "decision_made", "en").body == ""


def test_a_correction_tells_each_value_and_what_stood_there(app: Flask) -> None:
    values = {"to": {"from": '"12"', "to": '"0912"'}, "x": {"to": "1"}}
    cause = {"changed": ["to", "x"], "values": values, "reason": "why"}
    for kind in ("variables_changed", "fault_retried", "fault_skipped"):
        body = told(app, "step", "en", cause={"kind": kind, **cause}).body
        plain = body.replace("\u2068", "").replace("\u2069", "")
        assert plain == 'why\nto: "0912" (before: "12")\nx: 1'
