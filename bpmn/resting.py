"""Turns that only wait: of a collection with many, those that no step touches stay packed.

A turn rests when it is a task that waits for a person or a worker and nothing else. Resting
turns lie in groups; one is woken by its key, all of a scope when something looks at that scope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from bpmn.cold import Frame, pack, unpack
from bpmn.scopes import Scope

if TYPE_CHECKING:
    from bpmn.instance import Instance, Token
    from bpmn.node import Node

GROUP = 16
"""Turns that are packed together."""
MANY = 64
"""Turns of one activity from which on they rest."""
_BUSY = ("fault", "result", "again", "inside")

Entry = list[Any]
"""A turn: its key, its memory, the key of its scope, what that keeps and holds, the flow."""


class Group:
    """Some resting turns of one activity."""

    def __init__(
        self, node: Node, scope: str, low: int, high: int, count: int, frame: Frame | None
    ) -> None:
        self.node, self.scope, self.low, self.high = node, scope, low, high
        self.count, self._frame = count, frame
        self._entries: list[Entry] | None = None

    @classmethod
    def of(cls, tokens: list[Token]) -> Group:
        """Take tokens out of their instance, to rest."""
        first = tokens[0]
        keys = [int(token.key) for token in tokens]
        group = cls(first.task_spec, first.scope, min(keys), max(keys), len(keys), None)
        group._entries = [_entry(token) for token in tokens]
        return group

    @property
    def entries(self) -> list[Entry]:
        """The turns, unpacked when somebody asks."""
        if self._entries is None and self._frame is not None:
            self._entries = unpack(self._frame)
        return self._entries or []

    @property
    def size(self) -> int:
        """About how many characters they take."""
        return self.packed().size

    def packed(self) -> Frame:
        """The frame of the turns, made again only when one was taken out."""
        if self._frame is None:
            self._frame = pack(self.entries)
        return self._frame

    def kept(self, add: Callable[[Frame], int]) -> list[Any]:
        """As JSON."""
        of = self.node.process.sha256
        number = add(self.packed())
        return [self.node.name, of, self.scope, number, self.low, self.high, self.count]

    def take(self, key: str | None = None) -> list[Entry]:
        """Take out the turn of a key, if it is here, or all."""
        taken = [entry for entry in self.entries if key in (None, entry[0])]
        if taken:
            self._entries = [entry for entry in self.entries if key not in (None, entry[0])]
            self.count, self._frame = len(self._entries), None
        return taken


class Sleeper:
    """A resting turn as those see it who only look."""

    def __init__(
        self, instance: Instance, group: Group, entry: Entry,
        around: Callable[[str], Mapping[str, Any]],
    ) -> None:  # fmt: skip
        self.workflow, self.task_spec = instance, group.node
        self.key, self.memo, _, _, self._values, _ = entry
        self._scope, self._around = group.scope, around

    @property
    def seen(self) -> dict[str, Any]:
        """The variables that it sees; those around it are the same for all turns of a scope."""
        return {**self._around(self._scope), **self._values}


def rests(token: Token) -> bool:
    """Whether a token is a turn that waits for nothing but its answer."""
    memo = token.memo
    if "turn" not in memo or "local" not in memo or token.state != TaskState.STARTED:
        return False
    if not token.task_spec.may_rest or any(name in memo for name in _BUSY):
        return False
    return not token.task_spec.has_listeners and not token.workflow.scopes.all[token.inner].done


def _entry(token: Token) -> Entry:
    instance, local = token.workflow, token.memo["local"]
    scope = instance.scopes.all[local]
    instance.scopes.close(local)
    dict.pop(instance.live, token.key)
    instance.by_scope[token.scope].pop(token.key)
    memo = {name: value for name, value in token.memo.items() if value is not None}
    return [token.key, memo, local, scope.keeps, scope.values, token.flow]


def put_to_rest(instance: Instance) -> Iterator[Group]:
    """New groups of the turns that rest, where there are many of one activity."""
    found: dict[tuple[str, str], list[Token]] = {}
    for token in instance.live.awake():
        if rests(token):
            found.setdefault((token.task_spec.name, token.scope), []).append(token)
    for (_, scope), tokens in found.items():
        has_groups = any(group.scope == scope for group in instance.groups)
        if len(tokens) >= (GROUP if has_groups else MANY):
            for at in range(0, len(tokens) - GROUP + 1, GROUP):
                yield Group.of(tokens[at : at + GROUP])


def wake(instance: Instance, group: Group, entry: Entry) -> None:
    """Put a turn back among the living."""
    from bpmn.instance import Token

    key, memo, local, keeps, values, flow = entry
    token = Token(
        instance, group.node, instance.task_tree, TaskState.STARTED, key, group.scope, flow
    )
    token.memo.update(memo)
    instance.scopes.all[local] = Scope(group.scope, key, values, keeps)
