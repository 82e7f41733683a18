"""Events: what starts, ends, waits and interrupts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bpmn.catching import catcher_of
from bpmn.instance import Fault
from bpmn.listeners import (
    Wait,
    arrange_guards,
    awaken,
    guard,
    listen,
    note_fired,
    rearm,
    watch,
)
from bpmn.node import Node, complete_silently
from bpmn.scopes import ROOT

if TYPE_CHECKING:
    from bpmn.instance import Token


class CatchEvent(Node):
    """An intermediate event that waits for a message, a signal, a timer or a condition."""

    wait: Wait

    def enter(self, token: Token) -> bool | None:
        """Wait, or pass at once when there is nothing to wait for."""
        seen = token.workflow.scopes.view(token.scope)
        arranged = self.wait.arrange(seen, token.workflow.context)
        self.note_entered(token)
        if not arranged:
            return self.leave(token)
        token.memo.update(arranged)
        watch(token)
        return None

    def fire(self, token: Token, result: Mapping[str, Any]) -> None:
        """The event has come."""
        awaken(token, result)


class BoundaryEvent(Node):
    """An event on the border of an activity."""

    wait: Wait
    interrupting: bool
    code: str | None = None
    """The code of the error or escalation it catches; None catches every one."""

    def fire(self, listener: Token, result: Mapping[str, Any]) -> None:
        """The event has come to the listener."""
        note_fired(listener)
        host = listener.workflow.live[listener.memo["host"]]
        if not self.interrupting:
            rearm(listener)
        self.strike(host, result)

    def strike(self, host: Token, result: Mapping[str, Any]) -> None:
        """Put a token on the boundary event and, if it interrupts, end the activity."""
        instance = host.workflow
        token = instance.spawn(self, host.scope)
        token.memo["result"] = dict(result)
        if self.interrupting:
            instance.cancel(host)
        self.note_entered(token)
        instance.resume(token)


class StartEvent(Node):
    """The start of a process or subprocess; as a listener, of an event subprocess."""

    wait: Wait
    interrupting: bool
    inside: str
    """The event subprocess it starts, when it is a listener."""
    through: tuple[Node, str] | None = None
    """The instantiating gateway before it, and the flow from there."""
    code: str | None = None
    """The code of the error or escalation it catches; None catches every one."""

    def enter(self, token: Token) -> bool | None:
        """Begin; the first token of an instance also arms the process's event subprocesses."""
        brought = token.memo.get("brought")
        writes = [] if brought is None else self.settle(token, {}, brought)
        instance, guards = token.workflow, self.process.guards
        opens = token.memo.get("opens")
        waits = []
        if opens:
            seen = instance.scopes.view(token.scope)
            waits = arrange_guards(guards, seen, instance.context)
        self.note_entered(token)
        self.write(token, writes)
        if opens:
            guard(instance, token.scope, guards, waits)
        return self.leave(token)

    def note_entered(self, token: Token) -> None:
        """The instantiating gateway, if there is one, was passed on the way."""
        if self.through is not None:
            gateway, token.flow = self.through
            for kind in ("entered", "left"):
                token.workflow.note(kind, gateway)
        super().note_entered(token)

    def fire(self, listener: Token, result: Mapping[str, Any]) -> None:
        """The event has come to the listener."""
        note_fired(listener)
        self.strike(listener, result)

    def strike(self, listener: Token, result: Mapping[str, Any]) -> None:
        """Start the event subprocess in the scope that listened."""
        instance, scope = listener.workflow, listener.scope
        host = instance.spawn(self.process.nodes[self.inside], scope)
        if self.interrupting:
            instance.clear(scope, spare=host)
        else:
            rearm(listener)
        host.memo["begun_by"] = dict(result)
        instance.admit(host)


class ImplicitStart(StartEvent):
    """Begins where no start event is drawn; nobody sees it but the nodes behind it."""

    def note_entered(self, token: Token) -> None:
        """Nothing is drawn here."""

    def leave(self, token: Token, **data: Any) -> bool:
        """Go on unseen."""
        token.workflow.release(token)
        return True


class ThrowEvent(Node):
    """An intermediate event without a trigger: a mark on the way."""


class EndEvent(Node):
    """The end of a path; the scope ends with its last token."""

    def enter(self, token: Token) -> bool | None:
        """The token ends here."""
        self.note_entered(token)
        if at_process_level(token):
            token.workflow.ended.append(self.element)
        return self.leave(token)


class TerminateEndEvent(EndEvent):
    """Ends every other token of its scope as well."""

    def enter(self, token: Token) -> bool | None:
        """End all others, then this one."""
        self.note_entered(token)
        token.workflow.clear(token.scope, spare=token)
        if at_process_level(token):
            token.workflow.ended.append(self.element)
        return self.leave(token)


class ErrorEndEvent(EndEvent):
    """Throws an error to whatever around it catches the code."""

    code: str

    def enter(self, token: Token) -> bool | None:
        """The catching boundary event interrupts its activity, and this token with it."""
        caught = catcher_of(token, self.code, own=False)
        if caught is None:
            raise Fault(self.code, f"Nothing catches the error “{self.code}”.",
                        persian=f"چیزی خطای «{self.code}» را نمی‌گیرد.")  # fmt: skip
        self.note_entered(token)
        self.leave(token)
        complete_silently(token)
        caught.catch("error", self.code, {}, "")
        return None


class EventGateway(Node):
    """Waits for the first of several events."""

    has_listeners = True
    races: list[tuple[str, str]]
    """The target nodes with the flows that lead to them."""

    def enter(self, token: Token) -> bool | None:
        """Arm every event; the first that comes takes the token."""
        instance = token.workflow
        seen = instance.scopes.view(token.scope)
        nodes = [(self.process.nodes[target], flow) for target, flow in self.races]
        arranged = [node.wait.arrange(seen, instance.context) for node, _ in nodes]
        self.note_entered(token)
        for (node, flow), wait in zip(nodes, arranged, strict=True):
            memo = {"listens": "race", "host": token.key, **wait}
            listen(instance, node, token.scope, memo, flow)
        return None


def at_process_level(token: Token) -> bool:
    """Whether the token runs in the process itself or in an event subprocess of it."""
    scopes, live = token.workflow.scopes, token.workflow.live
    scope = token.scope
    while scope != ROOT:
        owner = live[scopes.all[scope].owner or ""]
        if not owner.task_spec.shape.by_event:
            return False
        scope = owner.scope
    return True
