"""What the engine did on its way through a process, in words."""

from __future__ import annotations

from abc import ABC, abstractmethod

from flask_babel import gettext as _

from app.models import Event
from app.web.entries import Entry, automatic, named


class StepTeller(ABC):
    """Tells of timers, signals, errors and ends; whoever extends it knows the elements' names."""

    @abstractmethod
    def element(self, event: Event) -> str:
        """The name of the element where it happened."""

    def _timer_fired(self, event: Event) -> Entry:
        return automatic(event, "clock", _("Time passed: %(step)s", step=self.element(event)))

    def _decision_made(self, event: Event) -> Entry:
        words = _("Decided by rule: %(step)s", step=self.element(event))
        return automatic(event, "bolt", words, body=_unknown_in(event))

    def _error_raised(self, event: Event) -> Entry:
        return automatic(event, "warn", _("Handled error: %(step)s", step=self.element(event)))

    def _signal_caught(self, event: Event) -> Entry:
        words = _("Signal “%(signal)s” heard: %(step)s", **self._signal(event))
        return automatic(event, "bolt", words)

    def _signal_thrown(self, event: Event) -> Entry:
        words = _("Signal “%(signal)s” sent: %(step)s", **self._signal(event))
        return automatic(event, "bolt", words)

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
        return automatic(event, "bad", words)

    def _signal(self, event: Event) -> dict[str, str]:
        return {"signal": str(event.data.get("signal", "")), "step": self.element(event)}

    def _escalation_caught(self, event: Event) -> Entry:
        return automatic(event, "high", _("Escalated: %(step)s", step=self.element(event)))

    def _escalation_uncaught(self, event: Event) -> Entry:
        words = _("Escalated, but nobody takes it up: %(step)s", step=self.element(event))
        return automatic(event, "warn", words)

    def _condition_met(self, event: Event) -> Entry:
        return automatic(event, "bolt", _("Condition met: %(step)s", step=self.element(event)))

    def _step_undone(self, event: Event) -> Entry:
        return automatic(event, "undo", _("Undone: %(step)s", step=self.element(event)))

    def _fault_raised(self, event: Event) -> Entry:
        words = _("Could not go on at “%(step)s”", step=self.element(event))
        return automatic(event, "bad", words, dot="bad")

    def _process_completed(self, event: Event) -> Entry:
        return automatic(event, "check", _("The process ended"), dot="ok")

    def _process_terminated(self, event: Event) -> Entry:
        return automatic(event, "bad", _("The process was ended"))


def _unknown_in(event: Event) -> str:
    """What a decision could not work out, a sentence each."""
    warnings = event.data.get("warnings")
    return "\n".join(named(one) for one in warnings) if isinstance(warnings, list) else ""
