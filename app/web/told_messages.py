"""What was written, sent and answered around a request, in words."""

from __future__ import annotations

from abc import ABC, abstractmethod

from flask_babel import gettext as _

from app.models import Event
from app.web import inbound_words
from app.web.entries import Entry, automatic, entry
from app.web.told_operations import reason_of


class MessageTeller(ABC):
    """Tells of letters, files, calls and the customer's answers; whoever extends it knows the
    elements' names."""

    @abstractmethod
    def element(self, event: Event) -> str:
        """The name of the element where it happened."""

    def _file_refused(self, event: Event) -> Entry:
        name = f"\u2068{event.data.get('name', '')}\u2069"
        words = _("The file “%(name)s” of a message was not accepted", name=name)
        return automatic(event, "x", words)

    def _letter_returned(self, event: Event) -> Entry:
        address = f"\u2068{event.data.get('to', '')}\u2069"
        words = _("A letter to %(address)s came back", address=address)
        return automatic(event, "bad", words, dot="bad")

    def _letter_withheld(self, event: Event) -> Entry:
        named = {"address": f"\u2068{event.data.get('to', '')}\u2069"}
        words = _("A letter to %(address)s was not sent: who reads there may no longer see this",
                  **named)  # fmt: skip
        if event.data.get("in_doubt"):
            words = _("A letter to %(address)s, which may have arrived, is not sent again: who "
                      "reads there may no longer see this", **named)  # fmt: skip
        return automatic(event, "lock", words)

    def _sender_doubted(self, event: Event) -> Entry:
        told = inbound_words.doubts(event.data.get("why", ()))
        return automatic(event, "warn", " ".join(told))

    def _reply_not_sent(self, event: Event) -> Entry:
        words = _("The reply went out to nobody; it stands on the tracking page alone")
        return automatic(event, "warn", words)

    def _message_placed(self, event: Event) -> Entry:
        address = f"\u2068{event.data.get('from', '')}\u2069"
        return entry(event, "mail", _("placed a message of %(address)s here", address=address))

    def _file_added(self, event: Event) -> Entry:
        return entry(event, "clip", _("added the file %(name)s", name=event.data.get("name", "")))

    def _customer_answered(self, event: Event) -> Entry:
        accepted = event.data.get("answer") == "accept"
        words = _("accepted our answer") if accepted else _("objected to our answer")
        return entry(event, "check" if accepted else "warn", words)

    def _survey_answered(self, event: Event) -> Entry:
        words = _("was asked how it was: %(score)s of 5", score=event.data.get("survey_score", ""))
        body = str(event.data.get("survey_comment") or "")
        return entry(event, "check", words, body=body)

    def _customer_withdrew(self, event: Event) -> Entry:
        return entry(
            event, "x", _("withdrew the request"), body=str(event.data.get("reason") or "")
        )

    def _delivery_decided(self, event: Event) -> Entry:
        decided = {
            "arrived": _("said that the message to %(address)s arrived"),
            "again": _("sent the message to %(address)s again"),
            "given_up": _("gave up the message to %(address)s"),
        }
        address = f"\u2068{event.data.get('to', '')}\u2069"
        words = str(decided[event.data["decision"]]) % {"address": address}
        return entry(event, "mail", words, body=reason_of(event.data))

    def _partner_call_offered(self, event: Event) -> Entry:
        words = _(
            "gave it the call “%(message)s” of “%(channel)s”, for which it had not waited before",
            message=event.data.get("message", ""), channel=event.data.get("channel", ""),
        )  # fmt: skip
        return entry(event, "bolt", words)

    def _message_not_delivered(self, event: Event) -> Entry:
        words = _("The letter of “%(step)s” could not be delivered", step=self.element(event))
        return automatic(event, "warn", words)

    def _partner_called(self, event: Event) -> Entry:
        words = _("“%(step)s”: the partner has answered", step=self.element(event))
        return automatic(event, "flow", words)

    def _nobody_told(self, event: Event) -> Entry:
        words = _("“%(step)s”: nobody has an address to write to", step=self.element(event))
        return automatic(event, "warn", words)
