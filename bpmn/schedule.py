"""When a process begins by itself: the moments and conditions of its start events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bpmn.definition import Definition
from bpmn.errors import Refused, Told
from bpmn.events import StartEvent
from bpmn.expressions import evaluate_raw
from bpmn.findings import finding
from bpmn.instance import Context, Fault
from bpmn.timing import NotATime, next_turn
from bpmn.values import plain_variables


class ConditionFailed(Told):
    """The condition of a start event could not be judged; ``texts`` say why."""


@dataclass(frozen=True)
class Moment:
    """One moment of a timer start event, and what is needed to find the next one."""

    due_at: datetime
    every: str | None = None
    """The duration of a cycle (ISO 8601)."""
    left: int | None = None
    """How many turns of the cycle are left, this one included; None: for ever."""


def first_moment(
    definition: Definition,
    element: str,
    now: datetime,
    functions: Mapping[str, Callable[..., Any]] | None = None,
) -> Moment | None:
    """When a timer start event comes first after ``now``; None when its date is over.

    Raises ``Refused`` when its expression gives no moment.
    """
    node = definition.process.start_node(at=element)
    if not isinstance(node, StartEvent):
        return None
    try:
        arranged = node.wait.arrange({}, Context(now, functions or {}))
    except Fault as fault:
        line = definition.elements[element].line
        told = {"why": fault.persian or fault.message}
        found = finding("start.timer", line, element, "", told, why=fault.message)
        raise Refused([found]) from fault
    moment = Moment(
        datetime.fromisoformat(arranged["due"]), arranged.get("every"), arranged.get("left")
    )
    return moment if moment.due_at > now else next_moment(moment, now)


def condition_holds(
    definition: Definition,
    element: str,
    variables: Mapping[str, Any],
    now: datetime,
    functions: Mapping[str, Callable[..., Any]] | None = None,
) -> bool:
    """Whether the condition of a conditional start event is true of these variables.

    Null is not true: what is not known yet begins nothing. Raises ``ConditionFailed``.
    """
    node = definition.process.start_node(at=element)
    if not isinstance(node, StartEvent) or "condition" not in node.wait.expressions:
        return False
    condition = node.wait.expressions["condition"]
    try:
        value = evaluate_raw(condition, plain_variables(variables), Context(now, functions or {}))
    except Fault as fault:
        raise ConditionFailed(fault.message, fault.persian or fault.message) from fault
    if value is None or isinstance(value, bool):
        return value is True
    raise ConditionFailed("The condition is neither true nor false.", "شرط نه درست است نه نادرست.")


def next_moment(moment: Moment, now: datetime) -> Moment | None:
    """The next turn of a cycle that lies after ``now``; turns that were missed count as one."""
    if moment.every is None or moment.left == 1:
        return None
    try:
        due_at = next_turn(moment.due_at, moment.every, now)
    except NotATime:
        return None
    return Moment(due_at, moment.every, None if moment.left is None else moment.left - 1)
