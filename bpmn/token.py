"""A token: a task of SpiffWorkflow that knows its scope, the flow it came by and a small memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from bpmn.instance import Instance
    from bpmn.node import Node

_STAYING = frozenset({TaskState.STARTED, TaskState.WAITING})
_BEGUN = ("task", "job", "result", "turns", "inside", "local", "waited", "undoing", "again")
"""What only a token remembers that has entered its element."""


class Token(Task):  # type: ignore[misc]
    """A task of the library that carries a scope, the flow it arrived by and a memory."""

    workflow: Instance
    task_spec: Node

    def __init__(
        self,
        instance: Instance,
        node: Node,
        parent: Token | None,
        state: int,
        key: str,
        scope: str,
        flow: str | None = None,
    ) -> None:
        self.scope, self.flow = scope, flow
        super().__init__(instance, node, parent, state, key)
        self.memo: dict[str, Any] = self.internal_data
        if not state & TaskState.FINISHED_MASK:
            instance.live[key] = self
            instance.by_scope.setdefault(scope, {})[key] = self

    @property
    def key(self) -> str:
        """The key that names the token outside."""
        return str(self.id)

    @property
    def is_listener(self) -> bool:
        """Whether it only waits for an event on behalf of another, and is no token drawn."""
        return "listens" in self.memo

    @property
    def is_live(self) -> bool:
        """Whether it is not finished."""
        return not self._state & TaskState.FINISHED_MASK

    @property
    def has_entered(self) -> bool:
        """Whether it is in its element, and not only before it."""
        return self._state in _STAYING or any(name in self.memo for name in _BEGUN)

    @property
    def inner(self) -> str:
        """The scope in which its expressions are read: its own if it has one."""
        return str(self.memo.get("local", self.scope))

    def run(self) -> bool | None:
        """Run the node once; nothing changes when it raises ``Fault``."""
        result: bool | None = self.task_spec._run(self)
        if self.is_live:
            self._set_state(TaskState.STARTED) if result is None else self.complete()
        return result

    def _set_state(self, value: int) -> None:
        """Set the state without the library's log record, which costs more than the step."""
        self._state = value
        if value & TaskState.FINISHED_MASK:
            self.workflow.live.pop(self.key, None)
            self.workflow.watchers.pop(self.key, None)
            self.workflow.by_scope.get(self.scope, {}).pop(self.key, None)
