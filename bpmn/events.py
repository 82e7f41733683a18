"""Events: what starts, ends, waits, interrupts; and the listeners that wait for others.

A listener is a token that waits on behalf of something else: a boundary event for its
activity, an event behind an event-based gateway for the gateway, the start event of an event
subprocess for the scope. It is armed together with its host and goes with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from bpmn.expressions import Expression, reasons, text_of
from bpmn.instance import Fault
from bpmn.node import Node, complete_silently
from bpmn.scopes import ROOT
from bpmn.timing import cycle_of, instant_of, next_turn

if TYPE_CHECKING:
    from bpmn.diagram import Trigger
    from bpmn.instance import Context, Instance, Token

Arranged = dict[str, Any]


class Wait:
    """What a catching element waits for, ready to be worked out when a token comes."""

    def __init__(self, trigger: Trigger, expressions: Mapping[str, Expression]) -> None:
        self.kind, self.timer = trigger.kind, trigger.timer
        self.expressions = expressions

    def arrange(self, seen: Mapping[str, Any], context: Context) -> Arranged:
        """The due instant, or the message with its correlation key; may raise ``Fault``."""
        if self.kind == "timer":
            return self._arrange_timer(seen, context)
        if self.kind == "message":
            return self._arrange_message(seen, context)
        return {}

    def _arrange_timer(self, seen: Mapping[str, Any], context: Context) -> Arranged:
        expression = self.expressions["timer"]
        if self.timer == "cycle":
            first, every, left = cycle_of(expression, seen, context)
            return {"due": first.isoformat(), "every": every, "left": left}
        due = instant_of(expression, seen, context)
        if due is None:
            why = reasons(expression, seen, context)
            raise Fault("timer", f"The timer gave no instant. {why}".strip(), expression.text)
        return {"due": due.isoformat()}

    def _arrange_message(self, seen: Mapping[str, Any], context: Context) -> Arranged:
        name = text_of(self.expressions["message"], seen, context)
        if not name:
            raise Fault("message", "The message has no name.", self.expressions["message"].text)
        key = self.expressions.get("correlation")
        correlation = text_of(key, seen, context)
        if key is not None and not correlation:
            raise Fault("correlation", "The correlation key gave no value.", key.text)
        return {"message": name, "correlation": correlation}


class CatchEvent(Node):
    """An intermediate event that waits for a message or a timer."""

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
    """The error code it catches; None catches every error."""

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

    def enter(self, token: Token) -> bool | None:
        """Begin; the first token of an instance also arms the process's event subprocesses."""
        instance, guards = token.workflow, token.workflow.process.guards
        opens = token.memo.get("opens")
        waits = []
        if opens:
            seen = instance.scopes.view(ROOT)
            waits = arrange_guards(guards, seen, instance.context)
        self.note_entered(token)
        if opens:
            guard(instance, ROOT, guards, waits)
        return self.leave(token)

    def fire(self, listener: Token, result: Mapping[str, Any]) -> None:
        """Start the event subprocess in the scope that listened."""
        instance, scope = listener.workflow, listener.scope
        note_fired(listener)
        host = instance.spawn(instance.process.nodes[self.inside], scope)
        if self.interrupting:
            instance.clear(scope, spare=host)
        else:
            rearm(listener)
        host.memo["begun_by"] = dict(result)
        instance.admit(host)


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
            raise Fault(self.code, f"Nothing catches the error “{self.code}”.")
        self.note_entered(token)
        self.leave(token)
        complete_silently(token)
        throw_to(*caught, self.code, "", {})
        return None


def catcher_of(token: Token, code: str, *, own: bool) -> tuple[Token, BoundaryEvent] | None:
    """The nearest activity around a token that catches an error, with its boundary event.

    With ``own`` the token's own activity is asked first. An event for the very code is
    preferred to one for any error.
    """
    host = token if own else owner_of(token)
    while host is not None:
        events = getattr(host.task_spec, "boundaries", [])
        for wanted in (code, None):
            for event in events:
                if event.wait.kind == "error" and event.code == wanted:
                    return host, event
        host = owner_of(host)
    return None


def owner_of(token: Token) -> Token | None:
    """The token of the subprocess or multi-instance body around a token."""
    owner = token.workflow.scopes.all[token.scope].owner
    return None if owner is None else token.workflow.live[owner]


def throw_to(
    host: Token, event: BoundaryEvent, code: str, message: str, variables: Mapping[str, Any]
) -> None:
    """Let a boundary event catch an error, with the variables that came with it."""
    host.workflow.note("error", event.element, None, code=code, message=message)
    event.strike(host, variables)


class EventGateway(Node):
    """Waits for the first of several events."""

    races: list[tuple[str, str]]
    """The target nodes with the flows that lead to them."""

    def enter(self, token: Token) -> bool | None:
        """Arm every event; the first that comes takes the token."""
        instance = token.workflow
        seen = instance.scopes.view(token.scope)
        nodes = [(instance.process.nodes[target], flow) for target, flow in self.races]
        arranged = [node.wait.arrange(seen, instance.context) for node, _ in nodes]
        self.note_entered(token)
        for (node, flow), wait in zip(nodes, arranged, strict=True):
            memo = {"listens": "race", "host": token.key, **wait}
            listen(instance, node, token.scope, memo, flow)
        return None


def win_race(listener: Token, result: Mapping[str, Any]) -> None:
    """The event behind a gateway came first: its listener becomes the token."""
    instance = listener.workflow
    gateway = instance.live[listener.memo.pop("host")]
    listener.memo.pop("listens")
    gateway.task_spec.leave(gateway)
    complete_silently(gateway)
    listener.task_spec.note_entered(listener)
    awaken(listener, result)


def awaken(token: Token, result: Mapping[str, Any]) -> None:
    """What the token waited for has come; it goes on with the result."""
    note_fired(token)
    for name in ("due", "message", "correlation"):
        token.memo.pop(name, None)
    token.memo["result"] = dict(result)
    token.workflow.resume(token)


def arrange(
    boundaries: Sequence[BoundaryEvent], seen: Mapping[str, Any], context: Context
) -> list[tuple[BoundaryEvent, Arranged]]:
    """What the boundary events of an activity wait for; error events wait for nothing."""
    worked = [(event, event.wait.arrange(seen, context)) for event in boundaries]
    return [(event, arranged) for event, arranged in worked if arranged]


def arm(host: Token, waits: list[tuple[BoundaryEvent, Arranged]]) -> None:
    """Put a listener on every boundary event of an activity."""
    for event, arranged in waits:
        memo = {"listens": "boundary", "host": host.key, **arranged}
        listen(host.workflow, event, host.scope, memo)


def arrange_guards(
    guards: Sequence[StartEvent], seen: Mapping[str, Any], context: Context
) -> list[Arranged]:
    """What the event subprocesses of a scope wait for."""
    return [start.wait.arrange(seen, context) for start in guards]


def guard(
    instance: Instance, scope: str, guards: Sequence[StartEvent], arranged: list[Arranged]
) -> None:
    """Put a listener on every event subprocess of a scope."""
    for start, wait in zip(guards, arranged, strict=True):
        listen(instance, start, scope, {"listens": "start", **wait})


def listen(
    instance: Instance, node: Node, scope: str, memo: dict[str, Any], flow: str | None = None
) -> Token:
    """A new listener; one that is due already fires within this step."""
    token = instance.spawn(node, scope, None, flow)
    token.memo.update(memo)
    token._set_state(TaskState.WAITING)
    watch(token)
    return token


def watch(token: Token) -> None:
    """Remember a timer that is due already, so that it fires before anything else runs."""
    due = token.memo.get("due")
    if due is not None and datetime.fromisoformat(due) <= token.workflow.context.now:
        token.workflow.due.append(token)


def rearm(listener: Token) -> None:
    """What a listener does after it fired without interrupting.

    A message listener stays as it is. A cycle goes on under a new key, so that a clock that
    comes twice for the old one finds nothing. Any other timer has had its turn.
    """
    if "due" not in listener.memo:
        return
    memo = dict(listener.memo)
    listener.workflow.drop(listener)
    left = memo.get("left")
    if "every" not in memo or left == 1:
        return
    memo["left"] = None if left is None else left - 1
    due = datetime.fromisoformat(memo["due"])
    memo["due"] = next_turn(due, memo["every"], listener.workflow.context.now).isoformat()
    listen(listener.workflow, listener.task_spec, listener.scope, memo)


def note_fired(token: Token) -> None:
    """Trace which event came, once."""
    kind = "timer" if "due" in token.memo else "message"
    message = token.memo.get("message")
    token.workflow.note(
        kind, token.task_spec.element, None, **({"message": message} if message else {})
    )


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
