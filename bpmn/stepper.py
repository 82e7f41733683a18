"""Takes one step: does what the command says, then runs tokens until nothing changes.

The order within a step: timers that are due already, earliest first, then conditions that a
change may have made true, then tokens that are ready, oldest first, then inclusive joins, which
can be judged only when all else is at rest. An event that interrupts takes effect the moment it
comes, before anything else runs.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop
from time import thread_time
from typing import Any

from SpiffWorkflow.util.task import TaskState

from bpmn.catching import catcher_of
from bpmn.commands import (
    ActivateElement,
    Command,
    CompleteJob,
    CompleteTask,
    DeliverMessage,
    DeliverSignal,
    FailJob,
    FireTimer,
    RetryFault,
    Terminate,
    ThrowError,
)
from bpmn.conditions import judge, must_judge
from bpmn.errors import UnknownKey
from bpmn.gateways import InclusiveGateway, JoiningGateway, ParallelGateway
from bpmn.instance import Fault, Instance, Token
from bpmn.limits import DETAIL, SHORT
from bpmn.listeners import fire
from bpmn.operate import OPERATIONS, accepted
from bpmn.standing import stand, storable
from bpmn.values import plain_variables

BUDGET = 10_000
"""How many tokens one step may run before it is taken for an endless loop."""
TOKENS = 3 * BUDGET
"""How many keys one step may give to tokens and scopes: turns in turns multiply unseen."""
MAX_SECONDS = 5.0
"""Processor time after which no further token of a step is run."""


def take(instance: Instance, command: Command, budget: int = BUDGET) -> None:
    """Do what the command says and run on; raises ``UnknownKey`` before anything changed."""
    _DO[type(command)](instance, command)
    go_on(instance, budget)


def go_on(instance: Instance, budget: int = BUDGET) -> None:
    """Run on after something was done to the instance."""
    _withdraw_deadlocks(instance)
    run_to_rest(instance, budget)


def run_to_rest(instance: Instance, budget: int = BUDGET) -> None:
    """Run tokens until every one waits, stands before a fault or has ended."""
    until, most = thread_time() + MAX_SECONDS, instance.counter + TOKENS
    while instance.status == "active":
        if instance.due:
            _fire_due(instance)
        elif must_judge(instance):
            judge(instance, until)
        elif instance.ready:
            if budget <= 0 or instance.counter > most or thread_time() > until:
                _stop_all(instance)
                break
            budget -= 1
            _run_one(instance, instance.ready.popleft())
        elif not _release_join(instance):
            break
    if instance.status == "active":
        _find_deadlocks(instance)


def _fire_due(instance: Instance) -> None:
    *_, token = heappop(instance.due)
    if token.is_live and "due" in token.memo:
        fire(token, {})


def _run_one(instance: Instance, token: Token) -> None:
    if not token.is_live or token.state != TaskState.READY:
        return
    try:
        token.run()
    except Fault as fault:
        stand(token, fault)


def _stop_all(instance: Instance) -> None:
    """The step has used its budget: every token that would run on stands with a fault."""
    while instance.ready:
        token = instance.ready.popleft()
        if token.is_live:
            stand(token, _BUDGET)


_BUDGET = Fault(
    "budget",
    f"More than {BUDGET} automatic steps or {MAX_SECONDS:g} seconds of work without a pause.",
)


def _release_join(instance: Instance) -> bool:
    """Let the first inclusive join go on for which no more tokens can come."""
    for token in list(instance.live.awake()):
        node = token.task_spec
        if isinstance(node, InclusiveGateway) and _waits_at_join(token) and node.may_go(token):
            node.merge(token)
            instance.resume(token)
            return True
    return False


def _waits_at_join(token: Token) -> bool:
    return token.state == TaskState.WAITING and "fault" not in token.memo


def _withdraw_deadlocks(instance: Instance) -> None:
    """Every step judges the joins anew: what was stuck may have been set free."""
    stuck = [token for token in instance.live.awake() if _is_deadlocked(token)]
    instance.stuck = {token.key for token in stuck}
    for token in stuck:
        del token.memo["fault"]


def _is_deadlocked(token: Token) -> bool:
    """Whether a join was judged to be stuck; a job may fail with any code."""
    return (
        "fault" in token.memo
        and isinstance(token.task_spec, JoiningGateway)
        and (token.memo["fault"]["code"] == _DEADLOCK.code)
    )


def _find_deadlocks(instance: Instance) -> None:
    """A join that waits for what can never come stands with one fault, for people to see."""
    waiting = [
        t for t in instance.live.awake()
        if isinstance(t.task_spec, JoiningGateway) and _waits_at_join(t) and not _may_get_more(t)
    ]  # fmt: skip
    all_wait = not instance.groups and len(waiting) == sum(
        1 for t in instance.live.awake() if _counts(t)
    )
    judged: set[tuple[str, str]] = set()
    # Who stood there before goes on standing, so that the fault keeps its key.
    for token in sorted(waiting, key=lambda token: token.key not in instance.stuck):
        at = (token.task_spec.name, token.scope)
        if at not in judged and (all_wait or _is_stuck(token)):
            stand(token, _DEADLOCK, TaskState.WAITING, anew=token.key not in instance.stuck)
        judged.add(at)


_DEADLOCK = Fault("deadlock", "The gateway waits for a flow by which nothing can come.")


def _may_get_more(token: Token) -> bool:
    """Whether somebody may still activate what leads to a join in an ad-hoc subprocess."""
    owner = token.workflow.owner_of(token)
    return owner is not None and "ad_hoc" in owner.memo


def _counts(token: Token) -> bool:
    """Whether a token may still move by itself: what holds others moves only by a retry."""
    holds_others = "inside" in token.memo and "ad_hoc" not in token.memo
    return not token.is_listener and (not holds_others or "fault" in token.memo)


def _is_stuck(token: Token) -> bool:
    return isinstance(token.task_spec, ParallelGateway) and token.task_spec.is_stuck(token)


def _waiting(instance: Instance, key: str, mark: str) -> Token:
    """The live token of a key, if it waits for what the mark says."""
    token: Token | None = instance.live.get(key)
    if token is None or mark not in token.memo or (mark != "fault" and "fault" in token.memo):
        raise UnknownKey(f"Nothing waits under the key {key} any more.")
    if "result" in token.memo and mark != "fault":
        raise UnknownKey(f"Nothing waits under the key {key} any more.")
    return token


def _complete_task(instance: Instance, command: CompleteTask) -> None:
    token = _waiting(instance, command.key, "task")
    if command.completed_by is not None:
        token.memo["by"] = command.completed_by
    _give(token, plain_variables(command.variables))


def _complete_job(instance: Instance, command: CompleteJob) -> None:
    _give(_waiting(instance, command.key, "job"), plain_variables(command.variables))


def _give(token: Token, result: dict[str, Any]) -> None:
    token.memo["result"] = result
    token.workflow.resume(token)


def _activate(instance: Instance, command: ActivateElement) -> None:
    token = _waiting(instance, command.key, "ad_hoc")
    token.task_spec.activate(token, command.element)


def _fire_timer(instance: Instance, command: FireTimer) -> None:
    fire(_waiting(instance, command.key, "due"), {})


def _deliver(instance: Instance, command: DeliverMessage) -> None:
    fire(_waiting(instance, command.key, "message"), plain_variables(command.variables))


def _deliver_signal(instance: Instance, command: DeliverSignal) -> None:
    fire(_waiting(instance, command.key, "signal"), plain_variables(command.variables))


def _throw(instance: Instance, command: ThrowError) -> None:
    token = _waiting(instance, command.key, "job")
    variables = plain_variables(command.variables)
    caught = catcher_of(token, command.code, own=True, family=command.family)
    if caught is None:
        stand(token, Fault(command.code, command.message, persian=command.persian))
    else:
        said = storable(command.code, SHORT), storable(command.message, DETAIL)
        caught.catch("error", said[0], variables, said[1])


def _fail(instance: Instance, command: FailJob) -> None:
    fault = Fault(command.code, command.message, persian=command.persian)
    stand(_waiting(instance, command.key, "job"), fault)


def _retry(instance: Instance, command: RetryFault) -> None:
    """Try again; a parked job is offered anew, under a new key, since it is another attempt."""
    token = _waiting(instance, command.key, "fault")
    variables = accepted(instance, token.inner, command.variables)
    _correct(token, variables)
    was_deadlocked = _is_deadlocked(token)
    del token.memo["fault"]
    if was_deadlocked:
        return
    if "condition" in token.memo:
        instance.unjudged.add(token.key)
    elif "job" in token.memo and "result" not in token.memo:
        instance.resume(_anew(token))
    else:
        if "result" in token.memo:
            token.memo["result"].update(variables)
        instance.resume(token)


def _correct(token: Token, variables: dict[str, Any]) -> None:
    """Write an operator's values; a turn that has not begun holds its item itself.

    What begins anew makes its own variables again by its input mappings, so values go to where
    those read them; one that stands nowhere but in an input itself takes the mapping's place.
    """
    given, scopes = token.memo.get("given", {}), token.workflow.scopes
    given.update({name: value for name, value in variables.items() if name in given})
    outside = {name: value for name, value in variables.items() if name not in given}
    if not _begins_anew(token):
        scopes.write(token.inner, variables if "local" in token.memo else outside)
        return
    around = scopes.view(token.scope)
    own = {target for target, _ in token.task_spec.inputs_map} - around.keys()
    instead = {name: value for name, value in outside.items() if name in own}
    if instead:
        token.memo["instead"] = {**token.memo.get("instead", {}), **instead}
    scopes.write(token.scope, {n: value for n, value in outside.items() if n not in own})


def _begins_anew(token: Token) -> bool:
    """Whether its inputs are worked out once more when it is tried again."""
    return "result" not in token.memo and ("job" in token.memo or "local" not in token.memo)


def _anew(token: Token) -> Token:
    """A fresh token in place of one whose job failed; its listeners go on with the new one."""
    instance = token.workflow
    fresh = instance.spawn(token.task_spec, token.scope, None, token.flow)
    fresh.memo.update({name: token.memo[name] for name in _LASTING if name in token.memo})
    fresh.memo["again"] = True
    for listener in instance.live.awake():
        if listener.memo.get("host") == token.key:
            listener.memo["host"] = fresh.key
    if "local" in token.memo:
        instance.scopes.close(token.memo["local"])
    instance.drop(token)
    return fresh


_LASTING = ("given", "turn", "undoes", "instead")


def _terminate(instance: Instance, command: Terminate) -> None:
    if instance.status == "active":
        instance.close("terminated", reason=storable(command.reason, DETAIL))


_DO: dict[type, Callable[[Instance, Any], None]] = {
    CompleteTask: _complete_task,
    ActivateElement: _activate,
    CompleteJob: _complete_job,
    FireTimer: _fire_timer,
    DeliverMessage: _deliver,
    DeliverSignal: _deliver_signal,
    ThrowError: _throw,
    FailJob: _fail,
    RetryFault: _retry,
    Terminate: _terminate,
    **OPERATIONS,
}
