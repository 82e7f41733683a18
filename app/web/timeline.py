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
from app.web import inbound_words
from app.web.bubbles import bubble
from app.web.entries import Entry
from app.web.entries import automatic as _automatic
from app.web.entries import digits_of as _digits
from app.web.entries import entry as _entry
from app.web.entries import named as _named
from app.web.told_operations import OperationTeller, reason_of
from app.web.told_promises import PromiseTeller
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
    entries = [entry for event in events for entry in teller.tell(event)]
    mails = received or {}
    entries += [bubble(one, mails.get(one.id)) for one in said]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


class Teller(OperationTeller, PromiseTeller):
    """Tells events in words; knows the names of the process's elements and stages."""

    def __init__(self, elements: Names, stages: Names) -> None:
        self.elements = elements
        self.stages = stages

    def tell(self, event: Event) -> list[Entry]:
        """The lines of one event; none for what other lines say better."""
        told = getattr(self, f"_{event.kind}", None)
        entry = told(event) if told else None
        return [entry] if entry else []

    def element(self, event: Event) -> str:
        """The name of the element where it happened."""
        return self._name_of(event.element, event.data)

    def _name_of(self, element: str | None, told: Mapping[str, Any]) -> str:
        names = self.elements.get(diagrams.place(element, told.get(history.CALLED)))
        return pick_text(names, current_language()) or element or ""

    def _stage(self, key: Any) -> str:
        return pick_text(self.stages.get(str(key)), current_language()) or str(key or "")

    def _request_submitted(self, event: Event) -> Entry:
        return _entry(event, "plus", _("submitted the request"))

    def _step(self, event: Event) -> Entry | None:
        cause = event.data.get("cause", {})
        told = _CAUSES.get(cause.get("kind", ""))
        return told(self, event, cause) if told else None

    def _started(self, event: Event, cause: Mapping[str, Any]) -> Entry:
        version, why = _digits(cause.get("version", "")), _why_started(cause)
        if event.actor_kind == "user" and event.request_id is None and not why:
            return _entry(
                event, "play", _("started the process, version %(version)s", version=version)
            )
        words = _("Process started, version %(version)s", version=version)
        return _automatic(event, "play", f"{words} · {why}" if why else words)

    def _heard(self, event: Event, cause: Mapping[str, Any]) -> Entry | None:
        """A message from elsewhere; what the customer said or answered stands there itself."""
        if event.actor_kind == "customer" or cause.get("message") in SAID_OTHERWISE:
            return None
        named = {
            "message": str(cause.get("message", "")),
            "step": self._name_of(cause.get("element"), cause),
        }
        words = _("Message “%(message)s” came: %(step)s", **named)
        return _automatic(event, "mail", words)

    def _finished(self, event: Event, cause: Mapping[str, Any]) -> Entry:
        words = _(
            "finished “%(step)s”",
            step=_named(cause.get("names")) or self._name_of(cause.get("element"), cause),
        )
        return _entry(event, "check", words, dot="ok")

    def _retried(self, event: Event, cause: Mapping[str, Any]) -> Entry:
        words = _("tried “%(step)s” again", step=self._name_of(cause.get("element"), cause))
        return _entry(event, "undo", words, body=reason_of(cause))

    def _activated(self, event: Event, cause: Mapping[str, Any]) -> Entry:
        words = _("began “%(step)s”", step=self._name_of(cause.get("element"), cause))
        return _entry(event, "play", words)

    def _timer_fired(self, event: Event) -> Entry:
        return _automatic(event, "clock", _("Time passed: %(step)s", step=self.element(event)))

    def _decision_made(self, event: Event) -> Entry:
        words = _("Decided by rule: %(step)s", step=self.element(event))
        return _automatic(event, "bolt", words, body=_unknown_in(event))

    def _error_raised(self, event: Event) -> Entry:
        return _automatic(event, "warn", _("Handled error: %(step)s", step=self.element(event)))

    def _signal_caught(self, event: Event) -> Entry:
        words = _("Signal “%(signal)s” heard: %(step)s", **self._signal(event))
        return _automatic(event, "bolt", words)

    def _signal_thrown(self, event: Event) -> Entry:
        words = _("Signal “%(signal)s” sent: %(step)s", **self._signal(event))
        return _automatic(event, "bolt", words)

    def _signal_stopped(self, event: Event) -> Entry:
        signal = str(event.data.get("signal", ""))
        words = _(
            "Signal “%(signal)s” was not sent: processes woke each other without a pause",
            signal=signal,
        )
        if event.data.get("why") == "reach":
            words = _(
                "Signal “%(signal)s” was not sent: one signal led to more and more others without "
                "a pause; look at which processes both hear and send it",
                signal=signal,
            )
        return _automatic(event, "bad", words)

    def _signal(self, event: Event) -> dict[str, str]:
        return {"signal": str(event.data.get("signal", "")), "step": self.element(event)}

    def _escalation_caught(self, event: Event) -> Entry:
        return _automatic(event, "high", _("Escalated: %(step)s", step=self.element(event)))

    def _escalation_uncaught(self, event: Event) -> Entry:
        words = _("Escalated, but nobody takes it up: %(step)s", step=self.element(event))
        return _automatic(event, "warn", words)

    def _condition_met(self, event: Event) -> Entry:
        return _automatic(event, "bolt", _("Condition met: %(step)s", step=self.element(event)))

    def _step_undone(self, event: Event) -> Entry:
        return _automatic(event, "undo", _("Undone: %(step)s", step=self.element(event)))

    def _fault_raised(self, event: Event) -> Entry:
        words = _("Could not go on at “%(step)s”", step=self.element(event))
        return _automatic(event, "bad", words, dot="bad")

    def _process_completed(self, event: Event) -> Entry:
        return _automatic(event, "check", _("The process ended"), dot="ok")

    def _process_terminated(self, event: Event) -> Entry:
        return _automatic(event, "bad", _("The process was ended"))

    def _stage_changed(self, event: Event) -> Entry:
        return _automatic(
            event, "flag", _("Stage: %(stage)s", stage=self._stage(event.data.get("to")))
        )

    def _priority_changed(self, event: Event) -> Entry | None:
        return _automatic(
            event, "high", _("Priority: %(word)s", word=priority_word(event.data.get("to")))
        )

    def _status_changed(self, event: Event) -> Entry | None:
        words = {
            "waiting": _("The request waits; its clocks stand still"),
            "open": _("The request goes on; its clocks run"),
            "closed": _("The request was closed"),
        }.get(event.data.get("to", ""))
        return (
            _automatic(event, "pause" if event.data.get("to") == "waiting" else "play", words)
            if words
            else None
        )

    def _task_claimed(self, event: Event) -> Entry:
        return _entry(event, "hand", _("claimed “%(step)s”", step=_named(event.data.get("names"))))

    def _task_released(self, event: Event) -> Entry:
        return _entry(
            event, "undo", _("gave “%(step)s” back", step=_named(event.data.get("names")))
        )

    def _task_assigned(self, event: Event) -> Entry:
        words = _(
            "gave “%(step)s” to %(name)s",
            step=_named(event.data.get("names")),
            name=_named(event.data.get("to")),
        )
        return _entry(event, "user", words)

    def _file_refused(self, event: Event) -> Entry:
        name = f"\u2068{event.data.get('name', '')}\u2069"
        words = _("The file “%(name)s” of a message was not accepted", name=name)
        return _automatic(event, "x", words)

    def _letter_returned(self, event: Event) -> Entry:
        address = f"\u2068{event.data.get('to', '')}\u2069"
        words = _("A letter to %(address)s came back", address=address)
        return _automatic(event, "bad", words, dot="bad")

    def _sender_doubted(self, event: Event) -> Entry:
        told = inbound_words.doubts(event.data.get("why", ()))
        return _automatic(event, "warn", " ".join(told))

    def _reply_not_sent(self, event: Event) -> Entry:
        words = _("The reply went out to nobody; it stands on the tracking page alone")
        return _automatic(event, "warn", words)

    def _message_placed(self, event: Event) -> Entry:
        address = f"\u2068{event.data.get('from', '')}\u2069"
        return _entry(event, "mail", _("placed a message of %(address)s here", address=address))

    def _file_added(self, event: Event) -> Entry:
        return _entry(event, "clip", _("added the file %(name)s", name=event.data.get("name", "")))

    def _customer_answered(self, event: Event) -> Entry:
        accepted = event.data.get("answer") == "accept"
        words = _("accepted our answer") if accepted else _("objected to our answer")
        return _entry(event, "check" if accepted else "warn", words)

    def _survey_answered(self, event: Event) -> Entry:
        words = _("was asked how it was: %(score)s of 5", score=event.data.get("survey_score", ""))
        body = str(event.data.get("survey_comment") or "")
        return _entry(event, "check", words, body=body)

    def _trend_found(self, event: Event) -> Entry:
        words = _(
            "%(count)s cases alike have come: %(numbers)s",
            count=event.data.get("alike", ""),
            numbers=", ".join(map(str, event.data.get("numbers", ()))),
        )
        return _automatic(event, "warn", words)

    def _customer_withdrew(self, event: Event) -> Entry:
        return _entry(
            event, "x", _("withdrew the request"), body=str(event.data.get("reason") or "")
        )

    def _request_linked(self, event: Event) -> Entry:
        number = str(event.data.get("number") or "")
        words = _("Linked with %(number)s", number=_digits(number)) if number else _("Linked")
        return _automatic(event, "flow", words)

    def _problem_linked(self, event: Event) -> Entry:
        number = _digits(event.data.get("number", ""))
        return _automatic(event, "search", _("Problem record %(number)s", number=number))

    def _delivery_decided(self, event: Event) -> Entry:
        decided = {
            "arrived": _("said that the message to %(address)s arrived"),
            "again": _("sent the message to %(address)s again"),
            "given_up": _("gave up the message to %(address)s"),
        }
        address = f"\u2068{event.data.get('to', '')}\u2069"
        words = str(decided[event.data["decision"]]) % {"address": address}
        return _entry(event, "mail", words, body=reason_of(event.data))

    def _message_not_delivered(self, event: Event) -> Entry:
        words = _("The letter of “%(step)s” could not be delivered", step=self.element(event))
        return _automatic(event, "warn", words)

    def _partner_called(self, event: Event) -> Entry:
        words = _("“%(step)s”: the partner has answered", step=self.element(event))
        return _automatic(event, "flow", words)

    def _nobody_told(self, event: Event) -> Entry:
        words = _("“%(step)s”: nobody has an address to write to", step=self.element(event))
        return _automatic(event, "warn", words)


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


def _unknown_in(event: Event) -> str:
    """What a decision could not work out, a sentence each."""
    warnings = event.data.get("warnings")
    return "\n".join(_named(one) for one in warnings) if isinstance(warnings, list) else ""


def _why_started(cause: Mapping[str, Any]) -> str:
    """What began a process that nobody started by hand."""
    if "message" in cause:
        return str(_("by the message “%(name)s”", name=cause["message"]))
    if "signal" in cause:
        return str(_("by the signal “%(name)s”", name=cause["signal"]))
    return str(_("at its time")) if "timer" in cause else ""
