"""Moving a running instance to another version of its process.

Every token goes to the element of the same id, or to the one that it is mapped to. It must be
of the same kind and lie in the same scopes, since what the token remembers belongs to them;
else the whole instance is refused and stays as it is. Tokens keep their keys, so whatever is
known by a key (a claim, a draft, a due instant) stays theirs. Processes that it has called are
bound to their own versions and go on as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from SpiffWorkflow.util.task import TaskState

from bpmn.calls import CallActivity
from bpmn.definition import Definition
from bpmn.deployed import Deployed, NothingDeployed
from bpmn.engine import settle
from bpmn.errors import CannotOperate
from bpmn.gateways import ParallelGateway
from bpmn.instance import Context, Fault, Instance, Token
from bpmn.migrate_joins import starving
from bpmn.model import Names, Outcome
from bpmn.rearm import ListenerMove, Rearming
from bpmn.records import Records
from bpmn.scopes import ROOT
from bpmn.state import load, save
from bpmn.stepper import go_on
from bpmn.translation import Translation


@dataclass(frozen=True)
class TokenMove:
    """What becomes of one token."""

    key: str
    element: str
    to: str | None
    """The element in the other version; None where there is none."""
    verdict: Literal["kept", "changed", "refused"]
    reason: Names | None = None
    """Why it is refused."""


@dataclass(frozen=True)
class MigrationPlan:
    """What becomes of one instance, worked out without a step."""

    tokens: tuple[TokenMove, ...]
    listeners: tuple[ListenerMove, ...]
    """Boundary events, event subprocesses and the events behind a gateway that wait."""
    problems: tuple[Names, ...] = ()
    """Why it is refused as a whole."""

    @property
    def reasons(self) -> tuple[Names, ...]:
        """Why it is refused; empty when it may be moved."""
        return (*self.problems, *(move.reason for move in self.tokens if move.reason))


def plan_migration(
    old: Definition,
    new: Definition,
    state: bytes,
    mapping: Mapping[str, str],
    *,
    deployed: Deployed | None = None,
) -> MigrationPlan:
    """What ``migrate`` would do, or why it would refuse; raises ``WrongState``."""
    context = Context(datetime.max.replace(tzinfo=UTC), deployed=deployed or NothingDeployed())
    instance = load(old.process, state, context)
    return _plan(instance, Translation(old.process, new.process, mapping))


def migrate(
    old: Definition,
    new: Definition,
    state: bytes,
    mapping: Mapping[str, str],
    now: datetime,
    *,
    decisions: Mapping[str, Any] | None = None,
    functions: Mapping[str, Any] | None = None,
    deployed: Deployed | None = None,
) -> Outcome:
    """The instance in the other version, at rest; its state belongs to ``new`` from now on.

    ``mapping`` tells the new id of elements, and of flows where a join waits. Raises
    ``CannotOperate`` with the first reason when it cannot be moved; nothing is changed then.
    """
    context = Context(now, functions or {}, decisions or {}, deployed or NothingDeployed())
    instance = load(old.process, state, context)
    translation = Translation(old.process, new.process, mapping)
    for reason in _plan(instance, translation).reasons:
        raise CannotOperate(reason["en"], reason["fa"])
    moved = _carry(instance, translation, context)
    _rearm(moved, translation)
    moved.note("migrated")
    _release_joins(moved)
    go_on(moved)
    return settle(moved)


def _plan(instance: Instance, translation: Translation) -> MigrationPlan:
    own = [token for token in instance.live.values() if is_own(token)]
    tokens = tuple(_move(token, translation) for token in own if not token.is_listener)
    problems = tuple(_problems(instance, translation))
    if not (problems or any(move.reason for move in tokens)):
        problems = tuple(starving(instance, translation, own_scopes(instance)))
    refused = problems or any(move.reason for move in tokens)
    listeners = () if refused else tuple(Rearming(instance, translation).moves())
    return MigrationPlan(tokens, listeners, problems)


def _problems(instance: Instance, translation: Translation) -> Iterator[Names]:
    yield from translation.problems()
    for key in own_scopes(instance):
        for record in instance.scopes.all[key].done:
            yield from translation.wrong_record(record)
    if any(t.task_spec.process is instance.process for t in _called(instance)):
        yield {
            "en": "The process has called itself; wait until the inner run has ended.",
            "fa": "فرایند خود را فراخوانده است؛ تا پایان اجرای درونی صبر کنید.",
        }


def own_scopes(instance: Instance) -> Iterator[str]:
    """The keys of the scopes in which elements of the instance's own process run."""
    for key, scope in instance.scopes.all.items():
        owner = instance.live.get(scope.owner or "")
        calls = owner is not None and isinstance(owner.task_spec, CallActivity)
        if key == ROOT or (owner is not None and is_own(owner) and not calls):
            yield key


def _called(instance: Instance) -> Iterator[Token]:
    return (token for token in instance.live.values() if not is_own(token))


def is_own(token: Token) -> bool:
    """Whether the token runs in the instance's own process, and not in one that it called."""
    owner = token.workflow.owner_of(token)
    while owner is not None:
        if isinstance(owner.task_spec, CallActivity):
            return False
        owner = token.workflow.owner_of(owner)
    return True


def _move(token: Token, translation: Translation) -> TokenMove:
    node, element = translation.node(token.task_spec), token.task_spec.element
    reason = translation.objection(token)
    if node is None or reason is not None:
        return TokenMove(token.key, element, None, "refused", reason)
    verdict: Literal["kept", "changed"] = "kept" if node.element == element else "changed"
    return TokenMove(token.key, element, node.element, verdict)


def _carry(instance: Instance, translation: Translation, context: Context) -> Instance:
    """The same tokens under the same keys in the other version; listeners that go are left."""
    moved = Instance(translation.new, context, instance.counter)
    moved.status = instance.status
    moved.scopes, moved.called = instance.scopes, instance.called
    gone = Rearming(instance, translation).removed
    for token in instance.live.values():
        if token.key in gone:
            continue
        node, flow = token.task_spec, token.flow
        if is_own(token):
            node = translation.node(node) or node
            flow = translation.flow(token, node)
        carried = Token(moved, node, moved.task_tree, token.state, token.key, token.scope, flow)
        carried.memo.update(token.memo)
    _translate_records(moved, translation)
    return load(translation.new, save(moved), context)


def _translate_records(moved: Instance, translation: Translation) -> None:
    """What is complete and may have to be undone is remembered by the names of nodes."""
    for key in own_scopes(moved):
        scope = moved.scopes.all[key]
        scope.done = Records.of(map(translation.record, scope.done))


def _rearm(moved: Instance, translation: Translation) -> None:
    """Arm what only the new version has; raises ``CannotOperate`` when that cannot be done."""
    try:
        Rearming(moved, translation, carried=True).arm()
    except Fault as fault:
        raise CannotOperate(
            f"What the new version waits for cannot be worked out: {fault.message}",
            f"آنچه نسخهٔ تازه منتظر آن است محاسبه نمی‌شود: {fault.persian or fault.message}",
        ) from fault


def _release_joins(moved: Instance) -> None:
    """Let a join go on that waits for fewer flows than before and has them all."""
    for token in list(moved.live.values()):
        node = token.task_spec
        waits = isinstance(node, ParallelGateway) and token.state == TaskState.WAITING
        if not (token.is_live and waits):
            continue
        if len(node.waiting_by_flow(token)) >= len(node.incoming):
            node.merge(token)
            token.memo.pop("fault", None)
            moved.resume(token)
