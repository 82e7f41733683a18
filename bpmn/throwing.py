"""Events that throw a signal or an escalation, on the way and at the end of a path.

What travels along are the values of the event's input mappings. The token that threw goes on
unless what caught interrupts the scope it runs in.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from bpmn.catching import catcher_of
from bpmn.events import at_process_level
from bpmn.expressions import Expression, text_of
from bpmn.instance import Fault
from bpmn.limits import NAME, SHORT
from bpmn.listeners import fire
from bpmn.model import ThrownSignal
from bpmn.node import Node

if TYPE_CHECKING:
    from bpmn.instance import Instance, Token


class ThrowingEvent(Node, ABC):
    """What throwing events share: work out all, go in, throw, and go on if still there."""

    named: Expression
    """The name of the signal, or the code of the escalation."""
    what: str
    longest: int

    def enter(self, token: Token) -> bool | None:
        """Throw; None when the token was taken away by what caught."""
        instance = token.workflow
        seen = instance.scopes.view(token.scope)
        variables = self.local_values(token, seen)
        name = text_of(self.named, seen, instance.context, self.longest)
        if not name:
            raise Fault(self.what, f"The {self.what} has no name.", self.named.text)
        instance.reserve(variables)
        ends = self.shape.type == "endEvent" and at_process_level(token)
        self.note_entered(token)
        # It stands in its element while it throws, since what catches may take it away.
        token._set_state(TaskState.STARTED)
        self.throw(token, name, variables)
        if not token.is_live:
            return None
        if ends:
            instance.ended.append(self.element)
        return self.leave(token)

    @abstractmethod
    def throw(self, token: Token, name: str, variables: Mapping[str, Any]) -> None:
        """Let everybody have it whom it concerns."""


class ThrowSignal(ThrowingEvent):
    """Tells all who wait at this moment, here and in every other instance (10.5.1)."""

    what, longest = "signal", NAME

    def throw(self, token: Token, name: str, variables: Mapping[str, Any]) -> None:
        """This instance hears it at once; the others by what the outcome says."""
        instance = token.workflow
        instance.note("thrown", self, None, signal=name)
        instance.thrown.append(ThrownSignal(name, self.element, dict(variables)))
        spread(instance, name, variables)


class ThrowEscalation(ThrowingEvent):
    """Tells the nearest who catches it around; uncaught it does nothing (10.5.7)."""

    what, longest = "escalation", SHORT

    def throw(self, token: Token, name: str, variables: Mapping[str, Any]) -> None:
        """At most one event catches it."""
        token.workflow.note("thrown", self, None, escalation=name)
        caught = catcher_of(token, name, own=False, kind="escalation")
        if caught is None:
            token.workflow.note("uncaught", self, None, code=name)
        else:
            caught.catch("escalation", name, variables)


def spread(instance: Instance, signal: str, variables: Mapping[str, Any]) -> None:
    """Let all that wait for a signal now have it, outermost first, then oldest.

    What starts to wait only now waits for the next one.
    """
    waiting = [t for t in instance.live.awake() if _hears(t, signal)]
    for token in sorted(waiting, key=lambda t: (instance.depth(t.scope), int(t.key))):
        if token.is_live and _hears(token, signal):
            fire(token, variables)


def _hears(token: Token, signal: str) -> bool:
    return token.memo.get("signal") == signal and "fault" not in token.memo
