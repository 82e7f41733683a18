"""What is true of an instance after a step, as the plain values that leave the room."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from bpmn.fault_texts import fault_texts
from bpmn.many import Many
from bpmn.model import (
    Activatable,
    Outcome,
    Place,
    StandingFault,
    WaitingJob,
    WaitingMessage,
    WaitingSignal,
    WaitingTask,
    WaitingTimer,
)
from bpmn.resting import Sleeper
from bpmn.scopes import ROOT
from bpmn.tasks import JobTask, UserTask
from bpmn.turns import Repeated

if TYPE_CHECKING:
    from bpmn.instance import Instance, Token
    from bpmn.resting import Group


def outcome_of(instance: Instance, state: bytes) -> Outcome:
    """The complete lists of what waits and stands, and the trace of the step."""
    live, groups = instance.live.awake(), instance.groups
    sound = [t for t in live if "fault" not in t.memo]
    tasks = tuple([_user_task(t) for t in sound if isinstance(t.task_spec, UserTask)])
    jobs = tuple([_job(t) for t in sound if isinstance(t.task_spec, JobTask)])
    places = tuple(_standing(live))
    tokens = tuple(place.element for place in places)
    return Outcome(
        state=state,
        status=instance.status,
        end_elements=tuple(instance.ended),
        user_tasks=_with(tasks, instance, _of(groups, UserTask), _user_task),
        timers=tuple([_timer(t) for t in sound if "due" in t.memo]),
        messages=tuple([_message(t) for t in sound if "message" in t.memo]),
        jobs=_with(jobs, instance, _of(groups, JobTask), _job),
        faults=tuple([_fault(t) for t in live if "fault" in t.memo]),
        tokens=_with(tokens, instance, groups, _element),
        trace=tuple(instance.trace),
        variables=dict(instance.scopes.all[ROOT].values),
        places=_with(places, instance, groups, _place),
        signals=tuple([_signal(t) for t in sound if "signal" in t.memo]),
        thrown=tuple(instance.thrown),
        activatable=tuple([_activatable(t) for t in sound if _may_activate(t)]),
    )


def _with(
    first: tuple[Any, ...], instance: Instance, groups: list[Group], make: Callable[[Any], Any]
) -> tuple[Any, ...]:
    """What is awake, and behind it what rests, which is worked out only when it is looked at."""
    return cast("tuple[Any, ...]", Many(first, instance, groups, make)) if groups else first


def _of(groups: list[Group], kind: type) -> list[Group]:
    return [group for group in groups if isinstance(group.node, kind)]


def _element(token: Token | Sleeper) -> str:
    return str(token.task_spec.element)


def _place(token: Token | Sleeper) -> Place:
    return Place(token.key, token.task_spec.element, _definition(token))


def _seen(token: Token | Sleeper) -> Mapping[str, Any]:
    if isinstance(token, Sleeper):
        return token.seen
    return token.workflow.scopes.view(token.inner)


def _standing(live: list[Token]) -> Iterator[Place]:
    """Where tokens are drawn: a repeated activity is drawn by its turns."""
    for token in live:
        body = isinstance(token.task_spec, Repeated) and "fault" not in token.memo
        if not token.is_listener and not body:
            yield _place(token)


def _definition(token: Token | Sleeper) -> str | None:
    return token.workflow.definition_of(token.task_spec)


def _may_activate(token: Token) -> bool:
    return "ad_hoc" in token.memo and "result" not in token.memo


def _activatable(token: Token) -> Activatable:
    node = token.task_spec
    return Activatable(token.key, node.element, node.open_choices(token), _definition(token))


def _user_task(token: Token | Sleeper) -> WaitingTask:
    said, shape = token.memo["task"], token.task_spec.shape
    turn = token.memo.get("turn")
    return WaitingTask(
        key=token.key,
        element=token.task_spec.element,
        names=token.task_spec.names,
        form=shape.extension.form,
        candidate_groups=tuple(said["groups"]),
        candidate_users=tuple(said["users"]),
        excluded_users=tuple(said["excluded"]),
        assignee=said["assignee"],
        priority=said["priority"],
        due_at=None if said["due"] is None else datetime.fromisoformat(said["due"]),
        variables=_seen(token),
        multi_instance=(turn[0], turn[1]) if turn and turn[1] else None,
        definition=_definition(token),
    )


def _timer(token: Token) -> WaitingTimer:
    due = datetime.fromisoformat(token.memo["due"])
    return WaitingTimer(token.key, token.task_spec.element, due, _definition(token))


def _message(token: Token) -> WaitingMessage:
    memo = token.memo
    return WaitingMessage(
        key=token.key, element=token.task_spec.element, message=memo["message"],
        correlation=memo.get("correlation"), definition=_definition(token),
    )  # fmt: skip


def _signal(token: Token) -> WaitingSignal:
    node = token.task_spec
    return WaitingSignal(token.key, node.element, token.memo["signal"], _definition(token))


def _job(token: Token | Sleeper) -> WaitingJob:
    said, node = token.memo["job"], token.task_spec
    return WaitingJob(
        key=token.key, element=node.element, type=said["type"], headers=dict(node.headers),
        inputs=_seen(token), retries=said["retries"],
        definition=_definition(token),
    )  # fmt: skip


def _fault(token: Token) -> StandingFault:
    said, element = token.memo["fault"], token.task_spec.element
    text, expression = said["message"], said.get("expression")
    texts = fault_texts(said["code"], text, expression, said.get("persian"))
    key, code = token.key, said["code"]
    return StandingFault(key, element, code, text, expression, texts, _definition(token))
