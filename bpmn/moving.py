"""Moving a token: away from where it stands, to before another element that may take it."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.calls import CallActivity
from bpmn.catching import owner_of
from bpmn.errors import CannotOperate
from bpmn.gateways import JoiningGateway
from bpmn.instance import Instance, Token
from bpmn.node import Node, others_waiting
from bpmn.scopes import ROOT
from bpmn.turns import Repeated

_NEVER = frozenset({"startEvent", "boundaryEvent"})
"""No flow leads to these, so no token is ever put before one."""


def move(token: Token, to: str) -> None:
    """Take the token away with all that it holds, and put a new one before the element ``to``.

    A subprocess that nothing is left in is taken away as well. Raises ``CannotOperate`` when
    the element cannot take a token, or lies where nothing runs now.
    """
    if "undoing" in token.memo:
        raise _undoes(token.task_spec.element)
    instance, node = token.workflow, _target(token, to)
    scope = _scope_for(token, node)
    left = token.task_spec.element
    instance.cancel(token)
    _close_emptied(instance, token.scope, scope)
    instance.note("moved", node, None, **{"from": left})
    fresh = instance.spawn(node, scope)
    fresh.flow = _missing_flow(fresh)
    instance.admit(fresh)


def _target(token: Token, to: str) -> Node:
    node = token.task_spec.process.nodes.get(to)
    if node is None or node.shape.origin is not None or node.name != node.shape.id:
        raise CannotOperate(
            f"There is no element “{to}” in this version of the process.",
            f"در این نسخهٔ فرایند عنصر «{to}» نیست.",
        )
    if node.shape.type in _NEVER or node.shape.by_event or not _is_reached(node):
        raise CannotOperate(
            f"No flow leads to “{to}”, so no token is put there; choose an element behind it.",
            f"هیچ جریانی به «{to}» نمی‌رسد، پس نشانه آن‌جا نمی‌رود؛ عنصری پس از آن را برگزینید.",
        )
    return node


def _is_reached(node: Node) -> bool:
    return bool(node.incoming) or _races_to(node)


def _races_to(node: Node) -> bool:
    """Whether the element waits behind an event-based gateway, which holds its flows itself."""
    return any(
        node.name == target
        for other in node.process.nodes.values()
        for target, _ in getattr(other, "races", ())
    )


def _scope_for(token: Token, node: Node) -> str:
    """The open scope in which the element lies; raises ``CannotOperate``."""
    for scope, crossed in _around(token):
        if _container(token, scope) == node.shape.container:
            if crossed:
                raise _turns(token.task_spec.element)
            return scope
    return _open_elsewhere(token, node)


def _around(token: Token) -> Iterator[tuple[str, bool]]:
    """The scopes around a token, nearest first, and whether turns lie in between."""
    scope, crossed = token.scope, False
    while True:
        owner = _owner(token.workflow, scope)
        if isinstance(owner and owner.task_spec, Repeated):
            crossed = True
        else:
            yield scope, crossed
        if owner is None or isinstance(owner.task_spec, CallActivity):
            return
        scope = owner.scope


def _owner(instance: Instance, scope: str) -> Token | None:
    owner = instance.scopes.all[scope].owner
    return None if owner is None else instance.live[owner]


def _container(token: Token, scope: str) -> str:
    """The id of the process or subprocess whose elements run in a scope."""
    owner = _owner(token.workflow, scope)
    if owner is None or isinstance(owner.task_spec, CallActivity):
        return token.task_spec.process.key
    return owner.task_spec.shape.id


def _open_elsewhere(token: Token, node: Node) -> str:
    """The scope of a subprocess that runs beside the token, when there is exactly one."""
    instance, container = token.workflow, node.shape.container
    running = [
        other for other in instance.live.values()
        if other.task_spec.shape.id == container and other.task_spec.process is node.process
        and "inside" in other.memo
    ]  # fmt: skip
    if len(running) != 1 or _holds(token, running[0]) or isinstance(running[0].task_spec, Repeated):
        raise CannotOperate(
            f"“{node.element}” lies in “{container}”, which does not run beside this token; "
            f"choose an element outside, or “{container}” itself.",
            f"«{node.element}» درون «{container}» است که کنار این نشانه در جریان نیست؛ عنصری "
            f"بیرون از آن یا خود «{container}» را برگزینید.",
        )
    _check_turns(token, running[0])
    return str(running[0].memo["inside"])


def _holds(token: Token, other: Token | None) -> bool:
    """Whether a token is another one or runs around it."""
    while other is not None and other is not token:
        other = owner_of(other)
    return other is token


def _check_turns(*tokens: Token) -> None:
    """A turn may be neither taken out nor put into a multi-instance activity: it counts them."""
    for token in tokens:
        owner = owner_of(token)
        while owner is not None:
            if isinstance(owner.task_spec, Repeated):
                raise _turns(token.task_spec.element)
            owner = owner_of(owner)


def _turns(element: str) -> CannotOperate:
    return CannotOperate(
        f"“{element}” is part of a multi-instance activity, which counts its turns; move the "
        "whole activity, or stay within the turn.",
        f"«{element}» بخشی از یک فعالیت چندباره است که دورهایش را می‌شمارد؛ کل فعالیت را "
        "جابه‌جا کنید یا درون همان دور بمانید.",
    )


def _undoes(element: str) -> CannotOperate:
    """What is still to be undone is known to this token only, and would never be undone."""
    return CannotOperate(
        f"Compensation runs at “{element}”; wait until it is done, or move its handler.",
        f"در «{element}» جبران در جریان است؛ تا پایان آن صبر کنید یا کار جبران را جابه‌جا کنید.",
    )


def _close_emptied(instance: Instance, scope: str, kept: str) -> None:
    """Take away the subprocesses that the token left empty."""
    while scope not in (ROOT, kept) and not any(instance.standing(scope)):
        owner = _owner(instance, scope)
        if owner is None:
            return
        instance.cancel(owner)
        scope = owner.scope


def _missing_flow(token: Token) -> str | None:
    """Before a join the token stands for the first flow by which none has come yet."""
    node = token.task_spec
    if not isinstance(node, JoiningGateway) or not node.incoming:
        return None
    come = {other.flow for other in others_waiting(token.workflow, token)}
    return next((flow for flow in node.incoming if flow not in come), node.incoming[0])
