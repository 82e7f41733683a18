"""Waiting: what an element waits for, and the listeners that wait on behalf of others.

A listener is a token that waits for something else: a boundary event for its activity, an
event behind an event-based gateway for the gateway, the start event of an event subprocess
for the scope. It is armed together with its host and goes with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from heapq import heappush
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from bpmn.expressions import Expression, reasons, text_of
from bpmn.instance import Fault
from bpmn.node import complete_silently
from bpmn.timing import NotATime, cycle_of, instant_of, next_turn

if TYPE_CHECKING:
    from bpmn.diagram import Trigger
    from bpmn.events import BoundaryEvent, StartEvent
    from bpmn.instance import Context, Instance, Token
    from bpmn.node import Node

Arranged = dict[str, Any]


class Wait:
    """What a catching element waits for, ready to be worked out when a token comes."""

    def __init__(self, trigger: Trigger, expressions: Mapping[str, Expression]) -> None:
        self.kind, self.timer = trigger.kind, trigger.timer
        self.expressions = expressions
        condition = expressions.get("condition")
        compiled = condition.compiled if condition else None
        self.reads = compiled.variables() if compiled else frozenset()

    def arrange(self, seen: Mapping[str, Any], context: Context) -> Arranged:
        """The due instant, or the message with its correlation key; may raise ``Fault``."""
        if self.kind == "timer":
            return self._arrange_timer(seen, context)
        if self.kind == "message":
            return self._arrange_message(seen, context)
        if self.kind == "signal":
            return self._arrange_signal(seen, context)
        return {"condition": False} if self.kind == "conditional" else {}

    def _arrange_timer(self, seen: Mapping[str, Any], context: Context) -> Arranged:
        expression = self.expressions["timer"]
        if self.timer == "cycle":
            first, every, left = cycle_of(expression, seen, context)
            return {"due": first.isoformat(), "every": every, "left": left}
        due = instant_of(expression, seen, context)
        if due is None:
            why = reasons(expression, seen, context)
            said, persian = f"It gave no instant. {why['en']}", f"لحظه‌ای نداد. {why['fa']}"
            raise Fault("timer", said.strip(), expression.text, persian.strip())
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

    def _arrange_signal(self, seen: Mapping[str, Any], context: Context) -> Arranged:
        name = text_of(self.expressions["signal"], seen, context)
        if not name:
            raise Fault("signal", "The signal has no name.", self.expressions["signal"].text)
        return {"signal": name}


def fire(token: Token, result: Mapping[str, Any]) -> None:
    """Let the event come that a token or listener waits for."""
    if token.memo.get("listens") == "race":
        win_race(token, result)
    else:
        token.task_spec.fire(token, result)


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
    for name in ("due", "message", "correlation", "signal", "condition"):
        token.memo.pop(name, None)
    token.memo["result"] = dict(result)
    token.workflow.resume(token)


def arrange(
    boundaries: Sequence[BoundaryEvent], seen: Mapping[str, Any], context: Context
) -> list[tuple[BoundaryEvent, Arranged]]:
    """What the boundary events of an activity wait for; errors and escalations are looked for
    only when they are thrown."""
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
    """Remember a timer that is due already, so that it fires before anything else runs, and a
    condition, so that it is judged."""
    instance, due = token.workflow, token.memo.get("due")
    if "condition" in token.memo:
        instance.observe(token)
        instance.unjudged.add(token.key)
    if due is None:
        return
    instant = datetime.fromisoformat(due)
    if instant <= instance.context.now:
        heappush(instance.due, (instant, int(token.key), token))


def rearm(listener: Token) -> None:
    """What a listener does after it fired without interrupting.

    Any but a timer's stays as it is. A cycle goes on under a new key, so that a clock that
    comes twice for the old one finds nothing. Any other timer has had its turn, and so has a
    cycle whose next turn would lie beyond the calendar.
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
    try:
        memo["due"] = next_turn(due, memo["every"], listener.workflow.context.now).isoformat()
    except NotATime:
        return
    listen(listener.workflow, listener.task_spec, listener.scope, memo)


_FIRED = (("due", "timer"), ("signal", "signal"), ("condition", "condition"))


def note_fired(token: Token) -> None:
    """Trace which event came, once."""
    memo = token.memo
    kind = next((kind for mark, kind in _FIRED if mark in memo), "message")
    told = {name: memo[name] for name in ("message", "signal") if memo.get(name)}
    token.workflow.note(kind, token.task_spec, None, **told)
