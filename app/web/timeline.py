"""Who did what and when, in words: events and messages of a request as one list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_babel import gettext as _

from app.i18n import current_language, pick_text
from app.models import Event, InboundMessage, Interaction
from app.services import history
from app.services.casework import messages
from app.services.execution import diagrams
from app.web.bubbles import bubble
from app.web.entries import Entry, automatic, digits_of, entry, named
from app.web.told_messages import MessageTeller
from app.web.told_operations import OperationTeller, correction_of
from app.web.told_promises import PromiseTeller
from app.web.told_steps import StepTeller
from app.web.words import priority_word

Names = Mapping[str, Mapping[str, str]]
"""Places of elements, or stages, with their texts by language."""


def build(
    events: Iterable[Event],
    said: Iterable[Interaction],
    elements: Names,
    stages: Names,
    received: Mapping[int, InboundMessage] | None = None,
) -> list[Entry]:
    """Everything of a request, newest first; ``received`` are messages by their interactions."""
    teller = Teller(elements, stages)
    entries = [line for event in events for line in teller.tell(event)]
    mails = received or {}
    entries += [bubble(one, mails.get(one.id)) for one in said]
    return sorted(entries, key=lambda line: line.at, reverse=True)


class Teller(StepTeller, MessageTeller, OperationTeller, PromiseTeller):
    """Tells events in words; knows the names of the process's elements and stages."""

    def __init__(self, elements: Names, stages: Names) -> None:
        self.elements = elements
        self.stages = stages

    def tell(self, event: Event) -> list[Entry]:
        """The lines of one event; none for what other lines say better."""
        told = getattr(self, f"_{event.kind}", None)
        line = told(event) if told else None
        return [line] if line else []

    def element(self, event: Event) -> str:
        """The name of the element where it happened."""
        return self._name_of(event.element, event.data)

    def _name_of(self, element: str | None, told: Mapping[str, Any]) -> str:
        names = self.elements.get(diagrams.place(element, told.get(history.CALLED)))
        return pick_text(names, current_language()) or element or ""

    def _stage(self, key: Any) -> str:
        return pick_text(self.stages.get(str(key)), current_language()) or str(key or "")

    def _request_submitted(self, event: Event) -> Entry:
        return entry(event, "plus", _("submitted the request"))

    def _step(self, event: Event) -> Entry | None:
        cause = event.data.get("cause", {})
        told = _CAUSES.get(cause.get("kind", ""))
        return told(self, event, cause) if told else None

    def _started(self, event: Event, cause: Mapping[str, Any]) -> Entry:
        version, why = digits_of(cause.get("version", "")), _why_started(cause)
        if event.actor_kind == "user" and event.request_id is None and not why:
            return entry(
                event, "play", _("started the process, version %(version)s", version=version)
            )
        words = _("Process started, version %(version)s", version=version)
        return automatic(event, "play", f"{words} · {why}" if why else words)

    def _heard(self, event: Event, cause: Mapping[str, Any]) -> Entry | None:
        """A message from elsewhere; what the customer said or answered stands there itself."""
        if event.actor_kind == "customer" or cause.get("message") in SAID_OTHERWISE:
            return None
        facts = {
            "message": str(cause.get("message", "")),
            "step": self._name_of(cause.get("element"), cause),
        }
        words = _("Message “%(message)s” came: %(step)s", **facts)
        return automatic(event, "mail", words)

    def _finished(self, event: Event, cause: Mapping[str, Any]) -> Entry:
        words = _(
            "finished “%(step)s”",
            step=named(cause.get("names")) or self._name_of(cause.get("element"), cause),
        )
        return entry(event, "check", words, dot="ok")

    def _retried(self, event: Event, cause: Mapping[str, Any]) -> Entry:
        words = _("tried “%(step)s” again", step=self._name_of(cause.get("element"), cause))
        return entry(event, "undo", words, body=correction_of(cause))

    def _activated(self, event: Event, cause: Mapping[str, Any]) -> Entry:
        words = _("began “%(step)s”", step=self._name_of(cause.get("element"), cause))
        return entry(event, "play", words)

    def _stage_changed(self, event: Event) -> Entry:
        return automatic(
            event, "flag", _("Stage: %(stage)s", stage=self._stage(event.data.get("to")))
        )

    def _priority_changed(self, event: Event) -> Entry | None:
        return automatic(
            event, "high", _("Priority: %(word)s", word=priority_word(event.data.get("to")))
        )

    def _status_changed(self, event: Event) -> Entry | None:
        words = {
            "waiting": _("The request waits; its clocks stand still"),
            "open": _("The request goes on; its clocks run"),
            "closed": _("The request was closed"),
        }.get(event.data.get("to", ""))
        return (
            automatic(event, "pause" if event.data.get("to") == "waiting" else "play", words)
            if words
            else None
        )

    def _task_claimed(self, event: Event) -> Entry:
        return entry(event, "hand", _("claimed “%(step)s”", step=named(event.data.get("names"))))

    def _task_released(self, event: Event) -> Entry:
        return entry(event, "undo", _("gave “%(step)s” back", step=named(event.data.get("names"))))

    def _task_assigned(self, event: Event) -> Entry:
        words = _(
            "gave “%(step)s” to %(name)s",
            step=named(event.data.get("names")),
            name=named(event.data.get("to")),
        )
        return entry(event, "user", words)

    def _trend_found(self, event: Event) -> Entry:
        words = _(
            "%(count)s cases alike have come: %(numbers)s",
            count=event.data.get("alike", ""),
            numbers=", ".join(map(str, event.data.get("numbers", ()))),
        )
        return automatic(event, "warn", words)

    def _request_linked(self, event: Event) -> Entry:
        number = str(event.data.get("number") or "")
        words = _("Linked with %(number)s", number=digits_of(number)) if number else _("Linked")
        return automatic(event, "flow", words)

    def _problem_linked(self, event: Event) -> Entry:
        number = digits_of(event.data.get("number", ""))
        return automatic(event, "search", _("Problem record %(number)s", number=number))


SAID_OTHERWISE = frozenset(
    {
        messages.CUSTOMER_MESSAGE,
        messages.CUSTOMER_ANSWER,
        messages.CUSTOMER_WITHDRAWS,
        messages.CUSTOMER_SURVEY,
    }
)
"""Messages of which the history tells already in the customer's own words."""
_CAUSES: dict[str, Callable[[Teller, Event, Mapping[str, Any]], Entry | None]] = {
    "start": Teller._started,
    "task_completed": Teller._finished,
    "message": Teller._heard,
    "fault_retried": Teller._retried,
    "element_activated": Teller._activated,
    "fault_skipped": Teller._skipped,
    "variables_changed": Teller._changed,
    "token_moved": Teller._moved,
    "cancelled": Teller._cancelled,
    "migrated": Teller._migrated,
    "escalated": Teller._escalated,
}


def _why_started(cause: Mapping[str, Any]) -> str:
    """What began a process that nobody started by hand."""
    if "message" in cause:
        return str(_("by the message “%(name)s”", name=cause["message"]))
    if "signal" in cause:
        return str(_("by the signal “%(name)s”", name=cause["signal"]))
    return str(_("at its time")) if "timer" in cause else ""
