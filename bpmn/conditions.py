"""Conditional events: judged when they begin to wait, and whenever what they read changes.

A condition fires when it becomes true, and again only after it was not (BPMN 2.0.2, 10.5.1).
Several that become true by one change fire outermost first, then oldest, before any other
token runs. Null is not true: what is not known yet does not fire. A condition that fails
leaves its event standing with a fault, while all else goes on; it is judged anew by itself
when a variable that it reads changes, or when somebody tries again.
"""

from __future__ import annotations

from time import thread_time
from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from bpmn.expressions import evaluate_raw
from bpmn.instance import Fault
from bpmn.listeners import fire
from bpmn.standing import stand

if TYPE_CHECKING:
    from bpmn.instance import Instance, Token
    from bpmn.scopes import Changes


def must_judge(instance: Instance) -> bool:
    """Whether a condition may have become true since the last time."""
    if instance.watchers and (instance.unjudged or instance.scopes.changed):
        return True
    instance.scopes.changed.clear()
    return False


def judge(instance: Instance, until: float) -> None:
    """Fire every condition that has become true; those that are not judged by then, in seconds
    of ``thread_time``, stand with a fault."""
    changed, instance.scopes.changed = instance.scopes.changed, {}
    unjudged, instance.unjudged = instance.unjudged, set()
    concerned = [
        token for token in instance.watchers.values()
        if token.key in unjudged or _reads_changed(token, changed)
    ]  # fmt: skip
    for token in sorted(concerned, key=lambda t: (instance.depth(_sees(t)), int(t.key))):
        if not token.is_live or "condition" not in token.memo:
            continue
        if thread_time() > until:
            stand(token, _TOO_LONG, TaskState.WAITING, anew="fault" not in token.memo)
        else:
            _judge_one(token)


_TOO_LONG = Fault("budget", "There was no time left in this step to judge the condition.")


def _reads_changed(token: Token, changed: Changes) -> bool:
    """Whether a variable was written that this condition reads, where it can see it."""
    touched = [changed[name] for name in token.task_spec.wait.reads if name in changed]
    chain = set(token.workflow.scopes.chain(_sees(token))) if touched else set()
    return any(not chain.isdisjoint(scopes) for scopes in touched)


def _sees(token: Token) -> str:
    """The scope in which the condition is read: at an activity's edge that of the activity."""
    if token.memo.get("listens") == "boundary":
        return token.workflow.live[token.memo["host"]].inner
    return token.scope


def _judge_one(token: Token) -> None:
    try:
        holds = _holds(token)
    except Fault as fault:
        stand(token, fault, TaskState.WAITING, anew="fault" not in token.memo)
        return
    held = token.memo["condition"]
    token.memo["condition"] = holds
    token.memo.pop("fault", None)
    if holds and not held:
        fire(token, {})


def _holds(token: Token) -> bool:
    condition, instance = token.task_spec.wait.expressions["condition"], token.workflow
    value = evaluate_raw(condition, instance.scopes.view(_sees(token)), instance.context)
    if value is None or isinstance(value, bool):
        return value is True
    raise Fault("condition", "The condition is neither true nor false.", condition.text,
                "مقدارش نه درست است نه نادرست.")  # fmt: skip
