"""One running instance: SpiffWorkflow's workflow and tasks, cut down to the live tokens.

A token is a task of the library. Each knows the scope it runs in and the flow it came by, and
keeps its small memory (what it waits for, what its task asks) in ``memo``. Nothing here looks
at a token's ancestors, so the tree of finished tasks may be dropped after every step: the
state follows the living, and a loop of ten thousand rounds stays as small as one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

from bpmn.bidi import set_apart
from bpmn.context import Context
from bpmn.deployed import Called
from bpmn.fault import Fault
from bpmn.limits import VARIABLES, size_of
from bpmn.live import Live
from bpmn.model import Call, Status, ThrownSignal, Trace
from bpmn.resting import Group, put_to_rest, wake
from bpmn.scopes import ROOT, Scopes
from bpmn.token import Token

if TYPE_CHECKING:
    from bpmn.node import Node
    from bpmn.process import Process


__all__ = ["Context", "Fault", "Instance", "Token"]

_LARGE = ("turns", "given", "output", "undoing", "record")
"""What a token remembers that may be large; its result is counted when it is written."""


class Instance(Workflow):  # type: ignore[misc]
    """The workflow of the library with scopes, a queue of ready tokens and a trace."""

    def __init__(self, process: Process, context: Context, counter: int = 0) -> None:
        self.groups: list[Group] = []
        """Turns that rest (``bpmn.resting``)."""
        self.live = Live(self)
        self.by_scope: dict[str, dict[str, Token]] = {}
        self.watchers: dict[str, Token] = {}
        super().__init__(process.spec, deserializing=True)
        self.process, self.context, self.counter = process, context, counter
        self.called: dict[str, Called] = {}
        self.scopes = Scopes()
        self.status: Status = "active"
        self.ready: deque[Token] = deque()
        self.due: list[tuple[datetime, int, Token]] = []
        self.stuck: set[str] = set()
        self.unjudged: set[str] = set()
        self.thrown: list[ThrownSignal] = []
        self.held = 0
        self.trace: list[Trace] = []
        self.ended: list[str] = []
        self.task_tree = Token(self, process.spec.start, None, TaskState.COMPLETED, "root", ROOT)

    def reserve(self, value: Any, scope: str = ROOT, replaced: Iterable[str] = ()) -> None:
        """Count what is about to be kept; a ``Fault`` when the instance would hold too much.

        ``held`` never says too little. What is ``replaced`` in a scope or was let go is found out
        by weighing all there is, which happens only when there seems to be no room.
        """
        size = size_of(value)
        if self.held + size > VARIABLES:
            self.held = self._weigh()
            size -= size_of([self.scopes.value(scope, name) for name in replaced])
        if self.held + size > VARIABLES:
            raise Fault(
                "size",
                f"All variables together, with those that completed activities keep to be undone, "
                f"are larger than {VARIABLES} characters.",
                persian="همهٔ متغیرها، با آنچه گام‌های انجام‌شده برای برگردانده شدن نگه می‌دارند، "
                f"با هم از {set_apart(VARIABLES)} نویسه بیشترند.",
            )
        self.held += size

    def _weigh(self) -> int:
        kept: list[Any] = [[scope.values, scope.done] for scope in self.scopes.all.values()]
        kept += [token.memo.get(name) for token in self.live.awake() for name in _LARGE]
        kept += [thrown.variables for thrown in self.thrown]
        return size_of(kept) + sum(group.size for group in self.groups)

    def rest(self) -> None:
        """Pack the turns that only wait, where there are many."""
        self.groups = [group for group in self.groups if group.count]
        self.groups += list(put_to_rest(self))

    def wake(self, key: str) -> Token | None:
        """The token of a key that rests, alive again."""
        if not (self.groups and key.isdigit()):
            return None
        number = int(key)
        for group in self.groups:
            if group.low <= number <= group.high:
                for entry in group.take(key):
                    wake(self, group, entry)
                    return dict.get(self.live, key)
        return None

    def wake_all(self, scope: str | None = None) -> None:
        """Put every resting turn back among the living, or those of one scope."""
        if not self.groups:
            return
        for group in [g for g in self.groups if scope in (None, g.scope)]:
            self.groups.remove(group)
            for entry in group.take():
                wake(self, group, entry)

    def next_key(self) -> str:
        """A key that no token of this instance ever had."""
        self.counter += 1
        return str(self.counter)

    def spawn(
        self, node: Node, scope: str, parent: Token | None = None, flow: str | None = None
    ) -> Token:
        """A new token before a node, not yet looked at."""
        above = parent or self.task_tree
        return Token(self, node, above, TaskState.FUTURE, self.next_key(), scope, flow)

    def admit(self, token: Token) -> None:
        """Let the node decide whether the token may run now or waits."""
        token.task_spec._update(token)

    def resume(self, token: Token) -> None:
        """Put a token that stood still back into the queue."""
        token._set_state(TaskState.READY)
        self.ready.append(token)

    def resume_first(self, token: Token) -> None:
        """Put a token back into the queue before all others."""
        token._set_state(TaskState.READY)
        self.ready.appendleft(token)

    def depth(self, scope: str) -> int:
        """How many scopes lie around one, those of calling processes counted."""
        owner, depth = self.scopes.all[scope].owner, 0
        while owner is not None:
            owner, depth = self.scopes.all[self.live[owner].scope].owner, depth + 1
        return depth

    def observe(self, token: Token) -> None:
        """Judge the token's condition whenever what it reads changes."""
        self.watchers[token.key] = token

    def standing(self, scope: str) -> Iterator[Token]:
        """The live tokens of one scope, listeners left out."""
        self.wake_all(scope)
        return (t for t in self.by_scope.get(scope, {}).values() if not t.is_listener)

    def note(self, kind: str, node: Node | None = None, flow: str | None = None,
             **data: Any) -> None:  # fmt: skip
        """Add one line to the trace."""
        if node is None:
            self.trace.append(Trace(kind, None, flow, data))
        else:
            self.trace.append(Trace(kind, node.element, flow, data, self.definition_of(node)))

    def call(self, call: Call, caller: Node) -> Called | None:
        """The process for a call that begins now."""
        called = self.context.deployed.find(call, caller.process.sha256)
        if called is not None:
            self.called[called.definition.sha256] = called
        return called

    def process_of(self, sha256: str) -> Process:
        """The compiled process of that hash: the own one, or one that was called."""
        if sha256 == self.process.sha256:
            return self.process
        return self.called[sha256].definition.process

    def decisions_of(self, node: Node) -> Mapping[str, Any]:
        """The decision tables that the process of a node asks."""
        if node.process is self.process:
            return self.context.decisions
        return self.called[node.process.sha256].decisions

    def definition_of(self, node: Node) -> str | None:
        """The sha256 of the called process that a node belongs to; None for the own process."""
        return None if node.process is self.process else node.process.sha256

    def drop(self, token: Token) -> None:
        """Take a listener away without a word."""
        token._set_state(TaskState.CANCELLED)

    def cancel(self, token: Token) -> None:
        """End a token and all that runs or listens inside it."""
        if not token.is_live:
            return
        is_told_of = token.has_entered and not token.task_spec.unseen
        token._set_state(TaskState.CANCELLED)
        self.release(token)
        if is_told_of or "fault" in token.memo:
            self.note("cancelled", token.task_spec)
        owner = self.owner_of(token)
        if owner is not None:
            owner.task_spec.inside_cancelled(owner, token)
        thrower = self.live.get(token.memo.get("undoes", ""))
        if thrower is not None:
            thrower.task_spec.handler_cancelled(thrower)

    def owner_of(self, token: Token) -> Token | None:
        """The live token of the activity in whose scope a token runs."""
        scope = self.scopes.all.get(token.scope)
        return None if scope is None else self.live.get(scope.owner or "")

    def release(self, token: Token) -> None:
        """Take away what belongs to a token: its listeners, its scopes and what runs there."""
        self.silence(token)
        for name in ("inside", "local"):
            if name in token.memo:
                self.clear(token.memo[name])
                self.by_scope.pop(token.memo[name], None)
                self.scopes.close(token.memo.pop(name))

    def clear(self, scope: str, spare: Token | None = None) -> None:
        """End every token of a scope but one."""
        self.wake_all(scope)
        for token in list(self.by_scope.get(scope, {}).values()):
            if token is spare:
                continue
            self.drop(token) if token.is_listener else self.cancel(token)

    def silence(self, host: Token) -> None:
        """Take away the listeners of an activity's boundary events."""
        if host.task_spec.has_listeners:
            beside = list(self.by_scope.get(host.scope, {}).values())
            for token in [t for t in beside if t.memo.get("host") == host.key]:
                self.drop(token)

    def leave_scope(self, token: Token) -> None:
        """Tell the owner of a scope that one of its tokens is gone."""
        owner = self.scopes.all[token.scope].owner if token.scope in self.scopes.all else None
        if owner is not None:
            if owner in self.live:
                self.live[owner].task_spec.inside_ended(self.live[owner], token)
        elif token.scope == ROOT and not any(self.standing(ROOT)):
            self.close("completed")

    def close(self, status: Status, **data: Any) -> None:
        """End the instance; whatever still waits is taken away."""
        self.clear(ROOT)
        self.status, self.completed = status, True
        self.note(status, **data)

    def rebase(self) -> None:
        """Forget every finished task: all live tokens hang from the root from now on."""
        root = self.task_tree
        awake = self.live.awake()
        self.tasks = {root.id: root, **{token.key: token for token in awake}}
        root._children = [token.key for token in awake]
        for token in awake:
            token._parent, token._children = root.id, []

    def _task_completed_notify(self, task: Token) -> None:
        """Called by the library when a task is complete; one that leads nowhere may end all."""
        if not task._children and not self._tell_thrower(task):
            self.leave_scope(task)

    def _tell_thrower(self, handler: Token) -> bool:
        """Let the compensation go on for which a handler ran; false when it was no handler."""
        thrower = self.live.get(handler.memo.get("undoes", ""))
        if thrower is not None:
            thrower.task_spec.handler_ended(thrower)
        return thrower is not None
