"""What every flow node does: take a token in, keep it or let it go on, pass it along flows.

A node is a task spec of the library. Each run first works out all that may fail and only then
changes anything, so a fault never leaves half a step behind. Nodes are shared by all
instances and threads: nothing in them changes after compiling.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.util.task import TaskState

from bpmn.expressions import Expression, evaluate
from bpmn.instance import Fault
from bpmn.naming import names_of_shape
from bpmn.scopes import with_path

if TYPE_CHECKING:
    from bpmn.diagram import Flow, Shape
    from bpmn.instance import Instance, Token
    from bpmn.process import Process

Writes = list[tuple[str, Any]]


class Way:
    """One sequence flow as the engine takes it: its target node and its condition."""

    def __init__(self, flow: Flow, condition: Expression | None) -> None:
        self.id, self.target, self.condition = flow.id, flow.target, condition
        self.names = flow.names


class Node(TaskSpec):  # type: ignore[misc]
    """The base of all flow nodes."""

    process: Process
    """The compiled process it belongs to; one instance may hold tokens of several."""

    def __init__(self, spec: Any, shape: Shape, name: str | None = None) -> None:
        super().__init__(spec, name or shape.id)
        self.shape, self.element = shape, shape.drawn_id
        self.names = names_of_shape(shape)
        self.unseen = shape.origin is not None
        self.ways: list[Way] = []
        self.incoming: tuple[str, ...] = ()
        self.inputs_map: list[tuple[str, Expression]] = []
        self.outputs_map: list[tuple[str, Expression]] = []

    unseen: bool
    """Whether it stands for a drawn node that has told of itself already."""

    may_rest = False
    """Whether a turn that waits here may be packed until somebody asks for it."""
    has_listeners = False
    """Whether tokens may stand here for which others listen."""

    # What the library calls.

    def _predict(self, my_task: Token, *_: Any, **__: Any) -> None:
        """No guesses about the future: only what is live stands in the tree."""

    def _update(self, my_task: Token) -> None:
        if self.arrive(my_task):
            my_task._ready()

    def _on_ready(self, my_task: Token) -> None:
        my_task.workflow.ready.append(my_task)

    def _run(self, my_task: Token) -> bool | None:
        if "result" in my_task.memo:
            return self.finish(my_task, my_task.memo["result"])
        return self.enter(my_task)

    def _on_complete_hook(self, my_task: Token) -> None:
        instance = my_task.workflow
        for way in self.chosen(my_task):
            node = self.process.nodes[way.target]
            instance.spawn(node, my_task.scope, my_task, way.id)

    # What the kinds of nodes say.

    def arrive(self, token: Token) -> bool:
        """Whether a token that has come may run; a join lets it wait."""
        return True

    def enter(self, token: Token) -> bool | None:
        """Begin: true when the token may go on at once, None when it stays."""
        self.note_entered(token)
        return self.leave(token)

    def finish(self, token: Token, result: Mapping[str, Any]) -> bool | None:
        """Go on with the result that the token waited for."""
        self.write(token, self.settle(token, token.workflow.scopes.view(token.inner), result))
        return self.leave(token)

    def chosen(self, token: Token) -> list[Way]:
        """The flows that the leaving token takes."""
        return self.ways

    def inside_ended(self, owner: Token, token: Token) -> None:
        """A token of the scope that ``owner`` owns has come to an end."""

    def inner_left(self, owner: Token, token: Token) -> None:
        """An activity of the scope that ``owner`` owns is complete."""

    def inside_cancelled(self, owner: Token, token: Token) -> None:
        """A token of the scope that ``owner`` owns was ended from outside."""

    # What they share.

    def note_entered(self, token: Token) -> None:
        """Trace that the token is in, with the flow it came by."""
        if self.unseen:
            return
        drawn = token.flow in self.process.drawn
        token.workflow.note("entered", self, token.flow if drawn else None, **turn_of(token))

    def leave(self, token: Token, **data: Any) -> bool:
        """Trace that the token leaves and take away what belonged to its stay."""
        token.workflow.release(token)
        if not self.unseen:
            token.workflow.note("left", self, **turn_of(token), **data)
        return True

    def settle(self, token: Token, seen: Mapping[str, Any], result: Mapping[str, Any]) -> Writes:
        """What a result writes outside: all of it, or the output mappings' values if any."""
        if not self.outputs_map:
            token.workflow.reserve(dict(result), token.scope, result)
            return list(result.items())
        view, writes = {**seen, **result}, []
        for target, expression in self.outputs_map:
            value = evaluate(expression, view, token.workflow.context)
            put_at(view, target, value, expression)
            writes.append((target, value))
        token.workflow.reserve(list(dict(writes).values()), token.scope, dict(writes))
        return writes

    def write(self, token: Token, writes: Writes) -> None:
        """Write what was settled into the scope around the element."""
        mapped = bool(self.outputs_map)
        for target, value in writes:
            if mapped:
                token.workflow.scopes.write_path(token.scope, target, value)
            else:
                token.workflow.scopes.write(token.scope, {target: value})

    def local_values(self, token: Token, seen: dict[str, Any]) -> dict[str, Any]:
        """The values of the input mappings; each sees those before it, also through ``seen``.

        What an operator wrote instead of one counts without it.
        """
        local: dict[str, Any] = {}
        instead = token.memo.get("instead", {})
        for target, expression in self.inputs_map:
            if target in instead:
                value = instead[target]
            else:
                value = evaluate(expression, seen, token.workflow.context)
            seen[target.split(".")[0]] = put_at(local, target, value, expression)
        return local


def put_at(values: dict[str, Any], target: str, value: Any, said: Expression) -> Any:
    """Set a dotted target among values and give the whole variable; a list is no context."""
    name, *path = target.split(".")
    if not path:
        values[name] = value
        return value
    inner = values.get(name)
    for field in path:
        if isinstance(inner, list):
            raise Fault("path", f"“{target}” leads into a list.", said.text,
                        f"«{target}» به درون یک فهرست می‌رود.")  # fmt: skip
        inner = inner.get(field) if isinstance(inner, dict) else None
    values[name] = with_path(values.get(name), path, value)
    return values[name]


def turn_of(token: Token) -> dict[str, Any]:
    """Which turn of a multi-instance activity it is, from one, for the trace."""
    return {"turn": token.memo["turn"][0]} if "turn" in token.memo else {}


def complete_silently(token: Token) -> None:
    """A token that is used up by a join or a race ends without leaving by any flow."""
    token._set_state(TaskState.COMPLETED)


def others_waiting(instance: Instance, token: Token) -> list[Token]:
    """The tokens that already wait at the same node in the same scope, in order of arrival."""
    return [
        other
        for other in instance.by_scope.get(token.scope, {}).values()
        if other.task_spec is token.task_spec
        and other.state == TaskState.WAITING
        and other is not token
    ]
