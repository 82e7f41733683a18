"""The engine as pure functions: what an instance was, a command and an instant give what it is.

Nothing here reads a clock, a file or a database. Either a step is taken whole, or an error is
raised and the state that was given still holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bpmn.commands import Command
from bpmn.definition import Definition
from bpmn.deployed import Deployed, NothingDeployed
from bpmn.errors import BpmnError
from bpmn.instance import Context, Instance
from bpmn.limits import size_of
from bpmn.model import Outcome
from bpmn.outcome import outcome_of
from bpmn.scopes import ROOT
from bpmn.state import load, save
from bpmn.stepper import run_to_rest, take
from bpmn.values import plain_variables

Functions = Mapping[str, Callable[..., Any]]
Decisions = Mapping[str, Any]


class NoSuchStart(BpmnError):
    """The process cannot be started in this way."""


def start(
    definition: Definition,
    variables: Mapping[str, Any],
    now: datetime,
    *,
    decisions: Decisions | None = None,
    functions: Functions | None = None,
    deployed: Deployed | None = None,
    message: str | None = None,
    signal: str | None = None,
    at: str | None = None,
) -> Outcome:
    """A new instance, run until it waits.

    ``message``, ``signal`` or the id of a start event (``at``) say where it begins; without them
    the plain start event is taken. ``deployed`` finds what call
    activities call. Raises ``NoSuchStart`` or ``BadVariables``.
    """
    context = _context(now, decisions, functions, deployed)
    instance = begin(definition, variables, context, message, signal=signal, at=at)
    return _let_go(instance, settle(instance))


class Stored:
    """A stored instance that was read, for who looks at it before taking its next step."""

    def __init__(self, instance: Instance) -> None:
        self._instance: Instance | None = instance

    def variables_at(self, key: str) -> dict[str, Any]:
        """What the user task that waits under a key sees; nothing when none waits there."""
        return self._seen_at(key, "task")

    def inputs_at(self, key: str) -> dict[str, Any]:
        """What the service task that waits under a key sees; nothing when none waits there. Its
        lists and objects are those of the instance, and nobody may change them."""
        return self._seen_at(key, "job")

    def _seen_at(self, key: str, kind: str) -> dict[str, Any]:
        token = self._instance.live.get(key) if self._instance else None
        if token is None or kind not in token.memo or "fault" in token.memo:
            return {}
        return dict(token.workflow.scopes.view(token.inner))

    def take(self) -> Instance:
        """The instance, for its one step; it cannot be had again."""
        instance, self._instance = self._instance, None
        if instance is None:
            raise ValueError("a step was taken from this reading already")
        return instance


def read(definition: Definition, state: bytes, *, deployed: Deployed | None = None) -> Stored:
    """A stored instance, to be looked at and given to ``step``; raises ``WrongState``."""
    return Stored(load(definition.process, state, _context(_NEVER, deployed=deployed)))


def step(
    definition: Definition,
    state: bytes | Stored,
    command: Command,
    now: datetime,
    *,
    decisions: Decisions | None = None,
    functions: Functions | None = None,
    deployed: Deployed | None = None,
) -> Outcome:
    """The instance after a command.

    Raises ``UnknownKey`` when nothing waits under the command's key any more, ``WrongState``
    when the state cannot be read, ``BadVariables`` when a value cannot be stored.
    """
    context = _context(now, decisions, functions, deployed)
    if isinstance(state, Stored):
        instance = state.take()
        instance.context = context
    else:
        instance = load(definition.process, state, context)
    take(instance, command)
    return _let_go(instance, settle(instance))


def inspect(definition: Definition, state: bytes, *, deployed: Deployed | None = None) -> Outcome:
    """What is true of a stored instance, without a step; raises ``WrongState``."""
    instance = load(definition.process, state, _context(_NEVER, deployed=deployed))
    return _let_go(instance, outcome_of(instance, state))


def _let_go(instance: Instance, outcome: Outcome) -> Outcome:
    """The outcome of an instance that nobody needs any more.

    It knows its tokens and they know it, so that it would wait for the garbage collector. What
    rests is worked out when it is looked at, and needs the instance for it.
    """
    if not instance.groups:
        instance.__dict__.clear()
    return outcome


_NEVER = datetime.max.replace(tzinfo=UTC)
"""For looking only: nothing is due, and nothing asks what time it is."""


def _context(
    now: datetime,
    decisions: Decisions | None = None,
    functions: Functions | None = None,
    deployed: Deployed | None = None,
) -> Context:
    return Context(now, functions or {}, decisions or {}, deployed or NothingDeployed())


def begin(
    definition: Definition,
    variables: Mapping[str, Any],
    context: Context,
    message: str | None = None,
    *,
    signal: str | None = None,
    at: str | None = None,
) -> Instance:
    """A new instance in memory, run until it waits."""
    process = definition.process
    node = process.start_node(message, signal, at)
    if node is None:
        raise NoSuchStart(f"There is no start event for {at or message or signal or _PLAIN}.")
    instance, brought = Instance(process, context), plain_variables(variables)
    instance.held = size_of(brought)
    instance.note("started", node)
    token = instance.spawn(node, ROOT)
    token.memo["opens"] = True
    if node.outputs_map:
        token.memo["brought"] = brought
    else:
        instance.scopes.all[ROOT].values = brought
    instance.admit(token)
    run_to_rest(instance)
    return instance


_PLAIN = "a plain start"


def settle(instance: Instance, *, rebase: bool = True) -> Outcome:
    """The outcome of an instance at rest, with its state."""
    if rebase:
        instance.rebase()
    return outcome_of(instance, save(instance))
