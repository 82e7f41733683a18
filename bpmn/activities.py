"""Activities: tasks and subprocesses, with their mappings, boundary events and waiting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bpmn.compensation import remember
from bpmn.expressions import Expression, evaluate
from bpmn.listeners import arm, arrange, arrange_guards, guard
from bpmn.node import Node, Writes, put_at

if TYPE_CHECKING:
    from bpmn.events import BoundaryEvent, StartEvent
    from bpmn.instance import Token


class Activity(Node):
    """An activity that stays: it keeps its token until a result comes."""

    boundaries: list[BoundaryEvent]
    is_remembered = False
    """Whether a compensation can reach it once it is complete."""
    handler: str | None = None
    """The node that undoes it."""
    undone_by: str | None = None
    """The event subprocess inside it that undoes it."""
    begins_anew = False
    """Whether it is begun again from the start when it failed, with all that a turn was given."""

    def leave(self, token: Token, **data: Any) -> bool:
        """Say around it that it is complete, which may have to be undone, and go on."""
        if self.is_remembered:
            remember(token)
        owner = token.workflow.owner_of(token)
        if owner is not None:
            owner.task_spec.inner_left(owner, token)
        return super().leave(token, **data)

    def enter(self, token: Token) -> bool | None:
        """Work out mappings, waits and work; then open the scope, arm and begin."""
        instance = token.workflow
        seen = self.seen_on_entry(token)
        local = {**token.memo.get("given", {}), **self.local_values(token, seen)}
        instance.reserve(local)
        waits = arrange(self.armed(token), seen, instance.context)
        work = self.prepare(token, seen)
        self.note_entered(token)
        self.open_scope(token, local)
        if not self.begins_anew:
            # Only a job begins again from the start; for all others the scope holds the item.
            token.memo.pop("given", None)
        token.memo.update(work)
        arm(token, waits)
        return self.begin(token)

    def seen_on_entry(self, token: Token) -> dict[str, Any]:
        """What the input mappings see: the scope around, and what a turn was given."""
        seen = token.workflow.scopes.view(token.scope)
        seen.update(token.memo.get("given", {}))
        return seen

    def armed(self, token: Token) -> list[BoundaryEvent]:
        """The boundary events to listen for; one tried again has its listeners already."""
        return [] if token.memo.get("again") else self.boundaries

    def open_scope(self, token: Token, local: Mapping[str, Any]) -> None:
        """Open a scope of its own if there is anything to keep in it."""
        if local or "given" in token.memo:
            key = token.workflow.next_key()
            token.workflow.scopes.open(key, token.scope, token.key, local)
            token.memo["local"] = key

    def prepare(self, token: Token, seen: dict[str, Any]) -> dict[str, Any]:
        """What the kind of activity has to remember while it waits; may raise ``Fault``."""
        return {}

    def begin(self, token: Token) -> bool | None:
        """Begin the work, once nothing can fail any more; None when the token stays."""
        return None

    def finish(self, token: Token, result: Mapping[str, Any]) -> bool | None:
        """Take the result out by the output mappings; a turn also gives its output element."""
        seen = token.workflow.scopes.view(token.inner)
        by = token.memo.get("by")
        view = {**seen, "completed_by": by} if by is not None else seen
        writes = self.settle(token, view, result)
        collected = self.collect(token, {**view, **result}, writes)
        self.write(token, writes)
        token.memo.update(collected)
        return self.leave(token, **({"completed_by": by} if by is not None else {}))

    output_element: Expression | None = None
    kept: tuple[str, ...] = ()
    """What the output element reads: as in Zeebe such results stay within the turn."""

    def collects(self, output_element: Expression) -> None:
        """Make it the turn of a multi-instance activity that collects this."""
        self.output_element, compiled = output_element, output_element.compiled
        self.kept = tuple(sorted(compiled.variables())) if compiled else ()

    tells: tuple[str, ...] = ()
    """What the condition of the body around the turns reads."""

    def collect(self, token: Token, view: dict[str, Any], writes: Writes) -> dict[str, Any]:
        """What a turn leaves: its output element, which sees what the output mappings gave."""
        if self.output_element is None:
            return self.told(token, view)
        for target, value in writes if self.outputs_map else ():
            put_at(view, target, value, self.output_element)
        output = evaluate(self.output_element, view, token.workflow.context)
        token.workflow.reserve(output)
        return {"output": output, **self.told(token, view)}

    def told(self, token: Token, view: Mapping[str, Any]) -> dict[str, Any]:
        """The values that the body's condition reads and only the turn knows."""
        if not self.tells:
            return {}
        own = {*token.memo.get("given", {}), *self.kept}
        if "local" in token.memo:
            own |= token.workflow.scopes.all[token.memo["local"]].values.keys()
        return {"told": {name: view[name] for name in self.tells if name in own & view.keys()}}

    def write(self, token: Token, writes: list[tuple[str, Any]]) -> None:
        """A turn whose output is collected keeps to itself what the output is made of."""
        super().write(token, [w for w in writes if w[0].split(".")[0] not in self.kept])


class InstantTask(Activity):
    """A task that is done the moment it is reached: script, decision, manual task."""

    def enter(self, token: Token) -> bool | None:
        """Work out everything, outputs included, before anything changes."""
        seen = self.seen_on_entry(token)
        self.local_values(token, seen)
        result = self.work(token, seen)
        writes = self.settle(token, seen, result)
        collected = self.collect(token, {**seen, **result}, writes)
        self.note_entered(token)
        self.note_work(token, result)
        self.write(token, writes)
        token.memo.update(collected)
        return self.leave(token)

    def work(self, token: Token, seen: dict[str, Any]) -> dict[str, Any]:
        """The result; may raise ``Fault``."""
        return {}

    def note_work(self, token: Token, result: Mapping[str, Any]) -> None:
        """Trace what was decided, if anything."""


class SubProcess(Activity):
    """An embedded subprocess: a scope in which tokens of its own run."""

    starts: str
    guards: list[StartEvent]

    def open_scope(self, token: Token, local: Mapping[str, Any]) -> None:
        """The subprocess always has a scope."""
        key = token.workflow.next_key()
        scope = token.workflow.scopes.open(key, token.scope, token.key, local)
        scope.keeps = list(self.kept)
        token.memo["inside"] = token.memo["local"] = key

    def prepare(self, token: Token, seen: dict[str, Any]) -> dict[str, Any]:
        """What its event subprocesses wait for."""
        return {"guards": arrange_guards(self.guards, seen, token.workflow.context)}

    def begin(self, token: Token) -> bool | None:
        """Arm the event subprocesses and put a token before the start event."""
        instance, scope = token.workflow, token.memo["inside"]
        guard(instance, scope, self.guards, token.memo.pop("guards"))
        instance.admit(instance.spawn(self.process.nodes[self.starts], scope))
        return None

    def inside_ended(self, owner: Token, token: Token) -> None:
        """The subprocess is done when no token runs inside; then nothing starts there any more."""
        if not any(owner.workflow.standing(owner.memo["inside"])):
            owner.workflow.clear(owner.memo["inside"])
            owner.memo["result"] = {}
            owner.workflow.resume(owner)


class EventSubProcess(SubProcess):
    """A subprocess that its start event's trigger begins; it has no flows of its own."""

    def begin(self, token: Token) -> bool | None:
        """Put the token behind the start event's trigger, with what the event brought."""
        instance, scope = token.workflow, token.memo["inside"]
        guard(instance, scope, self.guards, token.memo.pop("guards"))
        start = instance.spawn(self.process.nodes[self.starts], scope)
        start.memo["result"] = token.memo.pop("begun_by")
        start.task_spec.note_entered(start)
        instance.resume(start)
        return None
