"""What waits on behalf of others, in another version: kept, taken away or armed anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from SpiffWorkflow.util.task import TaskState

from bpmn.activities import Activity, EventSubProcess, SubProcess
from bpmn.calls import CallActivity
from bpmn.events import EventGateway, StartEvent
from bpmn.listeners import listen
from bpmn.scopes import ROOT
from bpmn.translation import kind_of

if TYPE_CHECKING:
    from bpmn.instance import Instance, Token
    from bpmn.node import Node
    from bpmn.translation import Translation

_ARMED = (
    "condition",
    "signal",
    "task",
    "job",
    "result",
    "turns",
    "inside",
    "local",
    "due",
    "message",
    "again",
)


@dataclass(frozen=True)
class ListenerMove:
    """What becomes of one event that waits on behalf of another element."""

    element: str
    verdict: Literal["kept", "removed", "armed"]
    key: str | None = None
    """Under which it waits; None for one that is armed anew."""


class _Place(NamedTuple):
    """Where something new is to be armed: the event, its scope, what it remembers."""

    event: Any
    scope: str
    seen: str
    """The scope whose variables it sees."""
    memo: dict[str, Any]
    flow: str | None = None


class Rearming:
    """The listeners of one instance: before it is carried over, or, with ``carried``, after."""

    def __init__(
        self, instance: Instance, translation: Translation, *, carried: bool = False
    ) -> None:
        self.instance, self.translation, self.carried = instance, translation, carried
        self.removed = frozenset() if carried else frozenset(self._removed())

    def moves(self) -> Iterator[ListenerMove]:
        """What becomes of each."""
        for token in self._listeners():
            gone = token.key in self.removed
            node = None if gone else self.translation.node(token.task_spec)
            element = token.task_spec.element if node is None else node.element
            yield ListenerMove(element, "removed" if gone else "kept", token.key)
        for place in self._missing():
            if kind_of(place.event) in _HEARD:
                yield ListenerMove(place.event.element, "armed")

    def arm(self) -> None:
        """Arm what only the new version has, and let what waits for a message or a signal wait
        for the one that the new version names; may raise ``Fault``."""
        waits = []
        for place in self._missing():
            seen = self.instance.scopes.view(place.seen)
            waits.append((place, place.event.wait.arrange(seen, self.instance.context)))
        for place, arranged in waits:
            if arranged or place.memo["listens"] == "start":
                memo = {**place.memo, **arranged}
                listen(self.instance, place.event, place.scope, memo, place.flow)
        for token in list(self.instance.live.values()):
            if not {"message", "signal"}.isdisjoint(token.memo) and self._is_own(token):
                self._retune(token)
        # What a condition says may have changed with the version.
        self.instance.unjudged.update(self.instance.watchers)

    def _retune(self, token: Token) -> None:
        old, new = self.translation.before(token.task_spec), token.task_spec
        if old is not None and _said(old) != _said(new):
            host = self.instance.live.get(token.memo.get("host", ""), token)
            seen = self.instance.scopes.view(str(host.memo.get("local", token.scope)))
            token.memo.update(new.wait.arrange(seen, self.instance.context))

    def _listeners(self) -> Iterator[Token]:
        tokens = self.instance.live.values()
        return (token for token in tokens if token.is_listener and self._is_own(token))

    def _is_own(self, token: Token) -> bool:
        owner = self.instance.owner_of(token)
        while owner is not None:
            if isinstance(owner.task_spec, CallActivity):
                return False
            owner = self.instance.owner_of(owner)
        return True

    def _removed(self) -> Iterator[str]:
        for token in self._listeners():
            old, new = token.task_spec, self.translation.node(token.task_spec)
            if new is None or not _hears_alike(old, new) or not self._belongs(token, new):
                yield token.key

    def _belongs(self, listener: Token, event: Node) -> bool:
        """Whether the new version lets this event wait for the same host or in the same scope."""
        if listener.memo["listens"] == "start":
            guards = self._guards_of(self._new(self.instance.owner_of(listener)))
            return event in guards
        host = self.instance.live.get(listener.memo.get("host", ""))
        node = self._new(host)
        if isinstance(node, EventGateway):
            return event.name in (target for target, _ in node.races)
        return event in getattr(node, "boundaries", ())

    def _new(self, token: Token | None) -> Node | None:
        """The node of a token in the new version; None for the process itself."""
        if token is None or self.carried:
            return None if token is None else token.task_spec
        return self.translation.node(token.task_spec)

    def _guards_of(self, node: Node | None) -> list[StartEvent]:
        if node is None:
            return self.translation.new.guards
        return node.guards if isinstance(node, SubProcess) else []

    def _missing(self) -> Iterator[_Place]:
        """What the new version would have armed and the old one did not have."""
        for token in list(self.instance.live.values()):
            if not token.is_listener and self._is_own(token):
                yield from self._boundaries(token)
                yield from self._races(token)
        for scope, node in self._scopes():
            yield from self._starts(scope, node)

    def _boundaries(self, token: Token) -> Iterator[_Place]:
        node = self._new(token)
        if not isinstance(node, Activity) or not _is_begun(token):
            return
        seen = str(token.memo.get("local", token.scope))
        for event in node.boundaries:
            if self._is_new(event):
                memo = {"listens": "boundary", "host": token.key}
                yield _Place(event, token.scope, seen, memo)

    def _races(self, token: Token) -> Iterator[_Place]:
        node = self._new(token)
        if not isinstance(node, EventGateway) or "fault" in token.memo:
            return
        for target, flow in node.races:
            event = node.process.nodes[target]
            if self._is_new(event):
                memo = {"listens": "race", "host": token.key}
                yield _Place(event, token.scope, token.scope, memo, flow)

    def _scopes(self) -> Iterator[tuple[str, Node | None]]:
        """The open scopes of the own process, each with its subprocess in the new version."""
        yield ROOT, None
        for token in list(self.instance.live.values()):
            node = self._new(token)
            if isinstance(node, SubProcess) and "inside" in token.memo and self._is_own(token):
                yield str(token.memo["inside"]), node

    def _starts(self, scope: str, node: Node | None) -> Iterator[_Place]:
        if self._is_interrupted(scope) or self._is_opening(scope):
            return
        for event in self._guards_of(node):
            if self._is_new(event):
                yield _Place(event, scope, scope, {"listens": "start"})

    def _is_interrupted(self, scope: str) -> bool:
        """Whether an event subprocess has ended all else in the scope: nothing listens there."""
        return any(
            isinstance(node := self._new(token), EventSubProcess)
            and getattr(node.process.nodes[node.starts], "interrupting", True)
            for token in self.instance.standing(scope)
        )

    def _is_opening(self, scope: str) -> bool:
        """Whether the first token still stands before the start event, which will arm all."""
        return any("opens" in token.memo for token in self.instance.standing(scope))

    def _is_new(self, event: Node) -> bool:
        """Whether the old version had no such event, so that it has neither waited nor fired."""
        old = self.translation.before(event)
        return old is None or not _hears_alike(old, event)


def _hears_alike(old: Node, new: Node) -> bool:
    """Whether a listener of the one may wait for the other."""
    return type(old) is type(new) and kind_of(old) == kind_of(new)


def _said(node: Any) -> dict[str, str]:
    """What the event waits for, as it is written."""
    return {name: expression.text for name, expression in node.wait.expressions.items()}


def _is_begun(token: Token) -> bool:
    return token.state != TaskState.READY or any(name in token.memo for name in _ARMED)


_HEARD = frozenset({"timer", "message", "signal", "conditional"})
