"""Compensation: undoing what is complete, the latest first (BPMN 2.0.2, 13.5.5).

When an activity completes that a throw of the diagram can reach, its scope remembers it in a
record: its name and, of a subprocess, the data it had and what was remembered inside it. A throw
takes the records out and undoes them one after another; each handler is a token of its own that
knows whom to tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn.events import at_process_level
from bpmn.instance import Fault
from bpmn.node import Node, complete_silently
from bpmn.records import Record, Records

if TYPE_CHECKING:
    from bpmn.activities import Activity
    from bpmn.diagram import Shape
    from bpmn.events import BoundaryEvent
    from bpmn.instance import Instance, Token

UNDO = "#undo"
"""What the name of the node ends in that undoes a subprocess from inside."""


def remember(token: Token) -> None:
    """Keep in the scope around an activity that it is complete; the same again is counted."""
    node: Activity = token.task_spec
    if "undoes" in token.memo:
        return
    record = _record(token, node)
    if record is None:
        return
    done = token.workflow.scopes.all[token.scope].done
    if _came_between(token.workflow, done.last) or not done.count(record):
        done.append(record)


def _came_between(instance: Instance, last: Record | None) -> bool:
    """Whether something was complete in another scope since, so that the order matters."""
    if last is None or "at" not in last:
        return False
    latest = (scope.done.last for scope in instance.scopes.all.values())
    return any(one is not None and one.get("at", 0) > last["at"] for one in latest)


def _record(token: Token, node: Activity) -> Record | None:
    """None of a subprocess in which there is nothing to undo, as of one that never began."""
    instance = token.workflow
    record: Record = {"of": node.name}
    if node.process.undoes_across:
        # A throw that reaches several scopes has to know what was complete first.
        record["at"] = instance.counter
    if node.handler is not None:
        return record
    scope = instance.scopes.all.get(token.memo.get("inside", ""))
    if scope is None or not (scope.done or node.undone_by):
        return None
    return {**record, "values": scope.values, "keeps": scope.keeps, "done": scope.done.folded()}


def recall(token: Token, activity: str | None) -> Records:
    """Take the records out that a throw reaches, the latest last."""
    scopes, taken = token.workflow.scopes.all, []
    levels = [key for key in _visible(token) if scopes[key].done]
    if levels == [token.scope] and activity is None:
        return take_all(token.workflow, token.scope)
    for key in levels:
        done = list(scopes[key].done)
        taken += [{**record, "in": key} for record in done if activity in (None, record["of"])]
        rest = [record for record in done if activity not in (None, record["of"])]
        scopes[key].done = Records.of(rest)
    return Records.of(sorted(taken, key=lambda record: int(record.get("at", 0))))


def take_all(instance: Instance, scope: str) -> Records:
    """Take out all that a scope remembers."""
    done, instance.scopes.all[scope].done = instance.scopes.all[scope].done, Records([])
    return done


def _visible(token: Token) -> list[str]:
    """The scope of a throw, and those around the event subprocesses in which it lies."""
    found, owner = [token.scope], token.workflow.owner_of(token)
    while owner is not None and owner.task_spec.shape.by_event:
        found.append(owner.scope)
        owner = token.workflow.owner_of(owner)
    return found[::-1]


class Compensating(Node):
    """Undoes one record after another and waits for each."""

    def _run(self, my_task: Token) -> bool | None:
        return self.go_on(my_task) if "undoing" in my_task.memo else self.enter(my_task)

    def go_on(self, token: Token) -> bool | None:
        """Undo the next, or leave when nothing is left."""
        undoing = token.memo["undoing"]
        if not undoing:
            return self.undone(token)
        record = undoing.pop()
        self.undo(token, record.get("in", token.memo.get("undoing_in", token.scope)), record)
        return None

    def undo(self, token: Token, scope: str, record: Record) -> None:
        """Start the handler of an activity; of a subprocess without one, undo what it held."""
        instance, node = token.workflow, self.process.nodes[record["of"]]
        partly = record.get("partly", False)
        token.memo["undone"] = None if partly else node.name
        if node.handler is None or partly:
            handler = instance.spawn(self.process.nodes[node.name + UNDO], scope)
            handler.memo["record"] = record
        else:
            handler = instance.spawn(self.process.nodes[node.handler], scope)
        handler.memo["undoes"] = token.key
        instance.admit(handler)

    def handler_ended(self, token: Token) -> None:
        """A handler is done."""
        undone = token.memo.pop("undone", None)
        if undone is not None:
            token.workflow.note("compensated", self.process.nodes[undone])
        token.workflow.resume_first(token)

    def handler_cancelled(self, token: Token) -> None:
        """A handler was ended from outside; the others are not kept from their turn."""
        token.memo.pop("undone", None)
        token.workflow.resume_first(token)

    def undone(self, token: Token) -> bool | None:
        """All is undone: go on."""
        return self.leave(token)


class CompensationThrow(Compensating):
    """Undoes one activity, or all that is complete in its scope."""

    activity: str | None

    def enter(self, token: Token) -> bool | None:
        """Take what is to be undone and begin with the latest."""
        self.note_entered(token)
        token.memo["undoing"] = recall(token, self.activity)
        return self.go_on(token)


class CompensationEnd(CompensationThrow):
    """The same at the end of a path, which ends when all is undone."""

    def undone(self, token: Token) -> bool | None:
        """The path ends here."""
        if at_process_level(token):
            token.workflow.ended.append(self.element)
        return self.leave(token)


class CompensationScope(Compensating):
    """A subprocess that is complete, opened again with the data it had, to undo what it held."""

    def __init__(self, spec: Any, shape: Shape, name: str) -> None:
        super().__init__(spec, shape, name)
        self.unseen = True

    def enter(self, token: Token) -> bool | None:
        """Open the scope; its compensation event subprocess knows what to do, if there is one."""
        instance, record = token.workflow, token.memo.pop("record")
        key = instance.next_key()
        scope = instance.scopes.open(key, token.scope, token.key, record["values"])
        scope.keeps, token.memo["inside"] = record["keeps"], key
        node = self.process.nodes[record["of"]]
        if node.undone_by is None or record.get("partly"):
            token.memo["undoing"], token.memo["undoing_in"] = Records(list(record["done"])), key
            return self.go_on(token)
        token.memo["undoing"], scope.done = Records([]), Records(list(record["done"]))
        handler = instance.spawn(self.process.nodes[node.undone_by], key)
        handler.memo.update(undoes=token.key, begun_by={})
        instance.admit(handler)
        return None

    def undone(self, token: Token) -> bool | None:
        """Close the scope again; no flow leads on from here."""
        token.workflow.release(token)
        return True


class CancelEnd(Compensating):
    """Cancels the transaction around it (BPMN 2.0.2, 13.5.6)."""

    def enter(self, token: Token) -> bool | None:
        """End all that runs inside, then undo what was complete, also in what was cut short."""
        instance = token.workflow
        host, _ = cancel_catcher(token)
        scope = host.memo["inside"]
        self.note_entered(token)
        _remember_running(instance, scope)
        ending = token if token.scope == scope else self._move(token, scope)
        instance.silence(host)
        host.memo.get("turns", {})["over"] = True
        instance.clear(scope, spare=ending)
        ending.memo["undoing"], ending.memo["undoing_in"] = take_all(instance, scope), scope
        if ending is token:
            return self.go_on(token)
        instance.resume_first(ending)
        return None

    def _move(self, token: Token, scope: str) -> Token:
        """From a subprocess that is cut short as well, the end goes on in the transaction."""
        complete_silently(token)
        return token.workflow.spawn(self, scope)

    def undone(self, token: Token) -> bool | None:
        """All is undone: the transaction ends by its cancel boundary event."""
        host, event = cancel_catcher(token)
        self.leave(token)
        complete_silently(token)
        event.strike(host, {})
        return None


def cancel_catcher(token: Token) -> tuple[Token, BoundaryEvent]:
    """The transaction around a token that has a cancel boundary event, and that event."""
    host = token.workflow.owner_of(token)
    while host is not None:
        for event in getattr(host.task_spec, "boundaries", []):
            if event.wait.kind == "cancel":
                return host, event
        host = token.workflow.owner_of(host)
    raise Fault("cancel", "No transaction around it catches the cancellation.",
                persian="هیچ تراکنشی دور آن لغو را نمی‌گیرد.")  # fmt: skip


def _remember_running(instance: Instance, scope: str) -> None:
    """What is complete within activities that are cut short is undone as well, before the rest."""
    for token in [t for t in instance.standing(scope) if "undoes" not in t.memo]:
        node = token.task_spec
        if node.name + UNDO in node.process.nodes and "inside" in token.memo:
            _remember_running(instance, token.memo["inside"])
            _keep_partly(token)


def _keep_partly(token: Token) -> None:
    scopes = token.workflow.scopes.all
    inner = scopes[token.memo["inside"]]
    if inner.done:
        record = {"of": token.task_spec.name, "partly": True, "values": inner.values,
                  "keeps": inner.keeps, "done": inner.done.folded()}  # fmt: skip
        scopes[token.scope].done.append(record)
